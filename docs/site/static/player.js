// Recorded labs: the front end of a live lab, and a recording where its model would be. What a
// recording is, tools/recordings/ says; each is a script that calls nnlibPlay.

(() => {
  // Milliseconds between two moments while it plays, and for readers who ask for little motion.
  const EVERY = 110, CALM = 500;
  const CANNOT = "This is a recording, which cannot do that; the live lab can.";
  const ENDS = "The recording ends here; the live lab goes on.";
  const UNKNOWN = "Of this place nothing was recorded; the live lab has its formula.";
  const HOW = "Run plays it, and every control chooses another run";
  const MORE = ", and everything can be changed, also in between.";

  // The theme's name where labs look for it.
  const followTheme = () => {
    document.body.dataset.jpThemeLight = String(document.documentElement.dataset.theme !== "dark");
  };
  new MutationObserver(followTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  followTheme();

  // The message in which a kernel would send this frame.
  function message(frame, values, arrays) {
    const shapes = [], buffers = [];
    for (const [name, rows] of Object.entries(arrays)) {
      const flat = Float64Array.from(rows.flatMap((row) => Array.from(row, (v) => v ?? NaN)));
      shapes.push({ name, rows: rows.length, bytes: 8 });
      buffers.push(new DataView(flat.buffer));
    }
    return [{ frame, values, arrays: shapes }, buffers];
  }

  // What every model has: its traits, and who is told of what. `set` changes a trait.
  function listening(traits, set) {
    const listeners = {};
    return {
      set,
      get: (name) => traits[name],
      emit: (event, ...told) => [...(listeners[event] ?? [])].forEach((hear) => hear(...told)),
      on: (event, hear) => (listeners[event] ??= new Set()).add(hear),
      off: (event, hear) => listeners[event]?.delete(hear),
    };
  }

  // A model without a kernel: it knows the runs of a recording, and which of them is chosen.
  // `develop` returns the arrays that a frame has in a live lab, made of those that were recorded.
  function recordedModel(recording, develop) {
    const traits = { ...recording.traits };
    // Which of the run's frames is shown, and up to which it has been played.
    let at = 0, reached = 0, timer = null, every = EVERY, sent = 0, shared = null, asked = null, keys = 0;
    // What is pointed at; by view, the latest of its messages that are counted.
    let looked = "";
    const heard = {};

    const { emit, set, ...model } = listening(traits, (name, value) => {
      const values = recording.axes[name];
      if (values && recording.around?.includes(name)) value = values[value % values.length];
      else if (values) value = nearest(values, value);
      else if (traits[name] === value) return;
      traits[name] = value;
      if (name === recording.along) at = reached = Math.max(0, run().frames.findIndex((frame) => frame.values[name] === value));
      emit(`change:${name}`);
      // What suits the new value: a surface comes with a learning rate.
      for (const [other, suits] of Object.entries(recording.suits?.[name]?.[value] ?? {})) set(other, suits);
    });
    const run = () => {
      let index = 0;
      for (const [name, values] of Object.entries(recording.axes)) index = index * values.length + values.indexOf(traits[name]);
      return recording.runs[index];
    };

    const show = () => {
      const { frames, growing, shared: key, picture, always, lines } = run();
      reached = Math.min(reached, frames.length - 1);
      at = Math.min(at, reached);
      const frame = frames[at], end = frames[reached];
      const parts = [recording.pictures?.[picture], always, frame].filter(Boolean);
      const values = Object.assign({ marks: [] }, ...parts.map((part) => part.values));
      const arrays = Object.assign({}, ...parts.map((part) => part.arrays));
      if (lines) Object.assign(values, { looked, lines: recording.lines[lines][looked] ?? (looked ? [UNKNOWN] : []) });
      for (const trait of recording.free ?? []) values.settings = { ...values.settings, [trait]: traits[trait] };
      if ("heard" in values) values.heard = { ...heard };
      for (const [name, rows] of Object.entries(growing)) {
        arrays[name] = rows.map((row) => row.slice(0, end.columns[name]));
      }
      if ("diverged" in values) { // a training, which can be rewound
        const updates = frames.slice(0, reached + 1).map((each) => each.values.update ?? 0);
        Object.assign(values, {
          length: updates[reached], moments: updates, "most moments": Infinity, asked,
          rewound: at < reached ? updates[at] : null, diverged: end.values.diverged,
          settings: JSON.stringify(Object.fromEntries(Object.keys(recording.axes).map((name) => [name, traits[name]]))),
        });
      }
      if (key !== shared) {
        Object.assign(values, recording.shared[key].values);
        Object.assign(arrays, recording.shared[key].arrays);
        shared = key;
      }
      if (recording.along) set(recording.along, values[recording.along]);
      set("state", timer === null ? "paused" : "running");
      set("problem", frame.problem ?? "");
      sent += 1;
      emit("msg:custom", ...message(sent, values, develop(values, arrays, frames, traits)));
    };

    const stop = () => {
      clearInterval(timer);
      timer = null;
    };
    const forward = () => {
      at = reached = Math.min(at + 1, run().frames.length - 1);
      if (at === run().frames.length - 1) stop();
      show();
    };
    const play = () => {
      if (timer !== null) return;
      if (at === run().frames.length - 1) at = 0;
      reached = at;
      timer = setInterval(forward, every);
      show();
    };

    const keep = () => {
      const { growing, frames } = run(), { columns, values } = frames[reached], curves = {};
      for (const [name, [x, mean]] of Object.entries(growing)) {
        const n = columns[name];
        curves[name] = new DataView(Float32Array.from([...x.slice(0, n), ...mean.slice(0, n)], (v) => v ?? 1e30).buffer);
      }
      const name = `${Object.keys(recording.axes).map((axis) => (axis === "learning_rate" ? `α ${traits[axis]}` : traits[axis])).join(", ")}; ${values.update} updates`;
      const kept = traits.kept_runs.slice(-5);
      const free = [2, 3, 4, 5, 6, 7].find((style) => !kept.some((other) => other.style === style)) ?? 2;
      keys += 1;
      const detail = values.diverged ? `diverged at update ${values.diverged}` : `validation loss ${values["validation loss"]}`;
      set("kept_runs", [...kept, { key: keys, name, style: free, detail, diverged: values.diverged, curves }]);
    };

    const commands = {
      hello({ calm }) {
        every = Math.max(calm ? CALM : 0, recording.every ?? EVERY);
        shared = null;
        show();
      },
      seen() {},
      run: play,
      pause() {
        stop();
        show();
      },
      step() {
        stop();
        forward();
      },
      reset() {
        stop();
        at = reached = 0;
        for (const trait of Object.values(recording.next ?? {})) set(trait, recording.axes[trait][0]);
        for (const trait of recording.free ? Object.keys(recording.axes) : []) set(trait, first[trait]);
        show();
      },
      why() {
        stop();
        at = 0;
        play();
      },
      look({ at: place }) {
        looked = place;
        show();
      },
      rewind({ update }) {
        stop();
        asked = update;
        const found = run().frames.findIndex(({ values }) => (values.update ?? 0) === update);
        at = update === null || found < 0 ? reached : found;
        show();
      },
      keep() {
        keep();
        show();
      },
      forget({ key }) {
        set("kept_runs", key === undefined ? [] : traits.kept_runs.filter((kept) => kept.key !== key));
        show();
      },
      rename({ key, to }) {
        set("kept_runs", traits.kept_runs.map((kept) => (kept.key === key && to.trim() ? { ...kept, name: to.trim() } : kept)));
        show();
      },
    };

    // A button that takes one more step, of those that were recorded.
    const goOn = (trait) => {
      const values = recording.axes[trait], next = values.indexOf(traits[trait]) + 1;
      if (next < values.length) set(trait, values[next]);
      show();
      if (next === values.length) set("problem", ENDS);
    };

    for (const [name, values] of Object.entries(recording.axes)) traits[name] = nearest(values, traits[name]);
    const first = { ...traits };
    // A page begins with a whole run, so that a slider has something to answer with.
    at = reached = run().frames.length - 1;
    return {
      ...model,
      set,
      // Another setting is another run: at the same moment, playing or not.
      save_changes: () => setTimeout(show),
      // A kernel's answer comes after the call, never within it.
      send: ({ command, ...told }) => setTimeout(() => {
        if ("number" in told) heard[told.view] = told.number;
        if (command in commands) commands[command](told);
        else if (command in (recording.next ?? {})) goOn(recording.next[command]);
        else {
          show();
          set("problem", CANNOT);
        }
      }),
    };
  }

  function nearest(values, value) {
    const same = values.find((v) => JSON.stringify(v) === JSON.stringify(value));
    if (same !== undefined || typeof value !== "number") return same ?? values[0];
    const distance = (v) => Math.abs(Math.log(v / value));
    return values.reduce((best, v) => (distance(v) < distance(best) ? v : best));
  }

  // The playground's pictures, from the parameters: z(l) = W(l)ᵀ a(l−1) + b(l), a(l) = tanh(z(l)),
  // at the last layer softmax. `a` holds a row a neuron, as nnlib.analysis.maps.neuron_maps.
  function forward(a, arrays) {
    const activations = [];
    for (let l = 1; arrays[`W${l}`]; l += 1) {
      const W = arrays[`W${l}`], [b] = arrays[`b${l}`], last = !arrays[`W${l + 1}`];
      const z = b.map((bias, j) => Float64Array.from(a[0], (_, k) => W.reduce((sum, row, i) => sum + row[j] * a[i][k], bias)));
      a = last ? softmax(z) : z.map((row) => row.map(Math.tanh));
      activations.push(a);
    }
    return activations;
  }

  function softmax(z) {
    const largest = z[0].map((_, k) => Math.max(...z.map((row) => row[k])));
    const e = z.map((row) => row.map((v, k) => Math.exp(v - largest[k])));
    const sums = largest.map((_, k) => e.reduce((sum, row) => sum + row[k], 0));
    return e.map((row) => row.map((v, k) => v / sums[k]));
  }

  // n × n points of the square, row by row from the top left, as nnlib.analysis.maps.plane.
  function plane(n, limit = 1.2) {
    const place = (i) => -limit + (2 * limit * i) / (n - 1);
    return [
      Float64Array.from({ length: n * n }, (_, k) => place(k % n)),
      Float64Array.from({ length: n * n }, (_, k) => -place(Math.floor(k / n))),
    ];
  }

  // Rows of bin centres, and counts now and at the start; the range is symmetric about 0.
  function histogram(W, start, bins = 24) {
    const now = W.flat(), before = start.flat();
    const reach = Math.max(1e-9, ...[...now, ...before].map(Math.abs));
    const count = (weights) => {
      const counts = new Array(bins).fill(0);
      for (const w of weights) counts[Math.min(bins - 1, Math.floor(((w / reach + 1) / 2) * bins))] += 1;
      return counts;
    };
    const centres = Array.from({ length: bins }, (_, i) => reach * ((2 * i + 1) / bins - 1));
    return [centres, count(now), count(before)];
  }

  const LARGE = plane(64), SMALL = plane(20);

  const DEVELOP = {
    playground(values, arrays, frames, traits) {
      const large = forward(LARGE, arrays), [layer, neuron] = traits.shown;
      const drawn = { ...arrays, boundary: large[large.length - 1], neurons: forward(SMALL, arrays).slice(0, -1).flat() };
      if (layer) drawn.shown = [large[layer - 1][neuron]];
      for (let l = 1; arrays[`W${l}`]; l += 1) drawn[`histogram${l}`] = histogram(arrays[`W${l}`], frames[0].arrays[`W${l}`]);
      return drawn;
    },
  };

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  window.nnlibPlay = async (name, frontEnd, packed) => {
    const recording = await unpacked(packed);
    for (const el of document.querySelectorAll(`[data-recording="${name}"]`)) {
      const note = document.createElement("p"), link = document.createElement("a");
      link.href = el.dataset.live;
      link.textContent = "Run the live lab";
      note.className = "nnlib-recorded";
      const live = window.nnlibLive?.[name], does = live ? "Live on this page" : "A recording";
      note.append(`${does}: ${recording.note}. ${recording.how ?? HOW}. `, link, recording.more ?? MORE);
      el.replaceChildren(note);
      const model = live?.(recording, { message, listening }) ?? recordedModel(recording, DEVELOP[name] ?? ((values, arrays) => arrays));
      frontEnd.render({ model, el });
      for (const trait of recording.hidden ?? []) el.querySelector(`[data-trait="${trait}"]`).closest(".nnlib-field").remove();
      for (const part of recording.without ?? []) el.querySelectorAll(part).forEach((element) => element.remove());
      const step = el.querySelector('[data-command="step"]');
      if (step) step.title = "Go to the next moment of the recording.";
      Object.assign(el, { recording, model }); // for those who look from outside
    }
  };
})();
