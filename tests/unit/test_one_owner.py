"""State belongs to one owner: an optimizer to one network, a copy to itself."""

import copy
import os
import pickle
from functools import partial

import numpy as np
import pytest

from nnlib import (
    MSE,
    Adam,
    CosineSchedule,
    Diverged,
    GradientDescent,
    Gradients,
    Loss,
    Momentum,
    Nesterov,
    NeuralNetwork,
    Optimizer,
    RMSProp,
    Trainer,
    backward,
    blobs,
    check_gradients,
    evaluate,
    tanh,
    train,
)
from nnlib.diagnosis.own_code import OwnCodeError
from nnlib.lab import DescentLab, Playground, RaceLab, TrainingPanel, predict
from nnlib.landscapes.descent import Descent
from nnlib.landscapes.surfaces import valley

X, Y = blobs(40, seed=0)
KINDS = [Momentum, Nesterov, RMSProp, Adam, lambda: GradientDescent(CosineSchedule(0.1, 50))]


def network(seed=0, **settings):
    return NeuralNetwork([2, 4, 3], "tanh", seed=seed, **settings)


def trained(net, optimizer, epochs=2):
    train(net, X, Y, optimizer=optimizer, epochs=epochs, seed=0, progress=False)
    return net.parameters


@pytest.mark.parametrize("make", KINDS)
def test_an_optimizer_is_refused_for_a_second_network_until_it_is_reset(make):
    optimizer, alone = make(), trained(network(1), make()).copy()
    trained(network(0), optimizer)
    second = network(1)
    before = second.parameters.copy()
    for net in (second, second.copy()):
        with pytest.raises(ValueError, match=r"updates of another network.*reset\(\)"):
            Trainer(net, X, Y, optimizer=optimizer)
    np.testing.assert_array_equal(second.parameters, before)
    optimizer.reset()
    np.testing.assert_array_equal(trained(second, optimizer), alone)


@pytest.mark.parametrize("make", KINDS)
def test_it_goes_on_with_its_own_network_but_not_after_another_start(make):
    optimizer, net = make(), network()
    halves = trained(net, optimizer, 1), trained(net, optimizer, 1)
    assert np.isfinite(halves[1]).all() and optimizer.updates == 4
    net.initialize(3)
    with pytest.raises(ValueError, match="initialized again"):
        Trainer(net, X, Y, optimizer=optimizer)


def test_a_constant_rate_remembers_nothing_and_serves_any_network():
    optimizer = GradientDescent(0.1)
    for seed in (0, 1):
        np.testing.assert_array_equal(
            trained(network(seed), optimizer), trained(network(seed), GradientDescent(0.1))
        )


def test_of_two_that_share_a_fresh_optimizer_the_second_is_refused_as_it_begins():
    optimizer = Adam(0.01)
    one, other = (Trainer(network(s), X, Y, optimizer=optimizer, seed=0) for s in (0, 1))
    next(one)
    before = other.network.parameters.copy()
    with pytest.raises(ValueError, match="of another network"):
        next(other)
    np.testing.assert_array_equal(other.network.parameters, before)
    panels = [TrainingPanel(network(s), X, Y, validation=(X, Y), optimizer=Adam()) for s in (0, 1)]
    panels[0].step(2)
    with pytest.raises(ValueError, match="of another network"):
        TrainingPanel(network(2), X, Y, validation=(X, Y), optimizer=panels[0].trainer.optimizer)


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))]
)
def test_a_copy_of_an_optimizer_has_a_memory_of_its_own(make, duplicate):
    optimizer, net = make(), network()
    trained(net, optimizer)
    before = optimizer.state()
    twin, its_network = duplicate(optimizer), net.copy()
    expected = trained(net.copy(), duplicate(optimizer)).copy()
    np.testing.assert_array_equal(trained(its_network, twin), expected)
    for name, value in before.items():
        np.testing.assert_array_equal(optimizer.state()[name], value)
    np.testing.assert_array_equal(trained(net, optimizer), expected)


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))]
)
def test_a_copy_of_a_trainer_trains_on_alike_and_apart(duplicate):
    trainer = Trainer(network(), X, Y, optimizer=Adam(0.01), batch_size=7, seed=3, l2=0.01)
    for _ in range(4):
        next(trainer)
    twin = duplicate(trainer)
    before = trainer.network.parameters.copy()
    theirs = [next(twin).loss for _ in range(9)]
    np.testing.assert_array_equal(trainer.network.parameters, before)
    assert [next(trainer).loss for _ in range(9)] == theirs
    np.testing.assert_array_equal(twin.network.parameters, trainer.network.parameters)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_trains_on(tmp_path):
    trainer = Trainer(network(), X, Y, threads=2, batch_size=40, seed=0)
    next(trainer)
    child = os.fork()
    if child == 0:
        np.save(tmp_path / "loss.npy", next(trainer).loss)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert np.load(tmp_path / "loss.npy") == next(trainer).loss


class Own(NeuralNetwork):
    name = "mine"


def test_a_copy_of_a_network_is_of_its_kind_and_has_all_of_it():
    net = Own([2, 3], seed=0)
    net.note = "kept"
    for twin in (net.copy(), copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert type(twin) is Own and twin.note == "kept" and twin.name == "mine"
        twin.parameters += 1
        assert not np.array_equal(twin.weights[0], net.weights[0])


def test_what_went_through_pickle_saves_and_trains_as_before(tmp_path):
    path = tmp_path / "network.npz"
    for net in (
        pickle.loads(pickle.dumps(network())),
        NeuralNetwork([2, 4, 3], type(tanh)(), seed=0),
    ):
        net.save(path)
        loaded = NeuralNetwork.load(path)
        np.testing.assert_array_equal(loaded.parameters, network().parameters)
        assert loaded.activations == network().activations


def test_an_activation_with_settings_is_not_saved_as_one_without(tmp_path):
    leaky = type(NeuralNetwork([2, 2, 2], "leaky_relu").activations[0])()
    leaky.slope = 0.3
    with pytest.raises(ValueError, match="activation of your own"):
        NeuralNetwork([2, 4, 3], leaky).save(tmp_path / "network.npz")


def test_parameters_that_load_would_refuse_are_not_saved(tmp_path):
    net, path = network(), tmp_path / "network.npz"
    net.save(path)
    net.parameters[3] = np.nan
    with pytest.raises(ValueError, match="1 parameters of the network are NaN"):
        net.save(path)
    assert np.isfinite(NeuralNetwork.load(path).parameters).all()
    with pytest.raises(ValueError, match="1 of the 27 parameters are NaN"):
        net.predict(X)


# Guests: a schedule, a start, a step, an activation.


def test_a_schedule_is_asked_once_for_each_update_and_its_answer_is_checked():
    asked = []
    trainer = Trainer(network(), X, Y, optimizer=GradientDescent(lambda t: asked.append(t) or 0.1))
    rates = [next(trainer).learning_rate for _ in range(4)]
    assert asked == [0, 1, 2, 3] and rates == [0.1] * 4
    trainer = Trainer(network(), X, Y, optimizer=GradientDescent(lambda t: None))
    with pytest.raises(ValueError, match="at update 0 the schedule gives learning_rate=None"):
        next(trainer)
    with pytest.raises(ValueError, match="CosineSchedule is a class: make a schedule"):
        Adam(CosineSchedule)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (lambda rng, n, m: None, "returned NoneType: it must return"),
        (lambda rng, n, m: (np.zeros((m, n)), np.zeros(m)), r"the W .*\(4, 2\), not \(2, 4\)"),
        (lambda rng, n, m: (np.zeros((n, m)), np.r_[np.nan, np.ones(m - 1)]), "the b .* NaN"),
        (lambda rng, n, m: (np.zeros((n, m)), np.zeros(m), 1), "returned tuple: it must return"),
        (lambda rng, n, m: {"W": 1, "b": 2}, "returned dict: it must return"),
        (lambda rng, n, m: (np.full((n, m), "w"), np.zeros(m)), "the W .* numbers"),
    ],
)  # fmt: skip
def test_what_an_initializer_returns_is_checked(start, reason):
    with pytest.raises(ValueError, match=reason):
        network(init=start)


class Halving(Optimizer):
    """Writes to the gradient it is given, as it must not."""

    def __init__(self):
        super().__init__(0.1)

    def step(self, g, alpha):
        g *= alpha
        return g


@pytest.mark.parametrize("n", [10, 2**18 + 5])
def test_a_step_of_ones_own_gets_a_copy_however_long_the_vector(n):
    x, g = np.ones(n, np.float32), np.ones(n, np.float32)
    assert Halving().update(x, g)
    np.testing.assert_array_equal(g, 1)
    np.testing.assert_allclose(x, 0.9)

    class Forgets(Halving):
        def step(self, g, alpha):
            return None

    with pytest.raises(ValueError, match=r"Forgets\.step returned None"):
        Forgets().update(x, g)


class Greedy(type(tanh)):
    """A tanh that works in place, on what it is given."""

    def __call__(self, z):
        return np.tanh(z, out=z)

    def pull_back(self, gradient, z, a):
        gradient *= 1 - a * a
        return gradient


def test_an_activation_of_ones_own_may_work_in_place_on_its_copies():
    nets = [NeuralNetwork([2, 4, 4, 3], f, seed=0) for f in ("tanh", Greedy())]
    for net in nets:
        train(net, X, Y, epochs=3, seed=0, progress=False)
    np.testing.assert_allclose(nets[1].parameters, nets[0].parameters, rtol=1e-5)


def test_what_an_activation_returns_is_checked():
    for wrong, reason in ((None, "None"), (1.0, r"shape \(\)"), ("a", "<U1")):

        class Wrong(type(tanh)):
            def __call__(self, z, wrong=wrong):
                return wrong

        with pytest.raises(ValueError, match=f"the activation wrong .*returned .*{reason}"):
            NeuralNetwork([2, 4, 3], Wrong()).forward(X)


class Squares(Loss):
    """A mean squared error of one's own, in float64, that works in place on what it is given."""

    def value(self, trace, y):
        trace.output[...] = (trace.output - y) ** 2
        return np.mean(trace.output, dtype=np.float64)

    def delta(self, trace, y):
        right = MSE().delta(trace, y).astype(np.float64)
        for array in (*trace.a, *trace.z[1:], y):
            array[...] = 7
        return right


@pytest.mark.parametrize("batch_size", [None, 7])
def test_a_loss_of_ones_own_may_work_in_place_on_its_copies(batch_size):
    mine = X.astype(np.float32)
    nets, before = [network(), network()], mine.copy()
    for net, loss in zip(nets, (MSE(), Squares()), strict=True):
        settings = dict(loss=loss, batch_size=batch_size, epochs=3, seed=0, progress=False)
        train(net, mine, Y, **settings, validation=(mine, Y))
    np.testing.assert_allclose(nets[1].parameters, nets[0].parameters, rtol=1e-5)
    np.testing.assert_array_equal(mine, before)
    scores = [evaluate(nets[0], mine, Y, loss) for loss in (MSE(), Squares())]
    assert scores[0].loss == pytest.approx(scores[1].loss) and type(scores[1].loss) is float
    assert scores[0].accuracy == scores[1].accuracy
    gradients = backward(nets[0], nets[0].forward(mine), Y, Squares())
    assert gradients.vector.dtype == np.float32
    assert check_gradients(nets[0], mine[:4], Y[:4], Squares())


WRONG_VALUES = [None, "1", 1j, np.ones(3), np.ma.masked, True]
WRONG_DELTAS = {
    "None": lambda d: None,
    "a number": lambda d: 1.0,
    "a row": lambda d: d[0],
    "one column": lambda d: d[:, :1],
    "transposed": lambda d: d.T,
    "NaN": lambda d: d * np.nan,
    "masked": lambda d: np.ma.masked_less(d, 0),
    "text": lambda d: d.astype(str),
}


@pytest.mark.parametrize("wrong", WRONG_VALUES, ids=repr)
def test_what_the_value_of_a_loss_returns_is_checked(wrong):
    loss = type("Squares", (Squares,), {"value": lambda self, trace, y: wrong})()
    for call in (
        lambda: next(Trainer(network(), X, Y, loss=loss)),  # None once began the batch for ever
        lambda: evaluate(network(), X, Y, loss),
        lambda: check_gradients(network(), X[:3], Y[:3], loss),
    ):
        with pytest.raises(ValueError, match=r"value of the loss Squares\(\) is .*real number"):
            call()


def test_a_value_that_is_put_into_a_loss_cannot_begin_a_batch_for_ever():
    loss = MSE()
    loss.value = lambda trace, y: None
    with pytest.raises(TypeError):
        Trainer(network(), X, Y, loss=loss).advance()


@pytest.mark.parametrize("wrong", WRONG_DELTAS.values(), ids=WRONG_DELTAS)
def test_what_the_delta_of_a_loss_returns_is_checked(wrong):
    made = {"delta": lambda self, trace, y: wrong(MSE().delta(trace, y))}
    loss = type("Squares", (Squares,), made)()
    net = network()
    for call in (
        lambda: next(Trainer(net, X, Y, loss=loss)),
        lambda: backward(net, net.forward(X), Y, loss),
    ):
        with pytest.raises(ValueError, match=r"the delta of the loss Squares\(\) .*returned"):
            call()


def test_a_guest_whose_iterator_is_at_its_end_does_not_end_a_loop_over_updates():
    rates = iter([0.1, 0.1])
    trainer = Trainer(network(), X, Y, optimizer=GradientDescent(lambda t: next(rates)))
    made = []
    with pytest.raises(RuntimeError, match="StopIteration"):
        for record in trainer:
            made.append(record)
    assert len(made) == 2


# Numbers that leave the range.


@pytest.mark.parametrize("value", [1e39, -1e300, 10**39])
def test_parameters_that_their_type_cannot_hold_are_refused_and_written_nowhere(value):
    net = network()
    before = net.parameters.copy()
    for write in (
        lambda: net.weights.__setitem__(0, np.full((2, 4), float(value))),
        lambda: net.biases.__setitem__(1, [float(value)] * 3),
        lambda: setattr(net, "parameters", np.full(before.size, float(value))),
    ):
        with pytest.raises(ValueError, match=r"goes to 1e\+.*float32 has no such number"):
            write()
    mixed = [float(value), np.inf, 0]  # an infinity that is meant does not hide one that is not
    with pytest.raises(ValueError, match=r"goes to 1e\+.*float32 has no such number"):
        net.biases[1] = mixed
    with pytest.raises(ValueError, match=r"goes to 1e\+301"):
        net.biases[1] = [float(value), -1e301, 0]
    np.testing.assert_array_equal(net.parameters, before)
    net.biases[1] = [1, np.inf, 0]
    assert net.biases[1].tolist() == [1, np.inf, 0]
    with pytest.raises(ValueError, match="float32 has no such number"):
        network(init=lambda rng, n, m: (np.full((n, m), float(value)), np.zeros(m)))


def test_another_schedule_is_asked_although_the_update_is_the_same():
    optimizer = GradientDescent(lambda t: 0.1)
    assert optimizer.current_learning_rate == 0.1
    optimizer.learning_rate = lambda t: 0.2
    assert optimizer.current_learning_rate == 0.2


@pytest.mark.parametrize("rate", [10**400, np.ma.masked])
def test_a_rate_that_is_no_number_of_float64_is_refused(rate):
    for make in (Adam, lambda r: GradientDescent(lambda t: r).current_learning_rate):
        with pytest.raises(ValueError, match="learning_rate="):
            make(rate)


@pytest.mark.parametrize("make", [Adam, RMSProp])
@pytest.mark.parametrize("n", [5, 2**18])
def test_a_gradient_whose_square_overflows_is_told_and_freezes_nothing(make, n):
    x, g = np.zeros(n, np.float32), np.ones(n, np.float32)
    g[3] = 1e25
    with np.errstate(over="ignore"):
        assert not make().update(x, g)
        np.testing.assert_array_equal(x, 0)
        assert make().update(x.astype(np.float64), g.astype(np.float64))
    net = NeuralNetwork([2, 1], output="identity", seed=0)
    with pytest.raises(Diverged, match="at update 1 float32 overflows"):
        train(net, X * 1e12, Y * 1e12, optimizer=make(), epochs=1, batch_size=40, progress=False)


def test_an_infinite_step_is_refused_in_every_block():
    n = 2**17 + 5
    x, g = np.ones(n, np.float32), np.full(n, 1e30, np.float32)
    with np.errstate(over="ignore"):
        assert not GradientDescent(1e30).update(x, g)
    np.testing.assert_array_equal(x, 1)


def test_a_walk_is_an_owner_too():
    optimizer, place = Momentum(0.01), valley()
    first, second = Descent(place, optimizer), Descent(place, optimizer)
    next(first)
    with pytest.raises(ValueError, match="of another network or walk"):
        next(second)
    with pytest.raises(ValueError, match="of another network or walk"):
        Trainer(network(), X, Y, optimizer=optimizer)


def labs():
    yield Playground()
    yield TrainingPanel(network(), X, Y, validation=(X, Y))
    yield RaceLab()
    yield DescentLab()
    yield predict("What comes?", ["this", "that"], "this", "So it is.")


def test_a_lab_is_not_copied_and_says_what_to_do_instead():
    for lab in labs():
        kind = type(lab).__name__
        instead = "as you made this one"
        if hasattr(lab, "from_settings"):
            instead = rf"{kind}\.from_settings\(lab\.settings\(\)"
        if isinstance(lab, (Playground, TrainingPanel)):
            instead += r".*lab\.network, which has copy\(\) and save"
        for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(
                TypeError, match=f"a {kind} is tied to its views .*: make .*{instead}"
            ):
                duplicate(lab)
    lab = Playground()
    lab.step(3)
    assert Playground.from_settings(lab.settings()).settings() == lab.settings()
    np.testing.assert_array_equal(lab.network.copy().parameters, lab.network.parameters)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_in_a_forked_child_a_lab_goes_on_and_the_parents_stays(tmp_path):
    lab, alone = Playground(), Playground()
    lab.step(2)
    child = os.fork()
    if child == 0:
        lab.step(3)
        lab.network.save(tmp_path / "child.npz")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    alone.step(5)
    assert lab.updates == 2
    np.testing.assert_array_equal(
        NeuralNetwork.load(tmp_path / "child.npz").parameters, alone.network.parameters
    )


@pytest.mark.parametrize(
    "error",
    [
        Diverged("training diverged", update=3, loss=2.5),
        OwnCodeError("backward: it failed", "raised", "backward, dW1", line=4),
    ],
)
def test_an_error_comes_back_whole_from_another_process(error):
    error.history = "so far"
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error) and str(twin) == str(error)
    told = {k: v for k, v in vars(error).items() if k != "history" or type(error) is Diverged}
    assert {name: vars(twin)[name] for name in told} == told


@pytest.mark.parametrize(
    ("guest", "words"),
    [
        (lambda *given: None, "returned NoneType: it must return Gradients"),
        (lambda n, *rest: n.parameters.__isub__(1), "changed the parameters"),
        (lambda *given: Gradients([2, 3], "float64"), "have 2 items each"),
    ],
)
def test_a_backward_that_is_checked_returns_a_gradient_and_moves_nothing(guest, words):
    with pytest.raises(ValueError, match=f"backward=.*{words}"):
        check_gradients(network(), X[:3], Y[:3], "mse", backward=guest)


def test_a_backward_that_is_checked_may_write_to_its_own_trace():
    mine = X[:3].astype(np.float64)

    def in_place(net, trace, y, loss):
        gradients = backward(net, trace, y, loss)
        for a in trace.a:
            a[...] = 7
        return gradients

    assert check_gradients(network(), mine, Y[:3], "cross_entropy", backward=in_place)
    np.testing.assert_array_equal(mine, X[:3])


@pytest.mark.parametrize("make", [Adam, RMSProp])
@pytest.mark.parametrize("epsilon", [0, 1e-50])
def test_zero_by_zero_is_told_apart_from_an_overflow(make, epsilon):
    """Layer 1 gets no gradient from weights of 0; float32 makes 0 of an ε of 1e-50."""
    net = network(init="zeros")
    with pytest.raises(Diverged, match=r"at update 1 0 is divided by 0 .*epsilon must not be 0"):
        next(Trainer(net, X, Y, optimizer=make(epsilon=epsilon)))
    assert not net.parameters.any()


@pytest.mark.parametrize(
    ("make", "init"),
    [(partial(Adam, epsilon=0), "xavier"), (Adam, "zeros"), (GradientDescent, "zeros")],
    ids=["no slope is 0", "epsilon is not", "nothing is divided"],
)
def test_an_overflow_is_told_apart_from_zero_by_zero(make, init):
    net = network(init=init)
    net.biases[-1][:] = 3.4e38  # the same for all classes, so the loss is finite
    with pytest.raises(Diverged, match=r"float32 overflows \(learning rate 3e\+38") as caught:
        next(Trainer(net, X, Y, optimizer=make(3e38), seed=0))
    assert caught.value.update == 1 and np.isfinite(caught.value.loss)
