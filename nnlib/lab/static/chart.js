// Charts: curves over updates, drawn by uPlot on a canvas in the colours of the theme.

// On a log scale, less than this is left out: no rounding is finer, and uPlot fails below it.
const TINY = 1e-15;

// One chart of several curves. A curve is {name, colour, dash, band}; its data are the
// four rows of a Curve in curve.py: x, mean, lowest, highest. What uPlot can do besides with
// a curve is set by its `series`.
class Chart {
  constructor(parent, { label, unit, height, curves, range, over = "updates" }) {
    Object.assign(this, { label, unit, height, curves, range, over });
    this.log = false;
    this.marks = [];
    this.data = Object.fromEntries(curves.map((curve) => [curve.name, null]));
    this.box = make("div", { class: "nnlib-chart", role: "img" });
    parent.append(this.box);
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.box);
    this.build();
  }

  // uPlot takes its colours and scales once, so a new theme or scale means a new plot.
  build() {
    this.plot?.destroy();
    const ink = jupyterColour("--jp-ui-font-color1", "#222222");
    const grid = { stroke: jupyterColour("--jp-border-color2", "#dddddd"), width: 1 };
    const font = "12px " + jupyterColour("--jp-ui-font-family", "sans-serif");
    const whole = (x) => (x >= 100 ? Math.round(x).toLocaleString("en") : readable(x));
    const series = [{ label: this.over, value: (plot, x) => (x == null ? "–" : whole(x)) }];
    const bands = [];
    for (const curve of this.curves) {
      const stroke = typeof curve.colour === "function" ? curve.colour() : hue(curve.colour);
      const value = (plot, y) => (y == null ? "–" : readable(y) + (this.unit ? ` ${this.unit}` : ""));
      series.push({
        label: curve.name, stroke, width: 2, dash: curve.dash, value,
        spanGaps: true, points: { show: false }, ...curve.series,
      });
      if (curve.band) {
        const hidden = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
        series.push({ ...hidden, label: `${curve.name}, highest`, class: "nnlib-hidden" });
        series.push({ ...hidden, label: `${curve.name}, lowest`, class: "nnlib-hidden" });
        bands.push({ series: [series.length - 2, series.length - 1], fill: stroke + "30" });
      }
    }
    const axis = { stroke: ink, grid, ticks: grid, font, labelFont: font };
    const y = this.log
      ? { distr: 3, log: 10 }
      : { range: (plot, low, high) => this.range?.(this.data) ?? [Math.min(0, low), (high || 1) * 1.05] };
    this.plot = new uPlot(
      {
        width: this.width(), height: this.height, series, bands,
        scales: { x: { time: false }, y },
        axes: [
          { ...axis, label: this.over, labelSize: 18, size: 34 },
          { ...axis, label: this.label + (this.unit ? ` (${this.unit})` : ""), labelSize: 18, size: 58 },
        ],
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        hooks: { draw: [(plot) => this.drawMarks(plot, hue("muted"), font)] },
      },
      this.table(),
      this.box,
    );
  }

  // Where a setting was changed: a dotted line, and the new setting beside it.
  drawMarks(plot, colour, font) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.lineWidth = devicePixelRatio;
    ctx.font = font.replace("12px", `${11 * devicePixelRatio}px`);
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    let free = -Infinity; // no text starts left of this, or two would overlap
    for (const { update, text } of this.marks) {
      const x = Math.round(plot.valToPos(update, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const gap = 4 * devicePixelRatio, width = ctx.measureText(text).width + gap;
      const left = x + width > bbox.left + bbox.width ? x - width : x + gap;
      if (left > free) {
        ctx.fillText(text, left, bbox.top + 2 * devicePixelRatio);
        free = left + width + gap;
      }
    }
    ctx.restore();
  }

  width() {
    return Math.max(280, this.box.clientWidth || this.plot?.width || 640);
  }

  resize() {
    if (this.plot.width !== this.width()) {
      this.plot.setSize({ width: this.width(), height: this.height });
    }
  }

  // The curves have points at different updates; uPlot wants them side by side.
  table() {
    const positive = (row) => (this.log ? Array.from(row, (v) => (v > TINY ? v : null)) : Array.from(row));
    const tables = this.curves.map((curve) => {
      const rows = this.data[curve.name];
      if (!rows) return curve.band ? [[], [], [], []] : [[], []];
      const [x, mean, low, high] = rows;
      const line = [Array.from(x), positive(mean)];
      return curve.band ? [...line, positive(high), positive(low)] : line;
    });
    return tables.length === 1 ? tables[0] : uPlot.join(tables);
  }

  set(name, rows) {
    this.data[name] = rows;
  }

  draw() {
    this.plot.setData(this.table());
  }

  setLog(log) {
    this.log = log;
    this.build();
  }

  describe(text) {
    this.box.setAttribute("aria-label", text);
  }

  destroy() {
    this.resizer.disconnect();
    this.plot.destroy();
  }
}
