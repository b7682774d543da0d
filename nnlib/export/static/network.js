// The forward pass: z(l) = W(l)ᵀ a(l−1) + b(l), a(l) = f(l)(z(l)).

const ACTIVATIONS = {
  sigmoid: (z) => z.map((v) => 1 / (1 + Math.exp(-v))),
  tanh: (z) => z.map(Math.tanh),
  relu: (z) => z.map((v) => Math.max(v, 0)),
  leaky_relu: (z) => z.map((v) => Math.max(v, DATA.slope * v)),
  identity: (z) => z.slice(),
  softmax(z) {
    const largest = Math.max(...z), e = z.map((v) => Math.exp(v - largest));
    const sum = e.reduce((total, v) => total + v, 0);
    return e.map((v) => v / sum);
  },
};

// The parameters lie one after another as little-endian float32: W(1) row by row, b(1), W(2), …
const LAYERS = (() => {
  const bytes = Uint8Array.from(atob(document.getElementById("weights").textContent), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let start = 0;
  const take = (n) => {
    const values = Float32Array.from({ length: n }, (_, i) => view.getFloat32(4 * (start + i), true));
    start += n;
    return values;
  };
  return DATA.activations.map((activation, i) => {
    const inputs = DATA.layers[i], outputs = DATA.layers[i + 1];
    return { inputs, outputs, activation, W: take(inputs * outputs), b: take(outputs) };
  });
})();

// The activations of all layers, a(0) … a(L), for an image of 784 numbers.
function forward(image) {
  const a = [Float64Array.from(image)];
  for (const { inputs, outputs, activation, W, b } of LAYERS) {
    const z = Float64Array.from(b), before = a[a.length - 1];
    for (let i = 0; i < inputs; i += 1) {
      if (before[i] === 0) continue;
      for (let j = 0; j < outputs; j += 1) z[j] += before[i] * W[i * outputs + j];
    }
    a.push(ACTIVATIONS[activation](z));
  }
  return a;
}
