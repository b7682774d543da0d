// The training panel: loss and accuracy over updates.

const CHARTS = [
  {
    label: "loss", height: 250,
    curves: [
      { name: "training loss", colour: "training", band: true },
      { name: "validation loss", colour: "validation", dash: [8, 4] },
    ],
  },
  {
    label: "accuracy", unit: "%", height: 170,
    curves: [{ name: "accuracy", colour: "validation", dash: [8, 4] }],
    // From the lowest of the later half, so that the climb at the start does not
    // flatten all that follows.
    range: ({ accuracy }) => {
      const later = accuracy ? accuracy[1].subarray(Math.floor(accuracy[1].length / 2)) : [];
      const low = later.length ? Math.min(...later) : 0;
      return [Math.max(0, Math.floor(low / 5 - 0.2) * 5), 100.5];
    },
  },
];

function curveViews(parent, { model }) {
  const log = make("input", { type: "checkbox", id: uniqueId("log"), "data-view": "log" });
  parent.append(
    make("p", { class: "nnlib-option" }, log, make("label", { for: log.id, text: "loss on a log scale" })),
  );
  const charts = CHARTS.map((options) => new Chart(parent, options));
  log.addEventListener("change", () => charts[0].setLog(log.checked));
  return {
    receive(values, arrays) {
      for (const chart of charts) {
        chart.marks = values.marks;
        for (const [name, rows] of Object.entries(arrays)) {
          if (name in chart.data) chart.set(name, rows);
        }
        chart.draw();
        chart.describe(`${chart.label} over updates. ${values.summary}`);
      }
      parent.closest(".nnlib-lab").dataset.points = arrays["training loss"][0].length;
    },
    redraw: () => charts.forEach((chart) => chart.build()),
    destroy: () => charts.forEach((chart) => chart.destroy()),
  };
}
