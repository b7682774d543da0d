// The explorer: a chart of curves, a map over the plane, or both, which follow the sliders.

const EXPLORER_SIDE = 300, EXPLORER_MARGIN = { left: 52, top: 8, right: 12, bottom: 84 };

// Curves first, then the marks among them, each with the look of its place in this order.
function explorerCurves(values) {
  const look = (i) => ({ colour: () => runColour(i), dash: runDashes(i) });
  // A gap in a curve is a gap; and a slope is no staircase, as it is on whole pixels.
  const curves = values.curves.map((name, i) => ({ name, ...look(i), series: { spanGaps: false, pxAlign: 0 } }));
  const marks = values.points.map((name, i) => {
    const { colour } = look(curves.length + i);
    const points = { show: true, size: 10, stroke: colour, fill: colour };
    return { name, colour, series: { paths: () => null, points } };
  });
  return [...curves, ...marks];
}

class ExplorerMap {
  constructor(parent) {
    this.canvas = make("canvas", { role: "img", class: "nnlib-explorer-map" });
    parent.append(this.canvas);
  }

  set(values, arrays) {
    Object.assign(this, { values, arrays });
    this.draw();
  }

  place([x, y]) {
    const [[left, right], [low, high]] = this.values.limits;
    return [
      EXPLORER_MARGIN.left + ((x - left) / (right - left)) * EXPLORER_SIDE,
      EXPLORER_MARGIN.top + (1 - (y - low) / (high - low)) * EXPLORER_SIDE,
    ];
  }

  draw() {
    if (!this.values) return;
    const { left, top, right, bottom } = EXPLORER_MARGIN;
    const context = sharpCanvas(this.canvas, left + EXPLORER_SIDE + right, top + EXPLORER_SIDE + bottom);
    const [low, high] = this.values.heights, signed = signedScale();
    // From −1 at the low end of the heights to 1 at the high end, and a little faded, so
    // that points of the same hue stand out from it.
    const colour = (height) => mix(rgb(hue("zero")), signed((2 * (height - low)) / (high - low) - 1), 0.75);
    const heights = this.arrays.map[0], n = Math.round(Math.sqrt(heights.length));
    context.imageSmoothingEnabled = true;
    context.drawImage(imageOf(n, (i) => colour(heights[i])), left, top, EXPLORER_SIDE, EXPLORER_SIDE);
    context.save();
    context.beginPath();
    context.rect(left, top, EXPLORER_SIDE, EXPLORER_SIDE);
    context.clip();
    this.drawLevels(context);
    this.drawData(context);
    this.values.paths.forEach((name, i) => this.drawPath(context, this.arrays[`paths ${name}`], i));
    context.restore();
    this.drawAxes(context);
    this.drawScale(context, colour);
  }

  drawLevels(context) {
    const [x1, y1, x2, y2] = this.arrays.levels ?? [[], [], [], []];
    context.strokeStyle = hue("ink");
    context.lineWidth = 1.5;
    context.beginPath();
    for (let i = 0; i < x1.length; i += 1) {
      context.moveTo(...this.place([x1[i], y1[i]]));
      context.lineTo(...this.place([x2[i], y2[i]]));
    }
    context.stroke();
  }

  drawData(context) {
    const [x, y, label] = this.arrays.data ?? [[], [], []];
    for (let i = 0; i < x.length; i += 1) drawPoint(context, ...this.place([x[i], y[i]]), label[i], false);
  }

  drawPath(context, path, i) {
    if (!path) return;
    const [xs, ys] = path, paper = hue("zero");
    const pixels = Array.from(xs, (x, k) => this.place([x, ys[k]]));
    for (const [stroke, width, dash] of [[paper, 5, []], [runColour(i), 2, runDashes(i)]]) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.beginPath();
      pixels.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
    }
    context.setLineDash([]);
    context.fillStyle = runColour(i);
    context.strokeStyle = paper;
    context.beginPath();
    context.arc(...pixels[pixels.length - 1], 6, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  drawAxes(context) {
    const { left, top } = EXPLORER_MARGIN, [[x0, x1], [y0, y1]] = this.values.limits;
    const [across, up] = this.values.map_axes, below = top + EXPLORER_SIDE;
    context.strokeStyle = context.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    context.font = `12px ${jupyterColour("--jp-ui-font-family", "sans-serif")}`;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, EXPLORER_SIDE - 1, EXPLORER_SIDE - 1);
    const text = (v) => readable(v).replace("-", "−");
    for (const share of [0, 0.5, 1]) {
      context.textAlign = "center";
      context.textBaseline = "top";
      context.fillText(text(x0 + share * (x1 - x0)), left + share * EXPLORER_SIDE, below + 5);
      context.textAlign = "right";
      context.textBaseline = "middle";
      const y = Math.min(Math.max(below - share * EXPLORER_SIDE, top + 6), below - 6);
      context.fillText(text(y0 + share * (y1 - y0)), left - 6, y);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillText(across, left + 0.75 * EXPLORER_SIDE, below + 5);
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(up, left - 6, top + 0.25 * EXPLORER_SIDE);
  }

  // What the colours mean.
  drawScale(context, colour) {
    const { left, top } = EXPLORER_MARGIN, y = top + EXPLORER_SIDE + 38, [low, high] = this.values.heights;
    for (let i = 0; i < EXPLORER_SIDE; i += 1) {
      const [r, g, b] = colour(low + (i / EXPLORER_SIDE) * (high - low));
      context.fillStyle = `rgb(${r},${g},${b})`;
      context.fillRect(left + i, y, 1.5, 12);
    }
    context.strokeStyle = context.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
    context.strokeRect(left + 0.5, y + 0.5, EXPLORER_SIDE - 1, 12);
    context.textBaseline = "top";
    [["left", low], ["center", (low + high) / 2], ["right", high]].forEach(([align, value], i) => {
      context.textAlign = align;
      context.fillText(readable(value).replace("-", "−"), left + (i * EXPLORER_SIDE) / 2, y + 18);
    });
  }
}

function explorerViews(parent, { send }) {
  const root = parent.closest(".nnlib-lab");
  const reset = make("button", {
    type: "button", text: "Back to the start", title: "Put every control back to where it began.",
  });
  reset.addEventListener("click", () => send("reset"));
  root.querySelector(".nnlib-controls").append(reset);
  const chartRoom = make("div", { class: "nnlib-explorer-chart" });
  const mapRoom = make("div", { class: "nnlib-explorer-plane" });
  parent.append(make("div", { class: "nnlib-explorer" }, chartRoom, mapRoom));
  let chart = null, map = null, key = "", latest = null;

  // uPlot's curves are fixed once drawn, so other names are another chart.
  const build = (values) => {
    chart?.destroy();
    chartRoom.replaceChildren();
    const [over, label] = values.chart_axes;
    chart = new Chart(chartRoom, {
      label, over, height: 300, table: true, curves: explorerCurves(values),
      range: () => latest.y_range ?? [0, 1],
    });
    if (values.log) chart.setLog(true);
  };

  const drawChart = (values, arrays) => {
    const wanted = JSON.stringify([values.curves, values.points]);
    if (wanted !== key) {
      key = wanted;
      build(values);
    }
    for (const kind of ["curves", "points"]) {
      for (const name of values[kind]) {
        const rows = arrays[`${kind} ${name}`];
        chart.set(name, rows ? [rows[0], Array.from(rows[1], (y) => (Number.isFinite(y) ? y : null))] : null);
      }
    }
    chart.draw();
    chart.describe(`${values.curves.join(", ")} over ${values.chart_axes[0]}. ${values.summary}`);
  };

  return {
    receive(values, arrays) {
      latest = values;
      chartRoom.hidden = !values.curves.length;
      mapRoom.hidden = !arrays.map;
      if (values.curves.length) drawChart(values, arrays);
      if (arrays.map) {
        map ??= new ExplorerMap(mapRoom);
        map.set(values, arrays);
        map.canvas.setAttribute("aria-label", `Map over ${values.map_axes.join(" and ")}. ${values.summary}`);
      }
      // What was drawn, for whoever looks from outside.
      root.dataset.settings = JSON.stringify(values.settings);
      root.dataset.curves = values.curves.join("|");
      root.dataset.moves = Number(root.dataset.moves ?? -1) + 1;
    },
    redraw() {
      chart?.build();
      map?.draw();
    },
    destroy() {
      chart?.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, explorerViews) };
