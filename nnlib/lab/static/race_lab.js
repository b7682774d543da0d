// The race: one curve a contestant, and a table that says where each stands.

function raceViews(parent, { model }) {
  const root = parent.closest(".nnlib-lab");
  for (const [command, help] of Object.entries({
    run: "Train all contestants at the same number of gradient evaluations, until you press Pause.",
    step: "Make one update of the contestant that is furthest behind.",
    epoch: "Continue until each contestant has used every sample once more.",
    reset: "Take every contestant back to the start; the settings stay.",
  })) explain(root, command, help);
  const log = make("input", { type: "checkbox", id: uniqueId("log"), "data-view": "log" });
  const logOption = make("p", { class: "nnlib-option" }, log, make("label", { for: log.id, text: "loss on a log scale" }));
  const room = make("div", { class: "nnlib-curves nnlib-race-curves" }), tables = make("div", { class: "nnlib-tables" });
  const body = make("tbody");
  const head = make("tr");
  for (const text of ["contestant", "validation loss", "accuracy", "updates", "epochs", "gradients", "seconds", "status"]) {
    head.append(make("th", { scope: "col", text }));
  }
  head.cells[5].title = "gradient evaluations: one for each sample in each update";
  const table = make("table", { class: "nnlib-layers nnlib-race", "aria-label": "standings of the contestants", "data-essential": "standing" },
    make("thead", {}, head), body);
  const whose = make("p", { class: "nnlib-caption" });
  parent.append(room, whose, scrollable("the table of the contestants", table), tables);
  const copy = copySettings(parent, "RaceLab.from_settings(text)");
  let chart = null, accuracy = null, key = "", top = 1;

  // uPlot's curves and axes are fixed once drawn, so another race is another chart.
  const build = (names, over) => {
    chart?.destroy();
    accuracy?.destroy();
    tables.replaceChildren();
    const lossRoom = make("div", { class: "nnlib-curve" }, logOption), accuracyRoom = make("div", { class: "nnlib-curve" });
    room.replaceChildren(lossRoom, accuracyRoom);
    const height = (width) => between(160, 0.37 * width, 340);
    const curves = names.map((name, i) => ({
      name, colour: () => runColour(i), dash: runDashes(i), band: true,
    }));
    chart = new Chart(lossRoom, {
      label: "validation loss", height, over, table: tables, curves,
      // A run that diverges must not flatten the others: what is called worse than at the
      // start is off the chart, on either scale.
      range: () => [0, LIMITS.worse * top],
    });
    chart.setLog(log.checked);
    chart.box.dataset.essential = "curve";
    accuracy = new Chart(accuracyRoom, {
      label: "accuracy", unit: "%", height, over, table: tables, curves,
      range: (data) => accuracyRange(Object.values(data)),
    });
    accuracy.box.dataset.essential = "accuracy";
  };
  log.addEventListener("change", () => chart?.setLog(log.checked));

  const gone = (row) => row.state.startsWith("diverged");
  const fill = (rows) => {
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((row, i) => {
      if (!body.rows[i]) {
        const line = body.insertRow();
        line.append(make("th", { scope: "row" }));
        for (let k = 0; k < 7; k += 1) line.append(make("td"));
      }
      body.rows[i].dataset.state = row.state ? "out" : "";
      const cells = body.rows[i].cells;
      const texts = [
        row.name, gone(row) || row.loss === null ? "–" : readable(row.loss),
        gone(row) || row.accuracy === null ? "–" : `${(100 * row.accuracy).toFixed(1)} %`, row.update.toLocaleString("en"), row.epochs.toFixed(1),
        row.samples.toLocaleString("en"), row.seconds.toFixed(2), row.state,
      ];
      texts.forEach((text, k) => {
        if (cells[k].textContent !== text) cells[k].textContent = text;
      });
    });
  };

  return {
    receive(values, arrays) {
      const wanted = JSON.stringify([values.names, values.against]);
      if (wanted !== key) {
        key = wanted;
        build(values.names, values.against);
      }
      top = Math.max(...values.names.map((name) => arrays[name][1][0] ?? 0)) || 1;
      for (const name of values.names) {
        const [x, ...rows] = arrays[name];
        // A run that diverges climbs out of the picture; it must not set its scale.
        chart.set(name, [x, ...rows.map((row) => row.map((loss) => Math.min(loss, 2 * LIMITS.worse * top)))], arrays[name]);
        accuracy.set(name, arrays[`accuracy of ${name}`]);
      }
      accuracy.hide(values.rows.every((row) => row.accuracy === null));
      accuracy.draw();
      accuracy.describe(`Validation accuracy over ${values.against}. ${values.summary}`);
      chart.draw();
      chart.describe(`Validation loss over ${values.against}. ${values.summary}`);
      fill(values.rows);
      copy.show(values.settings);
      whose.textContent = values.code === "nnlib" ? "" : `Your code competes with nnlib's: ${values.code}.`;
      for (const input of root.querySelectorAll("[data-trait], [data-typed]")) {
        input.disabled = values.idle.includes(input.dataset.trait ?? input.dataset.typed);
        const field = input.closest(".nnlib-field");
        if (input.dataset.trait) field.dataset.idle = input.disabled;
      }
      root.dataset.names = values.names.join("|");
      root.dataset.against = values.against;
      root.dataset.diverged = values.rows.filter((row) => row.state).map((row) => row.name).join("|");
      root.dataset.points = arrays[values.names[0]][0].length;
    },
    redraw() {
      chart?.build();
      accuracy?.build();
    },
    destroy() {
      chart?.destroy();
      accuracy?.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, raceViews) };
