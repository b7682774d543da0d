// A line that says whose functions are at work: nnlib's, or the learner's own.

function whoseCode(parent, model) {
  const line = make("p", { class: "nnlib-caption nnlib-whose" });
  parent.append(line);
  const show = () => {
    line.textContent = `Code in use: ${model.get("code")}.`;
    line.classList.toggle("nnlib-yours", model.get("code") !== "nnlib");
  };
  show();
  model.on("change:code", show);
  return () => model.off("change:code", show);
}
