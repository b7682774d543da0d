// The digit pad: the pad itself, by mouse, finger, pen and by the keyboard; the pictures of the
// stages; what each layer does and what comes out; and the digits that are added.

// The side of the pad, in CSS pixels; that of the pictures, four to one pixel of a sample.
const PAD_SIZE = 280, PAD_PICTURE = 4 * LIMITS.digit_side;
// In units of the pad: how near to one another two points are one, and how far an arrow key goes.
const PAD_NEAR = 0.004, PAD_KEY_STEP = 0.04;
// Strokes are sent this often, in milliseconds.
const PAD_STROKE_EVERY = 32;
// Neurons in a row of the picture of a layer, and how large each is drawn.
const PAD_NEURONS = 64, PAD_NEURON = 8;

// A function from ink, 0 to 1, to colours: paper and ink of the theme.
function inkScale() {
  const paper = rgb(hue("zero")), ink = rgb(hue("ink"));
  return (value) => mix(paper, ink, Math.min(1, Math.max(0, value)));
}

// Draw rows of ink, each pixel `cell` wide, its corner at (left, top).
function drawInk(context, rows, left, top, cell) {
  const scale = inkScale();
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      if (value <= 0) return;
      context.fillStyle = asCss(scale(value));
      // To whole pixels, or the paper would shine through between them.
      const x = Math.floor(left + j * cell), y = Math.floor(top + i * cell);
      context.fillRect(x, y, Math.ceil(left + (j + 1) * cell) - x, Math.ceil(top + (i + 1) * cell) - y);
    });
  });
}

class DigitPadView {
  constructor(parent, { model, send }) {
    Object.assign(this, {
      root: parent.closest(".nnlib-lab"), model, send, view: uniqueId("pad"), number: 0,
      strokes: [], pasted: null, box: null, pressed: false, fresh: false,
      outbox: new Outbox(PAD_STROKE_EVERY, (points) => this.sendStroke(points)),
      cursor: [0.5, 0.5], down: false, focused: false,
    });
    this.canvas = make("canvas", {
      class: "nnlib-pad", tabindex: 0, role: "application", "aria-roledescription": "drawing pad", "data-essential": "pad",
    });
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.said = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
    const tools = make("div", { class: "nnlib-tools", role: "group", "aria-label": "the pad" });
    const tool = (command, text, help) => {
      const element = make("button", { type: "button", title: help, text, "data-command": command });
      element.addEventListener("click", () => this.command(command));
      tools.append(element);
    };
    tool("undo", "Undo", "Remove the last stroke.");
    tool("clear", "Clear", "Empty the pad.");
    tool("put", "Put the chosen digit here", "Replace the drawing by the digit chosen above.");
    parent.append(this.canvas, tools, this.said);
    followPointer(this.canvas, {
      press: (event) => this.press(event), move: (event) => this.extend(this.place(event)), lift: () => this.lift(),
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    for (const [type, focused] of [["focus", true], ["blur", false]]) {
      this.canvas.addEventListener(type, () => {
        this.focused = focused && this.canvas.matches(":focus-visible");
        if (!focused) this.penUp();
        this.draw();
      });
    }
  }

  command(command) {
    this.penUp();
    this.send(command);
  }

  // Where the pointer is, in units of the pad as it lay when the stroke began: should words above
  // it take another line meanwhile, the stroke goes on as the hand does.
  place(event) {
    const box = this.lay;
    const share = (at, low, length) => Math.min(1, Math.max(0, (at - low) / length));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  }

  press(event) {
    if (this.root.dataset.state === "gone") return false;
    this.canvas.focus({ preventScroll: true });
    this.penUp();
    Object.assign(this, { focused: false, pressed: true, lay: this.canvas.getBoundingClientRect() });
    this.begin(this.place(event));
    return true;
  }

  lift() {
    this.pressed = false;
    this.outbox.flush();
    this.draw(); // the kernel may have answered while the pen was still down
  }

  begin(at) {
    if (this.pasted) this.strokes = [];
    this.pasted = null;
    this.strokes.push([at]);
    this.fresh = true;
    this.outbox.add(at);
    this.outbox.flush();
    this.draw();
  }

  extend(at) {
    const stroke = this.strokes[this.strokes.length - 1], last = stroke[stroke.length - 1];
    if (Math.hypot(at[0] - last[0], at[1] - last[1]) < PAD_NEAR) return;
    stroke.push(at);
    this.outbox.add(at);
    this.draw();
  }

  sendStroke(points) {
    this.number += 1;
    this.root.dataset.heard = "false"; // until a frame says otherwise
    this.send("stroke", { points, new: this.fresh, view: this.view, number: this.number });
    this.fresh = false;
  }

  get drawing() {
    return this.pressed || this.down;
  }

  penUp() {
    this.down = false;
    this.outbox.flush();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? PAD_KEY_STEP / 4 : PAD_KEY_STEP;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const percent = () => this.cursor.map((v) => `${Math.round(100 * v)} %`).join(" across, ");
    if (moves[event.key]) {
      this.cursor = this.cursor.map((v, i) => Math.min(1, Math.max(0, v + step * moves[event.key][i])));
      if (this.down) {
        this.extend([...this.cursor]);
        this.outbox.flush();
      }
      this.said.textContent = `${percent()} down${this.down ? ", drawing" : ""}.`;
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.down) {
        this.penUp();
      } else {
        this.down = true;
        this.begin([...this.cursor]);
      }
      this.said.textContent = this.down ? `The pen is down, at ${percent()} down.` : "The pen is up.";
    } else if (event.key === "Backspace") {
      this.command("undo");
    } else if (event.key === "Delete") {
      this.command("clear");
    } else {
      return;
    }
    this.focused = true;
    event.preventDefault();
    event.stopPropagation();
    this.draw();
  }

  receive(values, arrays) {
    // A frame from before the kernel heard the latest of our strokes is older than what we show.
    if (!this.drawing && (values.heard[this.view] ?? 0) >= this.number) {
      this.strokes = values.strokes;
      this.pasted = values.source === "digit" ? arrays.pasted : null;
    }
    this.box = values.empty || !this.model.get("crop") ? null : values.box;
    const holds = values.source === "digit" ? `a ${values.truth}` : values.empty
      ? "nothing" : `${values.strokes.length} ${values.strokes.length === 1 ? "stroke" : "strokes"}`;
    const label = `The pad, with ${holds} on it. Draw with the mouse, a finger or a pen; or with the arrow keys, ` +
      "Enter to put the pen down and up, Backspace to undo, Delete to clear.";
    if (this.canvas.getAttribute("aria-label") !== label) this.canvas.setAttribute("aria-label", label);
    if (!this.drawing) this.draw(); // else it shows what the hand has drawn, which is newer
  }

  draw() {
    const context = sharpCanvas(this.canvas, PAD_SIZE, PAD_SIZE);
    context.fillStyle = hue("zero");
    context.fillRect(0, 0, PAD_SIZE, PAD_SIZE);
    if (this.pasted) drawInk(context, this.pasted, 0, 0, PAD_SIZE / this.pasted.length);
    context.strokeStyle = context.fillStyle = hue("ink");
    const pen = this.model.get("pen") * PAD_SIZE;
    Object.assign(context, { lineWidth: pen, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) {
      context.beginPath();
      stroke.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x * PAD_SIZE, y * PAD_SIZE));
      if (stroke.length === 1) context.lineTo(stroke[0][0] * PAD_SIZE, stroke[0][1] * PAD_SIZE);
      context.stroke();
    }
    if (this.box && !this.drawing) this.drawBox(context);
    if (this.focused) drawCursor(context, this.cursor.map((v) => v * PAD_SIZE), this.down ? 1 : 4);
  }

  // What is kept when the pad is cropped.
  drawBox(context) {
    const [top, bottom, left, right] = this.box.map((v) => v * PAD_SIZE);
    Object.assign(context, { strokeStyle: hue("validation"), lineWidth: 1.5 });
    context.setLineDash([5, 4]);
    context.strokeRect(left, top, right - left, bottom - top);
    context.setLineDash([]);
  }
}

// The pictures of the stages.
class StagesView {
  constructor(parent) {
    const room = make("div", { class: "nnlib-pad-stages", "data-essential": "stages" });
    this.figures = ["cropped", "scaled", "image"].map((name) => {
      const canvas = make("canvas", { role: "img", "aria-label": "nothing yet", "data-stage": name });
      const caption = make("div", { class: "nnlib-pad-caption" });
      room.append(make("div", { class: "nnlib-pad-stage" }, canvas, caption));
      return { name, canvas, caption };
    });
    parent.append(room);
  }

  receive(values, arrays) {
    const cells = { cropped: 1, scaled: PAD_PICTURE / LIMITS.digit_side, image: PAD_PICTURE / LIMITS.digit_side };
    this.figures.forEach(({ name, canvas, caption }, i) => {
      const [title, what] = values.stages[i] ?? ["", "nothing yet"];
      caption.textContent = title;
      canvas.setAttribute("aria-label", title ? `${title}: ${what}.` : what);
      const context = sharpCanvas(canvas, PAD_PICTURE, PAD_PICTURE);
      context.fillStyle = hue("zero");
      context.fillRect(0, 0, PAD_PICTURE, PAD_PICTURE);
      if (values.empty) return;
      const rows = arrays[name], cell = cells[name];
      const [left, top] = [rows[0].length, rows.length].map((n) => Math.round((PAD_PICTURE - n * cell) / 2));
      drawInk(context, rows, left, top, cell);
      Object.assign(context, { strokeStyle: hue("muted"), lineWidth: 1 });
      if (name === "image") this.drawMiddle(context);
      else context.strokeRect(left + 0.5, top + 0.5, rows[0].length * cell - 1, rows.length * cell - 1);
    });
  }

  // Marks at the edges, at the row and the column of the middle.
  drawMiddle(context) {
    const middle = (LIMITS.digit_middle / LIMITS.digit_side) * PAD_PICTURE;
    context.beginPath();
    for (const end of [0, PAD_PICTURE]) {
      const inwards = end ? -8 : 8;
      context.moveTo(middle, end);
      context.lineTo(middle, end + inwards);
      context.moveTo(end, middle);
      context.lineTo(end + inwards, middle);
    }
    context.stroke();
  }
}

// The ten outputs, as bars and as text.
class OutputView {
  constructor(parent) {
    this.caption = make("caption");
    const body = make("tbody");
    this.rows = Array.from({ length: 10 }, (_, digit) => {
      const bar = make("span"), value = make("td", { class: "nnlib-pad-value" });
      const row = make("tr", {},
        make("th", { scope: "row", text: String(digit) }),
        make("td", { "aria-hidden": "true" }, make("span", { class: "nnlib-bar" }, bar)), value);
      body.append(row);
      return { row, bar, value };
    });
    parent.append(make("table", { class: "nnlib-pad-output", "data-essential": "probabilities" }, this.caption, body));
  }

  receive(values, arrays, output) {
    this.caption.textContent = values.probability ? "Probability of each digit" : "Output of each digit's neuron";
    this.rows.forEach(({ row, bar, value }, digit) => {
      const a = output?.[digit];
      bar.style.width = `${100 * Math.min(1, Math.max(0, a ?? 0))}%`;
      value.textContent = a === undefined ? "–" : values.probability ? `${(100 * a).toFixed(1)} %` : a.toFixed(3);
      row.dataset.best = values.reads === digit;
    });
  }
}

// What each hidden layer does, a neuron a cell.
class LayersView {
  constructor(parent) {
    this.room = make("div", { class: "nnlib-pad-layers" });
    parent.append(this.room);
    this.figures = [];
  }

  receive(values, arrays) {
    if (values.empty) return this.room.replaceChildren();
    if (this.figures.length !== values.layers.length || !this.room.firstChild) {
      this.figures = values.layers.map(() => {
        const canvas = make("canvas", { role: "img" }), caption = make("p", { class: "nnlib-caption" });
        return { canvas, caption };
      });
      this.room.replaceChildren(...this.figures.flatMap(({ canvas, caption }) => [caption, canvas]));
    }
    const scale = signedScale();
    values.layers.forEach(([layer, neurons, words], i) => {
      const { canvas, caption } = this.figures[i], a = arrays[`layer ${layer}`][0];
      const columns = Math.min(neurons, PAD_NEURONS), rows = Math.ceil(neurons / columns);
      const context = sharpCanvas(canvas, columns * PAD_NEURON, rows * PAD_NEURON);
      const largest = Math.max(1e-9, ...a.map(Math.abs));
      a.forEach((value, j) => {
        context.fillStyle = asCss(scale(value / largest));
        context.fillRect((j % columns) * PAD_NEURON, Math.floor(j / columns) * PAD_NEURON, PAD_NEURON - 1, PAD_NEURON - 1);
      });
      caption.textContent = `Layer ${layer}, ${neurons} neurons: ${words}.`;
      canvas.setAttribute("aria-label", `The activations of layer ${layer}: ${words}.`);
    });
  }
}

// "Wrong! Add it", and the list of what has been added.
class AddedView {
  constructor(parent, { send }) {
    const id = uniqueId("answer");
    this.answer = make("select", { id });
    this.answer.append(make("option", { value: "", text: "choose" }));
    for (let digit = 0; digit < 10; digit += 1) this.answer.append(make("option", { value: digit, text: String(digit) }));
    const add = make("button", {
      type: "button", "data-command": "add", text: "Wrong! Add it to my training set",
      title: "Train the network on this digit now, mixed with digits that it knows already.",
    });
    add.addEventListener("click", () => send("add", { label: this.answer.value === "" ? null : Number(this.answer.value) }));
    this.refused = make("p", { class: "nnlib-pad-refused", role: "alert" });
    this.count = make("p");
    this.list = make("ol");
    parent.append(make("div", { class: "nnlib-pad-add", role: "group", "aria-label": "the correct answer" },
      make("span", { class: "nnlib-field", title: "The correct digit." },
        make("label", { for: id, text: "It is a" }), this.answer), add),
      this.refused, this.count, this.list);
  }

  receive({ picture, truth, added, refused }) {
    if (picture !== this.picture) this.answer.value = truth ?? "";
    this.picture = picture;
    if (this.refused.textContent !== refused) this.refused.textContent = refused;
    this.count.textContent = added.length === 0 ? "No digit has been added yet."
      : `${added.length} ${added.length === 1 ? "digit" : "digits"} added; Reset removes them:`;
    this.list.replaceChildren(...added.map((text) => make("li", { text })));
  }
}
