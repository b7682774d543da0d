// The playground: the plane with its points, the network with a picture in each neuron, and
// the curves.

const PLANE_SIZE = 300, PLANE_LIMIT = 1.2;

function drawPlane(canvas, points, boundary) {
  const context = sharpCanvas(canvas, PLANE_SIZE, PLANE_SIZE);
  const paper = isDark() ? [34, 34, 34] : [255, 255, 255];
  const colours = CLASS_COLOURS.map(rgb);
  const n = Math.round(Math.sqrt(boundary[0].length));
  const image = imageOf(n, (i) => {
    const sum = [0, 0, 0];
    boundary.forEach((p, c) => colours[c % colours.length].forEach((v, j) => (sum[j] += p[i] * v)));
    return mix(paper, sum, 0.5);
  });
  context.imageSmoothingEnabled = true;
  context.drawImage(image, 0, 0, PLANE_SIZE, PLANE_SIZE);
  const [x, y, label, validation] = points;
  const place = (v) => ((v / PLANE_LIMIT + 1) * PLANE_SIZE) / 2;
  for (let i = 0; i < x.length; i += 1) {
    drawPoint(context, place(x[i]), PLANE_SIZE - place(y[i]), label[i], validation[i] > 0);
  }
}

const NEURON_SIZE = 34, NEURON_GAP = 8;

// The network from left to right: the inputs, each hidden neuron as the picture of what it
// does over the plane, the outputs; an edge is as wide as its weight, dashed if negative.
function drawNetwork(canvas, width, layers, arrays) {
  const tallest = Math.max(...layers);
  const height = tallest * (NEURON_SIZE + NEURON_GAP) + NEURON_GAP;
  const context = sharpCanvas(canvas, width, height);
  const columns = layers.map((n, l) => {
    const x = NEURON_SIZE + (l * (width - 2 * NEURON_SIZE)) / (layers.length - 1);
    const top = (height - n * (NEURON_SIZE + NEURON_GAP) + NEURON_GAP) / 2 + NEURON_SIZE / 2;
    return Array.from({ length: n }, (_, i) => [x, top + i * (NEURON_SIZE + NEURON_GAP)]);
  });
  const positive = hue("positive"), negative = hue("negative");
  for (let l = 1; l < layers.length; l += 1) {
    const W = arrays[`W${l}`];
    const largest = Math.max(1e-9, ...W.map((row) => Math.max(...row.map(Math.abs))));
    W.forEach((row, i) => row.forEach((w, j) => {
      const [x, y] = columns[l - 1][i], [u, v] = columns[l][j];
      context.strokeStyle = w < 0 ? negative : positive;
      context.globalAlpha = 0.25 + (0.75 * Math.abs(w)) / largest;
      context.lineWidth = 0.4 + (3.6 * Math.abs(w)) / largest;
      context.setLineDash(w < 0 ? [5, 3] : []);
      context.beginPath();
      context.moveTo(x, y);
      context.bezierCurveTo((x + u) / 2, y, (x + u) / 2, v, u, v);
      context.stroke();
    }));
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  const ink = jupyterColour("--jp-ui-font-color1", "#222222");
  const n = arrays.neurons.length ? Math.round(Math.sqrt(arrays.neurons[0].length)) : 0;
  const signed = signedScale();
  let neuron = 0;
  columns.forEach((column, l) => column.forEach(([x, y], i) => {
    const left = x - NEURON_SIZE / 2, top = y - NEURON_SIZE / 2;
    if (l > 0 && l < layers.length - 1) {
      const map = arrays.neurons[neuron];
      const reach = Math.max(1e-9, ...map.map(Math.abs));
      context.drawImage(imageOf(n, (k) => signed(map[k] / reach)), left, top, NEURON_SIZE, NEURON_SIZE);
      neuron += 1;
    } else {
      context.fillStyle = l === 0 ? jupyterColour("--jp-layout-color2", "#eeeeee") : CLASS_COLOURS[i % CLASS_COLOURS.length];
      context.fillRect(left, top, NEURON_SIZE, NEURON_SIZE);
      context.fillStyle = l === 0 ? ink : "#FFFFFF";
      context.font = "12px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(l === 0 ? `x${"₁₂"[i]}` : `${i}`, x, y);
    }
    context.strokeStyle = ink;
    context.lineWidth = 1;
    context.strokeRect(left, top, NEURON_SIZE, NEURON_SIZE);
  }));
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
      "Hidden layers",
      layerButton("−", "Remove a layer", "Take the last hidden layer away.", hidden.length > 0, hidden.slice(0, -1)),
      layerButton("+", "Add a layer", "Add a hidden layer of four neurons.", hidden.length < 5, [...hidden, 4]),
    );
    hidden.forEach((n, l) => {
      const changed = (m) => hidden.map((old, k) => (k === l ? m : old));
      group(
        `layer ${l + 1}: ${n}`,
        layerButton("−", `Remove a neuron of layer ${l + 1}`, "One neuron less.", n > 1, changed(n - 1)),
        layerButton("+", `Add a neuron to layer ${l + 1}`, "One neuron more.", n < 16, changed(n + 1)),
      );
    });
    if (focused) parent.querySelector(`[data-layers="${focused}"]:not(:disabled)`)?.focus();
  };
  draw();
  model.on("change:hidden", draw);
  return () => model.off("change:hidden", draw);
}

// A row a layer: its weights as a histogram, and how large its gradient is.
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
    gradient.textContent = norm > 0 ? norm.toExponential(1) : "0";
    const canvas = picture.firstChild;
    const [centres, counts] = arrays[`histogram${i + 1}`];
    canvas.setAttribute("aria-label", `Histogram of the weights, from ${readable(centres[0], 2)} to ${readable(centres[centres.length - 1], 2)}`);
    const context = sharpCanvas(canvas, 168, 34), highest = Math.max(...counts, 1);
    counts.forEach((count, b) => {
      context.fillStyle = hue(centres[b] < 0 ? "negative" : "positive");
      context.fillRect(b * 7, 34 - (33 * count) / highest, 6, (33 * count) / highest);
    });
  });
}

function playgroundViews(parent, { model, send }) {
  const plane = make("canvas", { role: "img", class: "nnlib-plane" });
  const network = make("canvas", { role: "img", class: "nnlib-network" });
  const buttons = make("div", { class: "nnlib-buttons", role: "group", "aria-label": "hidden layers" });
  const caption = make("p", { class: "nnlib-caption" });
  const left = make("div", {}, plane, caption);
  const stopWhose = whoseCode(left, model);
  const right = make("div", { class: "nnlib-right" }, buttons, network);
  const body = make("tbody");
  const head = make("tr");
  for (const text of ["weights", "histogram", "s.d.", "size of the gradient"]) head.append(make("th", { scope: "col", text }));
  const table = make("table", { class: "nnlib-layers" }, make("thead", {}, head), body);
  const copy = make("button", { type: "button", text: "Copy settings", title: "Copy all settings as text; Playground.from_settings(text) brings them back." });
  parent.append(make("div", { class: "nnlib-playground" }, left, right), table);
  const curvesRoom = make("div");
  const curves = curveViews(curvesRoom, { model });
  parent.append(curvesRoom, copy);
  const stopButtons = model.get("locked").includes("hidden") ? () => {} : layerButtons(buttons, model);
  let latest = null;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(latest?.values.settings ?? "");
    copy.textContent = "Copied";
  });
  // While training runs at full speed the plane is drawn with every frame, the network and the
  // table with each third: their hundreds of lines would take the time of the training.
  let turn = 0;
  const everything = () => model.get("state") !== "running" || model.get("pace") !== "full speed";
  const draw = (all = true) => {
    if (!latest) return;
    const { values, arrays } = latest;
    drawPlane(plane, arrays.points, arrays.boundary);
    if (!all) return;
    drawNetwork(network, Math.max(260, right.clientWidth || 480), values.layers, arrays);
    drawLayers(body, values, arrays);
  };
  const resizer = new ResizeObserver(() => draw());
  resizer.observe(right);
  return {
    receive(values, arrays) {
      latest = { values, arrays };
      const root = parent.closest(".nnlib-lab");
      root.dataset.layers = values.layers.join("-");
      turn += 1;
      if (everything() || turn % 2 === 0) curves.receive(values, arrays);
      draw(everything() || turn % 3 === 0);
      caption.textContent = "Filled marks are trained on, hollow ones are for validation.";
      plane.setAttribute("aria-label", `The plane: ${arrays.points[0].length} points of ${values.layers.at(-1)} classes and what the network decides. ${values.summary}`);
      network.setAttribute("aria-label", `The network ${values.layers.join("-")}: what each hidden neuron does over the plane; blue is positive, orange negative.`);
    },
    redraw() {
      curves.redraw();
      draw();
    },
    destroy() {
      stopButtons();
      stopWhose();
      resizer.disconnect();
      curves.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, playgroundViews) };
