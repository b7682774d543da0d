// The explorer: a chart of curves, a map over the plane, or both, which follow the sliders.

// The side of the map, in pixels; in a narrow room it is smaller.
const EXPLORER_SIDE = 300, EXPLORER_LEAST = 180;

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

class ExplorerMap extends PlaneCanvas {
  constructor(parent) {
    super(parent, { role: "img", class: "nnlib-explorer-map", "data-essential": "picture" });
    this.side = EXPLORER_SIDE;
    this.resizer = new ResizeObserver(([{ contentRect: { width } }]) => {
      const { left, right } = MAP_MARGIN;
      const side = Math.round(Math.max(EXPLORER_LEAST, Math.min(EXPLORER_SIDE, width - left - right)));
      if (!width || side === this.side) return;
      this.side = side;
      this.draw();
    });
    this.resizer.observe(parent.parentElement);
  }

  set(values, arrays) {
    Object.assign(this, { values, arrays, limits: values.limits });
    this.draw();
  }

  draw() {
    if (!this.values) return;
    const context = this.begin({ key: true });
    const [low, high] = this.values.heights, signed = signedScale();
    // From −1 at the low end of the heights to 1 at the high end, and a little faded, so
    // that points of the same hue stand out from it.
    const colour = (height) => mix(rgb(hue("zero")), signed((2 * (height - low)) / (high - low) - 1), 0.75);
    const heights = this.arrays.map[0], n = Math.round(Math.sqrt(heights.length));
    this.drawImage(context, imageOf(n, (i) => colour(heights[i])));
    this.within(context, () => {
      if (this.arrays.levels) this.drawContours(context, this.arrays.levels, hue("ink"), 1.5);
      this.drawData(context);
      this.values.paths.forEach((name, i) => this.drawWalk(context, this.arrays[`paths ${name}`], i));
    });
    this.drawAxes(context, this.values.map_axes);
    const shades = Array.from({ length: EXPLORER_SIDE }, (_, i) => colour(low + (i / EXPLORER_SIDE) * (high - low)));
    this.drawKey(context, shades, [low, (low + high) / 2, high].map((height) => readable(height)));
  }

  drawData(context) {
    const [x, y, label] = this.arrays.data ?? [[], [], []];
    for (let i = 0; i < x.length; i += 1) drawPoint(context, ...this.toPixels([x[i], y[i]]), label[i], false);
  }

  // A path, and a mark where it ends.
  drawWalk(context, path, i) {
    if (!path) return;
    const [xs, ys] = path, colour = runColour(i), paper = hue("zero");
    const pixels = Array.from(xs, (x, k) => this.toPixels([x, ys[k]]));
    this.drawPath(context, pixels, { colour, dash: runDashes(i), paper });
    context.fillStyle = colour;
    context.strokeStyle = paper;
    context.beginPath();
    context.arc(...pixels[pixels.length - 1], 6, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

function explorerViews(parent, { send }) {
  const root = parent.closest(".nnlib-lab");
  const reset = make("button", {
    type: "button", text: "Reset controls", title: "Put every control back to its first value.",
  });
  reset.addEventListener("click", () => send("reset"));
  root.querySelector(".nnlib-controls").append(reset);
  const chartRoom = make("div", { class: "nnlib-explorer-chart", "data-essential": "curve" });
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
      // What was drawn, for those who look from outside.
      root.dataset.settings = JSON.stringify(values.settings);
      root.dataset.curves = values.curves.join("|");
      root.dataset.moves = Number(root.dataset.moves ?? -1) + 1;
    },
    redraw() {
      chart?.build();
      map?.draw();
    },
    destroy() {
      map?.resizer.disconnect();
      chart?.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, explorerViews) };
