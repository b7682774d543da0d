// The map of the descent lab: the loss as bands of height, or of one parameter as a curve, and
// the paths of the optimizers on it.

// Each optimizer has a colour and a line style, those of its place in a race of all of them, and
// a marker of its own; its name is the label of its control.
const DESCENT_LOOKS = Object.fromEntries(Object.entries({
  gradient_descent: "circle", momentum: "square", nesterov: "triangle", rmsprop: "diamond", adam: "cross", own: "circle",
}).map(([key, marker], i) => [key, { marker, dash: runDashes(i), colour: () => runColour(i), name: LIMITS.own_update }]));

function nameOptimizers(controls) {
  for (const { trait, label } of controls) {
    if (trait in DESCENT_LOOKS) DESCENT_LOOKS[trait].name = label;
  }
}

// From the lowest band of the map to the highest: one hue, lighter or darker.
const DESCENT_LAND = {
  light: { low: [255, 255, 255], high: [140, 158, 186], line: "#44556633", ink: "#222222", paper: "#FFFFFF" },
  dark: { low: [14, 20, 30], high: [84, 100, 124], line: "#C0CCDD33", ink: "#E8E8E8", paper: "#0E141E" },
};
const DESCENT_ARROW = 44; // pixels

function descentLand() {
  return isDark() ? DESCENT_LAND.dark : DESCENT_LAND.light;
}

function descentBandColour(land, band) {
  const share = band / (LIMITS.bands - 1);
  return land.low.map((low, i) => Math.round(low + share * (land.high[i] - low)));
}

// A position in words: (1, −0.5), or x = 1 of one parameter.
function descentPlace(position, digits = 4) {
  const text = position.map((v) => readable(v, digits)).join(", ");
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
class DescentMap extends PlaneCanvas {
  constructor(parent, choose) {
    super(parent, { class: "nnlib-descent-map", tabindex: 0, role: "application", "data-essential": "picture" });
    this.choose = choose; // what to do with a point (x, y) that was chosen as the start
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.said = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
    parent.append(this.said);
    this.parent = parent;
    this.hair = [0, 0]; // the cross-hair
    this.canvas.addEventListener("click", (event) => {
      const point = this.land && this.fromPixels(event.offsetX, event.offsetY);
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
    return Math.max(180, Math.min(420, (room || 440) - MAP_MARGIN.left - MAP_MARGIN.right));
  }

  // Of one parameter, the land is a curve: x across, the loss upwards.
  get line() {
    return this.land.parameters === 1;
  }

  setMap(land, { heights, contours, curve }) {
    Object.assign(this, { land, heights, contours, curve, limits: land.limits, values: null });
    this.hair = land.limits.map(([low, high]) => (low + high) / 2);
    this.redraw();
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
    this.base ??= document.createElement("canvas");
    const context = this.begin({ canvas: this.base, key: !this.line });
    if (this.line) {
      this.drawCurve(context);
      this.drawAxes(context, ["x", "loss"]);
    } else {
      const scale = window.devicePixelRatio || 1;
      context.putImageData(this.bands(Math.round(this.side * scale)),
        Math.round(MAP_MARGIN.left * scale), Math.round(MAP_MARGIN.top * scale));
      this.drawContours(context, this.contours, descentLand().line, 1);
      this.drawAxes(context, ["x₁", "x₂"]);
      const colours = Array.from({ length: LIMITS.bands }, (_, band) => descentBandColour(descentLand(), band));
      this.drawKey(context, colours, this.land.scale.map((loss, i) => `${i ? "" : "loss "}${readable(loss, 2)}`));
    }
    this.draw();
  }

  // The land as an image of `n` × `n` pixels, a height between the points of the grid
  // being taken from the four around it.
  bands(n) {
    const image = new ImageData(n, n), rows = this.heights.length;
    const colours = Array.from({ length: LIMITS.bands }, (_, band) => descentBandColour(descentLand(), band));
    const last = rows - 1;
    let at = 0;
    for (let i = 0; i < n; i++) {
      const y = last * (1 - (i + 0.5) / n), below = Math.min(last - 1, Math.floor(y)), v = y - below;
      const first = this.heights[below], second = this.heights[below + 1];
      for (let j = 0; j < n; j++) {
        const x = (last * (j + 0.5)) / n, before = Math.min(last - 1, Math.floor(x)), u = x - before;
        const height = (1 - v) * ((1 - u) * first[before] + u * first[before + 1])
          + v * ((1 - u) * second[before] + u * second[before + 1]);
        const colour = colours[Math.max(0, Math.min(LIMITS.bands - 1, Math.floor(height * LIMITS.bands)))];
        image.data[at++] = colour[0];
        image.data[at++] = colour[1];
        image.data[at++] = colour[2];
        image.data[at++] = 255;
      }
    }
    return image;
  }

  drawCurve(ctx) {
    const { left, top } = MAP_MARGIN, { ink, paper } = descentLand();
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

  // A frame: the land, and who walks on it.
  draw() {
    if (!this.base) return;
    const ctx = this.begin({ key: !this.line });
    const { left, top, right, bottom } = MAP_MARGIN, height = top + this.side + bottom + (this.line ? 0 : MAP_KEY);
    ctx.drawImage(this.base, 0, 0, left + this.side + right, height);
    this.within(ctx, () => this.drawOver(ctx));
  }

  // Minima, paths and cross-hair.
  drawOver(ctx) {
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
    this.drawPath(ctx, track, { colour, dash, paper: paper + "AA" });
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
    const { left, top } = MAP_MARGIN;
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
