// The curves of a lab that trains: loss and accuracy over updates, those of kept runs among
// them, and the slider that rewinds the training.

const CHARTS = [
  {
    label: "loss", height: (width) => between(185, 0.5 * width, 320),
    curves: [
      { name: "training loss", run: "this", colour: "training", band: true },
      { name: "validation loss", run: "this", colour: "validation", dash: [8, 4] },
    ],
  },
  {
    label: "accuracy", unit: "%", height: (width) => between(140, 0.5 * width, 320),
    curves: [{ name: "accuracy", colour: "validation", dash: [8, 4] }],
    // Of a rewound training all is shown: it may be the start that is looked at.
    range: ({ accuracy }, kept, at) => accuracyRange([accuracy, ...kept.map(({ rows }) => rows)], at !== null),
  },
];

function between(least, value, most) {
  return Math.round(Math.max(least, Math.min(most, value)));
}

// What a kept run adds to the charts. Its validation curves have the line style of the run,
// and its training loss is a thin solid line of the same hue.
function keptCurves(runs, chart) {
  const curves = [];
  for (const { name: run, style, diverged, curves: points } of runs) {
    for (const { name } of chart.curves) {
      const view = points[name];
      if (!view?.byteLength) continue;
      const flat = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
      const rows = [flat.subarray(0, flat.length / 2), flat.subarray(flat.length / 2)];
      const training = name === "training loss";
      curves.push({
        run, name, rows, diverged: diverged !== null, colour: () => runColour(style),
        dash: training ? [] : runDashes(style), width: training ? 1 : 2, alpha: training ? 0.6 : 1,
      });
    }
  }
  return curves;
}

// The legend of the kept runs: each with its line, its name, which may be changed, how it
// ended, and a button to let it go.
function keptList(parent, model, send) {
  const list = make("ul", { class: "nnlib-kept", "aria-label": "Kept runs" });
  const all = make("button", { type: "button", "data-command": "forget-all", text: "Remove all kept runs" });
  const note = make("p", { class: "nnlib-caption", text: "Kept runs. The line shown here is validation; a thin line of the same colour is the training loss." });
  const box = make("div", { class: "nnlib-kept-box" }, note, list, all);
  parent.append(box);
  all.addEventListener("click", () => send("forget"));
  all.dataset.lmSuppressShortcuts = "true";

  const item = (run, i) => {
    const line = make("canvas", { class: "nnlib-swatch", "aria-hidden": "true" });
    const name = make("input", {
      type: "text", class: "nnlib-name", "aria-label": `Name of kept run ${i + 1}`, "data-kept": i,
      title: "The name of this run. If empty, its settings are its name.", autocomplete: "off",
    });
    name.value = run.name;
    let called = run.name; // Enter is also a change of the field: ask once
    onTyped(name, () => {
      if (name.value === called) return;
      called = name.value;
      send("rename", { key: run.key, to: name.value });
    });
    const remove = make("button", { type: "button", text: "Remove", "aria-label": `Remove kept run ${run.name}`, "data-remove": i });
    remove.addEventListener("click", () => send("forget", { key: run.key }));
    for (const element of [name, remove]) element.dataset.lmSuppressShortcuts = "true";
    const detail = make("span", { class: "nnlib-caption", text: run.detail });
    return make("li", {}, line, name, detail, remove);
  };
  const paint = () => {
    const runs = model.get("kept_runs");
    [...list.querySelectorAll("canvas")].forEach((canvas, i) => {
      canvas.width = 44 * devicePixelRatio;
      canvas.height = 12 * devicePixelRatio;
      const context = canvas.getContext("2d");
      context.scale(devicePixelRatio, devicePixelRatio);
      context.strokeStyle = runColour(runs[i].style);
      context.lineWidth = 2;
      context.setLineDash(runDashes(runs[i].style));
      context.beginPath();
      context.moveTo(0, 6);
      context.lineTo(44, 6);
      context.stroke();
    });
  };
  return {
    // A reader who removes runs by the keyboard goes on at the next one, or at the button that keeps.
    show(fallback) {
      const runs = model.get("kept_runs");
      const { kept, remove } = document.activeElement?.dataset ?? {};
      const within = box.contains(document.activeElement);
      list.replaceChildren(...runs.map(item));
      box.hidden = runs.length === 0;
      paint();
      if (!within) return;
      const last = runs.length - 1;
      const next = kept !== undefined ? `[data-kept="${kept}"]` : `[data-remove="${Math.min(remove ?? last, last)}"]`;
      (list.querySelector(next) ?? fallback).focus();
    },
    paint,
  };
}

// With room for fewer moments than these, the reader is told so.
const FEW_MOMENTS = 16;

// The slider over the moments that may be gone back to; its right end is the present.
function rewindSlider(parent, send) {
  const id = uniqueId("rewind");
  const help = make("span", { class: "nnlib-help", id: uniqueId("help"), text: "Look back at the training so far. Run or Step continues from there and discards what came after." });
  const slider = make("input", { type: "range", id, min: 0, max: 0, step: 1, value: 0, "data-view": "rewind", "aria-describedby": help.id });
  const label = make("output", { for: id });
  const note = make("span", { class: "nnlib-caption" });
  const box = make("div", { class: "nnlib-field nnlib-rewind", title: help.textContent }, make("label", { for: id, text: "Rewind" }), slider, label, note, help);
  parent.append(box);
  // Between a move and the frame that shows it the slider is the reader's: frames that were
  // on their way must not pull it back. One question at a time, and then the latest.
  let places = [0], length = 0, asked, waiting = false, next;
  const say = () => {
    const update = slider.valueAsNumber >= places.length - 1 ? length : places[slider.valueAsNumber];
    const text = `update ${update.toLocaleString("en")} of ${length.toLocaleString("en")}`;
    slider.setAttribute("aria-valuetext", text);
    label.textContent = text;
  };
  const ask = (update) => {
    [asked, waiting, next] = [update, true, undefined];
    send("rewind", { update });
  };
  slider.addEventListener("input", () => {
    const i = slider.valueAsNumber;
    const update = i >= places.length - 1 ? null : places[i];
    if (waiting) next = update;
    else ask(update);
    say();
  });
  return {
    show(values) {
      if (waiting && values.asked !== asked) return;
      waiting = false;
      if (next !== undefined) {
        ask(next);
        return;
      }
      length = values.length;
      const few = values["most moments"] < FEW_MOMENTS;
      note.textContent = few ? `For a network this large, at most ${values["most moments"]} moments are kept.` : "";
      // The present is a place of its own, even if a snapshot was taken just there.
      places = [...values.moments.filter((update) => update < length), length];
      slider.max = places.length - 1;
      slider.disabled = length === 0;
      const at = values.rewound === null ? places.length - 1 : places.indexOf(values.rewound);
      slider.value = at < 0 ? places.length - 1 : at;
      say();
    },
  };
}

// The charts go into `parent`, and what may grow long into `below`: the legend of the kept runs,
// and the tables. The `bar` with the button that keeps a run and the slider that rewinds it goes
// where the caller puts it: near what they change.
function curveViews(parent, { model, send, below = parent }) {
  const log = make("input", { type: "checkbox", id: uniqueId("log"), "data-view": "log" });
  const list = keptList(below, model, send);
  const tables = make("div", { class: "nnlib-tables" });
  const charts = CHARTS.map((options) => {
    const room = make("div", { class: "nnlib-curve" });
    parent.append(room);
    // A recording of several seeds has a band round other curves, too.
    const bands = model.get("bands") ?? [];
    const curves = options.curves.map((curve) => ({ ...curve, band: curve.band || bands.includes(curve.name) }));
    return new Chart(room, { ...options, curves, table: tables });
  });
  below.append(tables);
  charts[0].box.before(make("p", { class: "nnlib-option" }, log, make("label", { for: log.id, text: "loss on a log scale" })));
  charts[0].box.dataset.essential = "curve";
  log.addEventListener("change", () => charts[0].setLog(log.checked));

  const keep = make("button", { type: "button", "data-command": "keep", text: "Keep this run", title: "Keep these curves and settings after Reset, so the next run is drawn on top of them." });
  keep.addEventListener("click", () => send("keep"));
  const bar = make("div", { class: "nnlib-runs" }, keep);
  const rewind = rewindSlider(bar, send);

  const root = () => parent.closest(".nnlib-lab");
  const showKept = () => {
    const runs = model.get("kept_runs");
    list.show(keep);
    for (const chart of charts) {
      chart.setKept(keptCurves(runs, chart));
      chart.draw();
    }
    if (root()) root().dataset.kept = runs.map((run) => run.name).join("|");
  };
  model.on("change:kept_runs", showKept);
  showKept();

  return {
    bar,
    receive(values, arrays) {
      charts[1].hide(!values.classifies);
      for (const chart of charts) {
        chart.marks = values.marks;
        chart.at = values.rewound;
        chart.end = values.length || null;
        chart.diverged = values.diverged !== null;
        for (const [name, rows] of Object.entries(arrays)) {
          if (name in chart.data) chart.set(name, rows);
        }
        chart.draw();
        chart.describe(`${chart.label} over updates. ${values.summary}`);
      }
      rewind.show(values);
      keep.disabled = values.length === 0;
      const { dataset } = root();
      dataset.points = arrays["training loss"][0].length;
      dataset.length = values.length;
      dataset.rewound = values.rewound ?? "";
      dataset.kept = model.get("kept_runs").map((run) => run.name).join("|");
    },
    redraw() {
      charts.forEach((chart) => chart.build());
      list.paint();
    },
    destroy() {
      model.off("change:kept_runs", showKept);
      charts.forEach((chart) => chart.destroy());
    },
  };
}
