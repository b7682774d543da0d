export default { render: (context) => renderLab(context, descentViews) };
// The descent lab: a map of the loss with the optimizers' paths on it, their losses over the
// steps, and a table of how they stand. The map itself is worked out in Python and comes once.

// Each optimizer has a colour and a line style, those of its place in a race of all of
// them, and a marker of its own.
const DESCENT_LOOKS = Object.fromEntries([
  ["gradient_descent", "Gradient descent", "circle"],
  ["momentum", "Momentum", "square"],
  ["nesterov", "Nesterov", "triangle"],
  ["rmsprop", "RMSProp", "diamond"],
  ["adam", "Adam", "cross"],
  ["own", "Your update", "circle"],
].map(([key, name, marker], i) => [key, { name, marker, dash: runDashes(i), colour: () => runColour(i) }]));

// From the lowest band of the map to the highest: one hue, lighter or darker.
const DESCENT_LAND = {
  light: { low: [255, 255, 255], high: [140, 158, 186], line: "#44556633", ink: "#222222", paper: "#FFFFFF" },
  dark: { low: [14, 20, 30], high: [84, 100, 124], line: "#C0CCDD33", ink: "#E8E8E8", paper: "#0E141E" },
};
const DESCENT_BANDS = 12;
const DESCENT_MARGIN = { left: 40, right: 10, top: 10, bottom: 74 };
// Who asks for little motion sees the map change this seldom, in milliseconds.
const DESCENT_CALM = 500;
const DESCENT_ARROW = 44; // pixels

function descentLand() {
  return isDark() ? DESCENT_LAND.dark : DESCENT_LAND.light;
}

function descentBandColour(land, band) {
  const share = band / (DESCENT_BANDS - 1);
  return land.low.map((low, i) => Math.round(low + share * (land.high[i] - low)));
}

// A position in words: (1, −0.5), or x = 1 of one parameter.
function descentPlace(position, digits = 4) {
  const text = position.map((v) => readable(v, digits).replace("-", "−")).join(", ");
  return position.length === 1 ? `x = ${text}` : `(${text})`;
}

// A marker's outline, as a path of the canvas.
function descentMarker(ctx, marker, x, y, r) {
  ctx.beginPath();
  if (marker === "circle") ctx.arc(x, y, r, 0, 2 * Math.PI);
  else if (marker === "square") ctx.rect(x - r, y - r, 2 * r, 2 * r);
  else if (marker === "triangle") {
    ctx.moveTo(x, y - 1.3 * r);
    ctx.lineTo(x + 1.2 * r, y + r);
    ctx.lineTo(x - 1.2 * r, y + r);
  } else if (marker === "diamond") {
    ctx.moveTo(x, y - 1.5 * r);
    ctx.lineTo(x + 1.3 * r, y);
    ctx.lineTo(x, y + 1.5 * r);
    ctx.lineTo(x - 1.3 * r, y);
  } else {
    const a = 0.45 * r, b = 1.4 * r; // a thick plus
    const corners = [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]];
    corners.forEach(([dx, dy], i) => (i ? ctx.lineTo(x + dx, y + dy) : ctx.moveTo(x + dx, y + dy)));
  }
  ctx.closePath();
}

// The map. It draws land, axes and scale once a surface, and the paths over them each frame.
class DescentMap {
  constructor(parent, choose) {
    this.choose = choose; // what to do with a point (x, y) that was chosen as the start
    this.canvas = make("canvas", { class: "nnlib-descent-map", tabindex: 0, role: "application" });
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.said = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
    parent.append(this.canvas, this.said);
    this.parent = parent;
    this.hair = [0, 0]; // the cross-hair
    this.canvas.addEventListener("click", (event) => {
      const point = this.pointAt(event.offsetX, event.offsetY);
      if (point) this.pick(point);
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("focus", () => this.draw());
    this.canvas.addEventListener("blur", () => this.draw());
    this.resizer = new ResizeObserver(() => {
      if (this.size() !== this.side) this.redraw();
    });
    this.resizer.observe(parent);
  }

  size() {
    const room = this.parent.clientWidth;
    if (!room && this.side) return this.side; // out of sight: as it was
    return Math.max(220, Math.min(420, (room || 440) - DESCENT_MARGIN.left - DESCENT_MARGIN.right));
  }

  // Of one parameter, the land is a curve: x across, the loss upwards.
  get line() {
    return this.land.parameters === 1;
  }

  setMap(land, { heights, contours, curve }) {
    Object.assign(this, { land, heights, contours, curve, values: null });
    this.hair = land.limits.map(([low, high]) => (low + high) / 2);
    this.redraw();
  }

  // Pixels of the page from a position, and back.
  toPixels([x, y]) {
    const [[left, right], [bottom, top]] = this.land.limits;
    return [
      DESCENT_MARGIN.left + ((x - left) / (right - left)) * this.side,
      DESCENT_MARGIN.top + ((top - y) / (top - bottom)) * this.side,
    ];
  }

  pointAt(px, py) {
    if (!this.land) return null;
    const across = (px - DESCENT_MARGIN.left) / this.side, down = (py - DESCENT_MARGIN.top) / this.side;
    if (across < 0 || across > 1 || down < 0 || down > 1) return null;
    const [[left, right], [bottom, top]] = this.land.limits;
    return [left + across * (right - left), top - down * (top - bottom)];
  }

  pick(point) {
    this.hair = point.map((v) => Number(v.toPrecision(4)));
    if (this.line) this.hair[1] = 0;
    this.choose(this.hair);
    this.say("Start set at");
    this.draw();
  }

  key(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!this.land || (!direction && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (direction && this.line) direction[1] = 0;
    if (!direction) {
      this.pick(this.hair);
      return;
    }
    this.hair = this.hair.map((v, i) => {
      if (!direction[i]) return v;
      const [low, high] = this.land.limits[i];
      const moved = v + (direction[i] * (high - low)) / (event.shiftKey ? 400 : 40);
      return Number(Math.min(high, Math.max(low, moved)).toPrecision(4));
    });
    this.say("Cross-hair at");
    this.draw();
  }

  say(what) {
    const place = this.hair.slice(0, this.land.parameters).map((v) => readable(v)).join(", ");
    this.said.textContent = `${what} ${this.line ? `x = ${place}` : `(${place})`}`;
  }

  // Everything that stays as long as surface, theme and size do.
  redraw() {
    if (!this.land) return;
    this.side = this.size();
    const scale = window.devicePixelRatio || 1;
    const width = this.side + DESCENT_MARGIN.left + DESCENT_MARGIN.right;
    const height = this.side + DESCENT_MARGIN.top + (this.line ? 30 : DESCENT_MARGIN.bottom);
    const base = document.createElement("canvas");
    base.width = this.canvas.width = Math.round(width * scale);
    base.height = this.canvas.height = Math.round(height * scale);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.base = base;
    const ctx = base.getContext("2d");
    if (this.line) {
      ctx.scale(scale, scale);
      this.drawCurve(ctx);
      this.drawAxes(ctx);
    } else {
      ctx.putImageData(this.bands(Math.round(this.side * scale)),
        Math.round(DESCENT_MARGIN.left * scale), Math.round(DESCENT_MARGIN.top * scale));
      ctx.scale(scale, scale);
      this.drawContours(ctx);
      this.drawAxes(ctx);
      this.drawScale(ctx);
    }
    this.draw();
  }

  // The land as an image of `n` × `n` pixels, a height between the points of the grid
  // being taken from the four around it.
  bands(n) {
    const image = new ImageData(n, n), rows = this.heights.length;
    const colours = Array.from({ length: DESCENT_BANDS }, (_, band) => descentBandColour(descentLand(), band));
    const last = rows - 1;
    let at = 0;
    for (let i = 0; i < n; i++) {
      const y = last * (1 - (i + 0.5) / n), below = Math.min(last - 1, Math.floor(y)), v = y - below;
      const first = this.heights[below], second = this.heights[below + 1];
      for (let j = 0; j < n; j++) {
        const x = (last * (j + 0.5)) / n, before = Math.min(last - 1, Math.floor(x)), u = x - before;
        const height = (1 - v) * ((1 - u) * first[before] + u * first[before + 1])
          + v * ((1 - u) * second[before] + u * second[before + 1]);
        const colour = colours[Math.max(0, Math.min(DESCENT_BANDS - 1, Math.floor(height * DESCENT_BANDS)))];
        image.data[at++] = colour[0];
        image.data[at++] = colour[1];
        image.data[at++] = colour[2];
        image.data[at++] = 255;
      }
    }
    return image;
  }

  drawContours(ctx) {
    const [x1, y1, x2, y2] = this.contours;
    ctx.strokeStyle = descentLand().line;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let i = 0; i < x1.length; i++) {
      ctx.moveTo(...this.toPixels([x1[i], y1[i]]));
      ctx.lineTo(...this.toPixels([x2[i], y2[i]]));
    }
    ctx.stroke();
  }

  drawCurve(ctx) {
    const { left, top } = DESCENT_MARGIN, { ink, paper } = descentLand();
    ctx.fillStyle = paper;
    ctx.fillRect(left, top, this.side, this.side);
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    this.curve[0].forEach((x, i) => {
      const at = this.toPixels([x, this.curve[1][i]]);
      if (i) ctx.lineTo(...at);
      else ctx.moveTo(...at);
    });
    ctx.stroke();
  }

  font(size) {
    return `${size}px ${jupyterColour("--jp-ui-font-family", "sans-serif")}`;
  }

  drawAxes(ctx) {
    const { left, top } = DESCENT_MARGIN, side = this.side;
    ctx.strokeStyle = ctx.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    ctx.font = this.font(12);
    ctx.lineWidth = 1;
    ctx.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1);
    const [[x0, x1], [bottom, y1]] = this.land.limits;
    const y0 = this.line ? Math.max(0, bottom) : bottom; // the lowest loss of a parabola is 0
    for (let i = 0; i <= 4; i++) {
      const x = x0 + (i * (x1 - x0)) / 4, y = y0 + (i * (y1 - y0)) / 4;
      const across = left + (i * side) / 4, up = this.toPixels([x0, y])[1];
      ctx.textAlign = i === 4 ? "right" : "center";
      ctx.textBaseline = "top";
      ctx.fillText(readable(x).replace("-", "−"), across + (i === 4 ? DESCENT_MARGIN.right : 0), top + side + 6);
      ctx.textAlign = "right";
      ctx.textBaseline = "middle";
      ctx.fillText(readable(y).replace("-", "−"), left - 6, Math.min(Math.max(up, top + 5), top + side - 5));
    }
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    ctx.fillText(this.line ? "x" : "x₁", left + (side * 3) / 8, top + side + 6);
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.fillText(this.line ? "loss" : "x₂", left - 6, top + (side * 3) / 8);
  }

  // What the bands mean: the loss at a few of their bounds.
  drawScale(ctx) {
    const { left, top } = DESCENT_MARGIN, side = this.side, y = top + side + 34, height = 12;
    for (let band = 0; band < DESCENT_BANDS; band++) {
      ctx.fillStyle = `rgb(${descentBandColour(descentLand(), band).join(",")})`;
      ctx.fillRect(left + (band * side) / DESCENT_BANDS, y, side / DESCENT_BANDS + 0.5, height);
    }
    ctx.strokeStyle = ctx.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    ctx.strokeRect(left + 0.5, y + 0.5, side - 1, height);
    ctx.font = this.font(11);
    ctx.textBaseline = "top";
    this.land.scale.forEach((value, i) => {
      ctx.textAlign = ["left", "center", "center", "right"][i];
      const text = readable(value, 2);
      ctx.fillText(i ? text : `loss ${text}`, left + (i * side) / 3, y + height + 5);
    });
  }

  // A frame: the land, and who walks on it.
  draw() {
    if (!this.base) return;
    const ctx = this.canvas.getContext("2d"), scale = window.devicePixelRatio || 1;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.drawImage(this.base, 0, 0);
    ctx.scale(scale, scale);
    ctx.save();
    ctx.beginPath();
    ctx.rect(DESCENT_MARGIN.left, DESCENT_MARGIN.top, this.side, this.side);
    ctx.clip();
    const { ink, paper } = descentLand();
    ctx.fillStyle = ink;
    ctx.font = this.font(17);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const minimum of this.land.minima) ctx.fillText("★", ...this.toPixels(minimum));
    if (this.values) {
      this.drawStart(ctx, ink, paper);
      const tracks = this.values.walkers.map((walker) => [walker, this.track(this.paths[walker.name])]);
      for (const [walker, track] of tracks) this.drawTrack(ctx, walker, track, paper);
      this.drawGradient(ctx, ink, paper);
      for (const [walker, track] of tracks) this.drawWalker(ctx, walker, track, paper);
    }
    if (document.activeElement === this.canvas) this.drawHair(ctx, ink, paper);
    ctx.restore();
  }

  // The pixels of a path. Who diverged may be further away than a canvas can count: such
  // a step is drawn in its direction only.
  track([xs, ys]) {
    const points = [];
    for (let i = 0; i < xs.length; i++) {
      const point = this.toPixels([xs[i], ys[i]]);
      if (i) {
        const [x, y] = points[i - 1], length = Math.hypot(point[0] - x, point[1] - y), most = 20000;
        if (length > most) {
          points.push([x + ((point[0] - x) / length) * most, y + ((point[1] - y) / length) * most]);
          break;
        }
      }
      points.push(point);
    }
    return points;
  }

  drawTrack(ctx, walker, track, paper) {
    const { dash } = DESCENT_LOOKS[walker.key], colour = DESCENT_LOOKS[walker.key].colour();
    ctx.lineJoin = "round";
    for (const [stroke, width, style] of [[paper + "AA", 5, []], [colour, 2, dash]]) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.setLineDash(style);
      ctx.beginPath();
      track.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
      ctx.stroke();
    }
    ctx.setLineDash([]);
    // A dot a step, as long as they can be told apart; on a curve the steps are arrows.
    if (this.line) this.drawSteps(ctx, track, colour);
    else if (track.length <= 150) {
      ctx.fillStyle = colour;
      for (const [x, y] of track) {
        ctx.beginPath();
        ctx.arc(x, y, 2.4, 0, 2 * Math.PI);
        ctx.fill();
      }
    }
  }

  drawSteps(ctx, track, colour) {
    ctx.fillStyle = colour;
    for (let i = 1; i < track.length && track.length <= 150; i++) {
      const [x0, y0] = track[i - 1], [x1, y1] = track[i], length = Math.hypot(x1 - x0, y1 - y0);
      if (length < 9) continue;
      const dx = (x1 - x0) / length, dy = (y1 - y0) / length;
      ctx.beginPath();
      ctx.moveTo(x1, y1);
      ctx.lineTo(x1 - 10 * dx + 5 * dy, y1 - 10 * dy - 5 * dx);
      ctx.lineTo(x1 - 10 * dx - 5 * dy, y1 - 10 * dy + 5 * dx);
      ctx.fill();
    }
  }

  drawWalker(ctx, walker, track, paper) {
    const [x, y] = track[track.length - 1];
    descentMarker(ctx, DESCENT_LOOKS[walker.key].marker, x, y, 6);
    ctx.fillStyle = DESCENT_LOOKS[walker.key].colour();
    ctx.fill();
    ctx.strokeStyle = paper;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }

  drawStart(ctx, ink, paper) {
    const [x, y] = this.toPixels(this.values["start mark"]);
    for (const [stroke, width] of [[paper, 4], [ink, 1.5]]) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.arc(x, y, 9, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }

  // Downhill from where plain gradient descent stands. Only the direction is meant.
  drawGradient(ctx, ink, paper) {
    const now = this.values.gradient;
    const length = now ? Math.hypot(...now.gradient) : 0;
    if (!(length > 0) || this.line) return; // a curve shows its slope itself
    const [x, y] = this.toPixels(now.at);
    // Downwards on the page is the direction of smaller x₂.
    const dx = -now.gradient[0] / length, dy = now.gradient[1] / length;
    const tip = [x + DESCENT_ARROW * dx, y + DESCENT_ARROW * dy];
    for (const [stroke, width] of [[paper, 6], [ink, 3]]) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.lineCap = "round";
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(...tip);
      for (const side of [-1, 1]) {
        ctx.moveTo(...tip);
        ctx.lineTo(tip[0] - 10 * dx + side * 6 * dy, tip[1] - 10 * dy - side * 6 * dx);
      }
      ctx.stroke();
    }
    ctx.lineCap = "butt";
  }

  drawHair(ctx, ink, paper) {
    const [x, y] = this.toPixels(this.hair);
    const { left, top } = DESCENT_MARGIN;
    for (const [stroke, width, dash] of [[paper, 3, []], [ink, 1, [5, 3]]]) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.setLineDash(dash);
      ctx.beginPath();
      if (!this.line) {
        ctx.moveTo(left, y);
        ctx.lineTo(left + this.side, y);
      }
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + this.side);
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }

  set(values, paths) {
    Object.assign(this, { values, paths });
    const n = this.land.parameters;
    const where = values.walkers.map(({ name, position }) => `${name} at ${descentPlace(position.slice(0, n), 3)}`);
    this.canvas.setAttribute("aria-label", this.line
      ? `Curve of the loss ${this.land.name} over x. Left and right arrow keys move a cross-hair (with Shift ` +
        `in small steps), Enter sets the start there; so does a click. ${where.join("; ")}`
      : `Map of the loss ${this.land.name} over x₁ and x₂. Arrow keys move a cross-hair (with Shift ` +
        `in small steps), Enter sets the start there; so does a click. ${where.join("; ")}`);
  }

  destroy() {
    this.resizer.disconnect();
  }
}

// A line and a marker, as they are on the map, for the head of an optimizer's row.
class DescentSwatch {
  constructor(parent, key) {
    this.key = key;
    this.canvas = make("canvas", { class: "nnlib-descent-swatch", "aria-hidden": "true" });
    parent.append(this.canvas);
    this.draw();
  }

  draw() {
    const scale = window.devicePixelRatio || 1, { dash, marker } = DESCENT_LOOKS[this.key];
    this.canvas.width = 40 * scale;
    this.canvas.height = 16 * scale;
    const ctx = this.canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.strokeStyle = ctx.fillStyle = DESCENT_LOOKS[this.key].colour();
    ctx.lineWidth = 2;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(0, 8);
    ctx.lineTo(30, 8);
    ctx.stroke();
    descentMarker(ctx, marker, 31, 8, 5);
    ctx.fill();
  }
}

// The table: an optimizer a row, those that are switched on.
class DescentTable {
  constructor(parent) {
    const heads = ["Optimizer", "Position", "Loss", "Step", "State"];
    this.body = make("tbody");
    const table = make("table", { class: "nnlib-descent-table", "aria-label": "how the optimizers stand" },
      make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col", text })))), this.body);
    parent.append(scrollable("the table of the optimizers", table));
    this.rows = {};
    for (const [key, { name }] of Object.entries(DESCENT_LOOKS)) {
      const head = make("th", { scope: "row" });
      const swatch = new DescentSwatch(head, key);
      head.append(name);
      const cells = heads.slice(1).map(() => make("td"));
      const row = make("tr", { "data-optimizer": key }, head, ...cells);
      row.hidden = true;
      this.rows[key] = { row, cells, swatch };
      this.body.append(row);
    }
  }

  set(walkers, parameters) {
    const present = Object.fromEntries(walkers.map((walker) => [walker.key, walker]));
    for (const [key, { row, cells }] of Object.entries(this.rows)) {
      const walker = present[key];
      row.hidden = !walker;
      if (!walker) continue;
      const texts = [descentPlace(walker.position.slice(0, parameters)), readable(walker.value), String(walker.steps), walker.words];
      cells.forEach((cell, i) => {
        if (cell.textContent !== texts[i]) cell.textContent = texts[i];
      });
      row.dataset.state = walker.state;
    }
  }

  redraw() {
    for (const { swatch } of Object.values(this.rows)) swatch.draw();
  }
}

// The losses of a descent span many powers of ten: only those have lines and numbers.
class DescentChart extends Chart {
  build() {
    super.build();
    const axis = this.plot.axes[1];
    const all = axis.grid.filter;
    const power = (v) => v !== null && Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-6;
    axis.grid.filter = (plot, splits, ...more) =>
      this.log ? splits.map((v) => (power(v) ? v : null)) : all(plot, splits, ...more);
    this.plot.redraw(false, true);
  }

  // While JupyterLab changes its theme the page has no width: keep the one there was.
  width() {
    return Math.max(280, this.box.clientWidth || this.plot?.width || 320);
  }
}

// Marks on the learning-rate slider: the largest α that converges, for each that has one.
class DescentLimits {
  constructor(root) {
    this.slider = root.querySelector('input[type="range"][data-trait="learning_rate"]');
    this.field = this.slider.closest(".nnlib-field");
    this.box = make("div", { class: "nnlib-descent-limits", "aria-hidden": "true" });
    this.field.classList.add("nnlib-descent-rate");
    this.field.append(this.box);
    this.resizer = new ResizeObserver(() => this.draw());
    this.resizer.observe(this.field);
  }

  set({ bounds, "learning rate": rate }) {
    const key = JSON.stringify([bounds, rate, isDark()]);
    if (key === this.key) return;
    Object.assign(this, { key, bounds, rate });
    this.draw();
  }

  // The mark stands on the slider, its text in a row of its own below.
  draw() {
    this.box.replaceChildren();
    this.box.style.display = "";
    const low = Number(this.slider.min), high = Number(this.slider.max);
    const thumb = 16, room = this.slider.offsetWidth - thumb;
    let lines = 0;
    for (const { key, name, bound, rule } of this.bounds ?? []) {
      const share = (Math.log10(bound) - low) / (high - low);
      if (share < 0 || share > 1) continue;
      const x = this.slider.offsetLeft - this.box.offsetLeft + thumb / 2 + share * room;
      const mark = make("span", { class: "nnlib-descent-limit", title: `${name} converges below ${rule} = ${readable(bound)}` });
      mark.dataset.over = this.rate >= bound;
      mark.style.left = `${x}px`;
      mark.style.top = `${this.slider.offsetTop - this.box.offsetTop}px`;
      mark.style.height = `${this.slider.offsetHeight}px`;
      const text = make("span", { class: "nnlib-descent-limit-text", text: `${name}: ${rule} = ${readable(bound)}` });
      mark.style.borderColor = text.style.color = DESCENT_LOOKS[key].colour();
      text.style.top = `${15 * lines}px`;
      this.box.append(mark, text);
      text.style.left = `${Math.max(0, Math.min(x - 8, this.field.clientWidth - text.offsetWidth))}px`;
      lines += 1;
    }
    this.box.style.height = `${15 * lines}px`;
    this.box.style.display = lines ? "" : "none";
  }

  destroy() {
    this.resizer.disconnect();
  }
}

function descentViews(parent, { send }) {
  const root = parent.closest(".nnlib-lab");
  const mapBox = make("div", { class: "nnlib-descent-left" });
  const lossBox = make("div", { class: "nnlib-descent-right" });
  const room = make("div", { class: "nnlib-descent" }, mapBox, lossBox);
  parent.append(room);
  const limits = new DescentLimits(root);
  const map = new DescentMap(mapBox, ([x, y]) => send("start", { x, y }));
  const caption = make("p", { class: "nnlib-descent-caption" });
  mapBox.append(caption);

  const log = make("input", { type: "checkbox", id: uniqueId("log"), "data-view": "log", checked: "" });
  lossBox.append(
    make("p", { class: "nnlib-option" }, log, make("label", { for: log.id, text: "loss on a log scale" })),
  );
  const chart = new DescentChart(lossBox, {
    label: "loss", over: "steps", height: 330, table: true,
    curves: Object.values(DESCENT_LOOKS).map(({ name, dash, colour }) => ({ name, colour, dash })),
    // From the start down: a curve that climbs beyond it leaves the picture, not the others.
    range: (data) => [0, 1.15 * Math.max(1e-12, ...Object.values(data).map((rows) => rows?.[1][0] ?? 0))],
  });
  chart.setLog(true);
  log.addEventListener("change", () => chart.setLog(log.checked));
  const table = new DescentTable(parent);

  let drawnAt = 0, later = null, latest = null;
  const draw = () => {
    clearTimeout(later);
    later = null;
    drawnAt = performance.now();
    map.draw();
    chart.draw();
    const { values } = latest;
    chart.describe(`loss over steps. ${values.summary}`);
    table.set(values.walkers, map.land.parameters);
    limits.set(values);
    // What was drawn, for whoever looks from outside.
    root.dataset.start = values.start.join(",");
    root.dataset.surface = map.land.name;
    root.dataset.bounds = JSON.stringify(Object.fromEntries(values.bounds.map(({ key, bound }) => [key, bound])));
    root.dataset.arrow = values.gradient ? values.gradient.gradient.join(",") : "";
    root.dataset.walkers = JSON.stringify(Object.fromEntries(values.walkers.map(
      ({ key, name, position, value, steps, state }) =>
        [key, { position, value, steps, state, points: latest.arrays[`path ${name}`][0].length }])));
  };

  return {
    receive(values, arrays) {
      latest = { values, arrays };
      if (values.map) {
        map.setMap(values.map, arrays);
        caption.textContent =
          `L = ${values.map.formula}. Source: ${values.map.source}. ○ start` +
          (values.map.minima.length ? ", ★ minimum" : "") +
          (map.line ? ", an arrow a step." : ", arrow: downhill, −∇L, for gradient descent (its direction only).");
        root.dataset.maps = Number(root.dataset.maps ?? 0) + 1;
      }
      // The map of a surface just chosen may still be worked out.
      room.dataset.waiting = map.land?.name !== values.surface;
      if (map.land?.name !== values.surface) return;
      const paths = {};
      for (const { name } of Object.values(DESCENT_LOOKS)) {
        paths[name] = arrays[`path ${name}`];
        chart.set(name, arrays[`loss ${name}`] ?? null);
      }
      map.set(values, paths);
      if (reducedMotion() && performance.now() - drawnAt < DESCENT_CALM) {
        later ??= setTimeout(draw, DESCENT_CALM);
      } else {
        draw();
      }
    },
    redraw() {
      map.redraw();
      limits.draw();
      chart.build();
      table.redraw();
    },
    destroy() {
      clearTimeout(later);
      map.destroy();
      limits.destroy();
      chart.destroy();
    },
  };
}
