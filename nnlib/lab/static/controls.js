// Controls: each description from controls.py becomes the browser's own element,
// tied to one trait of the model.

// Each lab on a page is a module of its own, with a count of its own: what it is called
// itself keeps its labels from naming another lab's controls.
const MODULE = Math.random().toString(36).slice(2, 8);
let uniqueIds = 0;

function uniqueId(name) {
  uniqueIds += 1;
  return `nnlib-${name}-${MODULE}-${uniqueIds}`;
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Room for a table that may be wider than the lab: it scrolls by the keyboard too.
function scrollable(label, ...children) {
  return make("div", { class: "nnlib-scroll", tabindex: "0", role: "region", "aria-label": label }, ...children);
}

// A number in a field, where it may be edited: 0.1, 2.5, -3, 1e-7.
function editable(value, digits = 3) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : String(value);
}

// The same to be read, with a true minus sign: −3, 1e−7.
function readable(value, digits = 3) {
  return trueMinus(editable(value, digits));
}

function trueMinus(text) {
  return text.replaceAll("-", "−");
}

// What was typed, as a number would be written in a program.
function typedText(input) {
  return input.value.trim().replace(",", ".").replaceAll("−", "-");
}

// The field set around a control: its label, the control, and its help text, which
// shows on hover and is what a screen reader adds after the label.
function field(spec, labelFor, ...children) {
  const help = make("span", { class: "nnlib-help", id: uniqueId("help"), text: spec.help });
  const label = make("label", { for: labelFor, text: spec.label });
  const box = make("div", { class: `nnlib-field nnlib-${spec.kind}`, title: spec.help }, label, ...children, help);
  return { box, helpId: help.id };
}

function setTrait(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

// Take what was typed on Enter as on leaving the field: within a notebook, Enter does not
// end the edit of a field by itself.
function onTyped(input, take) {
  input.addEventListener("change", take);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") take();
  });
}

// A finger that wants to scroll the page may begin on a slider: as soon as the browser takes the
// touch for scrolling, the slider goes back to where it was.
function undoSwipes(slider) {
  let before = null;
  slider.addEventListener("pointerdown", ({ pointerType }) => {
    before = pointerType === "touch" ? slider.value : null;
  }, true);
  slider.addEventListener("pointercancel", () => {
    if (before === null || slider.value === before) return;
    slider.value = before;
    slider.dispatchEvent(new Event("input"));
  });
}

function logSlider(model, spec) {
  const id = uniqueId(spec.trait);
  const low = Math.log10(spec.low), high = Math.log10(spec.high);
  const slider = make("input", { type: "range", id, min: low, max: high, step: spec.step ?? 0.05, "data-trait": spec.trait });
  const typed = make("input", {
    type: "text", inputmode: "decimal", class: "nnlib-typed", size: 7, autocomplete: "off",
    "aria-label": `${spec.label}, typed`, "data-typed": spec.trait,
  });
  undoSwipes(slider);
  const { box, helpId } = field(spec, id, slider, typed);
  slider.setAttribute("aria-describedby", helpId);

  const show = () => {
    const value = model.get(spec.trait);
    slider.value = Math.log10(value);
    slider.setAttribute("aria-valuetext", readable(value));
    if (document.activeElement !== typed) typed.value = editable(value);
    typed.removeAttribute("aria-invalid");
  };
  slider.addEventListener("input", () => {
    setTrait(model, spec.trait, Number((10 ** slider.valueAsNumber).toPrecision(3)));
  });
  const take = () => {
    const text = typedText(typed), value = Number(text);
    if (text !== "" && Number.isFinite(value) && value > 0) {
      setTrait(model, spec.trait, value);
      typed.value = editable(value);
      typed.removeAttribute("aria-invalid");
    } else {
      typed.setAttribute("aria-invalid", "true");
    }
  };
  onTyped(typed, take);
  return { box, trait: spec.trait, show };
}

function choice(model, spec) {
  const name = uniqueId(spec.trait);
  const group = make("div", { class: "nnlib-options", role: "radiogroup", "aria-label": spec.label });
  const inputs = spec.options.map((option) => {
    const id = uniqueId("option");
    const input = make("input", { type: "radio", id, name, value: option.value, "data-trait": spec.trait });
    const help = make("span", { class: "nnlib-help", id: uniqueId("help"), text: option.help });
    input.setAttribute("aria-describedby", help.id);
    input.addEventListener("change", () => setTrait(model, spec.trait, option.value));
    input.disabled = Boolean(option.needs);
    const text = option.needs ? `${option.value} (needs ${option.needs})` : option.value;
    group.append(
      make("span", { class: "nnlib-option", title: option.help }, input, make("label", { for: id, text }), help),
    );
    return input;
  });
  const box = make("div", { class: "nnlib-field nnlib-choice" },
    make("span", { class: "nnlib-label", "aria-hidden": "true", text: spec.label }), group);
  const show = () => {
    for (const input of inputs) input.checked = input.value === model.get(spec.trait);
  };
  return { box, trait: spec.trait, show };
}

function integer(model, spec) {
  const id = uniqueId(spec.trait);
  const input = make("input", {
    type: "number", id, min: spec.low, max: spec.high, step: 1, "data-trait": spec.trait,
  });
  const { box, helpId } = field(spec, id, input);
  input.setAttribute("aria-describedby", helpId);
  const show = () => {
    if (document.activeElement !== input) input.value = model.get(spec.trait);
  };
  onTyped(input, () => {
    const value = input.valueAsNumber;
    if (Number.isInteger(value) && value >= spec.low && value <= spec.high) {
      input.removeAttribute("aria-invalid");
      setTrait(model, spec.trait, value);
    } else {
      input.setAttribute("aria-invalid", "true");
    }
  });
  return { box, trait: spec.trait, show };
}

function slider(model, spec) {
  const id = uniqueId(spec.trait);
  const input = make("input", {
    type: "range", id, min: spec.low, max: spec.high, step: spec.step, "data-trait": spec.trait,
  });
  undoSwipes(input);
  const value = make("output", { for: id });
  const { box, helpId } = field(spec, id, input, value);
  input.setAttribute("aria-describedby", helpId);
  const show = () => {
    input.value = model.get(spec.trait);
    value.textContent = readable(model.get(spec.trait));
  };
  input.addEventListener("input", () => {
    value.textContent = readable(input.valueAsNumber);
    setTrait(model, spec.trait, input.valueAsNumber);
  });
  return { box, trait: spec.trait, show };
}

function select(model, spec) {
  const id = uniqueId(spec.trait);
  const input = make("select", { id, "data-trait": spec.trait });
  for (const option of spec.options) {
    input.append(make("option", { value: option.value, title: option.help, text: option.value }));
  }
  const { box, helpId } = field(spec, id, input);
  input.setAttribute("aria-describedby", helpId);
  const show = () => {
    input.value = model.get(spec.trait);
  };
  input.addEventListener("change", () => setTrait(model, spec.trait, input.value));
  return { box, trait: spec.trait, show };
}

function toggle(model, spec) {
  const id = uniqueId(spec.trait);
  const input = make("input", { type: "checkbox", id, "data-trait": spec.trait });
  const { box, helpId } = field(spec, id, input);
  input.setAttribute("aria-describedby", helpId);
  const show = () => {
    input.checked = model.get(spec.trait);
  };
  input.addEventListener("change", () => setTrait(model, spec.trait, input.checked));
  return { box, trait: spec.trait, show };
}

const MAKERS = { "log-slider": logSlider, slider, choice, select, integer, toggle };

// The controls that must be in sight together with what they change, and the names under which
// a test looks for them.
const ESSENTIAL = { learning_rate: "rate", mode: "mode", dataset: "data", surface: "data", race: "data" };

// All controls of a lab in one form; return what stops them listening to the model. Those
// that name a `group` are folded away, behind a line that says their present values.
function makeControls(model, parent) {
  const stops = [], groups = new Map();
  const follow = (trait, act) => {
    model.on(`change:${trait}`, act);
    stops.push(() => model.off(`change:${trait}`, act));
  };
  const placeFor = ({ group }) => {
    if (!group) return parent;
    if (!groups.has(group)) {
      const inside = make("div", { class: "nnlib-controls", role: "group", "aria-label": `settings: ${group.toLowerCase()}` });
      inside.append(make("span", { class: "nnlib-group-name", "aria-hidden": "true", text: group }));
      groups.set(group, inside);
    }
    return groups.get(group);
  };
  const folded = [];
  for (const spec of model.get("controls")) {
    const control = MAKERS[spec.kind](model, spec);
    control.show();
    if (spec.trait in ESSENTIAL && !spec.group) control.box.dataset.essential = ESSENTIAL[spec.trait];
    placeFor(spec).append(control.box);
    follow(control.trait, control.show);
    if (spec.group) folded.push(spec);
  }
  if (folded.length) {
    const values = make("span", { class: "nnlib-folded-values" });
    const summary = make("summary", { title: "The settings that are seldom changed, and their present values." },
      make("span", { class: "nnlib-label", text: "More settings:" }), " ", values);
    const say = () => {
      values.textContent = folded.map((spec) => presentValue(spec, model.get(spec.trait))).join(" · ");
    };
    folded.forEach(({ trait }) => follow(trait, say));
    say();
    summary.dataset.lmSuppressShortcuts = "true";
    parent.append(make("details", { class: "nnlib-group" }, summary, ...groups.values()));
  }
  return () => stops.forEach((stop) => stop());
}

// The value of a setting in the line that stands for it: "tanh", "seed 0", "λ₂ 0.001".
function presentValue({ kind, label, short }, value) {
  if (kind === "toggle") return `${short ?? label.toLowerCase()}: ${value ? "on" : "off"}`;
  if (typeof value !== "number") return String(value);
  return `${short ?? label.toLowerCase()} ${readable(value)}`;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  run: "M3 1.5v13l11-6.5z",
  pause: "M3 2h3.5v12H3zM9.5 2H13v12H9.5z",
  step: "M2 2v12l8-6zM11 2h3v12h-3z",
  epoch: "M1 2v12l6-6zM7 2v12l6-6zM13.5 2H15v12h-1.5z",
  reset: "M8 2a6 6 0 1 0 6 6h-2a4 4 0 1 1-4-4v3l5-4-5-4z",
};

function button(command, label, help, press) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[command]);
  svg.append(path);
  const element = make("button", { type: "button", title: help, "data-command": command }, svg, label);
  element.addEventListener("click", press);
  return element;
}
