// Handwritten digits on a canvas: 28 × 28 shades from 0, paper, to 1, ink, in the colours of
// the page.

const DIGIT_SIDE = LIMITS.digit_side;

// Draw an image `size` pixels wide at (left, top) of a canvas' context, each pixel a square.
function drawDigit(context, pixels, left, top, size) {
  const paper = rgb(hue("zero")), ink = rgb(hue("ink"));
  context.imageSmoothingEnabled = false;
  const image = imageOf(DIGIT_SIDE, (i) => mix(paper, ink, Math.min(1, Math.max(0, pixels[i]))));
  context.drawImage(image, left, top, size, size);
}

// A canvas of its own for one image; draw() draws it in the colours of the page as it is now.
function digitCanvas(pixels, size, label) {
  const canvas = make("canvas", { role: "img", "aria-label": label, class: "nnlib-digit" });
  const draw = () => drawDigit(sharpCanvas(canvas, size, size), pixels, 0, 0, size);
  draw();
  return { canvas, draw };
}
