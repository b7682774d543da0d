"""Blame: the numbers are the gradients, and the formulas say how they came about."""

import numpy as np
import pytest

import nnlib
from nnlib import plots
from nnlib.analysis.blame import blame
from nnlib.diagnosis.own_code import OwnCode, OwnCodeError


def network(hidden="tanh", output="softmax", layers=(9, 6, 5, 4)):
    net = nnlib.NeuralNetwork(list(layers), hidden=hidden, output=output, seed=1, dtype="float64")
    rng = np.random.default_rng(0)
    for b in net.biases:
        b[...] = rng.normal(0, 0.3, b.shape)
    return net


X = np.random.default_rng(2).random((1, 9))


@pytest.mark.parametrize("output", ["softmax", "identity", "sigmoid"])
def test_the_numbers_are_those_of_backward_and_the_pixels_those_of_a_difference(output):
    net = network(output=output)
    found = blame(net, X, [2])
    gradients = nnlib.backward(net, net.forward(X), [2], found.loss)
    for l in range(1, 4):
        np.testing.assert_allclose(found.delta[l], gradients.delta[l][0], atol=1e-12)
        np.testing.assert_allclose(found.dW[l - 1], gradients.weights[l - 1], atol=1e-12)
        np.testing.assert_allclose(found.db[l - 1], gradients.biases[l - 1], atol=1e-12)
    h = 1e-6
    for i in range(9):
        step = np.zeros((1, 9))
        step[0, i] = h
        up, down = (nnlib.training.evaluation.evaluate(net, X + s, [2]).loss for s in (step, -step))
        assert found.pixels[i] == pytest.approx((up - down) / (2 * h), abs=1e-7)


def test_the_strongest_weights_come_first_and_none_without_a_gradient():
    net = network()
    found = blame(net, X * (np.arange(9) < 3), [0])  # six inputs are 0
    i, j = found.strongest(1, 100)
    assert set(i) == {0, 1, 2} and len(i) == 18
    sizes = np.abs(found.dW[0][i, j])
    assert (np.diff(sizes) <= 0).all()
    for layer, dW in enumerate(found.dW, 1):
        sizes = np.sort(np.abs(dW[dW != 0]))[::-1]
        for most in range(1, 40):
            i, j = found.strongest(layer, most)
            np.testing.assert_array_equal(np.abs(dW[i, j]), sizes[:most])


@pytest.mark.parametrize("most", [1, 5, 40, 299, 300, 2000])
def test_the_strongest_are_found_among_many_whatever_backward_says(most):
    net, rng = network(layers=(300, 4)), np.random.default_rng(3)
    dW = rng.normal(size=(300, 4)) * (rng.random((300, 4)) < 0.8)
    own = OwnCode(backward=lambda *_: ([dW], [np.zeros(4)]))
    i, j = blame(net, rng.random((1, 300)), [2], own=own).strongest(1, most)
    sizes = np.sort(np.abs(dW[dW != 0]))[::-1][:most]
    np.testing.assert_array_equal(np.abs(dW[i, j]), sizes)


def test_formulas_carry_the_numbers_of_the_arrays():
    net = network()
    found = blame(net, X, [2])
    trace = net.forward(X)
    name, gradient, back = found.explain(2, 3, 1)
    assert name == (
        f"Weight w⁽²⁾ from neuron 4 of layer 1 to neuron 2 of layer 2: {_n(net.weights[1][3, 1])}"
    )
    assert gradient.startswith(f"∂C/∂w = a⁽¹⁾ δ⁽²⁾ = {_n(trace.a[1][0, 3])} · ")
    assert gradient.endswith(f" = {_n(found.dW[1][3, 1])}")
    assert back.endswith(f" = {_n(net.weights[1][3, 1] * found.delta[2][1])}")

    name, delta = found.explain(3, 2)
    assert name.startswith("Output 2: z = ")
    assert delta == f"δ⁽³⁾ = a⁽³⁾ − y = {_n(trace.output[0, 2])} − 1 = {_n(found.delta[3][2])}"

    _, sum_, delta = found.explain(2, 1)
    total = net.weights[2][1] @ found.delta[3]
    assert sum_.endswith(f" of 1 smaller ones = {_n(total)}")
    slope = 1 - trace.a[2][0, 1] ** 2
    assert delta.endswith(f" · {_n(slope)} = {_n(found.delta[2][1])}")

    name, _, effect = found.explain(0, 5)
    assert name == f"Pixel (1, 2): ink a⁽⁰⁾ = {_n(X[0, 5])}"
    less = "less" if found.pixels[5] > 0 else "more"
    assert effect == f"A little {less} ink here would lower C."


def _n(value):
    return nnlib.analysis.explain.number(value)


def _factor(value):
    return f"({_n(value)})" if value < 0 else _n(value)


SMOOTHED = nnlib.CrossEntropy(smoothing=0.2)
CASES = [
    ("tanh", "softmax", None),
    ("relu", "sigmoid", None),
    ("softmax", "identity", None),
    ("sigmoid", "tanh", None),
    ("tanh", "softmax", SMOOTHED),
    ("tanh", "sigmoid", SMOOTHED),
]


@pytest.mark.parametrize(("hidden", "output", "loss"), CASES)
def test_every_neuron_weight_and_pixel_is_explained_by_its_own_numbers(hidden, output, loss):
    net = network(hidden, output, (9, 6, 3, 4))
    found = blame(net, X, [2], loss)
    trace, of_loss = net.forward(X), found.loss.delta(net.forward(X), found.y)[0]
    up = "⁰¹²³⁴"
    for l in range(1, 4):
        a, W, delta = trace.a[l - 1][0], net.weights[l - 1], found.delta[l]
        for i, j in np.ndindex(W.shape):
            name, gradient, back = found.explain(l, i, j)
            ends = f"from {found.called(l - 1, i)} to {found.called(l, j)}: {_n(W[i, j])}"
            assert name == f"Weight w⁽{up[l]}⁾ {ends}"
            product = f"{_n(a[i])} · {_factor(delta[j])} = {_n(a[i] * delta[j])}"
            assert gradient == f"∂C/∂w = a⁽{up[l - 1]}⁾ δ⁽{up[l]}⁾ = {product}"
            product = f"{_n(W[i, j])} · {_factor(delta[j])} = {_n(W[i, j] * delta[j])}"
            assert back == f"Back along it goes w δ⁽{up[l]}⁾ = {product}"
        for j in range(W.shape[1]):
            name, *between, last = found.explain(l, j)
            f = {"sigmoid": "σ", "relu": "ReLU"}.get(net.activations[l - 1].name)
            f, z = f or net.activations[l - 1].name, trace.z[l][0, j]
            called = "Output" if l == 3 else "Neuron"
            assert name.startswith(f"{called} ") and name.lower().startswith(found.called(l, j))
            assert name.endswith(f": z = {_n(z)}, a = {f}(z) = {_n(trace.a[l][0, j])}")
            if l == 3:
                asked = trace.output[0, j] - of_loss[j]  # what cross-entropy compares a with
                y = f"y = {_n(found.y[0, j])}"
                if found.loss.name == "cross_entropy":
                    y = f"− {'ỹ' if loss else 'y'} = {_n(trace.output[0, j])} − {_n(asked)}"
                assert not between and f"{y} = {_n(delta[j])}" in last
                continue
            terms = sorted(net.weights[l][j] * found.delta[l + 1], key=abs, reverse=True)
            shown = [_factor(term) for term in terms[:3]]
            shown += [f"{_factor(terms[3])} of 1 smaller ones"] if len(terms) > 3 else []
            over, total = f"⁽{up[l + 1]}⁾", _n(sum(terms))
            assert between == [f"Σ w{over} δ{over} = {' + '.join(shown)} = {total}"]
            if f == "softmax":
                assert last == f"δ⁽{up[l]}⁾ = {_n(delta[j])}, by the slopes of softmax"
                continue
            slope = _n(float(net.activations[l - 1].derivative(z)))
            ends = f"{_factor(sum(terms))} · {slope} = {_n(delta[j])}"
            assert last == f"δ⁽{up[l]}⁾ = that · {f}'(z) = {ends}"
    for i in range(9):
        name, back, effect = found.explain(0, i)
        assert name == f"Pixel ({i // 3}, {i % 3}): ink a⁽⁰⁾ = {_n(X[0, i])}"
        assert back.endswith(f" = {_n(net.weights[0][i] @ found.delta[1])}")
        assert f"A little {'less' if found.pixels[i] > 0 else 'more'} ink" in effect


def test_ink_that_reaches_no_neuron_changes_nothing():
    net = network(layers=(8, 4))
    net.weights[0][3] = 0
    found = blame(net, X[:, :8], [2])
    assert found.explain(0, 3)[::2] == [
        f"Input 4: ink a⁽⁰⁾ = {_n(X[0, 3])}",  # 8 numbers are no square
        "Ink here changes nothing.",
    ]


@pytest.mark.parametrize(
    "at", [(4, 0), (0, 9), (-1, 0), (1, 0, 6), (1, 9, 0), (0, 0, 0), (4, 0, 0), (2, -1), (1,)]
)
def test_what_is_not_there_has_no_formula(at):
    with pytest.raises(ValueError, match=r"there is nothing at|it goes to"):
        blame(network(), X, [2]).explain(*at)


def test_a_backward_of_your_own_takes_the_place_of_nnlibs():
    net = network(hidden="relu")

    def backward(weights, z, a, y, activations):
        # With a mistake, which must be seen in all that follows: the output's δ is doubled.
        d = 2 * (a[-1] - y)
        dW, db = [], []
        for l in range(len(weights), 0, -1):
            dW.insert(0, a[l - 1].T @ d)
            db.insert(0, d.sum(axis=0))
            d = d @ weights[l - 1].T * (z[l - 1] > 0) if l > 1 else d
        return dW, db

    ours, theirs = blame(net, X, [2]), blame(net, X, [2], own=OwnCode(backward=backward))
    np.testing.assert_allclose(theirs.pixels, 2 * ours.pixels, atol=1e-12)
    np.testing.assert_allclose(theirs.dW[0], 2 * ours.dW[0], atol=1e-12)
    assert theirs.value == ours.value
    np.testing.assert_array_equal(
        blame(net, X, [2], own=OwnCode(forward=lambda *_: None)).pixels, ours.pixels
    )
    with pytest.raises(OwnCodeError, match="dW1 has shape"):
        own = OwnCode(backward=lambda *_: ([np.zeros((2, 2))] * 3, [np.zeros(6)] * 3))
        blame(net, X, [2], own=own)


def test_blame_is_of_its_moment_whatever_becomes_of_network_and_target():
    def greedy(weights, z, a, y, activations):
        y -= 1  # it has a copy of its own
        return [np.zeros_like(W) for W in weights], [np.zeros(W.shape[1]) for W in weights]

    net = network()
    assert blame(net, X, [2], own=OwnCode(backward=greedy)).y.tolist() == [[0, 0, 1, 0]]
    found, formulas = blame(net, X, [2], trace=net.forward(X)), blame(net, X, [2]).explain(1, 2, 3)
    net.parameters[:] = 0
    assert found.explain(1, 2, 3) == formulas


def test_two_samples_are_refused():
    with pytest.raises(ValueError, match="x has 2 rows"):
        blame(network(), np.vstack([X, X]), [2, 1])


def test_the_figure_says_where_the_largest_blame_lies():
    found = blame(network(), X, [2])
    picture = plots.blame(found, title="Why")
    worst = int(np.abs(found.delta[3]).argmax())
    pixel = divmod(int(np.abs(found.pixels).argmax()), 3)
    assert picture.alt.startswith(f"Why: The blame for a loss of {found.value:.3g}")
    assert f"that of {worst}, {found.delta[3][worst]:.2g}" in picture.alt
    assert f"that of pixel {pixel}, " in picture.alt
    flat = network(layers=(8, 4))
    with pytest.raises(ValueError, match="8 numbers, which are no square image"):
        plots.blame(blame(flat, X[:, :8], [2]))
