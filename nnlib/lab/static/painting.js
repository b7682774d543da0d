// The plane of the playground: what the network decides over it, or one hidden neuron; the points; and the
// brush, by mouse, pen or finger, and by the keyboard.

const PLANE_SIZE = 300, PLANE_LIMIT = 1.2;
const PLANE_MARGIN = { left: 40, bottom: 34, top: 6, right: 8 };
// In units of the plane: what an eraser reaches, how far apart a brush leaves points, and
// how far an arrow key goes (with Shift, a fifth of it).
const ERASER = 0.08, SPACING = 0.07, KEY_STEP = 0.1;
// Strokes are sent this often, in milliseconds.
const STROKE_EVERY = 60;

// About four round numbers between low and high.
function roundTicks(low, high) {
  const rough = (high - low) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) ticks.push(i * step);
  return ticks;
}

function tickText(value) {
  if (Math.abs(value) < 1e-12) return "0";
  const size = Math.abs(value);
  return (size >= 1e5 || size < 1e-3 ? value.toExponential(0) : readable(value)).replace("-", "−");
}

class PlaneView {
  constructor(parent, { model, send }) {
    Object.assign(this, { model, send, tool: null, cursor: null, pointing: false, drawing: null, waiting: [], lastSent: 0, points: [[], [], [], []] });
    this.canvas = make("canvas", { class: "nnlib-plane", tabindex: 0, role: "application", "aria-roledescription": "plane of points" });
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.said = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
    this.caption = make("p", { class: "nnlib-caption" });
    this.tools = make("div", { class: "nnlib-tools", role: "group", "aria-label": "paint points" });
    this.makeTools();
    parent.append(this.canvas, this.tools, this.caption, this.said);
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(end, () => this.lift());
    }
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
      toolButton(String(c), `Paint class ${c}`, `Paint points of class ${c} with mouse, pen or finger; again to stop.`, () => this.choose(String(c)), mark);
    }
    toolButton("erase", "Erase points", "Take points away where you draw; again to stop.", () => this.choose("erase"), "Erase");
    const clear = toolButton("clear", "Clear all points", "Take all points away and begin on an empty plane.", () => this.send("clear"), "Clear");
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

  // Where the pointer is, in units of the plane; null outside of it.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left - PLANE_MARGIN.left) / PLANE_SIZE) * 2 - 1;
    const y = 1 - ((event.clientY - box.top - PLANE_MARGIN.top) / PLANE_SIZE) * 2;
    return Math.abs(x) <= 1 && Math.abs(y) <= 1 ? [x * PLANE_LIMIT, y * PLANE_LIMIT] : null;
  }

  press(event) {
    const at = this.place(event);
    if (this.tool === null || at === null || event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = null;
    this.stroke(at);
  }

  move(event) {
    if (this.drawing === null || !event.buttons) return;
    // A fast stroke reaches the page in leaps; the browser knows what lies between.
    for (const step of event.getCoalescedEvents?.() ?? [event]) {
      const at = this.place(step);
      if (at && Math.hypot(at[0] - this.drawing[0], at[1] - this.drawing[1]) >= SPACING) this.stroke(at);
    }
  }

  lift() {
    this.drawing = null;
    this.flush();
  }

  stroke(at) {
    this.drawing = at;
    if (this.tool === "erase") {
      this.send("erase", { x: at[0], y: at[1], radius: ERASER });
      return;
    }
    this.waiting.push([...at, Number(this.tool)]);
    if (performance.now() - this.lastSent > STROKE_EVERY) this.flush();
  }

  flush() {
    if (!this.waiting.length) return;
    this.lastSent = performance.now();
    this.send("paint", { points: this.waiting });
    this.waiting = [];
  }

  key(event) {
    const step = event.shiftKey ? KEY_STEP / 5 : KEY_STEP;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const paintable = this.model.get("paintable");
    const at = this.cursor ?? [0, 0];
    const own = () => this.own(at).map((v) => readable(v, 2).replace("-", "−")).join(", ");
    if (event.key in moves) {
      const limit = (v) => Math.round(Math.max(-PLANE_LIMIT, Math.min(PLANE_LIMIT, v)) * 1000) / 1000;
      this.cursor = moves[event.key].map((direction, i) => limit(at[i] + direction * step));
      this.announce(this.describeCursor());
    } else if (paintable && /^[0-5]$/.test(event.key)) {
      if (this.tool !== event.key) this.choose(event.key);
      this.announce(`Class ${event.key}. Enter places a point.`);
    } else if (paintable && (event.key === "Enter" || event.key === " ")) {
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
    const [x, y] = this.own(this.cursor).map((v) => readable(v, 2).replace("-", "−"));
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
    const what = this.shown ? `layer ${neuron[0]}, neuron ${neuron[1] + 1}, alone` : "what the network decides";
    const drawn = this.points[0].length;
    this.caption.textContent =
      (this.shown ? `The plane shows ${what}; Enter or a click on it goes back. ` : "") +
      "Filled marks are trained on, hollow ones are for validation." +
      (drawn < values.points ? ` ${drawn.toLocaleString("en")} of ${values.points.toLocaleString("en")} points are drawn.` : "");
    const classes = new Set(this.points[2]).size;
    this.canvas.setAttribute("aria-label",
      `The plane: ${values.points} points of ${classes} classes, and ${what}. ` +
      (this.model.get("paintable") ? "Arrow keys move the cursor, 0 to 5 choose a class, Enter places a point, Delete erases." : "Arrow keys read out places."));
    this.canvas.dataset.points = values.points;
    this.canvas.dataset.shown = this.shown ? neuron.join("-") : "";
    this.draw();
  }

  draw() {
    if (!this.boundary) return;
    const { left, top, right, bottom } = PLANE_MARGIN;
    const context = sharpCanvas(this.canvas, left + PLANE_SIZE + right, top + PLANE_SIZE + bottom);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.background(), left, top, PLANE_SIZE, PLANE_SIZE);
    this.drawAxes(context);
    context.save();
    context.beginPath();
    context.rect(left, top, PLANE_SIZE, PLANE_SIZE);
    context.clip();
    const [x, y, label, validation] = this.points;
    for (let i = 0; i < x.length; i += 1) {
      drawPoint(context, ...this.pixel(x[i], y[i]), label[i], validation[i] > 0);
    }
    if (this.cursor && this.pointing) this.drawCursor(context);
    context.restore();
  }

  pixel(x, y) {
    const place = (v) => ((v / PLANE_LIMIT + 1) * PLANE_SIZE) / 2;
    return [PLANE_MARGIN.left + place(x), PLANE_MARGIN.top + PLANE_SIZE - place(y)];
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

  drawAxes(context) {
    const { left, top } = PLANE_MARGIN, foot = top + PLANE_SIZE;
    const ink = jupyterColour("--jp-ui-font-color1", "#222222");
    Object.assign(context, { strokeStyle: jupyterColour("--jp-border-color1", "#bbbbbb"), fillStyle: ink, lineWidth: 1, font: "11px sans-serif" });
    context.strokeRect(left, top, PLANE_SIZE, PLANE_SIZE);
    this.values.axes.forEach(([low, high], axis) => {
      for (const tick of roundTicks(low, high)) {
        const along = ((tick - low) / (high - low)) * PLANE_SIZE;
        const [x, y] = axis === 0 ? [left + along, foot] : [left, foot - along];
        context.textAlign = axis === 0 ? "center" : "right";
        context.textBaseline = axis === 0 ? "top" : "middle";
        context.fillText(tickText(tick), axis === 0 ? x : x - 6, axis === 0 ? y + 5 : y);
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(axis === 0 ? x : x - 4, axis === 0 ? y + 4 : y);
        context.stroke();
      }
    });
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText("x₁", left + PLANE_SIZE / 2, foot + 30);
    context.fillText("x₂", 9, top + PLANE_SIZE / 2);
  }

  drawCursor(context) {
    const [x, y] = this.pixel(...this.cursor);
    for (const [colour, width] of [["#ffffff", 4], ["#000000", 1.5]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      for (const [u, v] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + 4 * u, y + 4 * v);
        context.lineTo(x + 12 * u, y + 12 * v);
      }
      context.stroke();
    }
  }

  destroy() {
    this.model.off("change:paintable", this.showTools);
  }
}
