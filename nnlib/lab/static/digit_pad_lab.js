// The digit pad's lab: its parts, in two columns.

function digitPadViews(parent, { model, send }) {
  const root = parent.closest(".nnlib-lab");
  const reset = root.querySelector('button[data-command="reset"]');
  reset.title = "Restore the network's first weights and remove the added digits.";
  const left = make("div", { class: "nnlib-pad-left" }), right = make("div", { class: "nnlib-pad-right" });
  parent.append(make("div", { class: "nnlib-pad-room" }, left, right));
  const tools = { model, send };
  const pad = new DigitPadView(left, tools);
  const added = new AddedView(left, tools);
  const stages = new StagesView(right), output = new OutputView(right);
  const layers = new LayersView(right);
  const stopWhose = whoseCode(right, model);
  const penChanged = () => pad.draw();
  model.on("change:pen", penChanged);
  let latest = null;

  const draw = (values, arrays) => {
    const last = values.layers.length ? values.layers[values.layers.length - 1][0] + 1 : 1;
    const outputs = values.empty ? null : arrays[`layer ${last}`][0];
    pad.receive(values, arrays);
    stages.receive(values, arrays);
    output.receive(values, arrays, outputs);
    layers.receive(values, arrays);
    return outputs;
  };

  return {
    receive(values, arrays) {
      latest = [values, arrays];
      const outputs = draw(values, arrays);
      added.receive(values);
      // What was drawn, for those who look from outside.
      root.dataset.reads = values.reads ?? "";
      root.dataset.source = values.source;
      root.dataset.strokes = values.strokes.length;
      root.dataset.points = values.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
      root.dataset.picture = values.picture;
      root.dataset.added = values.added.length;
      root.dataset.outputs = outputs ? JSON.stringify(Array.from(outputs, (a) => Number(a.toFixed(4)))) : "";
      root.dataset.heard = (values.heard[pad.view] ?? 0) >= pad.number;
    },
    redraw() {
      if (latest) draw(...latest);
    },
    destroy() {
      model.off("change:pen", penChanged);
      stopWhose();
    },
  };
}
export default { render: (context) => renderLab(context, digitPadViews) };
