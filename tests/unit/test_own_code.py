"""A learner's functions take nnlib's place in training, and fail in words."""

from itertools import islice

import numpy as np
import pytest

import nnlib.training.batches
from nnlib import Adam, CrossEntropy, Diverged, GradientDescent, NeuralNetwork, Trainer
from nnlib.diagnosis.own_code import OwnCode, OwnCodeError, OwnTrainer, describe


def make(dtype="float64"):
    return NeuralNetwork([3, 5, 4], "tanh", seed=0, dtype=dtype)


def data(n=20, dtype=np.float64):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 3)).astype(dtype), rng.integers(0, 4, n)


def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


def loss(output, y):
    return -(y * np.log(output)).sum() / len(y)


def backward(weights, z, a, y, activations):
    delta = (a[-1] - y) / len(y)
    dW, db = [], []
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def update(x, g, learning_rate):
    return x - learning_rate * g


def update_in_place(x, g, learning_rate):
    x -= learning_rate * g


EVERYTHING = {"forward": forward, "loss": loss, "backward": backward, "update": update}


def trainer(network=None, X_and_y=None, batch_size=None, alpha=0.3, **functions):
    network = make() if network is None else network
    X, y = data() if X_and_y is None else X_and_y
    return OwnTrainer(
        network,
        X,
        y,
        OwnCode(**functions),
        optimizer=GradientDescent(alpha),
        batch_size=batch_size,
        seed=0,
    )


def raised(training, **about):
    before = training.network.parameters.copy()
    with pytest.raises(OwnCodeError) as caught:
        next(training)
    np.testing.assert_array_equal(training.network.parameters, before)
    for attribute, expected in about.items():
        assert getattr(caught.value, attribute) == expected
    return caught.value


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("forward",),
        ("loss",),
        ("backward",),
        ("update",),
        ("forward", "backward"),
        ("forward", "loss", "backward", "update"),
    ],
)
@pytest.mark.parametrize("batch_size", [None, 6])
def test_right_functions_train_as_nnlib_does_whichever_are_given(names, batch_size):
    X, y = data()
    plain = make()
    expected = list(
        islice(
            Trainer(plain, X, y, optimizer=GradientDescent(0.3), batch_size=batch_size, seed=0), 12
        )
    )
    own = trainer(batch_size=batch_size, **{name: EVERYTHING[name] for name in names})
    records = list(islice(own, 12))
    np.testing.assert_allclose(own.network.parameters, plain.parameters, rtol=1e-9, atol=1e-12)
    for record, other in zip(records, expected, strict=True):
        assert record.loss == pytest.approx(other.loss, rel=1e-9)
        assert (record.epoch, record.update, record.samples_seen, record.end_of_epoch) == (
            other.epoch,
            other.update,
            other.samples_seen,
            other.end_of_epoch,
        )


@pytest.mark.parametrize("name", list(EVERYTHING))
def test_every_function_given_is_the_one_called(name):
    calls = []

    def counted(*arguments):
        calls.append(name)
        return EVERYTHING[name](*arguments)

    own = trainer(**{name: counted})
    for n in (1, 2, 3):
        next(own)
        assert len(calls) == n


def test_wrong_gradients_are_followed_as_they_are():
    def zero(weights, z, a, y, activations):
        return [0 * W for W in weights], [np.ones(W.shape[1]) for W in weights]

    own = trainer(backward=zero)
    weights = [W.copy() for W in own.network.weights]
    biases = [b.copy() for b in own.network.biases]
    next(own)
    for W, before in zip(own.network.weights, weights, strict=True):
        np.testing.assert_array_equal(W, before)
    for b, before in zip(own.network.biases, biases, strict=True):
        np.testing.assert_allclose(b, before - 0.3)


def test_an_update_may_return_the_new_x_or_write_it():
    one, other = trainer(update=update), trainer(update=update_in_place)
    next(one), next(other)
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)


def test_your_update_stays_when_the_optimizer_is_replaced_and_takes_its_learning_rate():
    rates = []

    def noted(x, g, learning_rate):
        rates.append(learning_rate)
        return x

    own = trainer(update=noted)
    next(own)
    own.optimizer.learning_rate = 0.7
    next(own)
    own.optimizer = Adam(0.01)
    assert next(own).learning_rate == 0.01
    assert rates == [0.3, 0.7, 0.01]
    without = trainer(backward=backward)
    without.optimizer = adam = Adam(0.01)
    assert without.optimizer is adam


def test_backward_is_given_exactly_what_forward_returned():
    marked = {}

    def odd(X, weights, biases, activations):
        z, a = forward(X, weights, biases, activations)
        marked["z"] = tuple(z[1:])
        return marked["z"], a

    def with_odd_z(weights, z, a, y, activations):
        assert z is marked["z"]
        return backward(weights, [None, *z], a, y, activations)

    own, plain = trainer(forward=odd, backward=with_odd_z), trainer()
    next(own), next(plain)
    np.testing.assert_allclose(own.network.parameters, plain.network.parameters, rtol=1e-12)


def test_a_float32_network_stays_float32():
    own = trainer(make("float32"), data(dtype=np.float32), **EVERYTHING)
    list(islice(own, 3))
    assert own.network.parameters.dtype == np.float32
    assert own.gradients.vector.dtype == np.float32


def test_large_batches_are_worked_through_in_pieces(monkeypatch):
    monkeypatch.setattr(nnlib.training.batches, "MEMORY", 1)  # 32 samples a piece, the smallest
    own, plain = trainer(X_and_y=data(70), **EVERYTHING), trainer(X_and_y=data(70))
    assert [own.advance() for _ in range(2)] == [None, None]
    record = own.advance()
    assert record.loss == pytest.approx(next(plain).loss, rel=1e-9)
    np.testing.assert_allclose(own.network.parameters, plain.network.parameters, rtol=1e-9)


def test_an_error_names_the_function_the_line_and_the_shapes():
    def wrong(weights, z, a, y, activations):
        delta = a[-1] - y
        return [a[-1] @ delta], [delta]

    line = wrong.__code__.co_firstlineno + 2
    error = raised(trainer(backward=wrong), name="raised", function="backward", line=line)
    assert isinstance(error.__cause__, ValueError)
    for text in (
        f"backward, line {line}",
        "`return [a[-1] @ delta], [delta]`",
        "y: array (20, 4)",
        "weights: list of 2 ((3, 5), (5, 4))",
        "the inner two of a product",
    ):
        assert text in str(error)


def test_an_error_deeper_down_is_placed_on_the_last_line_of_your_own():
    def helper(a):
        return np.linalg.inv(a)

    def wrong(output, y):
        return helper(output)

    line = helper.__code__.co_firstlineno + 1
    error = raised(trainer(loss=wrong), function="loss", line=line)
    assert "LinAlgError in `return np.linalg.inv(a)`" in str(error)


def test_a_function_with_other_arguments_is_told_what_it_was_called_with():
    error = raised(trainer(update=lambda x, g: x), name="raised", function="update", line=None)
    assert "positional argument" in str(error) and "learning_rate: the number 0.3" in str(error)


def test_after_an_error_training_goes_on_with_the_same_batch():
    fail = [True]

    def sometimes(output, y):
        if fail[0]:
            raise ValueError("not today")
        return loss(output, y)

    own, plain = trainer(batch_size=6, loss=sometimes), trainer(batch_size=6)
    raised(own, function="loss")
    fail[0] = False
    assert next(own).loss == pytest.approx(next(plain).loss, rel=1e-9)
    np.testing.assert_allclose(own.network.parameters, plain.network.parameters, rtol=1e-12)


def test_an_update_that_fails_half_way_leaves_the_network_whole():
    def half(x, g, learning_rate):
        x[:10] = 0
        raise KeyError("v")

    raised(trainer(update=half), function="update")


@pytest.mark.parametrize("part", ["weights", "biases", "X", "y"])
def test_parameters_and_data_cannot_be_written_to(part):
    def writes_forward(X, weights, biases, activations):
        chosen = {"weights": weights[0], "biases": biases[0], "X": X}[part]
        chosen *= 0
        return forward(X, weights, biases, activations)

    def writes_loss(output, y):
        y *= 0
        return loss(output, y)

    own = trainer(loss=writes_loss) if part == "y" else trainer(forward=writes_forward)
    X, y = own.X.copy(), own.y.copy()
    error = raised(own, name="raised")
    assert "work on a copy" in str(error)
    np.testing.assert_array_equal(own.X, X)
    np.testing.assert_array_equal(own.y, y)


z_and_a = [
    [None, np.ones((20, 5)), np.ones((20, 4))],
    [np.ones((20, 3)), np.ones((20, 5)), np.ones((20, 4))],
]
dW_and_db = [[np.ones((3, 5)), np.ones((5, 4))], [np.ones(5), np.ones(4)]]


@pytest.mark.parametrize(
    ("function", "value", "name", "where"),
    [
        ("forward", None, "not_a_pair", "forward"),
        ("forward", np.ones((20, 4)), "not_a_pair", "forward"),
        ("forward", (z_and_a[0][:2], z_and_a[1]), "not_numbers", "forward, z1"),
        ("forward", (z_and_a[0][::-1], z_and_a[1]), "not_numbers", "forward, z2"),
        ("forward", (z_and_a[0], z_and_a[1][::-1]), "wrong_shape", "forward, a0"),
        ("forward", (z_and_a[0][:1], z_and_a[1]), "wrong_length", "forward, z"),
        ("forward", (z_and_a[0], z_and_a[1][1:]), "input_missing", "forward, a0"),
        ("forward", (z_and_a[0], [*z_and_a[1][:2], "a"]), "not_numbers", "forward, a2"),
        ("forward", (5, z_and_a[1]), "wrong_length", "forward, z"),
        ("loss", None, "not_numbers", "loss, value"),
        ("loss", np.ones(20), "wrong_shape", "loss, value"),
        ("backward", (dW_and_db[0], dW_and_db[0]), "wrong_shape", "backward, db1"),
        ("backward", (dW_and_db[0], dW_and_db[1][:1]), "wrong_length", "backward, db"),
        ("backward", (dW_and_db[0], [1.0, None]), "not_numbers", "backward, db2"),
        ("backward", ([W.T for W in dW_and_db[0]], dW_and_db[1]), "wrong_shape", "backward, dW1"),
        ("update", np.ones(3), "wrong_shape", "update, x"),
        ("update", "x", "not_numbers", "update, x"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(function, value, name, where):
    error = raised(trainer(**{function: lambda *arguments: value}), name=name, where=where)
    assert str(error).startswith(function)


def test_a_loss_that_is_no_number_is_divergence_as_ever():
    with pytest.raises(Diverged):
        next(trainer(loss=lambda output, y: np.nan))


def test_what_is_no_function_is_refused_at_once():
    with pytest.raises(TypeError, match="must be a function: pass its name without brackets"):
        OwnCode(forward=forward(np.ones((1, 3)), [], [], []))
    with pytest.raises(TypeError, match="must be an nnlib optimizer"):
        OwnTrainer(make(), *data(), OwnCode(update=update), optimizer="adam")


def test_the_texts_of_own_code_hold_no_addresses():
    assert repr(OwnCode(forward=forward, update=update)) == "OwnCode(forward, update)"
    assert repr(trainer(update=update).optimizer) == "OwnUpdate(learning_rate=0.3)"
    assert describe([np.ones((2, 3)), None]) == "list of 2 ((2, 3), NoneType)"
    assert describe(object()) == "an object of type object"


def test_cross_entropy_by_hand_and_nnlibs_agree_here():
    """The `loss` above is what the comparisons rest on."""
    network, (X, y) = make(), data()
    trace = network.forward(X)
    expected = CrossEntropy().value(trace, np.eye(4)[y])
    assert loss(trace.output, np.eye(4)[y]) == pytest.approx(expected, rel=1e-12)


def test_what_can_be_gone_through_once_is_kept_for_backward_too():
    def forward_once(X, weights, biases, activations):
        z, a = forward(X, weights, biases, activations)
        return iter(z), (v for v in a)

    def backward_once(weights, z, a, y, activations):
        yield from (reversed(g[::-1]) for g in backward(weights, z, a, y, activations))

    mine, nnlibs = make(), make()
    next(trainer(mine, forward=forward_once, backward=backward_once))
    next(trainer(nnlibs))
    np.testing.assert_allclose(mine.parameters, nnlibs.parameters, atol=1e-12)


def test_a_generator_that_fails_half_way_or_never_ends_is_told_in_words():
    def fails(weights, z, a, y, activations):
        yield [0]
        raise KeyError("dW")

    raised(trainer(backward=fails), name="raised", function="backward")

    def endless(weights, z, a, y, activations):
        while True:
            yield [0]

    raised(trainer(backward=endless), name="not_a_pair", function="backward")
