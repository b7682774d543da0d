// The playground: the network with a picture in each neuron, its layers in a table, the goal;
// beside the plane (painting.js) and the curves (curves.js).

// The largest side of a neuron's picture and the gap below it; the least height of the network,
// in pixels.
const NEURON_SIZE = 34, NEURON_GAP = 8, NETWORK_HEIGHT = 206;

// The network from left to right: the inputs, each hidden neuron as the picture of what it
// does over the plane, the outputs; an edge is as wide as its weight, dashed if negative.
// Hover or focus reads out weights and biases; a hidden neuron pressed is shown in the plane.
class NetworkView {
  constructor(parent, { model }) {
    Object.assign(this, { model, parent, picked: null, focus: [1, 0, -1], size: NEURON_SIZE, gap: NEURON_GAP, most: 300 });
    this.canvas = make("canvas", { class: "nnlib-network", tabindex: 0, role: "application", "aria-roledescription": "network", "data-essential": "network" });
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.said = make("p", { class: "nnlib-caption nnlib-reading", role: "status", "aria-live": "polite" });
    parent.append(this.canvas, this.said);
    this.canvas.addEventListener("pointermove", (event) => this.pick(this.under(event)));
    this.canvas.addEventListener("pointerleave", () => this.pick(null));
    this.canvas.addEventListener("click", (event) => {
      const under = this.under(event);
      if (under?.kind === "neuron") this.show(under);
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("focus", () => this.canvas.matches(":focus-visible") && this.pickFocus());
    this.canvas.addEventListener("blur", () => this.pick(null));
  }

  receive(values, arrays, draw) {
    const grown = values.layers.join() !== this.layers?.join();
    Object.assign(this, { layers: values.layers, arrays });
    if (!draw && !grown) return;
    this.canvas.setAttribute("aria-label",
      `The network ${values.layers.join("-")}: the activation of each hidden neuron over the plane; blue is positive, orange negative. ` +
      "Arrow keys go from neuron to neuron, Page Up and Page Down through the weights into it, Enter shows it in the plane.");
    this.draw();
  }

  // The places of all neurons: columns[layer][number] = [x, y]. Many in a layer are drawn
  // smaller, so that the network is no taller than the plane beside it.
  lay(width) {
    const { layers } = this, tallest = Math.max(...layers);
    const cell = Math.min(NEURON_SIZE + NEURON_GAP, (this.most - NEURON_GAP) / tallest);
    this.gap = Math.min(NEURON_GAP, 0.2 * cell);
    this.size = cell - this.gap;
    const height = Math.max(NETWORK_HEIGHT, tallest * cell + NEURON_GAP);
    this.columns = layers.map((n, l) => {
      const x = NEURON_SIZE + (l * (width - 2 * NEURON_SIZE)) / (layers.length - 1);
      const top = (height - n * cell + this.gap) / 2 + this.size / 2;
      return Array.from({ length: n }, (_, i) => [x, top + i * cell]);
    });
    return sharpCanvas(this.canvas, width, height);
  }

  draw() {
    if (!this.layers) return;
    const { layers, arrays } = this;
    this.width = this.parent.clientWidth || this.width || 480;
    const context = this.lay(Math.max(260, this.width)), { size } = this;
    const picked = this.picked;
    for (let l = 1; l < layers.length; l += 1) {
      const W = arrays[`W${l}`];
      const largest = Math.max(1e-9, ...W.map((row) => Math.max(...row.map(Math.abs))));
      W.forEach((row, i) => row.forEach((w, j) => this.drawEdge(context, l, i, j, w, largest)));
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
    if (picked?.kind === "edge") this.drawPicked(context, picked);
    const n = arrays.neurons.length ? Math.round(Math.sqrt(arrays.neurons[0].length)) : 0;
    const signed = signedScale(), shown = this.model.get("shown");
    let neuron = 0;
    this.columns.forEach((column, l) => column.forEach(([x, y], i) => {
      const left = x - size / 2, top = y - size / 2;
      const ink = jupyterColour("--jp-ui-font-color1", "#222222");
      if (l > 0 && l < layers.length - 1) {
        const map = arrays.neurons[neuron];
        const reach = Math.max(1e-9, ...map.map(Math.abs));
        context.drawImage(imageOf(n, (k) => signed(map[k] / reach)), left, top, size, size);
        neuron += 1;
      } else {
        context.fillStyle = l === 0 ? jupyterColour("--jp-layout-color2", "#eeeeee") : CLASS_COLOURS[i % CLASS_COLOURS.length];
        context.fillRect(left, top, size, size);
        context.fillStyle = l === 0 ? ink : "#FFFFFF";
        context.font = `${Math.min(12, Math.round(0.8 * size))}px sans-serif`;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.fillText(l === 0 ? `x${"₁₂"[i]}` : `${i}`, x, y);
      }
      const marked = picked?.kind === "neuron" && picked.layer === l && picked.to === i;
      const large = shown.length === 2 && shown[0] === l && shown[1] === i;
      context.strokeStyle = marked || large ? jupyterColour("--jp-brand-color1", "#1976d2") : ink;
      context.lineWidth = marked || large ? 3 : 1;
      context.strokeRect(left, top, size, size);
    }));
  }

  edge(l, i, j) {
    const [x, y] = this.columns[l - 1][i], [u, v] = this.columns[l][j];
    return [x, y, (x + u) / 2, y, (x + u) / 2, v, u, v];
  }

  drawEdge(context, l, i, j, w, largest) {
    const [x, y, ...curve] = this.edge(l, i, j);
    context.strokeStyle = hue(w < 0 ? "negative" : "positive");
    context.globalAlpha = 0.25 + (0.75 * Math.abs(w)) / largest;
    context.lineWidth = 0.4 + (3.6 * Math.abs(w)) / largest;
    context.setLineDash(w < 0 ? [5, 3] : []);
    context.beginPath();
    context.moveTo(x, y);
    context.bezierCurveTo(...curve);
    context.stroke();
  }

  drawPicked(context, { layer, from, to }) {
    const [x, y, ...curve] = this.edge(layer, from, to);
    const w = this.arrays[`W${layer}`][from][to];
    for (const [colour, width] of [[hue("halo"), 9], [hue(w < 0 ? "negative" : "positive"), 3]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      context.moveTo(x, y);
      context.bezierCurveTo(...curve);
      context.stroke();
    }
  }

  // What lies under the pointer: a neuron, or the nearest edge within a few pixels.
  under(event) {
    if (!this.columns) return null;
    const box = this.canvas.getBoundingClientRect();
    const px = event.clientX - box.left, py = event.clientY - box.top;
    for (const [l, column] of this.columns.entries()) {
      for (const [i, [x, y]] of column.entries()) {
        if (Math.max(Math.abs(px - x), Math.abs(py - y)) <= this.size / 2) return { kind: "neuron", layer: l, to: i };
      }
    }
    let best = null, nearest = 6;
    for (let l = 1; l < this.layers.length; l += 1) {
      const left = this.columns[l - 1][0][0], right = this.columns[l][0][0];
      if (px < left || px > right) continue;
      const t = this.parameterAt((px - left) / (right - left));
      for (let i = 0; i < this.layers[l - 1]; i += 1) {
        for (let j = 0; j < this.layers[l]; j += 1) {
          const y = this.columns[l - 1][i][1], v = this.columns[l][j][1];
          const distance = Math.abs(py - (y + (v - y) * (3 * t * t - 2 * t * t * t)));
          if (distance < nearest) [nearest, best] = [distance, { kind: "edge", layer: l, from: i, to: j }];
        }
      }
    }
    return best;
  }

  // The t at which the curve of an edge has come the share x of its way to the right:
  // x(t) = 1.5 t − 1.5 t² + t³, which rises throughout; by halving.
  parameterAt(x) {
    let low = 0, high = 1;
    for (let i = 0; i < 20; i += 1) {
      const t = (low + high) / 2;
      if (1.5 * t - 1.5 * t * t + t * t * t < x) low = t;
      else high = t;
    }
    return low;
  }

  pick(picked) {
    if (JSON.stringify(picked) === JSON.stringify(this.picked)) return;
    this.picked = picked;
    this.said.textContent = picked ? this.describe(picked) : "";
    this.canvas.style.cursor = picked?.kind === "neuron" && this.isHidden(picked) ? "pointer" : "";
    this.draw();
  }

  isHidden({ layer }) {
    return layer > 0 && layer < this.layers.length - 1;
  }

  neuronName(layer, i) {
    if (layer === 0) return `input x${"₁₂"[i]}`;
    if (layer === this.layers.length - 1) return `the output for class ${i}`;
    return `neuron ${i + 1} of layer ${layer}`;
  }

  describe({ kind, layer, from, to }) {
    if (kind === "edge") {
      return `Weight ${readable(this.arrays[`W${layer}`][from][to])} of layer ${layer}, from ${this.neuronName(layer - 1, from)} to ${this.neuronName(layer, to)}.`;
    }
    const name = this.neuronName(layer, to);
    if (layer === 0) return `${name[0].toUpperCase()}${name.slice(1)}.`;
    const weights = this.arrays[`W${layer}`].map((row) => readable(row[to])).join(", ");
    return `${name[0].toUpperCase()}${name.slice(1)}: bias ${readable(this.arrays[`b${layer}`][0][to])}; weights into it ${weights}.` +
      (this.isHidden({ layer }) ? " A click or Enter shows it in the plane; again, the network's decision." : "");
  }

  pickFocus() {
    const last = this.layers.length - 1;
    const layer = Math.min(this.focus[0], last), to = Math.min(this.focus[1], this.layers[layer] - 1);
    const from = layer ? Math.min(this.focus[2], this.layers[layer - 1] - 1) : -1;
    this.focus = [layer, to, from];
    this.pick(from < 0 ? { kind: "neuron", layer, to } : { kind: "edge", layer, from, to });
  }

  key(event) {
    const [layer, to, from] = this.focus, last = this.layers.length - 1;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const n = this.layers[layer], edges = layer ? this.layers[layer - 1] : 0;
    const moves = {
      ArrowLeft: [Math.max(0, layer - 1), to, -1], ArrowRight: [Math.min(last, layer + 1), to, -1],
      ArrowUp: [layer, (to + n - 1) % n, -1], ArrowDown: [layer, (to + 1) % n, -1],
      PageDown: [layer, to, edges ? (from + 1) % edges : -1],
      PageUp: [layer, to, edges ? (Math.max(from, 0) + edges - 1) % edges : -1],
    };
    if (event.key in moves) {
      this.focus = moves[event.key];
      this.pickFocus();
    } else if (event.key === "Enter") {
      this.show({ layer, to });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // Show a hidden neuron in the plane, or the decision again if it is shown already.
  show({ layer, to }) {
    if (!this.isHidden({ layer })) return;
    const [l, i] = this.model.get("shown");
    this.model.set("shown", l === layer && i === to ? [] : [layer, to]);
    this.model.save_changes();
  }
}

// The buttons that add and take away layers and neurons.
function layerButtons(parent, model) {
  const draw = () => {
    const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.layers : null;
    parent.replaceChildren();
    const hidden = model.get("hidden");
    const set = (layers) => {
      model.set("hidden", layers);
      model.save_changes();
    };
    const layerButton = (text, name, help, allowed, layers) => {
      const element = make("button", { type: "button", "aria-label": name, title: help, text, "data-layers": name });
      element.dataset.lmSuppressShortcuts = "true";
      element.disabled = !allowed;
      element.addEventListener("click", () => set(layers));
      return element;
    };
    const group = (text, ...pair) =>
      parent.append(make("span", { class: "nnlib-option" }, make("span", { class: "nnlib-label", text }), ...pair));
    group(
      "Layers",
      layerButton("−", "Remove a layer", "Remove the last hidden layer.", hidden.length > 0, hidden.slice(0, -1)),
      layerButton("+", "Add a layer", "Add a hidden layer of four neurons.", hidden.length < LIMITS.layers, [...hidden, 4]),
    );
    hidden.forEach((n, l) => {
      const changed = (m) => hidden.map((old, k) => (k === l ? m : old));
      group(
        `Layer ${l + 1}: ${n}`,
        layerButton("−", `Remove a neuron of layer ${l + 1}`, "Remove one neuron.", n > 1, changed(n - 1)),
        layerButton("+", `Add a neuron to layer ${l + 1}`, "Add one neuron.", n < LIMITS.neurons, changed(n + 1)),
      );
    });
    if (focused) parent.querySelector(`[data-layers="${focused}"]:not(:disabled)`)?.focus();
  };
  draw();
  model.on("change:hidden", draw);
  return () => model.off("change:hidden", draw);
}

// The size of a gradient as a bar on a log scale, from 10⁻⁶ to 10².
const FAINTEST = -6, STRONGEST = 2;

function drawGradient(cell, norm, word) {
  if (!cell.firstChild) {
    const bar = make("span", { class: "nnlib-bar", "aria-hidden": "true" }, make("span"));
    cell.append(bar, make("span", { class: "nnlib-number" }), make("strong"));
  }
  const [bar, number, verdict] = cell.children;
  // What is no number any more comes as a word, inf or nan.
  const share = norm > 0 ? (Math.log10(norm) - FAINTEST) / (STRONGEST - FAINTEST) : Number(norm !== 0);
  bar.firstChild.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
  number.textContent = norm > 0 ? trueMinus(norm.toExponential(1)) : String(norm);
  verdict.textContent = word;
  cell.dataset.flow = word;
}

// A row a layer: its weights as a histogram, with that of the start as an outline, and how
// large its gradient is.
function drawLayers(body, values, arrays) {
  const norms = values["gradient norms"], deviations = values["weight deviations"];
  while (body.rows.length > norms.length) body.deleteRow(-1);
  norms.forEach((norm, i) => {
    if (!body.rows[i]) {
      const row = body.insertRow();
      row.append(make("th", { scope: "row" }), make("td", {}, make("canvas", { role: "img" })), make("td"), make("td"));
    }
    const [name, picture, deviation, gradient] = body.rows[i].cells;
    name.textContent = `W${"⁽"}${"⁰¹²³⁴⁵⁶⁷⁸⁹"[i + 1]}${"⁾"} ${values.layers[i]} × ${values.layers[i + 1]}`;
    deviation.textContent = readable(deviations[i], 2);
    drawGradient(gradient, norm, values["gradient flow"][i]);
    const canvas = picture.firstChild;
    const [centres, counts, before] = arrays[`histogram${i + 1}`];
    canvas.setAttribute("aria-label", `Histogram of the weights, from ${readable(centres[0], 2)} to ${readable(centres[centres.length - 1], 2)}; the line is their distribution at the start`);
    const context = sharpCanvas(canvas, 168, 34), highest = Math.max(...counts, ...before, 1);
    counts.forEach((count, b) => {
      context.fillStyle = hue(centres[b] < 0 ? "negative" : "positive");
      context.fillRect(b * 7, 34 - (32 * count) / highest, 6, (32 * count) / highest);
    });
    context.strokeStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    context.beginPath();
    before.forEach((count, b) => {
      const y = 33.5 - (32 * count) / highest;
      context[b ? "lineTo" : "moveTo"](b * 7, y);
      context.lineTo(b * 7 + 7, y);
    });
    context.stroke();
  });
}

function playgroundViews(parent, { model, send, heading }) {
  const buttons = make("div", { class: "nnlib-buttons", role: "group", "aria-label": "hidden layers" });
  const left = make("div", { class: "nnlib-left" }), right = make("div", { class: "nnlib-right" });
  const curvesRoom = make("div", { class: "nnlib-curves" }), below = make("div");
  const goal = goalBox(parent);
  const plane = new PlaneView(left, { model, send });
  const network = new NetworkView(right, { model });
  network.canvas.after(buttons);
  const stopWhose = whoseCode(heading, model);
  const body = make("tbody");
  const head = make("tr");
  const columns = {
    weights: "The weight matrix of a layer, and its shape.",
    histogram: "The distribution of the weights now; the line is their distribution at the start.",
    "s.d.": "The standard deviation of the weights.",
    "norm of the gradient": "‖∂C/∂W‖ of the latest update, its bar on a log scale from 10⁻⁶ to 10². " +
      `Vanishing: its typical entry is less than 1/${LIMITS.flow_ratio} of that in the last layer; ` +
      `exploding: more than ${LIMITS.flow_ratio} times that, or above ${LIMITS.flow_large}.`,
  };
  for (const [text, title] of Object.entries(columns)) head.append(make("th", { scope: "col", text, title }));
  const table = make("table", { class: "nnlib-layers" }, make("thead", {}, head), body);
  const grid = make("div", { class: "nnlib-playground" }, left, curvesRoom, right);
  parent.append(grid, scrollable("the table of the layers", table), below);
  const curves = curveViews(curvesRoom, { model, send, below });
  curvesRoom.after(curves.bar);
  const copy = copySettings(parent, "Playground.from_settings(text)");
  const stopButtons = model.get("locked").includes("hidden") ? () => {} : layerButtons(buttons, model);
  let latest = null;
  // While training runs at full speed the plane is drawn with every frame, the curves with every
  // second, and the network and the table with every third: more would take time from training.
  let turn = 0;
  const everything = () => model.get("state") !== "running" || model.get("pace") !== "full speed";
  const fit = () => {
    plane.fit(left.clientWidth);
    network.most = plane.height;
    network.draw();
  };
  const resizer = new ResizeObserver(fit);
  for (const column of [left, right]) resizer.observe(column);
  const draw = () => {
    plane.draw();
    network.draw();
    if (latest) drawLayers(body, latest.values, latest.arrays);
  };
  return {
    receive(values, arrays) {
      latest = { values, arrays };
      const root = parent.closest(".nnlib-lab");
      root.dataset.layers = values.layers.join("-");
      turn += 1;
      if (everything() || turn % 2 === 0) curves.receive(values, arrays);
      plane.receive(values, arrays);
      network.receive(values, arrays, everything() || turn % 3 === 0);
      if (everything() || turn % 3 === 0) drawLayers(body, values, arrays);
      goal.show(values.goal);
      copy.show(values.settings);
    },
    redraw() {
      curves.redraw();
      draw();
    },
    destroy() {
      stopButtons();
      stopWhose();
      plane.destroy();
      resizer.disconnect();
      curves.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, playgroundViews) };
