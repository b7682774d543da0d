// The shell of every lab: buttons, controls, a line of words that follows the training, and
// room for the views of the lab itself.
//
// makeViews(parent, tools) fills that room. It returns an object with
//     receive(values, arrays)   draw a frame: what the lab's _frame() returned in Python. If
//                               several came since the screen was last drawn, it is called
//                               once, with the latest of every value and array
//     redraw()                  draw again, in the colours of a new theme
//     destroy()                 let go of everything
// and `tools` holds the model and send(command, more), which calls the lab's _hear(message).

// How long a kernel may take to answer before the reader is told that it does not.
const PATIENCE = 4000;
// A screen reader hears how training goes this often, in milliseconds, not at every frame; and what
// has changed otherwise when nothing has followed it for so long.
const SPOKEN_EVERY = 5000, SPOKEN_AFTER = 300;
// The kernel is told this often what has been drawn; every message costs it a millisecond.
const SEEN_EVERY = 200;

const GONE = "This lab has lost its kernel and no longer works: run this cell again.";

// The arrays of a frame: each is some rows of float64 or float32, one after the other, in its
// own buffer. (A DataView may start anywhere in a larger buffer, so it is copied out.)
function readArrays(shapes, buffers) {
  const arrays = {};
  shapes.forEach(({ name, rows, bytes }, i) => {
    const view = buffers[i];
    const numbers = bytes === 4 ? Float32Array : Float64Array;
    const flat = new numbers(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const n = flat.length / rows;
    arrays[name] = Array.from({ length: rows }, (_, r) => flat.subarray(r * n, (r + 1) * n));
  });
  return arrays;
}

// Run and Pause are one button, which shows what a press would do.
const COMMANDS = {
  run: ["Run", "Train until you press Pause; the Space bar does the same."],
  pause: ["Pause", "Pause; Run continues from here. The Space bar does the same."],
  step: ["Step", "Make a single update."],
  epoch: ["Epoch", "Continue until every sample has been used once more."],
  reset: ["Reset", "Go back to the start; the settings stay."],
};

// Elements in which the Space bar has a meaning of its own.
const SPACE_IS_THEIRS =
  "button, select, textarea, summary, input:not([type='range']), [contenteditable='true']";

// The button that runs and pauses, and the Space bar, which does the same anywhere in the lab.
function runButton(root, model, send) {
  // What was asked for last, until the kernel has heard that press: a quick second one is a Pause.
  // A frame that was on its way before is no answer.
  const view = uniqueId("run");
  let asked = null, presses = 0;
  const runs = () => asked ?? model.get("state") === "running";
  const press = () => {
    const command = runs() ? "pause" : "run";
    asked = command === "run";
    presses += 1;
    send(command, { press: { [view]: presses } });
    show();
  };
  const element = button("run", ...COMMANDS.run, press);
  const show = () => {
    const command = runs() ? "pause" : "run";
    if (element.dataset.command === command) return;
    const [label, help] = COMMANDS[command];
    element.dataset.command = command;
    element.title = element.dataset[`${command}Help`] ?? help;
    element.lastChild.textContent = label;
    element.querySelector("path").setAttribute("d", ICONS[command]);
  };
  element.classList.add("nnlib-run");
  root.tabIndex = -1; // so that a click between two controls leaves the keyboard here
  root.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.matches(SPACE_IS_THEIRS) || element.disabled) return;
    event.preventDefault(); // the page would scroll
    event.stopPropagation();
    if (!event.repeat) press();
  });
  return {
    element, view,
    // `heard` says of each view how many of its presses the kernel has heard; null: nothing new.
    show(heard = null) {
      if (root.dataset.state === "gone") asked = false; // without a kernel nothing runs
      else if (heard && (heard[view] ?? 0) >= presses) asked = null;
      show();
    },
  };
}

// Give a button of a lab, if it has that, another help text.
function explain(root, command, help) {
  const run = root.querySelector(".nnlib-run");
  if (run) run.dataset[`${command}Help`] = help;
  const element = root.querySelector(`button[data-command="${command}"]`);
  if (element) element.title = help;
}

// Call gone() as soon as the kernel that a view belongs to cannot answer any more: it was
// restarted, shut down, exchanged for another, or it died. Return what ends the watch.
function watchKernel(model, el, gone) {
  // A view restored from a file has no kernel to begin with.
  if (el.closest(".jupyter-widgets-disconnected")) gone();
  model.on("comm_live_update", gone);
  const context = model.widget_manager?.context?.sessionContext;
  const changed = (_, status) => {
    if (["restarting", "autorestarting", "terminating", "dead"].includes(status)) gone();
  };
  context?.statusChanged?.connect(changed);
  context?.kernelChanged?.connect(gone);
  return () => {
    model.off("comm_live_update", gone);
    context?.statusChanged?.disconnect(changed);
    context?.kernelChanged?.disconnect(gone);
  };
}

// The help text of a control is shown by the browser on hover; show it over the control on
// keyboard focus too. (A screen reader has it as the control's description.)
function showHelpOnFocus(root) {
  const tip = make("div", { class: "nnlib-tip", "aria-hidden": "true", hidden: "" });
  root.append(tip);
  const hide = () => (tip.hidden = true);
  root.addEventListener("focusin", ({ target }) => {
    const owner = target.closest("[title]");
    if (!owner || !root.contains(owner) || !target.matches(":focus-visible")) return hide();
    tip.textContent = owner.title;
    tip.style.left = "0"; // where it has all its room
    tip.hidden = false;
    const room = root.getBoundingClientRect(), box = target.getBoundingClientRect();
    const left = Math.min(box.left - room.left, room.width - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    // Above, where it hides what has been read already; or below, where there is no room for it.
    const above = box.top - room.top - tip.offsetHeight - 6;
    tip.style.top = `${above < 2 ? box.bottom - room.top + 6 : above}px`;
  });
  root.addEventListener("focusout", hide);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
}

function renderLab({ model, el }, makeViews) {
  const root = make("section", { class: "nnlib-lab", "aria-label": model.get("title") });
  el.append(root);

  // A widget without a kernel says so by an exception.
  const attempt = (act) => {
    if (root.dataset.state === "gone") return false;
    try {
      act();
      return true;
    } catch {
      gone();
      return false;
    }
  };
  let unanswered = null; // the timer that runs while the kernel owes an answer
  const send = (command, more = {}) => {
    if (!attempt(() => model.send({ command, ...more }))) return;
    if (command === "seen" || unanswered !== null) return;
    unanswered = setTimeout(() => {
      problem.textContent =
        "The kernel does not answer. If another cell is running, this lab continues when that cell " +
        "is done. If a function of yours does not come to an end, Interrupt (■ in the toolbar) stops " +
        "it. If the kernel was restarted, run this cell again.";
    }, PATIENCE);
  };
  const answered = (heard) => {
    clearTimeout(unanswered);
    unanswered = null;
    run?.show(heard ?? { [run.view]: Infinity }); // a recording hears all at once
    problem.textContent = model.get("problem");
  };

  const heading = make("div", { class: "nnlib-heading" }, make("p", { class: "nnlib-title", text: model.get("title") }));
  const buttons = make("div", { class: "nnlib-buttons", role: "group", "aria-label": "training" });
  if (model.get("commands").length) buttons.dataset.essential = "commands";
  let run = null;
  for (const command of model.get("commands")) {
    if (command === "run") run = runButton(root, model, send);
    if (command === "run") buttons.append(run.element);
    else if (command !== "pause") buttons.append(button(command, ...COMMANDS[command], () => send(command)));
  }

  const controls = make("div", { class: "nnlib-controls" });
  const problem = make("p", { class: "nnlib-problem", role: "alert" });
  const words = make("p", { class: "nnlib-words", "data-essential": "words" });
  const spoken = make("p", { class: "nnlib-help", role: "status", "aria-live": "polite" });
  const room = make("div", { class: "nnlib-views" });
  const head = make("div", { class: "nnlib-head" }, buttons, controls);
  root.append(heading, head, problem, words, spoken, room);

  const guarded = { ...model, save_changes: () => attempt(() => model.save_changes()) };
  const stopControls = makeControls(guarded, controls);
  const views = makeViews(room, { model: guarded, send, heading });
  // In JupyterLab's command mode the arrow keys, Enter and Space belong to the notebook,
  // unless the element in focus claims them.
  for (const element of root.querySelectorAll("button, input, select")) {
    element.dataset.lmSuppressShortcuts = "true";
  }

  showHelpOnFocus(root);

  // What is drawn stays, to be read; what cannot be used any more does not pretend it can.
  const gone = () => {
    clearTimeout(unanswered);
    root.dataset.state = "gone";
    run?.show();
    problem.textContent = GONE;
    for (const element of root.querySelectorAll("button, input, select")) element.disabled = true;
  };

  const showState = () => {
    if (root.dataset.state === "gone") return;
    const state = model.get("state");
    root.dataset.state = state;
    run?.show();
    problem.textContent = model.get("problem");
  };
  model.on("change:state", showState);
  model.on("change:problem", showState);
  showState();

  let spokenAt = 0, toSay = null;
  const speak = (text) => {
    clearTimeout(toSay);
    if (model.get("state") !== "running") {
      toSay = setTimeout(() => (spoken.textContent = text), SPOKEN_AFTER);
    } else if (performance.now() - spokenAt >= SPOKEN_EVERY) {
      spokenAt = performance.now();
      spoken.textContent = text;
    }
  };

  // Frames are drawn when the screen is, the latest of those that came; none goes unsaid.
  let waiting = null, got = 0, drawn = 0, saidAt = 0;
  const receive = ({ frame, values, arrays, answered: only, heard }, buffers) => {
    answered(heard);
    if (only) return; // there is nothing new to be seen
    got += 1;
    if (!waiting) requestAnimationFrame(draw);
    waiting = {
      frame,
      values: { ...waiting?.values, ...values },
      arrays: { ...waiting?.arrays, ...readArrays(arrays, buffers) },
    };
    // A page in the background is not drawn; training goes on.
    if (document.hidden) saySeen(frame);
  };
  let owed = null; // the timer of a message that came too soon after the one before
  const saySeen = (frame) => {
    const wait = saidAt + SEEN_EVERY - performance.now();
    clearTimeout(owed);
    if (wait > 0) {
      owed = setTimeout(() => saySeen(frame), wait);
      return;
    }
    send("seen", { frame, got, drawn: document.hidden ? got : drawn });
    saidAt = performance.now();
    got = drawn = 0;
  };
  const draw = () => {
    if (!waiting) return;
    const { frame, values, arrays } = waiting;
    waiting = null;
    drawn += 1;
    const begin = performance.now();
    views.receive(values, arrays);
    const said = values.words ?? values.summary;
    if (words.textContent !== said) words.textContent = said; // else the page would be laid out anew
    speak(values.summary);
    // What was drawn, for those who look from outside (tests, and curious readers).
    root.dataset.frame = frame;
    root.dataset.update = values.update ?? 0;
    root.dataset.trainingLoss = values["training loss"] ?? "";
    root.dataset.accuracy = values.accuracy ?? "";
    root.dataset.usedLearningRate = values["learning rate"] ?? "";
    root.dataset.drawingTook = performance.now() - begin;
    saySeen(frame);
  };
  model.on("msg:custom", receive);
  const stopTheme = onThemeChange(() => views.redraw());
  const stopWatching = watchKernel(model, el, gone);
  // Who asks for little motion gets a new picture twice a second.
  const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const greet = () => send("hello", { calm: motion.matches });
  motion.addEventListener("change", greet);
  greet();

  return () => {
    clearTimeout(unanswered);
    clearTimeout(owed);
    clearTimeout(toSay);
    model.off("change:state", showState);
    model.off("change:problem", showState);
    model.off("msg:custom", receive);
    motion.removeEventListener("change", greet);
    stopWatching();
    stopTheme();
    waiting = null;
    stopControls();
    views.destroy();
  };
}
