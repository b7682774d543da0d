"""A stopped training, gone on with, ends as one that was not; files are whole or not there."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from nnlib import MNIST, Diverged, NeuralNetwork
from nnlib.cluster.mapped_run import found
from nnlib.recipes import CheckpointError, Recipe, Run, run
from nnlib.recipes.checkpoint import Checkpoints, State, difference, read

run_module = sys.modules["nnlib.recipes.run"]  # the package has a function of that name

TINY = Recipe(
    name="tiny",
    purpose="to be tested",
    layers=(16, 12, 3),
    batch_size=10,
    epochs=4,
    optimizer="momentum",
    optimizer_settings={"beta": 0.9},
    learning_rate=0.1,
    schedule="linear",
    warmup=0.1,
)


def digits(n=95, seed=0, side=4):
    """Return small images of three classes: not MNIST, but of the same form."""
    rng = np.random.default_rng(seed)
    X = rng.random((n + 60, side * side), np.float32)
    y = X[:, :3].argmax(axis=1)
    return MNIST(X[:n], y[:n], X[n : n + 30], y[n : n + 30], X[n + 30 :], y[n + 30 :])


DATA = digits()


def weights_of(recipe, seed=0, validation=False):
    trained = Run(recipe, seed, DATA, validation)
    for _ in trained:
        pass
    return trained


EVERYTHING = {
    "gradient descent": {"optimizer": "gradient descent", "optimizer_settings": {}},
    "momentum": {},
    "adam": {"optimizer": "adam", "optimizer_settings": {}, "learning_rate": 0.01},
    "rmsprop": {"optimizer": "rmsprop", "optimizer_settings": {}, "learning_rate": 0.01},
    "dropout": {"dropout": {"input": 0.1, "hidden": 0.5}},
    "distortion": {"distortion": {"alpha": 8.0, "sigma": 2.0}},
    "adversarial": {"adversarial": {"epsilon": 0.1}},
    "average": {"average": {"begin": 0.5}},
    "forgetful average": {"average": {"begin": 0.0, "decay": 0.9}},
    "cosine, l2, smoothing": {"schedule": "cosine", "l2": 0.001, "smoothing": 0.1},
    "float64": {"dtype": "float64"},
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_stopped_at_any_update_it_ends_with_the_same_weights(name, tmp_path):
    recipe = replace(TINY, **EVERYTHING[name])
    whole = weights_of(recipe, validation=True)
    assert whole.updates == 40
    for stop in (1, 7, 10, 26, 39):  # in the first epoch, at the end of one, in the average
        first = Run(recipe, 0, DATA, True)
        for _ in range(stop):
            next(first)
        Checkpoints(tmp_path, {"stop": stop}).save(stop, first.state())
        second = Run(recipe, 0, DATA, True)
        second.restore(Checkpoints(tmp_path, {"stop": stop}).load()[0])
        assert second.updates == stop
        for _ in second:
            pass
        np.testing.assert_array_equal(second.learned().parameters, whole.learned().parameters)
        assert second.curve == whole.curve
        Checkpoints(tmp_path, {}).clear()


def test_a_setting_changes_the_weights_and_the_seed_does():
    plain = weights_of(TINY).learned().parameters
    np.testing.assert_array_equal(weights_of(TINY).learned().parameters, plain)
    assert (weights_of(TINY, seed=1).learned().parameters != plain).any()
    for name, settings in EVERYTHING.items():
        if settings:
            other = weights_of(replace(TINY, **settings)).learned().parameters
            assert (other != plain).any(), name


def quietly(recipe=TINY, seed=0, **arguments):
    """Run with all lines kept instead of printed; return the outcome and the lines."""
    lines = []
    arguments = {"data": DATA, "every": 0.0, "progress": "lines", "say": lines.append} | arguments
    return run(recipe, seed, **arguments), lines


def stopped_at(folder, updates, recipe=TINY, seed=0):
    """Leave the checkpoints of a run that was killed after so many updates, one at each."""
    trained = Run(recipe, seed, DATA)
    # What the checkpoints belong to is said by those of a real run.
    with pytest.raises(ZeroDivisionError):
        quietly(recipe, seed, folder=folder, say=lambda line: 1 / 0)
    belongs_to = read(Checkpoints(folder, {}).files()[0])[0]["belongs_to"]
    checkpoints = Checkpoints(folder, belongs_to)
    checkpoints.clear()
    for _ in range(updates):
        next(trained)
        checkpoints.save(trained.updates, trained.state())
    return checkpoints


def test_a_run_gone_on_with_ends_like_one_without_a_folder(tmp_path):
    whole, _ = quietly()
    stopped_at(tmp_path, 17)
    outcome, lines = quietly(folder=tmp_path)
    assert lines[0] == f"Goes on after update 17 of 40, from {tmp_path}"
    assert (outcome.network.parameters == whole.network.parameters).all()
    same = ("curve", "test_accuracy", "updates", "settings", "parameters")
    assert {k: outcome.record[k] for k in same} == {k: whole.record[k] for k in same}
    assert (outcome.record["resumed"], whole.record["resumed"]) == (1, 0)
    assert outcome.record["seconds"] > 0 and outcome.record["cpu_seconds"] > 0


def test_a_finished_run_leaves_its_network_and_its_record_and_is_not_made_again(tmp_path):
    folder = tmp_path / "new" / "folder"
    outcome, lines = quietly(folder=folder)
    assert sorted(path.name for path in folder.iterdir()) == ["network.npz", "result.json"]
    loaded = NeuralNetwork.load(folder / "network.npz")
    assert (loaded.parameters == outcome.network.parameters).all()
    assert len(lines) == TINY.epochs and "epoch 4/4" in lines[-1]
    again, lines = quietly(folder=folder)
    assert again.record == outcome.record and "finished before" in lines[0] and len(lines) == 1
    assert (again.network.parameters == outcome.network.parameters).all()
    (folder / "notes.txt").write_text("of somebody else")
    anew, lines = quietly(folder=folder, fresh=True)
    assert len(lines) == TINY.epochs and anew.record["curve"] == outcome.record["curve"]
    assert (folder / "notes.txt").read_text() == "of somebody else"
    (folder / "result.json").write_text("{")
    with pytest.raises(CheckpointError, match="is damaged"):
        quietly(folder=folder)
    with pytest.raises(NotADirectoryError, match="this is a file"):
        quietly(folder=folder / "notes.txt")


def test_a_state_stays_what_it_was_and_holds_the_time_that_was_spent(tmp_path):
    recipe = replace(TINY, average={"begin": 0.0})
    trained = Run(recipe, 0, DATA)
    for _ in range(3):
        next(trained)
    trained.seconds, trained.cpu_seconds = 1000.0, 2000.0
    state = trained.state()
    before = {name: array.copy() for name, array in state.arrays.items()}
    for _ in range(3):
        next(trained)
    for name, array in state.arrays.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    other = Run(recipe, 0, DATA)
    other.restore(state)
    assert (other.seconds, other.cpu_seconds, other.resumed) == (1000.0, 2000.0, 1)


def test_only_two_checkpoints_are_kept(tmp_path):
    checkpoints = stopped_at(tmp_path, 12)
    assert [path.name for path in checkpoints.files()] == [
        "checkpoint-000000012.npz",
        "checkpoint-000000011.npz",
    ]
    assert len(list(tmp_path.iterdir())) == 2


def test_ctrl_c_keeps_what_was_learned_and_says_how_to_go_on(tmp_path):
    lines = []

    def say(line):
        lines.append(line)
        if "epoch 2/4" in line:
            signal.raise_signal(signal.SIGINT)

    outcome, _ = quietly(folder=tmp_path, say=say, every=1000.0)
    assert outcome.record is None
    assert lines[-1] == (
        f"Stopped after update 20 of 40; the same command goes on from there ({tmp_path})."
    )
    whole, _ = quietly()
    rest, lines = quietly(folder=tmp_path)
    assert "after update 20" in lines[0] and "epoch 3/4" in lines[1]
    assert (rest.network.parameters == whole.network.parameters).all()


def test_ctrl_c_without_a_folder_gives_the_network_as_far_as_it_came():
    lines = []

    def say(line):
        lines.append(line)
        if "epoch 1/4" in line:
            signal.raise_signal(signal.SIGINT)

    outcome, _ = quietly(say=say)
    assert outcome.record is None
    assert lines[-1] == (
        "Stopped after update 10 of 40; without a folder, nothing of it is on the disk."
    )
    trained = Run(TINY, 0, DATA)
    for _ in range(10):
        next(trained)
    assert (outcome.network.parameters == trained.network.parameters).all()


def test_the_test_images_are_not_looked_at_while_settings_are_chosen():
    blind = replace(DATA, X_test=None, y_test=None)
    outcome, _ = quietly(data=blind, validation=True)
    assert "test_accuracy" not in outcome.record
    curve = outcome.record["curve"]["validation_accuracy"]
    assert outcome.record["validation_accuracy"] == pytest.approx(curve[-1], abs=1e-6)
    assert len(curve) == TINY.epochs and 0 <= min(curve) and max(curve) <= 1
    only = replace(DATA, X_validation=None, y_validation=None)
    assert "validation_accuracy" not in quietly(data=only)[0].record


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples():
    trained = Run(TINY, 0, DATA)
    sizes, losses = [10] * 9 + [5], []
    while trained.epochs_done == 0:
        losses.append(next(trained).loss)
    assert trained.curve["training_loss"] == [pytest.approx(np.average(losses, weights=sizes))]


def test_a_run_that_diverges_says_which():
    wild = replace(TINY, learning_rate=1e30, hidden="identity", output="identity", loss="mse")
    with pytest.raises(Diverged, match="tiny, seed 3: training diverged: at update"):
        quietly(wild, seed=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recipe", "quick"), ("recipe", Recipe), ("data", np.ones((5, 784))), ("validation", "no"),
        ("every", -1.0), ("every", "20"), ("every", float("nan")), ("fresh", 1),
        ("progress", "line"), ("progress", None), ("say", None), ("say", "print"),
    ],
)  # fmt: skip
def test_what_a_run_cannot_use_is_refused_by_name_before_anything_is_trained(name, value, tmp_path):
    arguments = {"recipe": TINY, "folder": tmp_path, name: value}
    with pytest.raises((TypeError, ValueError), match=f"{name}.* must be"):
        quietly(**arguments)
    assert not list(tmp_path.iterdir())


# Damage


RECORDS = ("[]", "3", "null", "{}", '{"belongs_to": 3, "record": {"curve": {}}}',
           '{"belongs_to": {}, "record": {}}', '{"belongs_to": {}, "record": []}',
           "[" * 50_000)  # fmt: skip


@pytest.mark.parametrize("text", RECORDS, ids=lambda text: text[:30])
def test_a_record_that_is_none_is_damaged(tmp_path, text):
    (tmp_path / "result.json").write_text(text)
    (tmp_path / "tiny-seed0.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"result.json is damaged .*--fresh removes it"):
        quietly(folder=tmp_path)
    with pytest.raises(CheckpointError, match=r"seed0.json is damaged .*nothing is overwritten"):
        found(tmp_path, TINY, 0, {})


def test_a_header_that_is_no_header_is_damage(tmp_path):
    checkpoints, state = Checkpoints(tmp_path, {}), State({}, {})
    for part, whole in (("facts", state), ("belongs_to", checkpoints)):
        good = getattr(whole, part)
        object.__setattr__(whole, part, [3])
        path = checkpoints.save(1, state)
        object.__setattr__(whole, part, good)
        with pytest.raises(CheckpointError, match="should hold two dicts"):
            read(path)


def changed(path, change):
    path.write_bytes(change(path.read_bytes()))


def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(tmp_path):
    whole, _ = quietly()
    checkpoints = stopped_at(tmp_path, 17)
    changed(checkpoints.files()[0], lambda data: data[: len(data) // 2])
    outcome, lines = quietly(folder=tmp_path)
    assert "checkpoint-000000017.npz is damaged and left out" in lines[0]
    assert "after update 16 of 40" in lines[1]
    assert (outcome.network.parameters == whole.network.parameters).all()


def test_if_all_are_damaged_it_begins_anew(tmp_path):
    whole, _ = quietly()
    for path in stopped_at(tmp_path, 5).files():
        changed(path, lambda data: b"")
    outcome, lines = quietly(folder=tmp_path)
    assert ["is damaged" in line for line in lines[:3]] == [True, True, False]
    assert (outcome.network.parameters == whole.network.parameters).all()


def test_whatever_byte_is_changed_it_is_noticed_or_changes_nothing(tmp_path):
    path = stopped_at(tmp_path, 3).files()[0]
    data, (header, state) = path.read_bytes(), read(path)
    noticed = 0
    choose = random.Random(0)
    for place in [*choose.sample(range(len(data)), 300), *range(len(data) - 100, len(data))]:
        damaged = bytearray(data)
        damaged[place] ^= 1 << choose.randrange(8)
        path.write_bytes(damaged)
        try:
            other, found = read(path)
        except CheckpointError:
            noticed += 1
            continue
        assert other == header and found.facts == state.facts
        assert found.arrays.keys() == state.arrays.keys()
        for name, array in state.arrays.items():
            np.testing.assert_array_equal(found.arrays[name], array)
    assert noticed > 300


def test_wherever_it_is_cut_off_that_is_noticed(tmp_path):
    path = stopped_at(tmp_path, 3).files()[0]
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(CheckpointError, match="not the whole of an archive"):
        read(path)
    for length in {0, 1, 100, *range(1, len(data), 97), len(data) - 1}:
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError, match=r"checkpoint-000000003\.npz is damaged"):
            read(path)


def test_nothing_in_a_checkpoint_is_ever_executed(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    path = tmp_path / "checkpoint-000000001.npz"
    np.savez(path, header=np.array(Bomb(), dtype=object))
    with pytest.raises(CheckpointError):
        read(path)
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(json.dumps({"format": "something else"})))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(CheckpointError, match="should say 'nnlib checkpoint, version 1'"):
        read(path)
    assert not (tmp_path / "exploded").exists()


# Another training


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            {"recipe": replace(TINY, learning_rate=0.2)},
            r"recipe\.learning_rate was 0\.1 there and is 0\.2 here",
        ),
        ({"recipe": replace(TINY, l2=0.1)}, r"recipe\.l2 was 'nothing' there and is 0\.1 here"),
        ({"seed": 1}, "seed was 0 there and is 1 here"),
        ({"validation": True}, "validation was False there and is True here"),
        ({"data": digits(seed=1)}, "data was '[0-9a-f]+' there and is"),
        ({"data": replace(DATA, y_train=DATA.y_train[::-1])}, "data was '[0-9a-f]+' there and is"),
    ],
)
@pytest.mark.parametrize("finished", [False, True])
def test_a_folder_of_another_training_is_refused_in_words(tmp_path, other, words, finished):
    if finished:
        quietly(folder=tmp_path)
    else:
        stopped_at(tmp_path, 5)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CheckpointError, match=f"is of another training: {words}.*--fresh"):
        quietly(folder=tmp_path, **other)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("package", ["numpy", "blas"])
def test_other_versions_of_numpy_are_refused_since_they_would_round_otherwise(
    tmp_path, package, monkeypatch
):
    stopped_at(tmp_path, 5)
    here = run_module.machine()
    monkeypatch.setattr(run_module, "machine", lambda: {**here, package: "another"})
    with pytest.raises(CheckpointError, match=rf"versions\.{package} was .* is 'another' here"):
        quietly(folder=tmp_path)


def test_differences_are_told_down_to_the_setting():
    assert difference({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}, "d": 4}) == (
        "a.c was 2 there and is 3 here; d was 'nothing' there and is 4 here"
    )


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    checkpoints = stopped_at(tmp_path, 2)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(os, "fsync", lambda file: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        checkpoints.save(3, State({}, {"x": np.zeros(3)}))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "place",
    [(NeuralNetwork, "save"), (run_module, "atomic_write")],
    ids=["network", "record"],
)
def test_a_result_that_cannot_be_written_costs_only_the_last_updates(tmp_path, monkeypatch, place):
    def full(*_):
        raise OSError("no space left")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space left"):
        patched.setattr(*place, full)
        quietly(folder=tmp_path)
    assert not (tmp_path / "result.json").exists()
    outcome, lines = quietly(folder=tmp_path)
    assert lines[0].startswith("Goes on after update 39 of 40")
    assert (outcome.network.parameters == quietly()[0].network.parameters).all()


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    checkpoints = stopped_at(tmp_path, 2)
    half = tmp_path / ".checkpoint-000000003.npz.abc.part"
    for remove in (checkpoints.load, checkpoints.clear):
        half.write_bytes(b"half")
        remove()
        assert not half.exists()


# SIGKILL

KILLED = """
import sys
import numpy as np
from test_checkpoints import DATA, LARGE
from nnlib.recipes import Run, run
from nnlib.recipes import checkpoint, run as runs

save = checkpoint.Checkpoints.save
def saved(self, updates, state):
    save(self, updates, state)
    print(updates, flush=True)
checkpoint.Checkpoints.save = saved
print("ready", flush=True)
run(LARGE, 0, data=DATA, folder=sys.argv[1], every=0.0, progress=False, say=lambda line: None)
print("finished", flush=True)
"""
# A megabyte of parameters, so that writing it takes a good part of the time.
LARGE = replace(
    TINY,
    layers=(16, 4000, 40, 3),
    epochs=20,
    batch_size=20,
    learning_rate=0.01,
    dropout={"input": 0.1, "hidden": 0.2},
)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.nightly)])
def test_killed_at_random_moments_it_ends_with_the_same_weights(tmp_path, kills):
    choose = random.Random()
    last, killed, during_writing = 0, 0, 0
    while True:
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=os.path.dirname(__file__),
        )
        seen = [process.stdout.readline().strip()]
        assert seen == ["ready"]
        if killed < kills:
            for _ in range(choose.randrange(5)):
                seen.append(process.stdout.readline().strip())
            time.sleep(choose.random() * 0.02)  # a random moment, not one to wait for
            process.kill()
            killed += 1
        seen += process.stdout.read().split()
        process.wait()
        saved = [int(word) for word in seen if word.isdigit()]
        if "finished" in seen:
            break
        assert process.returncode == -signal.SIGKILL
        # All that is there can be read; at most the work since the last checkpoint is lost.
        during_writing += any(tmp_path.glob(".*.part"))
        files = Checkpoints(tmp_path, {}).files()
        found = [read(path)[1].facts["updates"] for path in files]
        last = max([last, *saved])
        assert not last or found[0] >= last
        assert not saved or saved[0] == min(saved) > 0
    assert killed == kills
    assert during_writing or kills < 20  # of five, none may hit the moment of writing
    unkilled = weights_of(LARGE).learned()
    ended = NeuralNetwork.load(tmp_path / "network.npz")
    np.testing.assert_array_equal(ended.parameters, unkilled.parameters)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.npz", "result.json"]
