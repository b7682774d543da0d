// From strokes to the 784 numbers of a sample: nnlib.images.handwriting, where every step is
// explained, written once more for the browser. A picture is {rows, columns, values}, its values
// row by row; ink is 0 where the paper is blank and 1 where it is covered. (On the page blank paper
// is 0 by itself: there is no grain of a photograph to be taken away first.)

const DATA = JSON.parse(document.getElementById("data").textContent);

function blank(rows, columns = rows) {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

// Python's round: exactly between two whole numbers, the even one.
function roundEven(x) {
  const low = Math.floor(x), over = x - low;
  if (over === 0.5) return low % 2 === 0 ? low : low + 1;
  return over < 0.5 ? low : low + 1;
}

// Add one stroke, a list of points [x, y] from 0 to 1, to a square picture.
function drawStroke(ink, points, pen = DATA.pen) {
  const size = ink.rows, radius = (pen * size) / 2;
  // In pixels, whose middles are at whole numbers.
  const at = points.map(([x, y]) => [x * size - 0.5, y * size - 0.5]);
  const pieces = at.length === 1 ? [[at[0], at[0]]] : at.slice(1).map((b, i) => [at[i], b]);
  const within = (v) => Math.min(size, Math.max(0, v));
  for (const [[ax, ay], [bx, by]] of pieces) {
    const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
    const [left, top] = [[ax, bx], [ay, by]].map((ends) => within(Math.floor(Math.min(...ends) - radius - 1)));
    const [right, bottom] = [[ax, bx], [ay, by]].map((ends) => within(Math.ceil(Math.max(...ends) + radius + 2)));
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const along = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
        const distance = Math.hypot(x - ax - along * dx, y - ay - along * dy);
        const cover = Math.min(1, Math.max(0, radius - distance + 0.5)), i = y * size + x;
        if (cover > ink.values[i]) ink.values[i] = cover;
      }
    }
  }
}

function rasterize(strokes, pen = DATA.pen, size = DATA.raster) {
  const ink = blank(size);
  for (const stroke of strokes) drawStroke(ink, stroke, pen);
  return ink;
}

// The rows and columns that hold all of the ink, the ends not included; null if there is none.
function boundingBox({ rows, columns, values }) {
  let top = rows, bottom = 0, left = columns, right = 0;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      if (!values[i * columns + j]) continue;
      top = Math.min(top, i);
      bottom = i + 1;
      left = Math.min(left, j);
      right = Math.max(right, j + 1);
    }
  }
  return bottom ? { top, bottom, left, right } : null;
}

function crop({ columns, values }, { top, bottom, left, right }) {
  const out = blank(bottom - top, right - left);
  for (let i = top; i < bottom; i += 1) {
    out.values.set(values.subarray(i * columns + left, i * columns + right), (i - top) * out.columns);
  }
  return out;
}

// For each new pixel, the old ones under it, and the share of each in their mean: [[index, share], …].
function shares(nNew, nOld) {
  return Array.from({ length: nNew }, (_, i) => {
    const from = (i * nOld) / nNew, to = ((i + 1) * nOld) / nNew, under = [];
    for (let j = Math.floor(from); j < Math.min(nOld, Math.ceil(to)); j += 1) {
      const overlap = Math.min(to, j + 1) - Math.max(from, j);
      if (overlap > 0) under.push([j, (overlap * nNew) / nOld]);
    }
    return under;
  });
}

// The picture so that its longer side is `longest` pixels, the aspect kept.
function scaleTo(picture, longest = DATA.box) {
  const most = Math.max(picture.rows, picture.columns);
  const [rows, columns] = [picture.rows, picture.columns].map((side) => Math.max(1, roundEven((longest * side) / most)));
  const down = shares(rows, picture.rows), across = shares(columns, picture.columns);
  const narrow = blank(picture.rows, columns), out = blank(rows, columns);
  for (let i = 0; i < picture.rows; i += 1) {
    across.forEach((under, j) => {
      for (const [k, share] of under) narrow.values[i * columns + j] += share * picture.values[i * picture.columns + k];
    });
  }
  down.forEach((under, i) => {
    for (const [k, share] of under) {
      for (let j = 0; j < columns; j += 1) out.values[i * columns + j] += share * narrow.values[k * columns + j];
    }
  });
  return out;
}

// The picture in 28 × 28, moved by whole pixels until its centre of mass is in the middle.
function centreByMass(picture) {
  const ink = crop(picture, boundingBox(picture));
  let mass = 0, down = 0, across = 0;
  ink.values.forEach((value, i) => {
    mass += value;
    down += value * Math.floor(i / ink.columns);
    across += value * (i % ink.columns);
  });
  const corner = (moment, length) => {
    const at = roundEven(Math.round((DATA.middle - moment / mass) * 1e9) / 1e9);
    return Math.min(Math.max(at, 0), DATA.side - length);
  };
  const top = corner(down, ink.rows), left = corner(across, ink.columns), out = blank(DATA.side);
  for (let i = 0; i < ink.rows; i += 1) {
    out.values.set(ink.values.subarray(i * ink.columns, (i + 1) * ink.columns), (top + i) * DATA.side + left);
  }
  return out;
}

// What the network gets, 28 × 28; null if there is no ink.
function prepare(ink) {
  const box = boundingBox(ink);
  return box && centreByMass(scaleTo(crop(ink, box)));
}
