// The race: one curve a contestant, and a table that says where each stands.

function raceViews(parent, { model }) {
  const log = make("input", { type: "checkbox", id: uniqueId("log"), "data-view": "log" });
  parent.append(make("p", { class: "nnlib-option" }, log, make("label", { for: log.id, text: "loss on a log scale" })));
  const room = make("div");
  const body = make("tbody");
  const head = make("tr");
  for (const text of ["contestant", "validation loss", "updates", "epochs", "seconds", ""]) {
    head.append(make("th", { scope: "col", text }));
  }
  parent.append(room, make("table", { class: "nnlib-layers" }, make("thead", {}, head), body));
  let chart = null, key = "", top = 1;

  // uPlot's curves and axes are fixed once drawn, so another race is another chart.
  const build = (names, over) => {
    chart?.destroy();
    room.replaceChildren();
    chart = new Chart(room, {
      label: "validation loss", height: 300, over,
      curves: names.map((name, i) => ({
        name, colour: () => runColour(i), dash: runDashes(i), band: true,
      })),
      // A run that diverges must not flatten the others.
      range: () => [0, 1.5 * top],
    });
    chart.setLog(log.checked);
  };
  log.addEventListener("change", () => chart?.setLog(log.checked));

  const fill = (rows) => {
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((row, i) => {
      if (!body.rows[i]) {
        const line = body.insertRow();
        line.append(make("th", { scope: "row" }));
        for (let k = 0; k < 5; k += 1) line.append(make("td"));
      }
      const cells = body.rows[i].cells;
      const texts = [
        row.name, readable(row.loss), row.update.toLocaleString("en"), row.epochs.toFixed(1), row.seconds.toFixed(2), row.state,
      ];
      texts.forEach((text, k) => (cells[k].textContent = text));
    });
  };

  return {
    receive(values, arrays) {
      const wanted = JSON.stringify([values.names, values.against]);
      if (wanted !== key) {
        key = wanted;
        build(values.names, values.against);
      }
      top = Math.max(1e-9, ...values.names.map((name) => arrays[name][1][0] ?? 0));
      for (const name of values.names) chart.set(name, arrays[name]);
      chart.draw();
      chart.describe(`Validation loss over ${values.against}. ${values.summary}`);
      fill(values.rows);
      const root = parent.closest(".nnlib-lab");
      root.dataset.names = values.names.join("|");
      root.dataset.against = values.against;
      root.dataset.diverged = values.rows.filter((row) => row.state).map((row) => row.name).join("|");
      root.dataset.points = arrays[values.names[0]][0].length;
    },
    redraw: () => chart?.build(),
    destroy: () => chart?.destroy(),
  };
}

export default { render: (context) => renderLab(context, raceViews) };
