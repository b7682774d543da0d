// Drawing on the plane: sharp canvases, images from numbers, points with their classes.

const CLASS_COLOURS = COLOURS.classes;

function mix(a, b, share) {
  return a.map((v, i) => v + share * (b[i] - v));
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

// An image of n × n colours, colour(i) for each place, as something drawImage takes: at once,
// since all images of one size share one canvas. (To make one anew, 30 times a frame, is slow.)
const IMAGES = {};
function imageOf(n, colour) {
  if (!IMAGES[n]) {
    const canvas = make("canvas", { width: n, height: n });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const image = context.createImageData(n, n);
    IMAGES[n] = { canvas, context, image };
  }
  const { canvas, context, image } = IMAGES[n];
  for (let i = 0; i < n * n; i += 1) {
    const [r, g, b] = colour(i), at = 4 * i;
    image.data[at] = r;
    image.data[at + 1] = g;
    image.data[at + 2] = b;
    image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
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
