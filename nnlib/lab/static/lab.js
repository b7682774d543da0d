// A lab in the page: buttons, controls, curves, and a line of words that follows them.

// How long a kernel may take to answer before the reader is told that it does not.
const PATIENCE = 4000;
// A screen reader hears how training goes this often, in milliseconds, not at every frame.
const SPOKEN_EVERY = 5000;

const CHARTS = [
  {
    label: "loss", height: 250,
    curves: [
      { name: "training loss", colour: "training", band: true },
      { name: "validation loss", colour: "validation", dash: [8, 4] },
    ],
  },
  {
    label: "accuracy", unit: "%", height: 170,
    curves: [{ name: "accuracy", colour: "validation", dash: [8, 4] }],
    // From the lowest of the later half, so that the climb at the start does not
    // flatten all that follows.
    range: ({ accuracy }) => {
      const later = accuracy ? accuracy[1].subarray(Math.floor(accuracy[1].length / 2)) : [];
      const low = later.length ? Math.min(...later) : 0;
      return [Math.max(0, Math.floor(low / 5 - 0.2) * 5), 100.5];
    },
  },
];

// The arrays of a frame: each is four rows of float64, one after the other, in its own
// buffer. (A DataView may start anywhere in a larger buffer, so it is copied out.)
function readArrays(shapes, buffers) {
  const arrays = {};
  shapes.forEach(({ name, rows }, i) => {
    const view = buffers[i];
    const flat = new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const n = flat.length / rows;
    arrays[name] = Array.from({ length: rows }, (_, r) => flat.subarray(r * n, (r + 1) * n));
  });
  return arrays;
}

function render({ model, el }) {
  const root = make("section", { class: "nnlib-lab", "aria-label": model.get("title") });
  el.append(root);

  // Once its kernel was restarted, a widget cannot send anything, and says so by an exception.
  const attempt = (act) => {
    try {
      act();
      return true;
    } catch {
      problem.textContent = "This lab's kernel is gone: run this cell again.";
      return false;
    }
  };
  let unanswered = null; // the timer that runs while the kernel owes an answer
  const send = (command, more = {}) => {
    if (!attempt(() => model.send({ command, ...more }))) return;
    if (command === "seen" || unanswered !== null) return;
    unanswered = setTimeout(() => {
      problem.textContent =
        "The kernel does not answer. If another cell is running, this lab goes on when it is " +
        "done; if the kernel was restarted, run this cell again.";
    }, PATIENCE);
  };
  const answered = () => {
    clearTimeout(unanswered);
    unanswered = null;
    problem.textContent = model.get("problem");
  };

  const heading = make("p", { class: "nnlib-title", text: model.get("title") });
  const buttons = make("div", { class: "nnlib-buttons", role: "group", "aria-label": "training" });
  for (const [command, label, help] of [
    ["run", "Run", "Train until you press Pause."],
    ["pause", "Pause", "Stop training; Run goes on from here."],
    ["step", "Step", "Make a single update."],
    ["reset", "Reset", "Back to the parameters that the network came with; the settings stay."],
  ]) {
    buttons.append(button(command, label, help, () => send(command)));
  }
  const log = make("input", { type: "checkbox", id: uniqueId("log"), "data-view": "log" });
  const logLabel = make("label", { for: log.id, text: "loss on a log scale" });
  buttons.append(make("span", { class: "nnlib-option" }, log, logLabel));

  const controls = make("div", { class: "nnlib-controls" });
  const problem = make("p", { class: "nnlib-problem", role: "alert" });
  const words = make("p", { class: "nnlib-words" });
  const spoken = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
  const plots = make("div", { class: "nnlib-charts" });
  root.append(heading, buttons, controls, problem, words, spoken, plots);

  const stopControls = makeControls({ ...model, save_changes: () => attempt(() => model.save_changes()) }, controls);
  const charts = CHARTS.map((options) => new Chart(plots, options));
  // In JupyterLab's command mode the arrow keys, Enter and Space belong to the notebook,
  // unless the element in focus claims them.
  for (const element of root.querySelectorAll("button, input")) {
    element.dataset.lmSuppressShortcuts = "true";
  }
  log.addEventListener("change", () => charts[0].setLog(log.checked));

  const showState = () => {
    const state = model.get("state");
    root.dataset.state = state;
    for (const element of buttons.querySelectorAll("button")) {
      element.classList.toggle("nnlib-active", state === "running" && element.dataset.command === "run");
    }
    problem.textContent = model.get("problem");
  };
  model.on("change:state", showState);
  model.on("change:problem", showState);
  showState();

  let spokenAt = 0;
  const speak = (text) => {
    if (performance.now() - spokenAt < SPOKEN_EVERY && model.get("state") === "running") return;
    spokenAt = performance.now();
    spoken.textContent = text;
  };

  const receive = (message, buffers) => {
    answered();
    const { frame, values, arrays } = message;
    for (const [name, rows] of Object.entries(readArrays(arrays, buffers))) {
      charts.forEach((chart) => name in chart.data && chart.set(name, rows));
    }
    charts.forEach((chart) => {
      chart.marks = values.marks;
      chart.draw();
      chart.describe(`${chart.label} over updates. ${values.summary}`);
    });
    words.textContent = values.summary;
    speak(values.summary);
    // What was drawn, for whoever looks from outside (tests, and curious readers).
    root.dataset.frame = frame;
    root.dataset.update = values.update ?? 0;
    root.dataset.points = charts[0].data["training loss"]?.[0].length ?? 0;
    root.dataset.trainingLoss = values["training loss"] ?? "";
    root.dataset.accuracy = values.accuracy ?? "";
    root.dataset.usedLearningRate = values["learning rate"] ?? "";
    send("seen", { frame });
  };
  model.on("msg:custom", receive);
  const stopTheme = onThemeChange(() => charts.forEach((chart) => chart.build()));
  send("hello");

  return () => {
    clearTimeout(unanswered);
    model.off("change:state", showState);
    model.off("change:problem", showState);
    model.off("msg:custom", receive);
    stopTheme();
    stopControls();
    charts.forEach((chart) => chart.destroy());
  };
}

export default { render };
