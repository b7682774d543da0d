"""`train`: the history, the validation, the progress bar, and leaving early in good order."""

import re
import signal

import numpy as np
import pytest

from nnlib import (
    Adam,
    Diverged,
    GradientDescent,
    History,
    NeuralNetwork,
    Trainer,
    backward,
    circles,
    evaluate,
    noisy_sine,
    train,
)


def make():
    return NeuralNetwork([2, 6, 2], "tanh", seed=0)


X, Y = circles(50, seed=0)
X_VALIDATION, Y_VALIDATION = circles(30, seed=1)


def test_the_history_has_an_entry_for_each_update_and_each_validation():
    history = train(
        make(),
        X,
        Y,
        epochs=3,
        batch_size=20,
        validation=(X_VALIDATION, Y_VALIDATION),
        optimizer=GradientDescent(lambda t: 0.5**t),
        progress=False,
        seed=0,
    )
    assert len(history.training_loss) == 9  # 50 samples in batches of 20, 20 and 10
    assert history.learning_rate == pytest.approx([0.5**t for t in range(9)])
    assert history.validation_update == [3, 6, 9]
    assert len(history.validation_loss) == len(history.validation_accuracy) == 3
    assert history.interrupted is False


def test_the_history_is_that_of_the_trainer_with_the_same_seed():
    one, other = make(), make()
    history = train(one, X, Y, epochs=2, batch_size=20, seed=3, progress=False)
    trainer = Trainer(other, X, Y, batch_size=20, seed=3)
    assert history.training_loss == [next(trainer).loss for _ in range(6)]
    np.testing.assert_array_equal(one.parameters, other.parameters)


def test_the_validation_after_each_epoch_is_that_of_evaluate(monkeypatch):
    network, scores = make(), []
    note = History.add_validation

    def note_and_evaluate(history, update, score):
        scores.append(evaluate(network, X_VALIDATION, Y_VALIDATION, "cross_entropy"))
        note(history, update, score)

    monkeypatch.setattr(History, "add_validation", note_and_evaluate)
    history = train(
        network, X, Y, epochs=4, validation=(X_VALIDATION, Y_VALIDATION), progress=False, seed=0
    )
    assert history.validation_loss == [score.loss for score in scores]
    assert history.validation_accuracy == [score.accuracy for score in scores]
    assert len(set(history.validation_loss)) == 4


@pytest.mark.parametrize("batch_size", [20, None])
def test_an_epoch_whose_batches_are_worked_through_in_pieces_is_whole(batch_size):
    whole, pieces = (
        train(make(), X, Y, epochs=2, batch_size=batch_size, at_once=n, seed=0, progress=False)
        for n in (50, 7)
    )
    assert pieces.training_loss == pytest.approx(whole.training_loss, rel=1e-5)


def test_validation_never_trains():
    one, other = make(), make()
    train(one, X, Y, epochs=2, seed=0, progress=False)
    train(other, X, Y, epochs=2, seed=0, progress=False, validation=(X_VALIDATION, Y_VALIDATION))
    np.testing.assert_array_equal(one.parameters, other.parameters)


def test_a_regression_has_no_validation_accuracy():
    x, y = noisy_sine(20)
    network = NeuralNetwork([1, 4, 1], "tanh", "identity", seed=0)
    history = train(network, x, y, epochs=2, batch_size=5, validation=(x, y), progress=False)
    assert len(history.validation_loss) == 2 and history.validation_accuracy == []


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def raise_keyboard_interrupt():
    raise KeyboardInterrupt


class At:
    """A schedule, constant, that does something the first time it is asked for update `k`."""

    def __init__(self, k, action):
        self.k, self.action, self.done = k, action, False

    def __call__(self, t):
        if t == self.k - 1 and not self.done:
            self.done = True
            self.action()
        return 0.1


@pytest.mark.parametrize("batch_size", [20, None])
@pytest.mark.parametrize("k", [1, 2, 5, 7])
@pytest.mark.parametrize(
    ("action", "finished"), [(press_ctrl_c, 0), (raise_keyboard_interrupt, -1)]
)
def test_an_interruption_keeps_the_history_and_a_network_of_as_many_updates(
    action, finished, k, batch_size, capsys
):
    # The first Ctrl-C lets update k finish; an exception raised within it leaves k − 1.
    network, made = make(), k + finished
    before = signal.getsignal(signal.SIGINT)
    history = train(
        network,
        X,
        Y,
        epochs=10,
        batch_size=batch_size,
        seed=1,
        progress=False,
        optimizer=GradientDescent(At(k, action)),
        validation=(X_VALIDATION, Y_VALIDATION),
    )
    assert signal.getsignal(signal.SIGINT) is before
    assert history.interrupted
    assert len(history.training_loss) == len(history.learning_rate) == made
    assert f"Interrupted after {made} updates" in capsys.readouterr().out

    same = make()
    trainer = Trainer(same, X, Y, batch_size=batch_size, seed=1, optimizer=GradientDescent(0.1))
    assert history.training_loss == [next(trainer).loss for _ in range(made)]
    np.testing.assert_array_equal(network.parameters, same.parameters)
    # Validation came after each epoch that was over before update k, and not again.
    over = range(trainer.updates_per_epoch, k, trainer.updates_per_epoch)
    assert history.validation_update == list(over)
    assert len(history.validation_loss) == len(history.validation_accuracy) == len(over)


def test_a_second_ctrl_c_stops_at_once():
    def twice():
        press_ctrl_c()
        press_ctrl_c()

    network = make()
    history = train(
        network,
        X,
        Y,
        epochs=10,
        batch_size=20,
        progress=False,
        seed=0,
        optimizer=GradientDescent(At(3, twice)),
    )
    assert history.interrupted and len(history.training_loss) == 2


def test_divergence_carries_the_history_so_far_and_ends_the_line_of_the_bar(capsys):
    x, y = noisy_sine(20)
    network = NeuralNetwork([1, 4, 1], "relu", "identity", seed=0)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Diverged) as caught:
        train(network, x, y, optimizer=GradientDescent(10.0), batch_size=5, epochs=500)
    assert capsys.readouterr().err.endswith("\n")  # though the error still holds the bar
    history = caught.value.history
    assert len(history.training_loss) == caught.value.update - 1 > 0
    assert np.isfinite(history.training_loss).all()
    assert np.isfinite(network.parameters).all()
    assert signal.getsignal(signal.SIGINT) is before


def test_no_epochs_change_nothing():
    network = make()
    before = network.parameters.copy()
    history = train(network, X, Y, epochs=0, validation=(X, Y), progress=False)
    assert history.training_loss == history.validation_loss == []
    assert not history.interrupted
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("epochs", [-1, 1.5, True, float("nan")])
def test_an_impossible_number_of_epochs_is_refused(epochs):
    with pytest.raises(ValueError):
        train(make(), X, Y, epochs=epochs, progress=False)


def test_the_progress_bar_counts_updates_on_stderr_unless_hidden(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")  # some versions of tqdm cut the bar for a narrow terminal
    train(make(), X, Y, epochs=2, batch_size=10, validation=(X, Y), progress=True)
    shown = capsys.readouterr()
    assert "10/10" in shown.err and "update" in shown.err
    assert re.search(r"10/10.*validation loss=0\.\d{4}, accuracy=\d+\.\d\d%\]\n$", shown.err)
    assert shown.out == ""
    train(make(), X, Y, epochs=2, batch_size=10, validation=(X, Y), progress=False)
    hidden = capsys.readouterr()
    assert hidden.err == hidden.out == ""


@pytest.mark.parametrize("validation", [5, (X,), (X, Y, Y), "ab c"])
def test_a_validation_that_is_no_pair_is_refused(validation):
    with pytest.raises(ValueError, match=r"validation must be a pair \(X, target\)"):
        train(make(), X, Y, validation=validation, progress=False)


def test_a_validation_that_does_not_fit_is_refused_before_any_training():
    network = make()
    before = network.parameters.copy()
    with pytest.raises(ValueError, match="in validation, X has 3 columns"):
        train(network, X, Y, validation=(np.ones((4, 3)), [0] * 4), progress=False)
    np.testing.assert_array_equal(network.parameters, before)


def test_the_history_describes_itself():
    history = train(make(), X, Y, epochs=1, batch_size=25, validation=(X, Y), progress=False)
    text = repr(history)
    assert text.startswith("History: 2 updates, last training loss ")
    assert "validation accuracy " in text and "interrupted" not in text
    assert repr(History()) == "History: 0 updates"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lr", r"optimizer=GradientDescent\(0.1\)"),
        ("callbacks", r"for record in Trainer\(…\)"),
        ("validation_split", r"validation=\(X, target\)"),
        ("shuffle", "it has epochs, validation, progress, loss, optimizer, batch_size, seed"),
    ],
)
def test_a_setting_of_another_library_is_refused_with_the_name_that_it_has_here(name, hint):
    with pytest.raises(TypeError, match=f"train has no setting '{name}': .*{hint}"):
        train(make(), X, Y, **{name: 0.1})


def test_numpy_may_be_told_to_raise_for_what_becomes_too_small_to_be_told_from_zero():
    far = np.array([[1e-40, 1e4], [-1e4, 1e-40]], np.float32)
    network = NeuralNetwork([2, 3, 2], hidden="identity", seed=0)
    for i in (0, 1):
        network.weights[i] *= 30
    trainer = [network.copy() for _ in range(2)]
    with np.errstate(all="ignore"):
        right = network.forward(far).output, evaluate(network, far, [0, 1]), network.predict(far)
        train(trainer[0], far, [0, 1], optimizer=Adam(1e-3), epochs=3, progress=False)
    with np.errstate(all="raise"):
        with pytest.raises(FloatingPointError):
            np.exp(np.float32(-200))
        trace = network.forward(far)
        assert backward(network, trace, [0, 1], "cross_entropy").vector.any()
        assert evaluate(network, far, [0, 1]) == right[1]
        np.testing.assert_array_equal(network.predict(far), right[2])
        train(trainer[1], far, [0, 1], optimizer=Adam(1e-3), epochs=3, progress=False)
    np.testing.assert_array_equal(trace.output, right[0])
    assert (trace.output == 0).any()
    np.testing.assert_array_equal(trainer[0].parameters, trainer[1].parameters)
