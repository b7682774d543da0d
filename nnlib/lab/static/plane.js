// Drawing on the plane: sharp canvases, images from numbers, points with their classes.

const CLASS_COLOURS = COLOURS.classes;

function mix(a, b, share) {
  return a.map((v, i) => v + share * (b[i] - v));
}

function asCss([r, g, b]) {
  return `rgb(${Math.round(r)},${Math.round(g)},${Math.round(b)})`;
}

// A function from signed values in −1 … 1 to colours: negative and positive have a hue each,
// zero is the paper.
function signedScale() {
  const [zero, negative, positive] = ["zero", "negative", "positive"].map((name) => rgb(hue(name)));
  return (value) => mix(zero, value < 0 ? negative : positive, Math.min(1, Math.abs(value)));
}

// A canvas that is sharp on every screen; draw(context, width, height) works in CSS pixels.
function sharpCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// An image of n colours in each of some rows, colour(i) for each place, as something drawImage takes: at once,
// since all images of one size share one canvas. (To make a new one, 30 times a frame, is slow.)
const IMAGES = {};
function imageOf(n, colour, rows = n) {
  const key = `${n} × ${rows}`;
  if (!IMAGES[key]) {
    const canvas = make("canvas", { width: n, height: rows });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const image = context.createImageData(n, rows);
    IMAGES[key] = { canvas, context, image };
  }
  const { canvas, context, image } = IMAGES[key];
  for (let i = 0; i < n * rows; i += 1) {
    const [r, g, b] = colour(i), at = 4 * i;
    image.data[at] = r;
    image.data[at + 1] = g;
    image.data[at + 2] = b;
    image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// The cross at a place that the keyboard moves, with a gap in its middle, or nearly none.
function drawCursor(context, [x, y], gap = 4) {
  for (const [colour, width] of [["#ffffff", 4], ["#000000", 1.5]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.beginPath();
    for (const [u, v] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + gap * u, y + gap * v);
      context.lineTo(x + 12 * u, y + 12 * v);
    }
    context.stroke();
  }
}

// A mark for each class, as in nnlib.plots.boundary: its corners about the middle, or a circle.
const CLASS_MARKS = [
  null,
  [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  [[0, -1.3], [1.2, 1], [-1.2, 1]],
  [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]],
  [[0, 1.3], [1.2, -1], [-1.2, -1]],
  [[-0.5, -1.4], [0.5, -1.4], [0.5, -0.5], [1.4, -0.5], [1.4, 0.5], [0.5, 0.5],
    [0.5, 1.4], [-0.5, 1.4], [-0.5, 0.5], [-1.4, 0.5], [-1.4, -0.5], [-0.5, -0.5]],
];

// A point of a class, filled, or hollow if it is one for validation.
function drawPoint(context, x, y, label, validation) {
  const size = 3.7, colour = CLASS_COLOURS[label % CLASS_COLOURS.length];
  const corners = CLASS_MARKS[label % CLASS_MARKS.length];
  context.beginPath();
  if (corners) corners.forEach(([u, v], i) => context[i ? "lineTo" : "moveTo"](x + size * u, y + size * v));
  else context.arc(x, y, size + 0.3, 0, 2 * Math.PI);
  context.closePath();
  context.fillStyle = validation ? "#FFFFFF" : colour;
  context.strokeStyle = validation ? colour : "#222222";
  context.lineWidth = validation ? 2 : 0.7;
  context.fill();
  context.stroke();
}

// About four round numbers between low and high.
function roundTicks(low, high) {
  const rough = (high - low) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i += 1) ticks.push(i * step);
  return ticks;
}

// Around a map: room for the numbers and the names of its axes, and below for its key.
const MAP_MARGIN = { left: 52, top: 10, right: 12, bottom: 38 }, MAP_KEY = 40;

// A square map with axes. `limits` are those of the plane, [[x low, x high], [y low, y high]],
// and `side` is the length of the square in pixels; the code that draws sets both before.
class PlaneCanvas {
  constructor(parent, attributes) {
    this.canvas = make("canvas", attributes);
    parent.append(this.canvas);
  }

  // The pixels of a place on the plane, and back: null outside of the square.
  toPixels([x, y]) {
    const [[left, right], [bottom, top]] = this.limits;
    return [
      MAP_MARGIN.left + ((x - left) / (right - left)) * this.side,
      MAP_MARGIN.top + ((top - y) / (top - bottom)) * this.side,
    ];
  }

  fromPixels(px, py) {
    const across = (px - MAP_MARGIN.left) / this.side, down = (py - MAP_MARGIN.top) / this.side;
    if (across < 0 || across > 1 || down < 0 || down > 1) return null;
    const [[left, right], [bottom, top]] = this.limits;
    return [left + across * (right - left), top - down * (top - bottom)];
  }

  // An empty canvas of the size of the map: this one, or another that is drawn on it later.
  begin({ canvas = this.canvas, key = false } = {}) {
    const { left, top, right, bottom } = MAP_MARGIN;
    return sharpCanvas(canvas, left + this.side + right, top + this.side + bottom + (key ? MAP_KEY : 0));
  }

  // Draw what must not reach over the edges of the square.
  within(context, act) {
    context.save();
    context.beginPath();
    context.rect(MAP_MARGIN.left, MAP_MARGIN.top, this.side, this.side);
    context.clip();
    act();
    context.restore();
  }

  drawImage(context, image) {
    context.imageSmoothingEnabled = true;
    context.drawImage(image, MAP_MARGIN.left, MAP_MARGIN.top, this.side, this.side);
  }

  font(size) {
    return `${size}px ${jupyterColour("--jp-ui-font-family", "sans-serif")}`;
  }

  // The frame, round numbers along it, and the names of the axes. The numbers are those of
  // `ranges`, which may be other units than those of the plane.
  drawAxes(context, names, ranges = this.limits) {
    const { left, top } = MAP_MARGIN, foot = top + this.side;
    context.strokeStyle = context.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, this.side - 1, this.side - 1);
    context.font = this.font(11);
    ranges.forEach(([low, high], axis) => {
      context.textAlign = axis === 0 ? "center" : "right";
      context.textBaseline = axis === 0 ? "top" : "middle";
      for (const tick of roundTicks(low, high)) {
        const along = ((tick - low) / (high - low)) * this.side;
        const [x, y] = axis === 0 ? [left + along, foot] : [left, foot - along];
        context.fillText(axisLabel(tick), axis === 0 ? x : x - 6, axis === 0 ? y + 6 : y);
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(axis === 0 ? x : x - 4, axis === 0 ? y + 4 : y);
        context.stroke();
      }
    });
    context.font = this.font(12);
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText(names[0], left + this.side / 2, foot + 32);
    context.save();
    context.translate(12, top + this.side / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(names[1], 0, 0);
    context.restore();
  }

  // Lines of equal height, in pieces from (x1, y1) to (x2, y2).
  drawContours(context, [x1, y1, x2, y2], colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (let i = 0; i < x1.length; i += 1) {
      context.moveTo(...this.toPixels([x1[i], y1[i]]));
      context.lineTo(...this.toPixels([x2[i], y2[i]]));
    }
    context.stroke();
  }

  // A path through pixels, on a rim of paper that keeps it apart from the map.
  drawPath(context, pixels, { colour, dash = [], paper }) {
    context.lineJoin = "round";
    for (const [stroke, width, style] of [[paper, 5, []], [colour, 2, dash]]) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.setLineDash(style);
      context.beginPath();
      pixels.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
    }
    context.setLineDash([]);
  }

  // What the colours mean: a bar of them, from the lowest to the highest, and the heights at
  // places evenly along it, in words.
  drawKey(context, colours, texts) {
    const { left, top, bottom } = MAP_MARGIN, y = top + this.side + bottom + 4, height = 12;
    const width = this.side / colours.length;
    colours.forEach((colour, i) => {
      context.fillStyle = asCss(colour);
      context.fillRect(left + i * width, y, Math.min(width + 0.5, this.side - i * width), height);
    });
    context.strokeStyle = context.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, y + 0.5, this.side - 1, height);
    context.font = this.font(11);
    context.textBaseline = "top";
    texts.forEach((text, i) => {
      context.textAlign = i === 0 ? "left" : i === texts.length - 1 ? "right" : "center";
      context.fillText(text, left + (i * this.side) / (texts.length - 1), y + height + 5);
    });
  }
}

// Follow one pointer at a time over a canvas, from press to lift; press(event) says whether it
// is taken up. A hand that rests on the canvas while a pen writes is not followed.
function followPointer(canvas, { press, move, lift }) {
  let pointer = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0 || !press(event)) return;
    event.preventDefault();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    // A fast stroke reaches the page in leaps; the browser knows what lies between.
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) move(step);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      lift();
    });
  }
}

// Points on their way to the kernel: they are sent together, at most so often in milliseconds.
class Outbox {
  constructor(every, send) {
    Object.assign(this, { every, send, points: [], sentAt: -Infinity });
  }

  add(point) {
    this.points.push(point);
    if (performance.now() - this.sentAt > this.every) this.flush();
  }

  flush() {
    if (!this.points.length) return;
    this.sentAt = performance.now();
    const { points } = this;
    this.points = [];
    this.send(points);
  }
}
