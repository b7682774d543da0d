// The layer map: a plane for each layer with some digits on it, the digit that is looked at, and
// the curve of the loss.

// The side of a plane in CSS pixels, at least, at most, and at most beside the words that say what
// stopped the lab; from which width on a window is that of a large screen, and how large a plane may
// be there; the gap between two, and how near to a point the mouse must come.
const LM_LEAST = 200, LM_MOST = 240, LM_STOPPED = 214, LM_WIDE = 1200, LM_LARGE = 360, LM_GAP = 14, LM_NEAR = 14;
const LM_DIGIT = 112, LM_CURVE = 140;

// One layer's plane: every digit a numeral in the colour of its class, a ring where it is misread.
class LayerPlane {
  constructor(parent, look) {
    this.name = make("p", { class: "nnlib-label" });
    this.canvas = make("canvas", { role: "img" });
    this.caption = make("p", { class: "nnlib-caption" });
    this.box = make("div", { class: "nnlib-layer-plane" }, this.name, this.canvas, this.caption);
    parent.append(this.box);
    const at = (event) => look(this.nearest(event.offsetX, event.offsetY));
    this.canvas.addEventListener("pointermove", at);
    this.canvas.addEventListener("pointerdown", at);
  }

  // share is null where the plane is none of the space (by t-SNE); `stale` says of which update it is,
  // if that is not the present one.
  set({ name, share, alike }, [xs, ys], stale) {
    Object.assign(this, { xs, ys });
    // The square around all points.
    const ends = [xs, ys].map((v) => [Math.min(...v), Math.max(...v)]);
    this.middle = ends.map(([low, high]) => (low + high) / 2);
    this.reach = 0.54 * Math.max(1e-9, ...ends.map(([low, high]) => high - low));
    this.name.textContent = name[0].toUpperCase() + name.slice(1);
    const percent = (v) => `${Math.round(100 * v)}\u00a0%`;
    const held = share === null ? "" : `, variance: ${percent(share)}`;
    this.caption.textContent = `neighbours alike: ${percent(alike)}${held}${stale ? `; ${stale}` : ""}`;
    const plane = share === null ? "on the plane near neighbours stay near (t-SNE)" : `the plane holds ${percent(share)} of the variance`;
    const words = `${percent(alike)} of the digits have one of their own kind as nearest neighbour in this layer; ${plane}.`;
    this.caption.title = words;
    this.canvas.setAttribute("aria-label", `${this.name.textContent}: ${xs.length} digits as points of a plane; ${words}`);
  }

  place(i) {
    const half = this.side / 2;
    const [x, y] = [this.xs[i] - this.middle[0], this.ys[i] - this.middle[1]];
    return [half + (x / this.reach) * half, half - (y / this.reach) * half];
  }

  nearest(px, py) {
    let best = null, least = LM_NEAR;
    for (let i = 0; i < (this.xs?.length ?? 0); i += 1) {
      const [x, y] = this.place(i), far = Math.hypot(x - px, y - py);
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  draw(side, [labels, predicted], chosen) {
    this.side = side;
    const context = sharpCanvas(this.canvas, side, side);
    context.fillStyle = hue("zero");
    context.fillRect(0, 0, side, side);
    Object.assign(context, { font: `600 10px ${jupyterColour("--jp-ui-font-family", "sans-serif")}`, textAlign: "center", textBaseline: "middle" });
    const colours = Array.from({ length: Math.max(...labels) + 1 }, (_, c) => runColour(c));
    labels.forEach((label, i) => {
      const [x, y] = this.place(i);
      context.fillStyle = colours[label];
      context.fillText(String(label), x, y);
      if (predicted[i] !== label) this.ring(context, x, y, 6.5, hue("muted"), 1);
    });
    if (chosen === null) return;
    const [x, y] = this.place(chosen);
    context.fillStyle = hue("zero");
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.fill();
    this.ring(context, x, y, 10, hue("validation"), 3);
    Object.assign(context, { fillStyle: hue("ink"), font: `700 13px ${jupyterColour("--jp-ui-font-family", "sans-serif")}` });
    context.fillText(String(labels[chosen]), x, y);
  }

  ring(context, x, y, radius, colour, width) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

// The digit that is looked at: its image, and what is known of it.
class LookedAt {
  constructor(parent, below) {
    this.canvas = make("canvas", { role: "img", class: "nnlib-digit" });
    this.words = make("p", { role: "status", "aria-live": "polite" });
    parent.append(this.canvas, make("div", {}, this.words, below));
  }

  show(chosen, pixels, digits) {
    const context = sharpCanvas(this.canvas, LM_DIGIT, LM_DIGIT);
    if (chosen === null || !digits) {
      this.canvas.setAttribute("aria-label", "No digit is looked at.");
      this.say("Point at a digit: it is marked in every layer. By keyboard: the arrow keys, on the planes.");
      return;
    }
    const [label, predicted, row] = digits.map((list) => list[chosen]);
    if (pixels) drawDigit(context, pixels[chosen], 0, 0, LM_DIGIT);
    this.canvas.setAttribute("aria-label", `The image of a ${label}`);
    this.say(`A ${label}, ${predicted === label ? "read correctly" : `read as ${predicted}`}. Row ${row.toLocaleString("en")} of the validation set.`);
  }

  // Frames come often; what has not changed must not be read out again.
  say(text) {
    if (this.words.textContent !== text) this.words.textContent = text;
  }
}

function layerMapViews(parent, tools) {
  const { model, send } = tools, root = parent.closest(".nnlib-lab");
  const goal = goalBox(parent);
  const bar = make("div", { class: "nnlib-runs" });
  const rewind = rewindSlider(bar, send);
  const row = make("div", {
    class: "nnlib-layer-maps", tabindex: "0", role: "group", "data-essential": "picture",
    "aria-label": "The planes of all layers. Left and right go from digit to digit, up and down from class to class.",
  });
  row.dataset.lmSuppressShortcuts = "true";
  const looking = make("div", { class: "nnlib-looked-at" });
  const foot = make("div", { class: "nnlib-layer-foot" }, looking);
  parent.append(make("div", { class: "nnlib-layer-map" }, row, foot));
  const lookedAt = new LookedAt(looking, bar);
  const below = make("div");
  parent.append(below);
  const curve = make("div", { class: "nnlib-layer-curve" });
  foot.append(curve);
  const chart = new Chart(curve, { ...CHARTS[0], height: (width) => between(LM_CURVE, 0.2 * width, 220), table: below });
  chart.box.dataset.essential = "curve";
  const stopWhose = whoseCode(below, model);
  const copy = copySettings(below, "LayerMap.from_settings(text, network, X, target, validation=…)");
  let planes = [], digits = null, pixels = null, chosen = null;

  const draw = () => {
    if (!digits || !planes.length) return;
    const width = row.clientWidth;
    const across = Math.max(1, Math.min(planes.length, Math.floor((width + LM_GAP) / (LM_LEAST + LM_GAP))));
    const most = width >= LM_WIDE ? LM_LARGE : model.get("problem") ? LM_STOPPED : LM_MOST;
    const side = Math.max(120, Math.min(most, Math.floor((width + LM_GAP) / across) - LM_GAP));
    planes.forEach((plane) => plane.draw(side, digits, chosen));
    lookedAt.show(chosen, pixels, digits);
    root.dataset.chosen = chosen ?? "";
  };
  const look = (i) => {
    if (i === null || i === chosen) return;
    chosen = i;
    draw();
  };
  // From class to class: to the first digit of the next.
  const otherClass = (way) => {
    const labels = digits[0], n = labels.length;
    let i = chosen;
    while (i >= 0 && i < n && labels[i] === labels[chosen]) i += way;
    if (i < 0 || i >= n) return chosen;
    while (i > 0 && labels[i - 1] === labels[i]) i -= 1;
    return i;
  };
  row.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !digits || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const n = digits[0].length;
    if (chosen === null) look(0);
    else if (["ArrowUp", "ArrowDown"].includes(event.key)) look(otherClass(step));
    else look((chosen + step + n) % n);
  });
  const resizer = new ResizeObserver(draw);
  resizer.observe(row);

  return {
    receive(values, arrays) {
      goal.show(values.goal);
      rewind.show(values);
      if (planes.length !== values.maps.length) {
        row.replaceChildren();
        planes = values.maps.map(() => new LayerPlane(row, look));
      }
      digits = arrays.digits;
      pixels = arrays.pixels ?? pixels;
      const of = values["maps of update"];
      const late = values["maps by"] === "t-SNE" || values.diverged !== null;
      const stale = late && of !== (values.update ?? 0) ? `update ${of.toLocaleString("en")}` : "";
      planes.forEach((plane, l) => plane.set(values.maps[l], arrays[`map ${l}`], stale));
      draw();
      Object.assign(chart, { marks: values.marks, at: values.rewound, end: values.length || null, diverged: values.diverged !== null });
      for (const [name, rows] of Object.entries(arrays)) if (name in chart.data) chart.set(name, rows);
      chart.draw();
      chart.describe(`${chart.label} over updates. ${values.summary}`);
      copy.show(values.settings);
      Object.assign(root.dataset, { mapsOf: of, mapsBy: values["maps by"], length: values.length, rewound: values.rewound ?? "" });
    },
    redraw() {
      chart.build();
      draw();
    },
    destroy() {
      resizer.disconnect();
      stopWhose();
      chart.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, layerMapViews) };
