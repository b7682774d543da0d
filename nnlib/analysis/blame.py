"""Blame: from the loss of a single sample back to every neuron, weight and pixel.

The backward pass says how the loss C changes with each number of the network. Read as blame:

    δ⁽ˡ⁾ⱼ = ∂C/∂z⁽ˡ⁾ⱼ              of a neuron: above 0, C falls if its sum z gets smaller
    ∂C/∂w = a⁽ˡ⁻¹⁾ᵢ δ⁽ˡ⁾ⱼ           of a weight, and by how much a step of gradient descent moves it
    ∂C/∂a⁽⁰⁾ᵢ = Σⱼ w⁽¹⁾ᵢⱼ δ⁽¹⁾ⱼ      of a pixel: above 0, C falls if there is less ink

It is the blame of a small change: what would happen without the whole pixel it does not say.

Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, for the equations; for the pixels
Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks* (2014).
"""

from dataclasses import dataclass

import numpy as np

from ..activations import Softmax
from ..backprop import deltas
from ..diagnosis.own_code import OwnCode, call_backward, read_backward
from ..forward import Trace
from ..images.square import square_side
from ..losses import CrossEntropy, Loss
from ..support.blas import blas_threads
from ..training.prepared import prepare
from .explain import number, superscript, symbol_of

# Terms of a sum that are written out; the rest is added up.
TERMS = 3


@dataclass(frozen=True, eq=False)
class Blame:
    """The backward pass of one sample, layer by layer.

    trace     the forward pass, one row
    y         the encoded target, shape (1, n_L), and `loss` what it is compared with
    value     C
    weights   the weights that it went through, as of the network at that moment
    delta     [None, δ⁽¹⁾, …, δ⁽ᴸ⁾], each of shape (n_l,)
    dW, db    ∂C/∂W⁽ˡ⁾ and ∂C/∂b⁽ˡ⁾ of each layer, the first at index 0
    pixels    ∂C/∂a⁽⁰⁾, shape (n_0,)
    """

    trace: Trace
    y: np.ndarray
    loss: Loss
    value: float
    weights: list[np.ndarray]
    delta: list
    dW: list[np.ndarray]
    db: list[np.ndarray]
    pixels: np.ndarray

    def strongest(self, layer: int, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights of a layer with the largest |∂C/∂w|, the largest first: (i, j).

        i are neurons of the layer before, j of this one; at most `most` of them, none with 0.
        """
        size = np.abs(self.dW[layer - 1])
        rows = np.arange(len(size))
        if most < len(rows):
            # They all stand in those rows whose largest is among the `most` largest.
            rows = np.sort(np.argpartition(size.max(axis=1), -most)[-most:])
        flat = size[rows].ravel()
        # Where a pixel is blank or a ReLU is off there is no gradient.
        order = np.argsort(-flat, kind="stable")[: min(most, np.count_nonzero(flat))]
        i, j = np.unravel_index(order, (len(rows), size.shape[1]))
        return rows[i], j

    def explain(self, layer: int, *at: int) -> list[str]:
        """Return the formulas of a neuron, `at` = (j,), or of a weight, `at` = (i, j), as lines.

        Layer 0 is the input. The first line is the name. Raises ValueError for what is not there.
        """
        if len(at) == 2 and 1 <= layer <= len(self.weights):
            shape = self.weights[layer - 1].shape
        elif len(at) == 1 and 0 <= layer <= len(self.weights):
            shape = self.trace.a[layer].shape[1:]
        else:
            raise ValueError(f"there is nothing at {at} of layer {layer}")
        if not all(0 <= k < n for k, n in zip(at, shape, strict=True)):
            raise ValueError(f"layer {layer} has no {at}: it goes to {tuple(n - 1 for n in shape)}")
        if len(at) == 2:
            return self._of_weight(layer, *at)
        return self._of_neuron(layer, *at) if layer else self._of_pixel(*at)

    def _of_weight(self, l: int, i: int, j: int) -> list[str]:
        a, delta, w = self.trace.a[l - 1][0, i], self.delta[l][j], self.weights[l - 1][i, j]
        before, here = superscript(l - 1), superscript(l)
        return [
            f"Weight w{here} from {self.called(l - 1, i)} to {self.called(l, j)}: {number(w)}",
            f"∂C/∂w = a{before} δ{here} = {number(a)} · {_signed(delta)} = "
            f"{number(self.dW[l - 1][i, j])}",
            f"Back along it goes w δ{here} = {number(w)} · {_signed(delta)} = {number(w * delta)}",
        ]

    def _of_neuron(self, l: int, j: int) -> list[str]:
        z, a, delta = self.trace.z[l][0, j], self.trace.a[l][0, j], self.delta[l][j]
        f, here, above = self.trace.activations[l - 1], superscript(l), superscript(l + 1)
        name = self.called(l, j)
        lines = [
            f"{name[0].upper()}{name[1:]}: z = {number(z)}, a = {symbol_of(f)}(z) = {number(a)}"
        ]
        if l == len(self.weights):
            y = self.y[0, j]
            if isinstance(self.loss, CrossEntropy):
                asked = number(self.loss.smoothed(self.trace, self.y)[0, j])
                symbol = "ỹ" if self.loss.smoothing else "y"
                rule = f"a{here} − {symbol} = {number(a)} − {asked}"
            else:
                rule = f"∂C/∂a ⊙ {symbol_of(f)}'(z), with y = {number(y)}"
            return [*lines, f"δ{here} = {rule} = {number(delta)}"]
        terms = self.weights[l][j] * self.delta[l + 1]
        back = f"Σ w{above} δ{above} = {_sum(terms)}"
        if isinstance(f, Softmax):
            return [*lines, back, f"δ{here} = {number(delta)}, by the slopes of softmax"]
        slope = float(f.derivative(z))
        return [
            *lines,
            back,
            f"δ{here} = that · {symbol_of(f)}'(z) = {_signed(terms.sum())} · {number(slope)} = "
            f"{number(delta)}",
        ]

    def _of_pixel(self, i: int) -> list[str]:
        a = self.trace.a[0][0, i]
        terms = self.weights[0][i] * self.delta[1]
        effect = "less" if self.pixels[i] > 0 else "more" if self.pixels[i] < 0 else ""
        name = self.called(0, i)
        return [
            f"{name[0].upper()}{name[1:]}: ink a⁽⁰⁾ = {number(a)}",
            f"∂C/∂a⁽⁰⁾ = Σ w⁽¹⁾ δ⁽¹⁾ = {_sum(terms)}",
            f"A little {effect} ink here would lower C." if effect else "Ink here changes nothing.",
        ]

    def called(self, layer: int, j: int) -> str:
        """Return what a neuron is called in words; pixels by row and column, if it is an image."""
        n = self.trace.a[layer].shape[1]
        if layer == 0:
            side = square_side(n)
            return f"pixel ({j // side}, {j % side})" if side else f"input {j + 1}"
        if layer == len(self.weights):
            return f"output {j}"
        return f"neuron {j + 1} of layer {layer}"


def blame(network, x, target, loss=None, own: OwnCode | None = None, trace=None) -> Blame:
    """Return the blame for the loss of one sample.

    x has shape (1, n_0), and target one row as for `backward`; the loss is by default the one that
    goes with the output. A backward function of `own` takes the place of nnlib's; of one sample
    its ∂C/∂b is δ. `trace` may be the forward pass already made. Raises ValueError for input that
    does not fit, and OwnCodeError if your function fails.
    """
    data = prepare(network, x, target, loss)
    if len(data) != 1:
        raise ValueError(f"x has {len(data)} rows, but blame is that of a single sample")
    trace = network.forward(data.X) if trace is None else trace
    weights = [W.copy() for W in network.weights]
    with np.errstate(all="ignore"), blas_threads(1):
        if own is None or own.backward is None:
            delta = [None, *(d[0] for d in deltas(weights, trace, data.y, data.loss)[1:])]
            dW = [np.outer(a[0], d) for a, d in zip(trace.a[:-1], delta[1:], strict=True)]
            db = delta[1:]
        else:
            z, a = list(trace.z), list(trace.a)
            value = call_backward(own.backward, weights, z, a, data.y.copy(), trace.activations)
            dW, db = read_backward(value, network.layers)
            delta = [None, *db]
        value = data.loss.value(trace, data.y)
        pixels = weights[0] @ delta[1]
    return Blame(trace, data.y, data.loss, value, weights, delta, list(dW), list(db), pixels)


def _signed(value: float) -> str:
    """Return a number as a factor: a negative one in brackets."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _sum(terms: np.ndarray) -> str:
    """Return a sum with its largest terms written out, and what it comes to."""
    order = np.argsort(-np.abs(terms), kind="stable")
    shown = [_signed(terms[k]) for k in order[:TERMS]]
    if len(terms) > TERMS:
        rest = terms[order[TERMS:]]
        shown.append(f"{_signed(rest.sum())} of {len(rest)} smaller ones")
    return f"{' + '.join(shown)} = {number(terms.sum())}"
