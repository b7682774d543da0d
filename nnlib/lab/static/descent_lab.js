export default { render: (context) => renderLab(context, descentViews) };
// The descent lab: a map of the loss with the optimizers' paths on it, their losses over the
// steps, and a table of their standings. The map itself (descent_map.js) is worked out in Python
// and comes once.

// For readers who ask for little motion the map changes this seldom, in milliseconds.
const DESCENT_CALM = 1000 / LIMITS.calm_frames;

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
    const table = make("table", { class: "nnlib-descent-table", "aria-label": "standings of the optimizers" },
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
    return Math.max(260, this.box.clientWidth || this.plot?.width || 320);
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
    const key = JSON.stringify([bounds, rate]);
    if (key === this.key) return;
    Object.assign(this, { key, bounds, rate });
    this.draw();
  }

  // The mark stands on the slider, its text in a row of its own below.
  draw() {
    if (!this.slider.offsetWidth) return; // out of sight: it is drawn when it comes back
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
      mark.dataset.optimizer = text.dataset.optimizer = key;
      text.style.top = `${15 * lines}px`;
      this.box.append(mark, text);
      text.style.left = `${Math.max(0, Math.min(x - 8, this.field.clientWidth - text.offsetWidth))}px`;
      lines += 1;
    }
    this.box.style.height = `${15 * lines}px`;
    this.box.style.display = lines ? "" : "none";
    this.recolour();
  }

  // In a new theme, also while the page has no width.
  recolour() {
    for (const part of this.box.children) part.style.borderColor = DESCENT_LOOKS[part.dataset.optimizer].colour();
  }

  destroy() {
    this.resizer.disconnect();
  }
}

function descentViews(parent, { model, send }) {
  nameOptimizers(model.get("controls"));
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
  const tables = make("div", { class: "nnlib-tables" });
  lossBox.append(
    make("p", { class: "nnlib-option" }, log, make("label", { for: log.id, text: "loss on a log scale" })),
  );
  const chart = new DescentChart(lossBox, {
    label: "loss", over: "steps", height: (width) => between(190, 0.44 * width, 400), table: tables,
    curves: Object.values(DESCENT_LOOKS).map(({ name, dash, colour }) => ({ name, colour, dash })),
    // From the start down: a curve that climbs beyond it leaves the picture, not the others.
    range: (data) => [0, 1.15 * Math.max(1e-12, ...Object.values(data).map((rows) => rows?.[1][0] ?? 0))],
  });
  chart.setLog(true);
  log.addEventListener("change", () => chart.setLog(log.checked));
  chart.box.dataset.essential = "curve";
  const table = new DescentTable(parent);
  parent.append(tables);

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
    // What was drawn, for those who look from outside.
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
          (map.line ? ", one arrow per step." : ", arrow: the downhill direction −∇L for gradient descent (its length has no meaning).");
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
      limits.recolour();
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
