// The blame lens: the pad, the network with the loss on its way back through it, and the formula
// of what is looked at.

// The side of the picture of the pixels, the height of an output's row, and the widths of the
// outputs and of the gaps, in CSS pixels; the most that a hidden layer's block takes up.
const BL_PIXELS = 224, BL_ROW = 22, BL_OUTPUTS = 92, BL_GAP = 44, BL_BLOCK = 196;
// How near the mouse must come to an edge, and how many times as large all of it may be on a large screen.
const BL_NEAR = 5, BL_LARGEST = 1.6;

// A number in little room: 0.99, −0.02, 4e−7.
function short(value) {
  if (value === 0 || Math.abs(value) >= 0.01) return readable(value, 2);
  return trueMinus(value.toExponential(0));
}

class BlameView {
  constructor(parent, { model, send }) {
    Object.assign(this, { root: parent.closest(".nnlib-lab"), model, send, at: null, rank: 0, column: 0 });
    this.canvas = make("canvas", {
      class: "nnlib-blame", tabindex: "0", role: "application", "aria-roledescription": "network",
      "data-essential": "network",
    });
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.scroll = make("div", { class: "nnlib-scroll" }, this.canvas);
    this.legend = make("p", { class: "nnlib-caption" });
    this.panel = make("div", { class: "nnlib-blame-panel", role: "status", "aria-live": "polite", "data-essential": "formula" });
    parent.append(this.scroll, this.legend, this.panel);
    const point = (event) => {
      const at = this.find(event.offsetX / this.scale, event.offsetY / this.scale);
      if (at) this.look(at);
    };
    this.scale = 1;
    this.resizer = new ResizeObserver(() => this.values && this.fit() && this.draw());
    this.resizer.observe(this.scroll);
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  receive(values, arrays) {
    Object.assign(this, { values, arrays });
    this.lay();
    this.draw();
    const { lines } = values, known = values.looked && lines.length;
    const begin = values.stage ? "Point" : "Press Why? and the loss flows back. Then point";
    const shown = known ? lines : [values.blamed
      ? `${begin} at a pixel, a neuron or an edge: here is its number and the formula. By keyboard: left and right from layer to layer, up and down by size.`
      : "Draw a digit and say what it is, or choose one; then press Why?"];
    this.panel.dataset.known = Boolean(known);
    const text = shown.join("\n");
    if (text !== this.text) this.panel.replaceChildren(...shown.map((line) => make("p", { text: line })));
    this.text = text;
  }

  // Where everything stands: from the pixels on the left to the outputs on the right.
  lay() {
    const { widths } = this.values, hidden = widths.slice(1, -1);
    if (this.laid === widths.join()) return;
    this.laid = widths.join();
    const height = Math.max(BL_PIXELS, widths[widths.length - 1] * BL_ROW) + 18;
    this.blocks = [{ x: 1, y: (height - BL_PIXELS) / 2 + 8, cell: BL_PIXELS / LIMITS.digit_side, across: LIMITS.digit_side, n: widths[0] }];
    let x = BL_PIXELS + BL_GAP;
    for (const n of hidden) {
      const across = Math.ceil(Math.sqrt(n / 1.6)), down = Math.ceil(n / across);
      const cell = Math.min(14, BL_BLOCK / across, BL_PIXELS / down);
      this.blocks.push({ x, y: (height - down * cell) / 2 + 8, cell, across, n });
      x += across * cell + BL_GAP;
    }
    const n = widths[widths.length - 1];
    this.blocks.push({ x, y: (height - n * BL_ROW) / 2 + 8, cell: BL_ROW, across: 1, n });
    Object.assign(this, { width: x + BL_OUTPUTS, height });
    this.fit();
  }

  // Fill a wide room; in one that is too narrow it can be scrolled. Return whether that changed.
  fit() {
    const before = this.scale, room = this.scroll.clientWidth - 6;
    if (room > 0) this.scale = Math.max(1, Math.min(BL_LARGEST, room / this.width));
    return this.scale !== before;
  }

  middle(l, j) {
    const { x, y, cell, across } = this.blocks[l];
    return [x + ((j % across) + 0.5) * cell, y + (Math.floor(j / across) + 0.5) * cell];
  }

  // Has the loss come back to layer l? Then so have the gradients of the weights into it.
  reached(l) {
    return this.values.blamed && this.values.stage > this.values.last - 1 - l;
  }

  edges(l) {
    const edges = this.reached(l) ? this.arrays[`edges ${l}`] : null;
    return edges ? Array.from(edges[0], (i, k) => ({ l, i, j: edges[1][k], g: edges[2][k] })) : [];
  }

  draw() {
    const { scale } = this, signed = signedScale();
    const context = sharpCanvas(this.canvas, Math.floor(scale * this.width), Math.floor(scale * this.height));
    context.scale(scale, scale);
    context.imageSmoothingEnabled = false;
    this.canvas.dataset.scale = scale; // for those who look from outside
    const { arrays } = this, last = this.blocks.length - 1;
    const family = jupyterColour("--jp-ui-font-family", "sans-serif"), font = (size) => `${size}px ${family}`;
    const ink = jupyterColour("--jp-ui-font-color1", "#222222");
    this.blocks.forEach((block, l) => {
      const blame = this.reached(l) ? arrays[`blame ${l}`]?.[0] : null;
      const shown = blame ?? (l === 0 ? null : arrays[`layer ${l}`]?.[0]);
      const largest = shown ? Math.max(1e-30, ...shown.map(Math.abs)) : 1;
      Object.assign(context, { fillStyle: ink, font: font(12), textAlign: "left", textBaseline: "top" });
      const names = l === 0 ? ["pixels: ink", "pixels: ∂C/∂a"] : l === last ? ["output a", "output δ"] : [`layer ${l}: a`, `layer ${l}: δ`];
      context.fillText(names[blame ? 1 : 0], block.x, 0);
      if (l === last) this.drawOutputs(context, block, shown, blame, largest, font, ink, signed);
      else if (l) this.drawNeurons(context, block, (j) => signed(shown ? shown[j] / largest : 0));
      else this.drawPixels(context, block, blame && ((j) => signed(blame[j] / largest)));
    });
    this.drawEdges(context);
    this.mark(context);
    this.say();
  }

  // The digit, or under it the blame of each pixel: then its ink is in small squares.
  drawPixels(context, block, colour) {
    const { image } = this.arrays, side = block.across, [paper, ink] = ["zero", "ink"].map((name) => rgb(hue(name)));
    const inkOf = (j) => (image ? image[Math.floor(j / side)][j % side] : 0);
    context.drawImage(imageOf(side, colour ?? ((j) => mix(paper, ink, inkOf(j)))), block.x, block.y, BL_PIXELS, BL_PIXELS);
    if (colour) {
      const inset = block.cell * 0.34, size = block.cell - 2 * inset;
      context.fillStyle = hue("ink");
      for (let j = 0; j < block.n; j += 1) {
        if (inkOf(j) <= 0.1) continue;
        context.globalAlpha = 0.55 * inkOf(j);
        context.fillRect(block.x + (j % side) * block.cell + inset, block.y + Math.floor(j / side) * block.cell + inset, size, size);
      }
      context.globalAlpha = 1;
    }
    Object.assign(context, { strokeStyle: hue("muted"), lineWidth: 1 });
    context.strokeRect(block.x, block.y, BL_PIXELS, BL_PIXELS);
  }

  // The neurons of a hidden layer as one image, then cut apart: a thousand squares, one by one, take long.
  drawNeurons(context, { x, y, cell, across, n }, colour) {
    const down = Math.ceil(n / across), width = across * cell, height = down * cell;
    context.drawImage(imageOf(across, (j) => (j < n ? colour(j) : [0, 0, 0]), down), x, y, width, height);
    for (let i = 1; i <= across; i += 1) context.clearRect(x + i * cell - 1, y, 1, height);
    for (let i = 1; i <= down; i += 1) context.clearRect(x, y + i * cell - 1, width, 1);
    const left = n - (down - 1) * across;
    context.clearRect(x + left * cell - 1, y + height - cell, width - left * cell + 1, cell);
  }

  drawEdges(context) {
    const last = this.blocks.length - 1;
    this.drawn = [];
    for (let l = 1; l <= last; l += 1) {
      const edges = this.edges(l), most = Math.max(1e-30, ...edges.map(({ g }) => Math.abs(g)));
      for (const edge of [...edges].reverse()) {
        const [x1, y1] = this.middle(l - 1, edge.i), [x2, y2] = this.middle(l, edge.j), size = Math.abs(edge.g) / most;
        Object.assign(context, { strokeStyle: hue(edge.g < 0 ? "negative" : "positive"), lineWidth: 0.5 + 2.5 * size, globalAlpha: 0.25 + 0.75 * size });
        context.setLineDash(edge.g < 0 ? [5, 3] : []);
        context.beginPath();
        context.moveTo(x1, y1);
        context.lineTo(l === last ? x2 - BL_ROW / 2 : x2, y2);
        context.stroke();
        this.drawn.push({ ...edge, from: [x1, y1], to: [x2, y2] });
      }
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  drawOutputs(context, block, shown, blame, largest, font, ink, signed) {
    const { values } = this;
    for (let j = 0; j < block.n; j += 1) {
      const y = block.y + j * BL_ROW;
      const value = shown?.[j];
      context.fillStyle = asCss(signed(value === undefined ? 0 : value / (blame ? largest : Math.max(1, largest))));
      context.fillRect(block.x, y + 1, BL_ROW - 2, BL_ROW - 2);
      Object.assign(context, { strokeStyle: hue("muted"), lineWidth: 1 });
      context.strokeRect(block.x + 0.5, y + 1.5, BL_ROW - 3, BL_ROW - 3);
      Object.assign(context, { font: `${values.reads === j ? "700 " : ""}${font(12)}`, textBaseline: "middle", textAlign: "left", fillStyle: ink });
      const number = value === undefined ? "" : blame || !values.probability ? short(value) : `${(100 * value).toFixed(value < 0.9995 ? 1 : 0)} %`;
      context.fillText(`${j}${values.target === j ? " ✓" : ""}`, block.x + BL_ROW + 3, y + BL_ROW / 2);
      context.textAlign = "right";
      context.fillText(number, block.x + BL_OUTPUTS - 2, y + BL_ROW / 2);
    }
  }

  // A ring around what is looked at.
  mark(context) {
    const at = this.at;
    if (!at) return;
    Object.assign(context, { strokeStyle: hue("halo"), lineWidth: 4, lineCap: "round" });
    const outline = (width, colour) => {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      if (at.i !== undefined) {
        context.moveTo(...this.middle(at.l - 1, at.i));
        context.lineTo(...this.middle(at.l, at.j));
      } else {
        const { cell } = this.blocks[at.l], [x, y] = this.middle(at.l, at.j), half = cell / 2 + 2;
        context.rect(x - half, y - half, 2 * half, 2 * half);
      }
      context.stroke();
    };
    outline(5, hue("halo"));
    outline(2, hue("ink"));
  }

  say() {
    const { values } = this, parts = [];
    for (let l = this.blocks.length - 1; l >= 1; l -= 1) {
      const drawn = this.edges(l).length;
      if (drawn) parts.push(`${drawn} of ${values.edges[l - 1].toLocaleString("en")} weights into ${l === this.blocks.length - 1 ? "the outputs" : `layer ${l}`}`);
    }
    const legend = parts.length
      ? `Drawn: the strongest ${parts.join(", ")}; the others are not drawn. Blue, solid: C rises with it; orange, dashed: C falls.`
      : "Blue is above 0, orange below.";
    if (this.legend.textContent !== legend) this.legend.textContent = legend;
    const far = values.blamed ? `The loss has flowed back through ${values.stage} of ${values.last} stages.` : "No loss yet.";
    this.canvas.setAttribute("aria-label", `The network, from the pixels to the outputs. ${far} ${legend} Arrow keys: left and right from layer to layer, up and down by size.`);
    Object.assign(this.root.dataset, { stage: values.stage, edges: this.drawn.length, looked: values.looked });
  }

  find(px, py) {
    for (let l = this.blocks.length - 1; l >= 0; l -= 1) {
      const { x, y, cell, across, n } = this.blocks[l], last = l === this.blocks.length - 1;
      const column = last && px >= x && px < x + BL_OUTPUTS ? 0 : Math.floor((px - x) / cell), line = Math.floor((py - y) / cell);
      if (column < 0 || column >= across || line < 0) continue;
      const j = line * across + column;
      if (j < n) return { l, j };
    }
    let best = null, least = BL_NEAR;
    for (const { l, i, j, from, to } of this.drawn ?? []) {
      const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
      const along = Math.min(1, Math.max(0, ((px - from[0]) * dx + (py - from[1]) * dy) / (dx * dx + dy * dy)));
      const far = Math.hypot(px - from[0] - along * dx, py - from[1] - along * dy);
      if (far < least) [best, least] = [{ l, i, j }, far];
    }
    return best;
  }

  look(at) {
    const name = at.i === undefined ? `n-${at.l}-${at.j}` : `w-${at.l}-${at.i}-${at.j}`;
    if (name === this.asked) return;
    this.at = at;
    this.asked = name;
    if (this.values) this.draw();
    this.send("look", { at: name });
  }

  // The columns for the keyboard: pixels, edges, neurons, edges, …, outputs; in each the largest first.
  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || !this.values?.blamed || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const last = 2 * (this.blocks.length - 1);
    this.column = this.at ? Math.min(last, Math.max(0, this.column + step[0])) : last;
    if (step[0]) this.rank = 0;
    const list = this.inOrder(this.column);
    this.rank = Math.min(list.length - 1, Math.max(0, this.at ? this.rank + step[1] : 0));
    if (list[this.rank]) this.look(list[this.rank]);
  }

  inOrder(column) {
    const l = Math.ceil(column / 2);
    if (column % 2) return this.edges(l).map(({ i, j }) => ({ l, i, j }));
    const blame = this.arrays[`blame ${l}`][0];
    return Array.from(blame.keys()).sort((a, b) => Math.abs(blame[b]) - Math.abs(blame[a])).map((j) => ({ l, j }));
  }
}

function blameViews(parent, { model, send, heading }) {
  const root = parent.closest(".nnlib-lab");
  const reset = root.querySelector('button[data-command="reset"]');
  reset.title = "Restore the network's first weights.";
  const command = (name, text, help) => {
    const element = make("button", { type: "button", title: help, text, "data-command": name });
    element.addEventListener("click", () => send(name));
    return element;
  };
  reset.before(
    command("why", "Why?", "Let the loss flow back from the answer, layer by layer, to the pixels."),
    command("learn", "One step of gradient descent", "Train on this digit alone, once: x ← x − α∇C."),
  );
  const left = make("div", { class: "nnlib-pad-left" }), right = make("div", { class: "nnlib-blame-right" });
  parent.append(make("div", { class: "nnlib-pad-room nnlib-blame-room" }, left, right));
  const pad = new DigitPadView(left, { model, send });
  const id = uniqueId("truth");
  const truth = make("select", { id });
  for (const answer of ["?", ..."0123456789"]) truth.append(make("option", { value: answer, text: answer }));
  truth.addEventListener("change", () => setTrait(model, "truth", truth.value));
  const refused = make("p", { class: "nnlib-pad-refused", role: "alert" });
  left.append(make("div", { class: "nnlib-field", title: "The correct answer." }, make("label", { for: id, text: "It is really a" }), truth), refused);
  const view = new BlameView(right, { model, send });
  const stopWhose = whoseCode(heading ?? right, model);
  const penChanged = () => pad.draw();
  model.on("change:pen", penChanged);
  let latest = null;
  return {
    receive(values, arrays) {
      latest = [values, arrays];
      pad.receive(values, arrays);
      view.receive(values, arrays);
      truth.value = values.target === null ? "?" : String(values.target);
      if (refused.textContent !== values.refused) refused.textContent = values.refused;
      Object.assign(root.dataset, {
        reads: values.reads ?? "", strokes: values.strokes.length, source: values.source, target: values.target ?? "",
        heard: (values.heard[pad.view] ?? 0) >= pad.number,
      });
    },
    redraw() {
      if (!latest) return;
      pad.draw();
      view.draw();
    },
    destroy() {
      model.off("change:pen", penChanged);
      view.resizer.disconnect();
      stopWhose();
    },
  };
}

export default { render: (context) => renderLab(context, blameViews) };
