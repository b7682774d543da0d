// Charts: curves over updates, drawn by uPlot on a canvas in the colours of the theme.

// On a log scale, less than this is left out: no rounding is finer, and uPlot fails below it.
const TINY = 1e-15;

// The height of a label on a log scale, in pixels.
const LOG_LABEL = 15;

// How far what is not yet, or no longer, is faded towards the paper.
const FADED = 0.75;

// A number on an axis. uPlot's own have three decimals, and call 0.0002 nothing.
function axisLabel(v) {
  if (v === 0 || (Math.abs(v) >= 0.001 && Math.abs(v) < 1e6)) {
    return trueMinus(Number(v.toPrecision(12)).toLocaleString("en", { maximumFractionDigits: 6 }));
  }
  return trueMinus(Number(v.toPrecision(3)).toExponential());
}

// The axis of accuracies in per cent: from a little below the lowest of the later half of each
// curve, so that the climb at the start does not flatten all that follows; or of all its points.
function accuracyRange(curves, allPoints = false) {
  const later = curves.filter((rows) => rows?.[1].length)
    .map(([, y]) => Math.min(...y.subarray(allPoints ? 0 : Math.floor(y.length / 2))));
  const low = later.length ? Math.min(...later) : 0;
  return [Math.max(0, Math.floor(low / 5 - 0.2) * 5), 100.5];
}

// One chart of several curves. A curve is {name, colour, dash, band}; its data are the
// four rows of a Curve in curve.py: x, mean, lowest, highest. What uPlot can do besides with
// a curve is set by its `series`.
//
// kept     curves of earlier runs, which do not come with every frame: objects {run, name, colour,
//          dash, width, rows: [x, mean], diverged}; they do not count for the range if
//          `diverged`. Set by setKept.
// end      how far the x axis reaches at least, so that two charts have the same
// at       draw faintly what lies beyond this x: where a rewound training stands; null if nowhere
// range    (data, kept, at) → [low, high] of y, where uPlot's own choice will not do
// table    where the numbers behind the curves can be opened: an element, or true for below the
//          chart; there curves with the same `run` end together
// height   in pixels, or a function that says it of the width
class Chart {
  constructor(parent, { label, unit, height, curves, range, over = "updates", table = false }) {
    Object.assign(this, { label, unit, height, curves, range, over });
    this.log = false;
    this.marks = [];
    this.kept = [];
    this.end = null;
    this.at = null;
    this.diverged = false;
    this.data = Object.fromEntries(curves.map((curve) => [curve.name, null]));
    this.told = {};
    this.box = make("div", { class: "nnlib-chart", role: "img" });
    this.box.chart = this; // for those who look from outside
    parent.append(this.box);
    this.numbers = table ? new CurveTable(table === true ? parent : table, this) : null;
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
    this.paper = jupyterColour("--jp-layout-color1", "#ffffff");
    this.markColour = hue("muted");
    this.font = font;
    const series = [{ label: this.over, value: (plot, x) => (x == null ? "–" : whole(x)) }];
    this.places = {}; // of each curve among the series
    const bands = [];
    for (const curve of this.curves) {
      this.places[curve.name] = series.length;
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
    const labels = (plot, splits) => splits.map((v) => (v === null ? "" : axisLabel(v)));
    // On a log scale of many decades only some have room for their labels.
    const labelsY = (plot, splits) => {
      const { min, max } = plot.scales.y, room = plot.bbox.height / devicePixelRatio;
      const every = this.log ? Math.ceil((LOG_LABEL * Math.log10(max / min)) / room) : 1;
      return labels(plot, splits.map((v) => (every > 1 && Math.round(Math.log10(v)) % every ? null : v)));
    };
    const x = { time: false, range: (plot, low, high) => this.rangeX(plot, low, high) };
    const y = { range: (plot, low, high) => this.rangeY(low, high), ...(this.log ? { distr: 3, log: 10 } : {}) };
    this.plot = new uPlot(
      {
        ...this.size(), series, bands,
        scales: { x, y },
        axes: [
          { ...axis, values: labels, label: this.over, labelSize: 18, size: 34 },
          { ...axis, values: labelsY, label: this.label + (this.unit ? ` (${this.unit})` : ""), labelSize: 18, size: 58 },
        ],
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        hooks: {
          // The present run is drawn over the kept ones; but what is faded must not fade them.
          drawAxes: [(plot) => this.at === null && this.drawKept(plot)],
          draw: [(plot) => {
            if (this.at !== null) {
              this.fade(plot);
              this.drawKept(plot);
            }
            this.drawMarks(plot);
          }],
        },
      },
      this.table(),
      this.box,
    );
    this.showLegend();
  }

  // The kept runs may be longer than the present one. To a single point uPlot would add an axis that
  // goes on to 100.
  rangeX(plot, low, high) {
    if (plot.data?.[0].length === 1) low = high = plot.data[0][0];
    const ends = [low, high, this.end, ...this.kept.flatMap(({ rows: [x] }) => [x[0], x[x.length - 1]])];
    if (!Number.isFinite(low)) ends.push(0); // an empty chart begins there
    const finite = ends.filter(Number.isFinite);
    const [from, to] = [Math.min(...finite), Math.max(...finite)];
    return [from, to > from ? to : from + 1];
  }

  // Curves that diverged do not count, unless there is nothing else.
  rangeY(low, high) {
    const calm = this.kept.filter((curve) => !curve.diverged);
    if (!this.log && this.range) return this.range(this.data, calm, this.at);
    // Where the first curve of each run began says how high the picture need be. Kept runs
    // leave it when they climb far above that, and the present one does if it diverged.
    const { name: first } = this.curves[0];
    const begun = [this.data[first]?.[1][0], ...this.kept.map(({ name, rows }) => (name === first ? rows[1][0] : NaN))];
    const ceiling = 3 * Math.max(...begun.filter(Number.isFinite));
    const most = this.diverged && Number.isFinite(ceiling) ? Math.min(high, ceiling) : high;
    const within = calm.flatMap((curve) => curve.bounds(this.log)).map((v) => (this.log ? v : Math.min(v, ceiling)));
    const bounds = [low, most, ...within].filter(Number.isFinite);
    if (!bounds.length) bounds.push(Number.isFinite(ceiling) ? ceiling : 1, this.log ? 0.1 : 0);
    const [bottom, top] = [Math.min(...bounds), Math.max(...bounds)];
    if (this.log) return uPlot.rangeLog(Math.max(TINY, bottom), Math.max(TINY, top), 10, true);
    return [Math.min(0, bottom), (top || 1) * 1.05];
  }

  // Within the axes, in the pixels of the canvas.
  clipped(plot, act) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    act(ctx, bbox);
    ctx.restore();
  }

  drawKept(plot) {
    if (!this.kept.length || plot.scales.x.min == null || plot.scales.y.min == null) return;
    this.clipped(plot, (ctx) => {
      for (const { rows: [x, y], colour, dash, width, alpha } of this.kept) {
        ctx.strokeStyle = colour();
        ctx.globalAlpha = alpha;
        ctx.lineWidth = width * devicePixelRatio;
        ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
        ctx.beginPath();
        let drawing = false;
        for (let i = 0; i < x.length; i += 1) {
          const shown = Number.isFinite(y[i]) && (!this.log || y[i] > TINY);
          // Far above the picture a canvas loses count of its pixels.
          const place = [plot.valToPos(x[i], "x", true), Math.max(-1e5, plot.valToPos(y[i], "y", true))];
          if (shown && drawing) ctx.lineTo(...place);
          else if (shown) ctx.moveTo(...place);
          drawing = shown;
        }
        ctx.stroke();
      }
    });
  }

  // Where the rewound training stands, and paper laid over what came after.
  fade(plot) {
    if (plot.scales.x.min == null) return;
    this.clipped(plot, (ctx, bbox) => {
      const x = Math.max(bbox.left, plot.valToPos(this.at, "x", true));
      ctx.globalAlpha = FADED;
      ctx.fillStyle = this.paper;
      ctx.fillRect(x, bbox.top, bbox.left + bbox.width - x, bbox.height);
      ctx.globalAlpha = 1;
      ctx.fillStyle = jupyterColour("--jp-ui-font-color1", "#222222");
      ctx.fillRect(x - devicePixelRatio, bbox.top, 2 * devicePixelRatio, bbox.height);
    });
  }

  // Where a setting was changed: a dotted line, and the new setting beside it.
  drawMarks(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.markColour;
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.lineWidth = devicePixelRatio;
    ctx.font = this.font.replace("12px", `${11 * devicePixelRatio}px`);
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
    return Math.max(260, this.box.clientWidth || this.plot?.width || 640);
  }

  size() {
    const width = this.width();
    return { width, height: typeof this.height === "function" ? this.height(width) : this.height };
  }

  resize() {
    const { width, height } = this.size();
    if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height });
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
    const joined = tables.length === 1 ? tables[0] : uPlot.join(tables);
    // uPlot draws no axes without a point; the kept runs want them.
    if (!joined[0].length && this.kept.length) return joined.map((_, i) => [i ? null : 0]);
    return joined;
  }

  // `told` is what the table says, if the curve is drawn otherwise.
  set(name, rows, told = rows) {
    this.data[name] = rows;
    this.told[name] = told;
  }

  // Curves that stay; see above. How far each reaches is found once, not at every frame.
  setKept(kept) {
    this.kept = kept.map((curve) => {
      const values = Array.from(curve.rows[1]).filter(Number.isFinite), above = values.filter((v) => v > TINY);
      const linear = values.length ? [Math.min(...values), Math.max(...values)] : [];
      const logarithmic = above.length ? [Math.min(...above), Math.max(...above)] : [];
      return { alpha: 1, width: 2, ...curve, bounds: (log) => (log ? logarithmic : linear) };
    }).filter((curve) => curve.rows[0].length);
  }

  draw() {
    this.plot.setData(this.table());
    this.showLegend();
    this.numbers?.follow();
  }

  setLog(log) {
    this.log = log;
    this.build();
  }

  // A curve that is not there has no place in the legend.
  showLegend() {
    const rows = this.plot.root.querySelectorAll(".u-series");
    for (const [name, i] of Object.entries(this.places)) rows[i].classList.toggle("nnlib-hidden", !this.data[name]);
  }

  // Take the chart, with all that belongs to it, from the page, or bring it back.
  hide(hidden) {
    this.box.parentElement.hidden = hidden;
    if (this.numbers) this.numbers.details.hidden = hidden;
  }

  describe(text) {
    this.box.setAttribute("aria-label", text);
  }

  destroy() {
    this.resizer.disconnect();
    this.numbers?.destroy();
    this.plot.destroy();
  }
}

// A number of updates, epochs or seconds.
function whole(x) {
  return x >= 100 ? Math.round(x).toLocaleString("en") : readable(x);
}

const TABLE_ROWS = 20;
// How often an open table follows a training that runs, in milliseconds: to be read, not to flicker.
const TABLE_EVERY = 1000;

// The numbers behind a chart, closed at first; it costs nothing while it is closed.
class CurveTable {
  constructor(parent, chart) {
    this.chart = chart;
    this.caption = make("caption");
    this.head = make("thead");
    this.body = make("tbody");
    const summary = make("summary", { text: `table: ${chart.label} over ${chart.over}`, title: "The numbers behind the curves." });
    summary.dataset.lmSuppressShortcuts = "true";
    const scroll = make("div", { class: "nnlib-scroll", tabindex: "0", role: "region", "aria-label": `${chart.label} over ${chart.over}, as a table` });
    scroll.append(make("table", { class: "nnlib-numbers" }, this.caption, this.head, this.body));
    this.details = make("details", { class: "nnlib-table" }, summary, scroll);
    this.details.addEventListener("toggle", () => this.fill());
    parent.append(this.details);
    this.timer = null;
    this.filledAt = -Infinity;
  }

  // Fill it now, or as soon as it is time.
  follow() {
    if (!this.details.open || this.timer !== null) return;
    const wait = this.filledAt + TABLE_EVERY - performance.now();
    if (wait <= 0) this.fill();
    else {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.fill();
      }, wait);
    }
  }

  fill() {
    if (!this.details.open) return;
    this.filledAt = performance.now();
    const { chart } = this;
    const unit = chart.unit ? ` (${chart.unit})` : "";
    const columns = [
      ...chart.curves.map(({ name, run = name }) => ({ run, name: name + unit, rows: chart.told[name] })),
      ...chart.kept.map(({ run, name, rows }) => ({ run: `kept ${run}`, name: `${run}: ${name}${unit}`, rows })),
    ].filter(({ rows }) => rows?.[0].length);
    // A curve that is only measured now and then shows its latest value until its run ends.
    const ends = {};
    for (const { run, rows: [x] } of columns) ends[run] = Math.max(ends[run] ?? 0, x[x.length - 1]);
    const places = tablePlaces(columns);
    const row = (tag, scope, texts) =>
      make("tr", {}, ...texts.map((text, i) => (i && tag === "td" ? make("td", { text }) : make("th", { scope, text }))));
    this.head.replaceChildren(row("th", "col", [chart.over, ...columns.map(({ name }) => name)]));
    this.body.replaceChildren(
      ...places.map((x) => row("td", "row", [whole(x), ...columns.map(({ run, rows }) => (x > ends[run] * 1.0001 ? "–" : valueAt(rows, x)))])),
    );
    this.caption.textContent = columns.length
      ? `${chart.label} over ${chart.over}, at ${places.length} places; each value is a mean around there`
      : "No update has been made yet.";
    const faded = chart.at === null ? Infinity : chart.at;
    [...this.body.rows].forEach((line, i) => line.classList.toggle("nnlib-later", places[i] > faded));
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

// About TABLE_ROWS places along the longest of the curves, its first and last among them.
function tablePlaces(columns) {
  const end = ({ rows }) => rows[0][rows[0].length - 1];
  const longest = columns.reduce((best, column) => (best && end(best) >= end(column) ? best : column), null);
  if (!longest) return [];
  const x = longest.rows[0], n = Math.min(TABLE_ROWS, x.length);
  return Array.from({ length: n }, (_, i) => x[Math.round((i * (x.length - 1)) / Math.max(1, n - 1))]);
}

// What a curve says at x: its last point up to there, or a dash before it began.
function valueAt([x, mean], at) {
  let low = -1, high = x.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (x[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return low < 0 || mean[low] === null ? "–" : readable(mean[low]);
}
