// The goal of a lab that trains: a sentence, and a bar for each criterion.

// How far training is on the way to the goal: a bar for each criterion, and a sentence.
function drawGoal(box, goal) {
  box.hidden = !goal;
  if (!goal) return;
  box.dataset.goal = goal.state;
  if (box.children.length !== goal.rows.length + 1) {
    box.replaceChildren(make("p", { class: "nnlib-goal-words" }));
    for (const row of goal.rows) {
      const bar = make("span", { class: "nnlib-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, make("span"));
      box.append(make("p", { class: `nnlib-criterion${row.limit ? " nnlib-limit" : ""}` }, make("span", { class: "nnlib-wanted" }), bar, make("span", { class: "nnlib-stands" })));
    }
  }
  const [words, ...lines] = box.children;
  words.textContent = `${{ reached: "✓ ", missed: "✗ ", diverged: "✗ ", "too large": "✗ " }[goal.state] ?? ""}${goal.words}`;
  goal.rows.forEach((row, i) => {
    const [wanted, bar, stands] = lines[i].children;
    wanted.textContent = row.text;
    stands.textContent = row.stands + (row.met && !row.limit ? " ✓" : "");
    bar.setAttribute("aria-label", row.text);
    bar.setAttribute("aria-valuenow", Math.round(100 * row.share));
    bar.setAttribute("aria-valuetext", row.stands);
    bar.firstChild.style.width = `${100 * row.share}%`;
  });
}

// The box of the goal; its show(goal) takes what the lab's frame says of it.
function goalBox(parent) {
  const box = make("div", { class: "nnlib-goal", role: "group", "aria-label": "goal", hidden: "" });
  parent.append(box);
  return { show: (goal) => drawGoal(box, goal) };
}
