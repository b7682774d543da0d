// The backpropagation lens: a small network as a picture in which every neuron and every weight
// can be looked at, with its formulas below. All numbers and texts come from Python.

const LENS = {
  column: 250, // from one layer to the next
  row: { few: 150, many: 114 }, // from one neuron to the next: of three at most, or of more
  node: { width: 134, line: 17, pad: 7 },
  margin: 14,
};

function lensSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Where everything stands: layers in columns, the loss in a last one. Each key of an item is
// 'n-l-j' (a neuron), 'w-l-i-j' (a weight) or 'loss', counted from 0.
class LensLayout {
  constructor(layers, lossLines) {
    this.layers = layers;
    const most = Math.max(...layers);
    this.row = most > 3 ? LENS.row.many : LENS.row.few;
    const lossHeight = lossLines * LENS.node.line + 2 * LENS.node.pad;
    const boxHeight = 4 * LENS.node.line + 2 * LENS.node.pad;
    this.height = Math.max((most - 1) * this.row + boxHeight, lossHeight) + 2 * LENS.margin;
    this.width = layers.length * LENS.column + LENS.node.width + 2 * LENS.margin;
  }

  centre(key) {
    const [kind, l, j] = key.split("-");
    const column = kind === "loss" ? this.layers.length : Number(l);
    const n = kind === "loss" ? 1 : this.layers[column];
    return {
      x: LENS.margin + LENS.node.width / 2 + column * LENS.column,
      y: this.height / 2 + ((kind === "loss" ? 0 : Number(j)) - (n - 1) / 2) * this.row,
    };
  }

  // The two ends of an edge, at the borders of the boxes.
  edge(key) {
    const [, l, i, j] = key.split("-").map(Number);
    const from = this.centre(`n-${l - 1}-${i}`), to = this.centre(`n-${l}-${j}`);
    return {
      x0: from.x + LENS.node.width / 2, y0: from.y, x1: to.x - LENS.node.width / 2, y1: to.y,
    };
  }
}

function lensOverlap(a, b) {
  const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

// The item that an arrow key leads to: left and right from column to column (neurons, weights,
// neurons, …), up and down within a column.
function lensNeighbour(key, arrow, layers) {
  const [kind, ...index] = key.split("-");
  const [l, i, j] = index.map(Number);
  const last = layers.length - 1;
  if (kind === "loss") return arrow === "ArrowLeft" ? `n-${last}-0` : null;
  if (kind === "n") {
    if (arrow === "ArrowLeft") return l > 0 ? `w-${l}-0-${i}` : null;
    if (arrow === "ArrowRight") return l < last ? `w-${l + 1}-${i}-0` : "loss";
    const next = i + (arrow === "ArrowDown" ? 1 : -1);
    return next >= 0 && next < layers[l] ? `n-${l}-${next}` : null;
  }
  if (arrow === "ArrowLeft") return `n-${l - 1}-${i}`;
  if (arrow === "ArrowRight") return `n-${l}-${j}`;
  const next = i * layers[l] + j + (arrow === "ArrowDown" ? 1 : -1);
  if (next < 0 || next >= layers[l - 1] * layers[l]) return null;
  return `w-${l}-${Math.floor(next / layers[l])}-${next % layers[l]}`;
}

class LensPicture {
  constructor(parent, look) {
    this.look = look; // called with the key of the item in focus or under the pointer
    this.parts = new Map();
    this.svg = lensSvg("svg", { class: "nnlib-lens-picture", role: "listbox" });
    parent.append(make("div", { class: "nnlib-lens-scroll", "data-essential": "network" }, this.svg));
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
    this.svg.addEventListener("pointerleave", () => this.look(this.selected));
    this.selected = "n-0-0";
  }

  build(layers, items) {
    const loss = items.find(({ key }) => key === "loss");
    this.layers = layers;
    this.layout = new LensLayout(layers, loss.numbers.length + 1);
    const { width, height } = this.layout;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.minWidth = `${Math.round(0.72 * width)}px`;
    this.svg.style.maxWidth = `${Math.round(1.1 * width)}px`;
    this.svg.replaceChildren();
    // Lines first, then labels, then boxes: what comes later lies on top. The loss is joined
    // to the outputs by lines without weight.
    const last = layers.length - 1;
    for (let j = 0; j < layers[last]; j += 1) {
      const from = this.layout.centre(`n-${last}-${j}`), to = this.layout.centre("loss");
      this.svg.append(lensSvg("line", {
        class: "nnlib-lens-toloss", x1: from.x + LENS.node.width / 2, y1: from.y,
        x2: to.x - LENS.node.width / 2, y2: to.y,
      }));
    }
    for (const item of items.filter(({ key }) => key.startsWith("w"))) this.addEdge(item);
    this.placeLabels(items.filter(({ key }) => key.startsWith("w")));
    for (const item of items.filter(({ key }) => !key.startsWith("w"))) this.addNode(item);
  }

  // An item of the picture: it can be focused, and shows itself on hover, focus and touch.
  addItem(item, ...children) {
    const group = lensSvg("g", {
      class: "nnlib-lens-item", role: "option", id: uniqueId("lens"), "data-key": item.key, tabindex: "-1",
    }, ...children);
    group.dataset.lmSuppressShortcuts = "true";
    group.addEventListener("pointerenter", () => this.look(item.key));
    group.addEventListener("focus", () => this.select(item.key));
    group.addEventListener("click", () => group.focus());
    this.svg.append(group);
    return group;
  }

  addEdge(item) {
    const { x0, y0, x1, y1 } = this.layout.edge(item.key);
    const ends = { x1: x0, y1: y0, x2: x1, y2: y1 };
    const line = lensSvg("line", { class: "nnlib-lens-line", ...ends });
    const hit = lensSvg("line", { class: "nnlib-lens-hit", ...ends }); // wide, to be easily met
    const halo = lensSvg("line", { class: "nnlib-lens-halo", ...ends });
    const group = this.addItem(item, halo, line, hit);
    this.parts.set(item.key, { group, line, texts: [] });
  }

  // Give each weight a label at a place on its line where it covers no other; if there is none,
  // the label shows only while the weight or one of its neurons is looked at.
  placeLabels(edges) {
    const size = { width: 92, height: 36 };
    const taken = [];
    for (const { key } of edges) {
      const { x0, y0, x1, y1 } = this.layout.edge(key);
      // Two lines that cross do so in the middle: their labels stand before it.
      const steep = Math.abs(y1 - y0) > 0.9 * this.layout.row;
      const order = steep ? [0.33, 0.67, 0.5, 0.42, 0.58] : [0.5, 0.4, 0.6, 0.33, 0.67];
      const boxes = order.map((t) => ({
        x: x0 + t * (x1 - x0) - size.width / 2, y: y0 + t * (y1 - y0) - size.height / 2, ...size,
      })).filter((box) => box.x > x0 - 12 && box.x + box.width < x1 + 12);
      const cost = (box) => taken.reduce((sum, other) => sum + lensOverlap(box, other), 0);
      const best = boxes.reduce((a, b) => (cost(b) < cost(a) ? b : a));
      const crowded = cost(best) > 0.12 * size.width * size.height;
      if (!crowded) taken.push(best);
      const texts = [0, 1].map((line) => lensSvg("text", {
        x: best.x + size.width / 2, y: best.y + 13 + 18 * line, "text-anchor": "middle",
      }));
      // The line runs between the two: w above it, ∂C/∂w below.
      const label = lensSvg("g", { class: "nnlib-lens-label", "data-crowded": crowded, "data-level": y0 === y1, "aria-hidden": "true" },
        lensSvg("rect", best), ...texts);
      if (crowded) this.svg.dataset.crowded = "true";
      label.addEventListener("pointerenter", () => this.look(key));
      label.addEventListener("click", () => this.parts.get(key).group.focus());
      this.svg.append(label);
      Object.assign(this.parts.get(key), { label, texts, space: best });
    }
  }

  addNode(item) {
    const { x, y } = this.layout.centre(item.key);
    const { width, line, pad } = LENS.node;
    const height = item.numbers.length * line + 2 * pad;
    const texts = item.numbers.map((_, i) => lensSvg("text", {
      x: x - width / 2 + 9, y: y - height / 2 + pad + 13 + i * line,
    }));
    const box = lensSvg("rect", {
      class: "nnlib-lens-box", x: x - width / 2, y: y - height / 2, width, height, rx: 8,
    });
    this.parts.set(item.key, { group: this.addItem(item, box, ...texts), texts });
  }

  draw(items) {
    const heaviest = Math.max(...items.filter(({ key }) => key.startsWith("w")).map(({ value }) => Math.abs(value))) || 1;
    for (const item of items) {
      const { group, line, texts } = this.parts.get(item.key);
      item.numbers.forEach(([symbol, text], i) => {
        texts[i].textContent = line ? `${"w∂"[i]} ${text}` : `${symbol} = ${text}`;
        texts[i].classList.toggle("nnlib-lens-unknown", text === "?");
        const own = item.own.find((other) => other.symbol === symbol);
        texts[i].classList.toggle("nnlib-lens-differs", own?.agrees === false);
        if (own) texts[i].textContent += own.agrees ? " ✓" : " ≠";
      });
      if (line) {
        line.style.strokeWidth = 1 + (4 * Math.abs(item.value)) / heaviest;
        group.dataset.sign = item.value < 0 ? "negative" : "positive";
      }
      group.dataset.now = item.now;
      group.dataset.own = item.own.length === 0 ? "" : item.own.every(({ agrees }) => agrees) ? "agrees" : "differs";
      const numbers = item.numbers.map(([symbol, text]) => `${symbol} = ${text === "?" ? "not yet known" : text}`);
      const wrong = item.own.filter(({ agrees }) => !agrees).map(({ symbol, value }) => `your ${symbol} = ${value} differs`);
      group.setAttribute("aria-label", `${item.name}: ${[...numbers, ...wrong].join(", ")}`);
    }
    this.mark(this.selected);
  }

  // Show which item is looked at, and which is the one that Tab comes to.
  mark(looked) {
    const near = (key) => {
      if (!key.startsWith("w")) return key === looked;
      const [, l, i, j] = key.split("-").map(Number);
      return [key, `n-${l - 1}-${i}`, `n-${l}-${j}`].includes(looked);
    };
    const raised = []; // where labels come up that otherwise have no room
    for (const [key, { label, space }] of this.parts) {
      if (label?.dataset.crowded === "true" && near(key)) raised.push(space);
    }
    for (const [key, { group, label, space }] of this.parts) {
      group.setAttribute("tabindex", key === this.selected ? "0" : "-1");
      group.setAttribute("aria-selected", String(key === this.selected));
      group.dataset.looked = key === looked;
      group.dataset.near = near(key);
      if (label) {
        const covered = label.dataset.crowded === "true" || raised.some((other) => lensOverlap(space, other) > 0);
        label.style.display = near(key) || !covered ? "" : "none";
      }
    }
  }

  select(key) {
    this.selected = key;
    this.look(key);
  }

  onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    let next = null;
    if (event.key.startsWith("Arrow")) next = lensNeighbour(this.selected, event.key, this.layers);
    else if (event.key === "Home") next = "n-0-0";
    else if (event.key === "End") next = "loss";
    else if (event.key === "Enter") this.onEnter();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (next) {
      const { group } = this.parts.get(next);
      group.focus();
      group.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
}

// The panel below: the formulas of one item, what finite differences say, and its fields.
class LensPanel {
  constructor(parent, edit) {
    this.edit = edit;
    this.name = make("p", { class: "nnlib-lens-name" });
    this.formulas = make("div", { class: "nnlib-lens-formulas", "aria-live": "polite", "aria-atomic": "false" });
    this.formulas.append(this.name);
    this.fields = make("div", { class: "nnlib-lens-fields" });
    this.refused = make("p", { class: "nnlib-lens-refused", role: "alert" });
    parent.append(make("div", { class: "nnlib-lens-panel", "data-essential": "formula", role: "group", "aria-label": "formulas" },
      this.formulas, this.fields, this.refused));
  }

  show(item, refused) {
    this.refused.textContent = refused;
    const lines = item.formulas.map(({ symbol, steps, note, known }) => {
      const line = make("p", { class: "nnlib-lens-formula", "data-known": known },
        make("span", { class: "nnlib-lens-symbol", text: symbol }));
      steps.forEach((step, i) => line.append(make("span", {
        class: i === steps.length - 1 ? "nnlib-lens-value" : "nnlib-lens-step", text: ` = ${step}`,
      })));
      if (note && known) line.append(make("span", { class: "nnlib-lens-note", text: ` ${note}` }));
      return line;
    });
    const checks = item.checks.map((text) => make("p", { class: "nnlib-lens-check", text }));
    for (const { symbol, value, theirs, agrees } of item.own) {
      checks.push(make("p", {
        class: `nnlib-lens-check ${agrees ? "" : "nnlib-lens-differs"}`,
        text: `Your code: ${symbol} = ${value}, ${agrees ? "as nnlib's." : `but nnlib's is ${theirs}.`}`,
      }));
    }
    const said = [item.name, ...lines, ...checks].map((part) => part.textContent ?? part).join("\n");
    if (said !== this.said) {
      this.said = said;
      this.name.textContent = item.name;
      this.formulas.replaceChildren(this.name, ...lines, ...checks);
    }
    this.showFields(item, refused);
  }

  showFields(item, refused) {
    if (this.key !== item.key) {
      this.key = item.key;
      this.inputs = item.fields.map((spec) => this.makeField(item.key, spec));
      this.fields.replaceChildren(...this.inputs.map(({ box }) => box));
    }
    item.fields.forEach(({ value }, i) => {
      const field = this.inputs[i], { input } = field;
      const inUse = document.activeElement === input;
      // While the stages play, what is being typed stays.
      if (inUse && input.value !== field.held) return;
      field.value = editable(value, 6);
      input.setAttribute("aria-invalid", String(inUse && refused !== ""));
      if (inUse && refused) return;
      input.value = field.held = field.value;
    });
  }

  makeField(key, { part, label }) {
    const id = uniqueId("lens-field");
    const input = make("input", { type: "text", inputmode: "decimal", class: "nnlib-typed", id, size: 8, autocomplete: "off" });
    input.dataset.lmSuppressShortcuts = "true";
    const help = "Type another number and press Enter: everything that depends on it changes.";
    // held: what the field held when it was last shown or taken; value: what the number is.
    const field = { input, held: "", value: "", box: make("span", { class: "nnlib-field", title: help }, make("label", { for: id, text: `Change ${label}` }), input) };
    onTyped(input, () => {
      field.held = input.value;
      const typed = typedText(input);
      if (typed === field.value) return;
      field.value = typed;
      this.edit(key, part, typed === "" ? null : Number.isFinite(Number(typed)) ? Number(typed) : typed);
    });
    return field;
  }

  focus() {
    this.inputs[0]?.input.focus();
    this.inputs[0]?.input.select();
  }
}

function lensViews(parent, { send }) {
  const root = parent.closest(".nnlib-lab");
  const HELP = {
    run: "Play the stages slowly, one per second.",
    pause: "Pause at this stage; Run continues from here.",
    step: "Go on to the next stage.",
    reset: "Go back to the first stage, with the original network, input and target.",
  };
  for (const [command, help] of Object.entries(HELP)) explain(root, command, help);

  const stages = make("ol", { class: "nnlib-lens-stages", "aria-label": "stages" });
  const learn = make("button", {
    type: "button", "data-command": "learn", text: "Take one step of gradient descent",
    title: "x ← x − α∇L for every weight and bias, with the learning rate α above.",
  });
  learn.addEventListener("click", () => send("learn"));
  const hint = "Left and right arrows move between neurons and weights, up and down within a layer; Enter moves to the field of the number.";
  // What is wrong with the reader's own code; the lens goes on showing both.
  const diagnosis = make("p", { class: "nnlib-problem nnlib-lens-diagnosis", role: "alert" });
  const whose = make("p", { class: "nnlib-caption nnlib-lens-code" });
  parent.append(diagnosis, whose, stages);

  let latest = null;
  const panelRoom = make("div");
  const picture = new LensPicture(parent, (key) => look(key));
  const legend = make("p", { class: "nnlib-lens-legend" });
  for (const [sign, text] of [["positive", "positive weight"], ["negative", "negative weight"]]) {
    const sample = lensSvg("svg", { width: 34, height: 8, "aria-hidden": "true", class: "nnlib-lens-sample", "data-sign": sign },
      lensSvg("line", { class: "nnlib-lens-line", x1: 1, y1: 4, x2: 33, y2: 4 }));
    legend.append(make("span", {}, sample, ` ${text}`));
  }
  legend.append(make("span", { text: "the thicker, the larger |w|; ∂ is ∂C/∂w; ? is not yet computed" }));
  parent.append(panelRoom, legend, make("p", { class: "nnlib-lens-learn" }, learn));
  const panel = new LensPanel(panelRoom, (key, part, value) => send("edit", { key, part, value }));
  picture.onEnter = () => panel.focus();

  // Everything once more, in rows: also where the picture has no room for a label.
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, make("tr", {},
    ...["", "its numbers", "finite difference", "your code"].map((text) => make("th", { scope: "col", text })))), body);
  const summary = make("summary", { text: "All numbers in a table" });
  summary.dataset.lmSuppressShortcuts = "true";
  parent.append(make("details", { class: "nnlib-lens-table" }, summary, table));

  const look = (key) => {
    if (!latest) return;
    picture.mark(key);
    panel.show(latest.items.find((item) => item.key === key), latest.refused);
    root.dataset.looked = key;
  };

  const showStages = ({ stages: names, stage }) => {
    stages.replaceChildren(...names.map((name, i) => {
      const item = make("li", { text: name, "data-done": i <= stage });
      if (i === stage) item.setAttribute("aria-current", "step");
      return item;
    }));
  };

  const showTable = (items) => {
    body.replaceChildren(...items.map(({ name, numbers, checks, own }) => make("tr", {},
      make("th", { scope: "row", text: name }),
      make("td", { text: numbers.map(([symbol, text]) => `${symbol} = ${text}`).join(", ") }),
      make("td", { text: checks.map((text) => text.replace(/^.* = /, "")).join(" ") }),
      make("td", { text: own.map(({ symbol, value, agrees }) => `${symbol} = ${value} ${agrees ? "✓" : "≠"}`).join(", ") }))));
  };

  return {
    receive(values) {
      const first = latest === null;
      latest = values;
      if (first) picture.build(values.layers, values.items);
      picture.svg.setAttribute("aria-label", `The network, with the numbers of each neuron and weight. ${hint}`);
      picture.draw(values.items);
      showStages(values);
      if (diagnosis.textContent !== values.diagnosis) diagnosis.textContent = values.diagnosis;
      whose.textContent = values.code === "nnlib" ? "" : `Your code beside nnlib's: ${values.code}; ✓ agrees, ≠ differs.`;
      showTable(values.items);
      look(first ? picture.selected : root.dataset.looked);
      root.dataset.stage = values.stage;
      root.dataset.numbers = JSON.stringify(Object.fromEntries(values.items.flatMap(({ numbers }) => numbers)));
      root.dataset.refused = values.refused;
    },
    redraw: () => {}, // all colours are in the style sheet, which knows the themes
    destroy: () => {},
  };
}
export default { render: (context) => renderLab(context, lensViews) };
