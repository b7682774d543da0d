// The shell of every lab: buttons, controls, a line of words that follows the training, and
// room for the views of the lab itself.
//
// makeViews(parent, tools) fills that room. It returns an object with
//     receive(values, arrays)   draw a frame: what the lab's _frame() returned in Python
//     redraw()                  draw again, in the colours of a new theme
//     destroy()                 let go of everything
// and `tools` holds the model and send(command, more), which calls the lab's _hear(message).

// How long a kernel may take to answer before the reader is told that it does not.
const PATIENCE = 4000;
// A screen reader hears how training goes this often, in milliseconds, not at every frame.
const SPOKEN_EVERY = 5000;

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

const COMMANDS = {
  run: ["Run", "Train until you press Pause."],
  pause: ["Pause", "Stop; Run goes on from here."],
  step: ["Step", "Make a single update."],
  epoch: ["Epoch", "Go on until every sample has been used once more."],
  reset: ["Reset", "Back to the start; the settings stay."],
};

function renderLab({ model, el }, makeViews) {
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
  for (const command of model.get("commands")) {
    const [label, help] = COMMANDS[command];
    buttons.append(button(command, label, help, () => send(command)));
  }

  const controls = make("div", { class: "nnlib-controls" });
  const problem = make("p", { class: "nnlib-problem", role: "alert" });
  const words = make("p", { class: "nnlib-words" });
  const spoken = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
  const room = make("div", { class: "nnlib-views" });
  root.append(heading, buttons, controls, problem, words, spoken, room);

  const guarded = { ...model, save_changes: () => attempt(() => model.save_changes()) };
  const stopControls = makeControls(guarded, controls);
  const views = makeViews(room, { model: guarded, send });
  // In JupyterLab's command mode the arrow keys, Enter and Space belong to the notebook,
  // unless the element in focus claims them.
  for (const element of root.querySelectorAll("button, input, select")) {
    element.dataset.lmSuppressShortcuts = "true";
  }

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
    views.receive(values, readArrays(arrays, buffers));
    words.textContent = values.summary;
    speak(values.summary);
    // What was drawn, for whoever looks from outside (tests, and curious readers).
    root.dataset.frame = frame;
    root.dataset.update = values.update ?? 0;
    root.dataset.trainingLoss = values["training loss"] ?? "";
    root.dataset.accuracy = values.accuracy ?? "";
    root.dataset.usedLearningRate = values["learning rate"] ?? "";
    send("seen", { frame });
  };
  model.on("msg:custom", receive);
  const stopTheme = onThemeChange(() => views.redraw());
  send("hello");

  return () => {
    clearTimeout(unanswered);
    model.off("change:state", showState);
    model.off("change:problem", showState);
    model.off("msg:custom", receive);
    stopTheme();
    stopControls();
    views.destroy();
  };
}
