// A prediction: choose, commit, then read the answer. The kernel says it only then.

// Text with `code` between backticks, as nodes.
function wordsOf(text) {
  return text.split("`").map((part, i) => {
    const node = document.createElement(i % 2 ? "code" : "span");
    node.textContent = part;
    return node;
  });
}

function renderPrediction({ model, el }) {
  const root = document.createElement("div");
  root.className = "nnlib-lab nnlib-prediction";
  const field = document.createElement("fieldset");
  const legend = document.createElement("legend");
  const lead = document.createElement("strong");
  lead.textContent = "Predict: ";
  legend.append(lead, ...wordsOf(model.get("question")));
  field.append(legend);

  // Two views of one question are two groups of radio buttons.
  const group = `nnlib-prediction-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const options = model.get("choices").map((choice) => {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = group;
    radio.value = choice;
    radio.addEventListener("change", () => { commit.disabled = false; });
    const mark = document.createElement("span");
    mark.className = "nnlib-mark";
    const words = document.createElement("span");
    words.append(...wordsOf(choice));
    label.append(radio, words, mark);
    field.append(label);
    return { label, radio, mark, choice };
  });

  const commit = document.createElement("button");
  commit.type = "button";
  commit.textContent = "Commit";
  commit.disabled = true;
  commit.title = "Say that this is what you expect; then the answer is shown.";
  commit.addEventListener("click", () => {
    const choice = options.find(({ radio }) => radio.checked)?.choice;
    if (choice !== undefined) model.send({ commit: choice });
  });

  const said = document.createElement("div");
  said.setAttribute("role", "status");
  said.tabIndex = -1;
  const verdict = document.createElement("strong");
  const why = document.createElement("span");

  const show = () => {
    const chosen = model.get("chosen");
    root.dataset.state = chosen ? "answered" : "open";
    for (const { radio, mark, choice } of options) {
      if (!chosen) continue;
      radio.checked = choice === chosen;
      radio.disabled = true;
      mark.textContent = choice === chosen ? "your prediction" : "";
    }
    verdict.textContent = model.get("verdict");
    why.replaceChildren(...wordsOf(model.get("why")));
    said.replaceChildren(...(chosen ? [verdict, " ", why] : []));
    // The button goes; who pressed it by the keyboard goes on from the answer.
    if (chosen && document.activeElement === commit) said.focus();
    commit.hidden = Boolean(chosen);
  };
  // Keys typed here belong to the question, not to JupyterLab's own commands.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  model.on("change:chosen", show);
  root.append(field, commit, said);
  el.append(root);
  show();
  return () => model.off("change:chosen", show);
}

export default { render: renderPrediction };
