// The confusion lab: a matrix of buttons, of which one is open, and the images behind it.

const CONFUSION_DIGIT = 84;
// The colour of the cell with the most mistakes keeps so much of the page that its number can be read.
const CONFUSION_STRONGEST = [0.6, 0.45];

// The matrix as a grid: Tab comes to the cell that is open, the arrow keys go from cell to cell,
// and Enter or Space open the one in focus.
class ConfusionGrid {
  constructor(parent, model) {
    this.model = model;
    this.table = make("table", { role: "grid", class: "nnlib-confusion", "data-essential": "picture", "aria-label": "Confusion matrix: rows the true class, columns the predicted" });
    parent.append(
      make("p", { class: "nnlib-caption", text: "Row: the true class. Column: the predicted class. Arrow keys, Enter or a click open a cell." }),
      scrollable("Confusion matrix", this.table),
    );
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.buttons = null;
  }

  build(names) {
    const head = make("tr", {}, make("th", { scope: "col" }, make("span", { class: "nnlib-help", text: "true class" })));
    names.forEach((name) => head.append(make("th", { scope: "col", text: name })));
    head.append(make("th", { scope: "col", text: "correct" }));
    const body = make("tbody");
    this.shares = [];
    this.buttons = names.map((name, i) => {
      const row = make("tr", {}, make("th", { scope: "row", text: name }));
      const buttons = names.map((_, j) => {
        const cell = make("button", { type: "button", "data-true": i, "data-predicted": j, tabindex: "-1" });
        cell.dataset.lmSuppressShortcuts = "true";
        cell.addEventListener("click", () => this.open(i, j));
        row.append(make("td", i === j ? { class: "nnlib-right-cell" } : {}, cell));
        return cell;
      });
      this.shares.push(make("td", { class: "nnlib-share" }));
      row.append(this.shares[i]);
      body.append(row);
      return buttons;
    });
    this.table.replaceChildren(make("thead", {}, head), body);
  }

  set(values, matrix) {
    const { names, cell } = values;
    if (this.buttons?.length !== names.length) this.build(names);
    Object.assign(this, { names, matrix, cell });
    matrix.forEach((row, i) => {
      const total = row.reduce((sum, n) => sum + n, 0);
      this.shares[i].textContent = total ? `${((100 * row[i]) / total).toFixed(1)} %` : "–";
      row.forEach((n, j) => {
        const button = this.buttons[i][j], open = i === cell[0] && j === cell[1];
        const said = i === j ? "classified correctly" : `mistaken for ${names[j]}`;
        button.textContent = n.toLocaleString("en");
        button.setAttribute("aria-label", `${names[i]} ${said}: ${n} image${n === 1 ? "" : "s"}`);
        button.setAttribute("aria-pressed", open);
        button.classList.toggle("nnlib-none", n === 0);
      });
    });
    this.reach(...cell);
    this.colour();
  }

  // The cell that Tab comes to.
  reach(i, j) {
    if (this.reached) this.reached.tabIndex = -1;
    this.reached = this.buttons[i][j];
    this.reached.tabIndex = 0;
  }

  colour() {
    if (!this.matrix) return;
    const most = Math.max(1, ...this.matrix.flatMap((row, i) => [...row].filter((_, j) => j !== i)));
    const strongest = CONFUSION_STRONGEST[isDark() ? 1 : 0], paper = jupyterColour("--jp-layout-color0", "#ffffff");
    this.matrix.forEach((row, i) => row.forEach((n, j) => {
      const share = i === j ? 0 : (100 * strongest * n) / most;
      this.buttons[i][j].style.background = share ? `color-mix(in srgb, ${hue("negative")} ${share.toFixed(1)}%, ${paper})` : "";
    }));
  }

  open(i, j) {
    this.reach(i, j);
    setTrait(this.model, "cell", [i, j]);
  }

  onKey(event) {
    const at = event.target.closest("button");
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const far = { Home: 0, End: this.names.length - 1 }[event.key];
    if (!at || (!step && far === undefined)) return;
    event.preventDefault();
    event.stopPropagation();
    const last = this.names.length - 1, within = (v) => Math.min(last, Math.max(0, v));
    const i = Number(at.dataset.true), j = Number(at.dataset.predicted);
    const [down, right] = step ? [within(i + step[0]), within(j + step[1])] : [i, far];
    this.reach(down, right);
    this.reached.focus();
  }
}

function confusionViews(parent, { model, send }) {
  const root = parent.closest(".nnlib-lab");
  const left = make("div", { class: "nnlib-confusion-left" }), right = make("div", { class: "nnlib-confusion-right" });
  parent.append(make("div", { class: "nnlib-confusion-lab" }, left, right));
  const grid = new ConfusionGrid(left, model);
  const heading = make("p", { class: "nnlib-title nnlib-opened" });
  const gallery = make("ul", { class: "nnlib-gallery" });
  const more = make("button", { type: "button", title: "Show more images of this cell." });
  more.addEventListener("click", () => send("more"));
  right.append(heading, scrollable("Images in the open cell", gallery), more);
  let digits = [], opened = "";

  const showImages = (values, pixels) => {
    const [i, j] = values.cell.map((c) => values.names[c]);
    digits = values.images.map(({ index, said }, k) => {
      const words = said.map(({ name, percent }) => `${name} with ${percent}`).join(", ");
      return digitCanvas(pixels[k], CONFUSION_DIGIT, `Image ${index}, a ${i}, read as ${words}`);
    });
    gallery.replaceChildren(...values.images.map(({ index, said }, k) => make("li", { title: `row ${index} of X` },
      digits[k].canvas,
      make("ul", { class: "nnlib-said" }, ...said.map(({ name, percent, true: isTrue }) =>
        make("li", isTrue ? { class: "nnlib-truth" } : {}, `${name}: ${percent}`))))));
    heading.textContent = i === j ? `${i} classified correctly` : `${i} mistaken for ${j}`;
    if (!values.images.length) gallery.replaceChildren(make("li", { text: "There are no images in this cell." }));
    more.hidden = values.left === 0;
    more.textContent = `Show more: ${values.left.toLocaleString("en")} left`;
  };

  return {
    receive(values, arrays) {
      grid.set(values, arrays.matrix);
      // The same images need no new canvases, which would lose the reader's place among them.
      const now = JSON.stringify([values.cell, values.images]);
      if (now !== opened) showImages(values, arrays.pixels);
      opened = now;
      root.dataset.cell = values.cell.join("-");
      root.dataset.images = values.images.map(({ index }) => index).join("|");
    },
    redraw() {
      grid.colour();
      digits.forEach(({ draw }) => draw());
    },
    destroy() {},
  };
}

export default { render: (context) => renderLab(context, confusionViews) };
