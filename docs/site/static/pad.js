// The digit pad on its page, live: the front end of the live lab, and where its model would be the
// page's own code. It does what nnlib.images.handwriting and the forward pass do, to the same
// numbers, with the weights of a network that nnlib trained. It does not learn.
// tools/recordings/pad.py says what it is given.

(() => {
  const decoded = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  // Python's rounding: of two whole numbers as near, the even one.
  const round = (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
  const clip = (v, low, high) => Math.min(high, Math.max(low, v));

  // Pictures are {h, w, at}: height, width, and the ink of each pixel, row by row.
  const picture = (h, w, ink) => {
    const at = new Float64Array(h * w);
    if (ink) for (let i = 0; i < at.length; i += 1) at[i] = ink(Math.floor(i / w), i % w);
    return { h, w, at };
  };
  const part = ({ w, at }, [top, bottom, left, right]) =>
    picture(bottom - top, right - left, (i, j) => at[(top + i) * w + left + j]);
  const rowsOf = ({ h, w, at }) => Array.from({ length: h }, (_, i) => at.subarray(i * w, (i + 1) * w));

  // Add a stroke of points (x, y), 0 to 1 over the pad: nnlib.images.handwriting.draw_stroke.
  function drawStroke({ w: size, at }, stroke, pen) {
    const radius = (pen * size) / 2;
    const points = stroke.map((point) => point.map((v) => v * size - 0.5));
    for (let k = 0; k < Math.max(1, points.length - 1); k += 1) {
      const a = points[k], b = points[k + 1] ?? a;
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]], length = dx * dx + dy * dy;
      const low = (c) => clip(Math.floor(Math.min(a[c], b[c]) - radius - 1), 0, size);
      const high = (c) => clip(Math.ceil(Math.max(a[c], b[c]) + radius + 2), 0, size);
      for (let y = low(1); y < high(1); y += 1) {
        for (let x = low(0); x < high(0); x += 1) {
          const along = length ? clip(((x - a[0]) * dx + (y - a[1]) * dy) / length, 0, 1) : 0;
          const distance = Math.hypot(x - a[0] - along * dx, y - a[1] - along * dy);
          const i = y * size + x;
          at[i] = Math.max(at[i], clip(radius - distance + 0.5, 0, 1));
        }
      }
    }
  }

  // A sample on the pad, moved, turned and zoomed: nnlib.images.handwriting.paste.
  function paste(sample, size, { across, down, rotation, zoom }) {
    const { h: side, at } = sample, middle = side / 2, angle = (rotation * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return picture(size, size, (i, j) => {
      const x = ((j + 0.5) * side) / size - middle - across, y = ((i + 0.5) * side) / size - middle - down;
      const u = Math.floor((cos * x + sin * y) / zoom + middle), v = Math.floor((cos * y - sin * x) / zoom + middle);
      return u >= 0 && u < side && v >= 0 && v < side ? at[v * side + u] : 0;
    });
  }

  // The value below which a share q of some numbers lies, between two of them on the line that joins them.
  function quantile(values, q) {
    const sorted = Float64Array.from(values).sort(), place = q * (sorted.length - 1), k = Math.floor(place);
    return sorted[k] + (place - k) * ((sorted[k + 1] ?? sorted[k]) - sorted[k]);
  }

  // [top, bottom, left, right] of the pixels above `level`; null if there is none.
  function boxOf({ h, w, at }, level = 0) {
    let [top, bottom, left, right] = [h, 0, w, 0];
    at.forEach((ink, i) => {
      if (ink <= level) return;
      const row = Math.floor(i / w), column = i % w;
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + 1);
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
    });
    return bottom ? [top, bottom, left, right] : null;
  }

  // The ink without what is paper, as nnlib.images.handwriting.without_paper; null: nothing is drawn.
  // A drawing comes back as it is, unless its edge is mostly ink; a digit of MNIST without faint
  // specks that lie apart.
  function withoutPaper(ink, { trace, grain: most, side, all_ink: allInk }) {
    const { h: n, at } = ink;
    const paper = quantile(at.filter((_, i) => i < n || i >= n * (n - 1) || i % n === 0 || i % n === n - 1), 0.5);
    const lowest = at.reduce((a, b) => Math.min(a, b)), highest = at.reduce((a, b) => Math.max(a, b)) - paper;
    if (lowest > 0 || (paper > 0.5 && paper - lowest > trace)) throw new Error(allInk);
    if (highest <= (highest + paper > 0 ? trace : 0)) return null;
    const faint = at.filter((v) => v - paper < highest / 5).map((v) => Math.abs(v - paper));
    const blank = faint.filter((v) => v === 0).length > 0.75 * faint.length;
    const floor = blank || !faint.length ? 0 : Math.min(most * quantile(faint, 0.75), highest / 4);
    let clean = ink;
    if (paper !== 0 || floor !== 0) {
      const black = quantile(at.filter((v) => v - paper > highest / 2).map((v) => v - paper), 0.75);
      clean = picture(n, n, (i, j) => {
        const rise = at[i * n + j] - paper;
        return rise > floor ? Math.min(rise / black, 1) : 0;
      });
    }
    const surely = Math.max(trace, (1.5 * floor) / highest) * clean.at.reduce((a, b) => Math.max(a, b));
    const [top, bottom, left, right] = grown(boxOf(clean, surely), clean, Math.ceil(n / side));
    return picture(n, n, (i, j) => (i >= top && i < bottom && j >= left && j < right ? clean.at[i * n + j] : 0));
  }

  // The box, wider by ink that touches it, `reach` pixels at most.
  function grown([top, bottom, left, right], { h, w, at }, reach) {
    for (let step = 0; step < reach; step += 1) {
      const before = [top, bottom, left, right];
      const columns = [Math.max(left - 1, 0), Math.min(right + 1, w)], rows = [Math.max(top - 1, 0), Math.min(bottom + 1, h)];
      const row = (i) => at.subarray(i * w + columns[0], i * w + columns[1]).some((ink) => ink > 0);
      const column = (j) => {
        for (let i = rows[0]; i < rows[1]; i += 1) if (at[i * w + j] > 0) return true;
        return false;
      };
      if (top > 0 && row(top - 1)) top -= 1;
      if (bottom < h && row(bottom)) bottom += 1;
      if (left > 0 && column(left - 1)) left -= 1;
      if (right < w && column(right)) right += 1;
      if (before.join() === [top, bottom, left, right].join()) break;
    }
    return [top, bottom, left, right];
  }

  // A picture whose longer side is `longest`: each new pixel is the mean over the area that it
  // covers, as nnlib.images.handwriting.scale_to.
  function scaleTo({ h, w, at }, longest) {
    const [rows, columns] = [h, w].map((side) => Math.max(1, round((longest * side) / Math.max(h, w))));
    // For each new pixel the old ones under it, and their shares.
    const shares = (n, old) => Array.from({ length: n }, (_, i) => {
      const [low, high] = [(i * old) / n, ((i + 1) * old) / n], found = [];
      for (let k = Math.floor(low); k < Math.min(old, Math.ceil(high)); k += 1) {
        found.push([k, Math.max(0, Math.min(high, k + 1) - Math.max(low, k)) * (n / old)]);
      }
      return found;
    });
    const down = shares(rows, h), along = shares(columns, w);
    const narrow = picture(h, columns, (i, j) => along[j].reduce((sum, [k, share]) => sum + share * at[i * w + k], 0));
    return picture(rows, columns, (i, j) => down[i].reduce((sum, [k, share]) => sum + share * narrow.at[k * columns + j], 0));
  }

  // side × side pixels, with an image in them whose corner is near `corner`.
  function place(image, corner, side) {
    const [top, left] = [image.h, image.w].map((length, c) => Math.min(Math.max(round(Number(corner[c].toFixed(9))), 0), side - length));
    return picture(side, side, (i, j) => {
      const [row, column] = [i - top, j - left];
      return row >= 0 && row < image.h && column >= 0 && column < image.w ? image.at[row * image.w + column] : 0;
    });
  }

  // All stages of what is on the pad, as nnlib.images.handwriting.prepare; null if it is empty.
  function prepare(drawn, given, { crop, scale, centre }) {
    const ink = withoutPaper(drawn, given), { side } = given, n = drawn.h;
    if (!ink) return null;
    const box = crop ? boxOf(ink) : [0, n, 0, n], cropped = part(ink, box);
    const longest = scale ? given.box : round((Math.max(cropped.h, cropped.w) * side) / n);
    const scaled = scaleTo(cropped, longest);
    if (!centre) {
      const corner = [0, 2].map((c) => (((box[c] + box[c + 1]) / 2) * side) / n - (c ? scaled.w : scaled.h) / 2);
      return { box, cropped, scaled, image: place(scaled, corner, side) };
    }
    const inked = part(scaled, boxOf(scaled)), total = inked.at.reduce((a, b) => a + b);
    const mass = [0, 0];
    inked.at.forEach((value, i) => {
      mass[0] += (value * Math.floor(i / inked.w)) / total;
      mass[1] += (value * (i % inked.w)) / total;
    });
    return { box, cropped, scaled, image: place(inked, mass.map((m) => given.middle - m), side) };
  }

  // The forward pass of one sample: z⁽ˡ⁾ = (W⁽ˡ⁾)ᵀ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾, a⁽ˡ⁾ = f⁽ˡ⁾(z⁽ˡ⁾); relu, at the last softmax.
  function forward(layers, x) {
    const activations = [];
    let a = x;
    layers.forEach(({ W, b, scale }, l) => {
      const z = Float64Array.from(b), n = z.length;
      a.forEach((value, i) => {
        if (value) for (let j = 0; j < n; j += 1) z[j] += scale * W[i * n + j] * value;
      });
      if (l < layers.length - 1) {
        a = z.map((v) => Math.max(0, v));
      } else {
        const largest = Math.max(...z), e = z.map((v) => Math.exp(v - largest)), sum = e.reduce((p, q) => p + q);
        a = e.map((v) => v / sum);
      }
      activations.push(a);
    });
    return activations;
  }

  const percent = (a) => `${round(100 * a)} %`;

  // What is said of it, as in nnlib.lab.digit_pad_words.
  function reading(output, reads, threshold) {
    const order = [...output.keys()].sort((i, j) => output[j] - output[i]);
    const [best, next] = order.map((digit) => `${digit}, ${percent(output[digit])}`);
    return reads === null ? `I don't know, no output reaches ${percent(threshold)}: perhaps ${best}; next ${next}.` : `Reads ${best}; next ${next}.`;
  }

  function layerWords(a, layer) {
    const largest = Math.max(...a), active = a.filter((v) => v > 0).length;
    return [layer, a.length, `${active} of ${a.length} above 0, the largest ${Number(largest.toPrecision(3))}, neuron ${a.indexOf(largest) + 1}`];
  }

  function stageWords({ scaled: { h, w } }, { crop, scale, centre }) {
    return [
      crop ? ["Cropped", "the box around all the ink"] : ["Not cropped", "the whole pad"],
      scale ? [`Scaled to ${w} × ${h}`, "its longer side has 20 pixels"] : [`Not scaled: ${w} × ${h}`, "as the pad shrunk to 28 × 28"],
      centre ? ["Centred, 28 × 28", "its centre of mass is in the middle"] : ["Not centred", "where it was on the pad"],
    ];
  }

  const PASTING = ["digit", "across", "down", "rotation", "zoom"];

  // The model that the front end has instead of a kernel's. `message` makes of a frame what a kernel sends.
  function padModel(recording, { message, listening }) {
    const { traits, given } = recording, { size } = given;
    const layers = recording.layers.map(({ W, b, scale }) => ({ W: new Int8Array(decoded(W).buffer), b, scale }));
    const pixels = decoded(recording.digits), area = given.side ** 2;
    const { emit, ...model } = listening(traits, (name, value) => {
      if (traits[name] === value) return;
      traits[name] = value;
      if (PASTING.includes(name)) put();
      else if (name === "pen" && !pasted) ink = rasterized();
      emit(`change:${name}`);
    });
    let strokes = [], pasted = true, pictures = 0, refused = "", sent = 0, ink;
    const heard = {};

    const rasterized = () => {
      const drawn = picture(size, size);
      for (const stroke of strokes) drawStroke(drawn, stroke, traits.pen);
      return drawn;
    };
    const put = () => {
      const { digit } = traits;
      ink = paste(picture(given.side, given.side, (i, j) => pixels[digit * area + i * given.side + j] / 255), size, traits);
      strokes = [];
      pasted = true;
      pictures += 1;
    };
    const begin = (drawn) => {
      strokes = drawn;
      pasted = false;
      pictures += 1;
      ink = rasterized();
    };
    // Small for the pen: its strokes run together, as nnlib.images.handwriting.is_small.
    const small = () => [0, 1].every((c) => {
      const along = strokes.flat().map((point) => point[c]);
      return Math.max(...along) - Math.min(...along) < given.small * traits.pen;
    });

    const show = () => {
      let prepared = null, problem = "";
      try {
        prepared = prepare(ink, given, traits);
      } catch (error) {
        problem = error.message;
      }
      model.set("problem", problem);
      const activations = prepared && forward(layers, prepared.image.at);
      const output = activations?.[activations.length - 1], best = output && output.indexOf(Math.max(...output));
      const reads = output && output[best] >= traits.threshold ? best : null;
      const words = pasted ? [`Digit ${traits.digit}, a ${given.labels[traits.digit]}.`] : [];
      words.push(output ? reading(output, reads, traits.threshold) : "The pad is empty: draw a digit, or choose one.");
      if (output && strokes.length && small()) words.push("It is small for the pen: draw it larger.");
      const values = {
        summary: words.join(" "), heard: { ...heard }, picture: pictures, source: pasted ? "digit" : "strokes",
        truth: pasted ? given.labels[traits.digit] : null, strokes: structuredClone(strokes), empty: !output, reads, probability: true,
        added: [], refused, layers: [], stages: [],
      };
      const arrays = {};
      if (pasted) arrays.pasted = rowsOf(scaleTo(ink, given.shown));
      if (output) {
        values.layers = activations.slice(0, -1).map((a, l) => layerWords(a, l + 1));
        values.stages = stageWords(prepared, traits);
        values.box = prepared.box.map((v) => v / size);
        const { cropped, scaled, image } = prepared;
        const shown = Math.max(1, round((Math.max(cropped.h, cropped.w) * given.shown) / size));
        Object.assign(arrays, { cropped: rowsOf(scaleTo(cropped, shown)), scaled: rowsOf(scaled), image: rowsOf(image) });
        activations.forEach((a, l) => (arrays[`layer ${l + 1}`] = [a]));
      }
      sent += 1;
      emit("msg:custom", ...message(sent, values, arrays));
    };

    const commands = {
      stroke({ points, new: fresh, view, number }) {
        heard[view] = number;
        if (strokes.flat().length + points.length > given.most) {
          refused = `the pad is full: it holds ${given.most.toLocaleString("en")} points at most. Press Clear`;
          return;
        }
        if (pasted) begin([]);
        if (fresh || !strokes.length) {
          if (!strokes.length) pictures += 1;
          strokes = [...strokes, points];
          drawStroke(ink, points, traits.pen);
        } else { // from where the pen was last
          const last = strokes[strokes.length - 1];
          drawStroke(ink, [last[last.length - 1], ...points], traits.pen);
          strokes = [...strokes.slice(0, -1), [...last, ...points]];
        }
      },
      undo() {
        if (!strokes.length) return;
        strokes = strokes.slice(0, -1);
        ink = rasterized();
      },
      clear: () => begin([]),
      put,
      hello() {},
    };

    put();
    return {
      ...model,
      save_changes: () => setTimeout(show),
      // A kernel's answer comes after the call, never within it.
      send: ({ command, ...told }) => setTimeout(() => {
        if (!(command in commands)) return;
        refused = "";
        commands[command](told);
        show();
      }),
    };
  }

  window.nnlibLive = { pad: padModel };
})();
