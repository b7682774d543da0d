// The distortion lab: one image large, before under the bent grid and after under the straight
// one; and all of them small, each above its distorted copy.

const DISTORTION_SIZE = 280, DISTORTION_SMALL = 56, DISTORTION_EVERY = 3;
const DISTORTION_CAPTIONS = {
  "bent grid": ["Before, under the bent grid", "After: at each crossing, the value of the same crossing before"],
  arrows: ["Before: each arrow points from a pixel to where its new value comes from", "After: the values found at the tips of the arrows"],
  nothing: ["Before", "After"],
};

class DistortionPair {
  constructor(parent) {
    this.panels = [0, 1].map(() => {
      const canvas = make("canvas", { role: "img" }), caption = make("p", { class: "nnlib-caption" });
      parent.append(make("div", { class: "nnlib-distortion-panel" }, canvas, caption));
      return { canvas, caption };
    });
  }

  draw(values, { before, after, rows, columns }) {
    const { image, field } = values.settings, size = DISTORTION_SIZE, [left, right] = this.panels;
    // A pixel's centre lies half a pixel from its edge.
    const pixel = (row, column) => [row, column].map((v) => ((v + 0.5) * size) / DIGIT_SIDE).reverse();
    const bent = (i, j) => pixel(rows[i][j], columns[i][j]);
    const contexts = this.panels.map(({ canvas }) => sharpCanvas(canvas, size, size));
    drawDigit(contexts[0], before[image - 1], 0, 0, size);
    drawDigit(contexts[1], after[image - 1], 0, 0, size);
    for (const context of contexts) Object.assign(context, { strokeStyle: hue("training"), fillStyle: hue("training"), lineWidth: 1.2 });
    if (field === "bent grid") {
      this.grid(contexts[0], bent);
      this.grid(contexts[1], pixel);
    } else if (field === "arrows") {
      for (let i = 0; i < DIGIT_SIDE; i += DISTORTION_EVERY) {
        for (let j = 0; j < DIGIT_SIDE; j += DISTORTION_EVERY) this.arrow(contexts[0], pixel(i, j), bent(i, j));
      }
    }
    DISTORTION_CAPTIONS[field].forEach((text, k) => (this.panels[k].caption.textContent = `${text}.`));
    const what = values.labels ? `a ${values.labels[image - 1]}` : "a digit";
    left.canvas.setAttribute("aria-label", `Image ${image}, ${what}, before. ${values.summary}`);
    right.canvas.setAttribute("aria-label", `Image ${image}, ${what}, after the distortion.`);
  }

  grid(context, place) {
    context.beginPath();
    for (let line = 0; line < DIGIT_SIDE; line += DISTORTION_EVERY) {
      for (const at of [(k) => place(line, k), (k) => place(k, line)]) {
        for (let k = 0; k < DIGIT_SIDE; k += 1) context[k ? "lineTo" : "moveTo"](...at(k));
      }
    }
    context.stroke();
  }

  arrow(context, [x, y], [u, v]) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(u, v);
    context.stroke();
    const length = Math.hypot(u - x, v - y);
    if (length < 4) {
      context.fillRect(x - 1.5, y - 1.5, 3, 3);
      return;
    }
    const [a, b] = [(4 * (u - x)) / length, (4 * (v - y)) / length];
    context.beginPath();
    context.moveTo(u, v);
    context.lineTo(u - 1.5 * a - b, v - 1.5 * b + a);
    context.lineTo(u - 1.5 * a + b, v - 1.5 * b - a);
    context.fill();
  }
}

// All images: a click shows one large, as the slider does.
class DistortionStrip {
  constructor(parent, model) {
    Object.assign(this, { model, list: make("ul", { class: "nnlib-gallery" }), tiles: [] });
    parent.append(this.list);
  }

  draw(values, { before, after }) {
    while (this.tiles.length < before.length) this.add();
    this.tiles.forEach((tile, i) => {
      const label = values.labels?.[i], chosen = values.settings.image === i + 1;
      tile.item.classList.toggle("nnlib-chosen", chosen);
      [before, after].forEach((images, k) => {
        const said = values.read?.[k][i], state = k ? "after" : "before";
        drawDigit(sharpCanvas(tile.canvases[k], DISTORTION_SMALL, DISTORTION_SMALL), images[i], 0, 0, DISTORTION_SMALL);
        const what = label === undefined ? "" : `, a ${label}`;
        const read = said ? `, read as ${said.class} with ${said.percent}` : "";
        tile.canvases[k].setAttribute("aria-label", `Image ${i + 1}${what}, ${state}${read}`);
        const wrong = said && label !== undefined && said.class !== label;
        tile.texts[k].textContent = said ? `${said.class}: ${said.percent}${wrong ? " ✗" : ""}` : k || label === undefined ? "" : label;
        tile.texts[k].classList.toggle("nnlib-truth", Boolean(wrong));
      });
    });
  }

  add() {
    const i = this.tiles.length;
    const canvases = [0, 1].map(() => make("canvas", { role: "img", class: "nnlib-digit" }));
    const texts = [0, 1].map(() => make("p", { class: "nnlib-caption" }));
    const item = make("li", {}, canvases[0], texts[0], canvases[1], texts[1]);
    item.addEventListener("click", () => setTrait(this.model, "image", i + 1));
    this.list.append(item);
    this.tiles.push({ item, canvases, texts });
  }
}

function distortionViews(parent, { model, send }) {
  const root = parent.closest(".nnlib-lab"), controls = root.querySelector(".nnlib-controls");
  const press = (text, title, act) => {
    const element = make("button", { type: "button", text, title });
    element.addEventListener("click", act);
    controls.append(element);
  };
  press("Draw again", "Use the next seed: other distortions of the same strengths.", () => setTrait(model, "seed", (model.get("seed") + 1) % 1000));
  press("Reset controls", "Put every control back to its first value.", () => send("reset"));
  const pairRoom = make("div", { class: "nnlib-distortion-pair", "data-essential": "picture" }), stripRoom = make("div", { class: "nnlib-distortion-strip" });
  stripRoom.append(make("p", { class: "nnlib-caption", text: "All images, each above its distorted copy:" }));
  parent.append(make("div", { class: "nnlib-distortion" }, pairRoom, stripRoom));
  const pair = new DistortionPair(pairRoom), strip = new DistortionStrip(stripRoom, model);
  let latest = null;
  const draw = () => {
    if (!latest) return;
    pair.draw(...latest);
    strip.draw(...latest);
  };
  return {
    receive(values, arrays) {
      latest = [values, arrays];
      draw();
      root.dataset.settings = JSON.stringify(values.settings);
    },
    redraw: draw,
    destroy() {},
  };
}

export default { render: (context) => renderLab(context, distortionViews) };
