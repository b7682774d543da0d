// The plane of the playground: what the network decides over it, or one hidden neuron; the points; and the
// brush, by mouse, pen or finger, and by the keyboard.

// The side of the square, in pixels: as its column allows, between these.
const PLANE_LEAST = 180, PLANE_MOST = 400, PLANE_LIMIT = LIMITS.plane;
// In units of the plane: what an eraser reaches, how far apart a brush leaves points, and
// how far an arrow key goes (with Shift, a fifth of it).
const ERASER = 0.08, SPACING = 0.07, KEY_STEP = 0.1;
// Strokes are sent this often, in milliseconds.
const STROKE_EVERY = 60;

class PlaneView extends PlaneCanvas {
  constructor(parent, { model, send }) {
    super(parent, { class: "nnlib-plane", tabindex: 0, role: "application", "aria-roledescription": "plane of points", "data-essential": "picture" });
    Object.assign(this, {
      model, send, tool: null, cursor: null, pointing: false, drawing: null, points: [[], [], [], []],
      side: PLANE_LEAST, limits: [[-PLANE_LIMIT, PLANE_LIMIT], [-PLANE_LIMIT, PLANE_LIMIT]],
      outbox: new Outbox(STROKE_EVERY, (points) => send("paint", { points })),
    });
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.said = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
    this.caption = make("p", { class: "nnlib-caption" });
    this.tools = make("div", { class: "nnlib-tools", role: "group", "aria-label": "paint points" });
    this.makeTools();
    parent.append(this.tools, this.caption, this.said);
    followPointer(this.canvas, {
      press: (event) => this.press(event), move: (event) => this.move(event), lift: () => this.outbox.flush(),
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => {
      this.pointing = false; // the cursor stays where it is, unseen
      this.draw();
    });
    this.showTools = () => {
      this.tools.hidden = !model.get("paintable");
      if (this.tools.hidden) this.choose(null);
    };
    model.on("change:paintable", this.showTools);
    this.showTools();
  }

  makeTools() {
    const toolButton = (name, label, help, press, ...inside) => {
      const element = make("button", { type: "button", "aria-label": label, title: help, "data-tool": name }, ...inside);
      element.addEventListener("click", press);
      this.tools.append(element);
      return element;
    };
    this.tools.append(make("span", { class: "nnlib-label", "aria-hidden": "true", text: "Paint" }));
    for (let c = 0; c < CLASS_COLOURS.length; c += 1) {
      const mark = make("canvas", { "aria-hidden": "true" });
      drawPoint(sharpCanvas(mark, 14, 14), 7, 7, c, false);
      toolButton(String(c), `Paint class ${c}`, `Paint points of class ${c} with the mouse, a pen or a finger; press again to stop.`, () => this.choose(String(c)), mark);
    }
    toolButton("erase", "Erase points", "Erase points where you draw; press again to stop.", () => this.choose("erase"), "Erase");
    const clear = toolButton("clear", "Clear all points", "Remove all points and start with an empty plane.", () => this.send("clear"), "Clear");
    clear.removeAttribute("data-tool");
    this.choose(null);
  }

  // Take up a tool, or lay it down if it is in the hand already.
  choose(tool) {
    this.tool = this.tool === tool ? null : tool;
    for (const element of this.tools.querySelectorAll("[data-tool]")) {
      element.setAttribute("aria-pressed", String(element.dataset.tool === this.tool));
    }
    this.canvas.classList.toggle("nnlib-painting", this.tool !== null);
  }

  // Fill a column of this width.
  fit(width) {
    if (!width) return; // while the theme changes, the cell may be off the page
    const { left, right } = MAP_MARGIN;
    const side = Math.round(Math.max(PLANE_LEAST, Math.min(PLANE_MOST, width - left - right)));
    if (side === this.side) return;
    this.side = side;
    this.draw();
  }

  get height() {
    return MAP_MARGIN.top + this.side + MAP_MARGIN.bottom;
  }

  // Where the pointer is, in units of the plane; null outside of it.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return this.fromPixels(event.clientX - box.left, event.clientY - box.top);
  }

  press(event) {
    const at = this.place(event);
    if (this.tool === null || at === null) return false;
    this.stroke(at);
    return true;
  }

  move(event) {
    const at = this.place(event);
    if (at && this.tool !== null && Math.hypot(at[0] - this.drawing[0], at[1] - this.drawing[1]) >= SPACING) this.stroke(at);
  }

  stroke(at) {
    this.drawing = at;
    if (this.tool === "erase") this.send("erase", { x: at[0], y: at[1], radius: ERASER });
    else this.outbox.add([...at, Number(this.tool)]);
  }

  key(event) {
    const step = event.shiftKey ? KEY_STEP / 5 : KEY_STEP;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const paintable = this.model.get("paintable");
    const at = this.cursor ?? [0, 0];
    const own = () => this.own(at).map((v) => readable(v, 2)).join(", ");
    if (event.key in moves) {
      const limit = (v) => Math.round(Math.max(-PLANE_LIMIT, Math.min(PLANE_LIMIT, v)) * 1000) / 1000;
      this.cursor = moves[event.key].map((direction, i) => limit(at[i] + direction * step));
      this.announce(this.describeCursor());
    } else if (paintable && /^[0-9]$/.test(event.key) && event.key < CLASS_COLOURS.length) {
      if (this.tool !== event.key) this.choose(event.key);
      this.announce(`Class ${event.key}. Enter places a point.`);
    } else if (paintable && event.key === "Enter") {
      const label = Number(this.tool ?? 0) || 0;
      this.cursor = at;
      this.send("paint", { points: [[...at, label]] });
      this.announce(`Point of class ${label} at ${own()}.`);
    } else if (paintable && (event.key === "Delete" || event.key === "Backspace")) {
      this.cursor = at;
      this.send("erase", { x: at[0], y: at[1], radius: ERASER });
      this.announce(`Erased around ${own()}.`);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.pointing = true;
    this.draw();
  }

  // A place in the numbers of the axes.
  own(at) {
    return this.values.axes.map(([low, high], i) => low + ((at[i] / PLANE_LIMIT + 1) / 2) * (high - low));
  }

  describeCursor() {
    const [x, y] = this.own(this.cursor).map((v) => readable(v, 2));
    const [u, v, label] = this.points;
    const near = [...label].filter((_, i) => Math.hypot(u[i] - this.cursor[0], v[i] - this.cursor[1]) <= ERASER);
    const beside = near.length ? `; here: class ${[...new Set(near)].sort().join(" and ")}` : "";
    return `x₁ ${x}, x₂ ${y}${beside}`;
  }

  announce(text) {
    this.said.textContent = text;
    this.canvas.dataset.said = text;
  }

  receive(values, arrays) {
    this.values = values;
    this.boundary = arrays.boundary;
    this.shown = arrays.shown ?? null;
    if (arrays.points) this.points = arrays.points;
    const neuron = this.model.get("shown");
    const what = this.shown ? `layer ${neuron[0]}, neuron ${neuron[1] + 1}, by itself` : "the network's decision";
    const drawn = this.points[0].length;
    this.caption.textContent =
      (this.shown ? `The plane shows ${what}; Enter or a click on that neuron goes back. ` : "") +
      "Filled marks are training points, hollow ones are for validation." +
      (drawn < values.points ? ` ${drawn.toLocaleString("en")} of ${values.points.toLocaleString("en")} points are drawn.` : "");
    const classes = new Set(this.points[2]).size;
    this.canvas.setAttribute("aria-label",
      `The plane: ${values.points} points of ${classes} classes, and ${what}. ` +
      (this.model.get("paintable") ? `Arrow keys move the cursor, 0 to ${CLASS_COLOURS.length - 1} choose a class, Enter places a point, Delete erases.` : "Arrow keys read out positions."));
    this.canvas.dataset.points = values.points;
    this.canvas.dataset.shown = this.shown ? neuron.join("-") : "";
    this.draw();
  }

  draw() {
    if (!this.boundary) return;
    const context = this.begin();
    this.canvas.dataset.side = this.side; // for those who look from outside
    this.drawImage(context, this.background());
    this.drawAxes(context, ["x₁", "x₂"], this.values.axes);
    this.within(context, () => {
      const [x, y, label, validation] = this.points;
      for (let i = 0; i < x.length; i += 1) {
        drawPoint(context, ...this.toPixels([x[i], y[i]]), label[i], validation[i] > 0);
      }
      if (this.cursor && this.pointing) drawCursor(context, this.toPixels(this.cursor));
    });
  }

  background() {
    if (this.shown) {
      const map = this.shown[0], signed = signedScale();
      const reach = Math.max(1e-9, ...map.map(Math.abs));
      return imageOf(Math.round(Math.sqrt(map.length)), (i) => signed(map[i] / reach));
    }
    const paper = isDark() ? [34, 34, 34] : [255, 255, 255];
    const colours = CLASS_COLOURS.map(rgb), boundary = this.boundary;
    return imageOf(Math.round(Math.sqrt(boundary[0].length)), (i) => {
      const sum = [0, 0, 0];
      boundary.forEach((p, c) => colours[c % colours.length].forEach((v, j) => (sum[j] += p[i] * v)));
      return mix(paper, sum, 0.5);
    });
  }

  destroy() {
    this.model.off("change:paintable", this.showTools);
  }
}
