// The page: a pad by mouse, finger, pen and keyboard; and what the network makes of it.

// In units of the pad: how near to one another two points are one, and how far an arrow key goes.
const NEAR = 0.004, KEY_STEP = 0.04;
// Neurons of a hidden layer in one row.
const NEURONS = 32;

const element = (id) => document.getElementById(id);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

// A function from 0 … 1 to the colours between two.
function between(low, high) {
  const [a, b] = [rgb(low), rgb(high)];
  return (t) => `rgb(${a.map((v, i) => Math.round(v + (b[i] - v) * Math.min(1, Math.max(0, t)))).join(" ")})`;
}

// A canvas made sharp on this screen; its context then takes CSS pixels.
function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// The pad.

const pad = element("pad");
const state = {
  strokes: [], ink: blank(DATA.raster), pointer: null, down: false, cursor: [0.5, 0.5], focused: false,
  a: null, // what the network computed, a(0) … a(L); null while the pad is empty
};

function begin(point) {
  state.strokes.push([point]);
  drawStroke(state.ink, [point]);
  show();
}

function extend(point) {
  const stroke = state.strokes[state.strokes.length - 1], last = stroke[stroke.length - 1];
  if (Math.hypot(point[0] - last[0], point[1] - last[1]) < NEAR) return;
  stroke.push(point);
  drawStroke(state.ink, [last, point]);
  show();
}

function replace(strokes) {
  Object.assign(state, { strokes, ink: rasterize(strokes), down: false });
  settle();
}

function place(event) {
  const box = pad.getBoundingClientRect();
  const share = (at, low, length) => Math.min(1, Math.max(0, (at - low) / length));
  return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
}

pad.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || state.pointer !== null) return; // a second finger does not draw
  event.preventDefault();
  pad.focus({ preventScroll: true, focusVisible: false });
  pad.setPointerCapture(event.pointerId);
  Object.assign(state, { pointer: event.pointerId, down: false, focused: false });
  begin(place(event));
});
pad.addEventListener("pointermove", (event) => {
  if (event.pointerId !== state.pointer) return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const one of events.length ? events : [event]) extend(place(one));
});
for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
  pad.addEventListener(type, (event) => {
    if (event.pointerId !== state.pointer) return;
    state.pointer = null;
    settle();
  });
}

pad.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const where = () => state.cursor.map((v) => `${Math.round(100 * v)} %`).join(" across, ");
  if (moves[event.key]) {
    const step = event.shiftKey ? KEY_STEP / 4 : KEY_STEP;
    state.cursor = state.cursor.map((v, i) => Math.min(1, Math.max(0, v + step * moves[event.key][i])));
    if (state.down) extend([...state.cursor]);
    say(`${where()} down${state.down ? ", drawing" : ""}.`);
  } else if (event.key === "Enter" || event.key === " ") {
    state.down = !state.down;
    if (state.down) begin([...state.cursor]);
    else settle();
    say(state.down ? `The pen is down, at ${where()} down.` : `The pen is up. ${reading()}`);
  } else if (event.key === "Backspace") {
    replace(state.strokes.slice(0, -1));
  } else if (event.key === "Delete") {
    replace([]);
  } else {
    return;
  }
  state.focused = true;
  event.preventDefault();
  show();
});
pad.addEventListener("focus", () => {
  state.focused = pad.matches(":focus-visible") && state.pointer === null;
  drawPad();
});
pad.addEventListener("blur", () => {
  Object.assign(state, { focused: false, down: false });
  drawPad();
});
element("undo").addEventListener("click", () => replace(state.strokes.slice(0, -1)));
element("clear").addEventListener("click", () => replace([]));

function drawPad() {
  const size = pad.clientWidth, context = sharp(pad, size, size);
  context.strokeStyle = colour("ink");
  Object.assign(context, { lineWidth: DATA.pen * size, lineCap: "round", lineJoin: "round" });
  for (const [first, ...others] of state.strokes) {
    context.beginPath();
    context.moveTo(first[0] * size, first[1] * size);
    for (const [x, y] of others.length ? others : [first]) context.lineTo(x * size, y * size);
    context.stroke();
  }
  if (!state.focused) return;
  const [x, y] = state.cursor.map((v) => v * size), gap = state.down ? 1 : 4;
  for (const [name, width] of [["zero", 5], ["validation", 2]]) {
    Object.assign(context, { strokeStyle: colour(name), lineWidth: width });
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + gap * dx, y + gap * dy);
      context.lineTo(x + 12 * dx, y + 12 * dy);
    }
    context.stroke();
  }
}

// What the network makes of it.

const isProbability = DATA.activations[DATA.activations.length - 1] === "softmax";
const amount = (v) => (isProbability ? `${(100 * v).toFixed(0)} %` : `output ${v.toFixed(2)}`);

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = element("outputs").insertRow();
  row.innerHTML = `<th scope="row">${digit}</th><td aria-hidden="true"><span class="bar"><span></span></span></td><td>–</td>`;
  return { row, bar: row.querySelector(".bar span"), value: row.cells[2] };
});
element("caption").textContent = isProbability ? "Probability of each digit" : "Output of each digit’s neuron";

const hidden = LAYERS.slice(0, -1).map(({ outputs }, i) => {
  const words = document.createElement("p"), canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  element("layers").append(words, canvas);
  return { layer: i + 1, neurons: outputs, words, canvas };
});

// The digits, the one with the largest output first.
function ranked() {
  const output = state.a[state.a.length - 1];
  return Array.from(output.keys()).sort((i, j) => output[j] - output[i] || i - j);
}

function reading() {
  if (!state.a) return "The pad is empty.";
  const output = state.a[state.a.length - 1], [first, second] = ranked();
  if (!output.every(Number.isFinite)) return "The output is not a number: the weights are too large.";
  const small = isSmall() ? " It is small for the pen: draw it larger." : "";
  return `Reads ${first}, ${amount(output[first])}; next ${second}, ${amount(output[second])}.${small}`;
}

// Is the drawing so small that its strokes run together?
function isSmall() {
  const points = state.strokes.flat();
  return [0, 1].every((i) => {
    const along = points.map((point) => point[i]);
    return Math.max(...along) - Math.min(...along) < DATA.small * DATA.pen;
  });
}

// For those who do not see the page.
function say(words) {
  element("said").textContent = words;
}

function drawImage() {
  const canvas = element("image"), size = 4 * DATA.side, context = sharp(canvas, size, size);
  const ink = between(colour("zero"), colour("ink"));
  context.fillStyle = ink(0);
  context.fillRect(0, 0, size, size);
  canvas.setAttribute("aria-label", state.a ? "Your digit, prepared." : "Nothing yet.");
  state.a?.[0].forEach((value, i) => {
    if (!value) return;
    context.fillStyle = ink(value);
    context.fillRect(4 * (i % DATA.side), 4 * Math.floor(i / DATA.side), 4, 4);
  });
}

function drawOutputs() {
  const output = state.a?.[state.a.length - 1], best = output && ranked()[0];
  const largest = output ? Math.max(1, ...output.map(Math.abs)) : 1;
  rows.forEach(({ row, bar, value }, digit) => {
    const a = output?.[digit];
    bar.style.width = `${(100 * Math.abs(a ?? 0)) / largest}%`;
    bar.className = a < 0 ? "negative" : "";
    value.textContent = a === undefined ? "–" : isProbability ? `${(100 * a).toFixed(1)} %` : a.toFixed(3);
    row.dataset.best = digit === best;
  });
  element("digit").textContent = best ?? "?";
  element("words").textContent = state.a ? reading() : "Draw a digit on the pad.";
}

function drawLayers() {
  const [zero, positive, negative] = ["zero", "positive", "negative"].map(colour);
  const above = between(zero, positive), below = between(zero, negative);
  for (const { layer, neurons, words, canvas } of hidden) {
    const a = state.a?.[layer], columns = Math.min(neurons, NEURONS), lines = Math.ceil(neurons / columns);
    const width = canvas.clientWidth, cell = Math.min(24, width / columns);
    canvas.style.height = `${lines * cell}px`;
    const context = sharp(canvas, width, lines * cell);
    const largest = a ? Math.max(1e-9, ...a.map(Math.abs)) : 1;
    for (let j = 0; j < neurons; j += 1) {
      const t = a ? a[j] / largest : 0;
      context.fillStyle = t < 0 ? below(-t) : above(t);
      context.fillRect((j % columns) * cell, Math.floor(j / columns) * cell, cell - 1, cell - 1);
    }
    let text = `Hidden layer ${layer}, ${neurons} ${neurons === 1 ? "neuron" : "neurons"}`;
    if (a) {
      const top = a.indexOf(Math.max(...a));
      text += `: ${a.filter((v) => v > 0).length} above 0, the largest ${a[top].toPrecision(3)}, neuron ${top + 1}`;
    }
    words.textContent = `${text}.`;
    canvas.setAttribute("aria-label", `The activations of hidden layer ${layer}.`);
  }
}

let waiting = false;

// Read the pad and draw everything, at most once a frame of the screen.
function show() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    look();
    draw();
  });
}

function look() {
  const image = prepare(state.ink);
  state.a = image && forward(image.values);
}

// The pen is up, or the pad was changed at once: say what is read now.
function settle() {
  look();
  draw();
  say(reading());
}

function draw() {
  const n = state.strokes.length;
  pad.setAttribute("aria-label",
    `The pad, with ${n === 0 ? "nothing" : n === 1 ? "1 stroke" : `${n} strokes`} on it. Draw with the mouse, ` +
    "a finger or a pen; or with the arrow keys, Enter to put the pen down and up, Backspace to undo, Delete to clear.");
  drawPad();
  drawImage();
  drawOutputs();
  drawLayers();
}

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
new ResizeObserver(draw).observe(document.querySelector("main"));
draw();

// For the console: nnlib.forward(image) are the activations of all layers.
window.nnlib = { layers: LAYERS, rasterize, prepare, forward, get strokes() { return state.strokes; } };
