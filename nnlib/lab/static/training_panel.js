// The training panel: the curves of training, the goal, and the first layer's weights as images.

const IMAGE_SIZE = 52, IMAGE_GAP = 4;

// The weights into each of some hidden neurons, laid out as the image that they weigh: where
// they are positive, ink there excites the neuron, and where negative it inhibits it. Each
// image has a scale of its own.
class FirstLayer {
  constructor(parent) {
    const caption = make("p", { class: "nnlib-caption" });
    this.canvas = make("canvas", { role: "img", class: "nnlib-images" });
    this.box = make("div", { hidden: "" }, caption, this.canvas);
    this.caption = caption;
    parent.append(this.box);
    this.resizer = new ResizeObserver(() => this.draw());
    this.resizer.observe(parent);
  }

  receive(side, images) {
    if (!images) return; // they come with some of the frames alone
    Object.assign(this, { side, images });
    this.box.hidden = false;
    this.draw();
  }

  draw() {
    // While the theme changes, JupyterLab may have taken the cell off the page.
    this.width = this.box.parentElement.clientWidth || this.width;
    if (!this.images || !this.width) return;
    const { side, images } = this, n = images.length;
    const cell = IMAGE_SIZE + IMAGE_GAP;
    const across = Math.max(1, Math.min(n, Math.floor((this.width + IMAGE_GAP) / cell)));
    const context = sharpCanvas(this.canvas, across * cell - IMAGE_GAP, Math.ceil(n / across) * cell - IMAGE_GAP);
    context.imageSmoothingEnabled = false;
    const signed = signedScale();
    images.forEach((weights, i) => {
      const reach = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 1e-9);
      const picture = imageOf(side, (k) => signed(weights[k] / reach));
      context.drawImage(picture, (i % across) * cell, Math.floor(i / across) * cell, IMAGE_SIZE, IMAGE_SIZE);
    });
    this.caption.textContent = `The weights into ${n} neurons of the first layer, each as an image: blue where ink excites the neuron, orange where it inhibits it.`;
    this.canvas.setAttribute("aria-label", this.caption.textContent);
  }

  destroy() {
    this.resizer.disconnect();
  }
}

function panelViews(parent, tools) {
  const goal = goalBox(parent);
  const room = make("div", { class: "nnlib-curves" }), below = make("div");
  parent.append(room);
  const images = new FirstLayer(parent);
  parent.append(below);
  const curves = curveViews(room, { ...tools, below });
  room.after(curves.bar);
  const stopWhose = whoseCode(tools.heading, tools.model);
  const copy = copySettings(parent, "TrainingPanel.from_settings(text, network, X, target, validation=…)");
  return {
    receive(values, arrays) {
      curves.receive(values, arrays);
      goal.show(values.goal);
      images.receive(values["image side"], arrays["first layer"]);
      copy.show(values.settings);
    },
    redraw() {
      curves.redraw();
      images.draw();
    },
    destroy() {
      stopWhose();
      images.destroy();
      curves.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, panelViews) };
