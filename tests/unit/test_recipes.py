"""Recipes: what they are made of, the command that trains them, and what it leaves."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnlib import Adam, CrossEntropy, Momentum, NeuralNetwork, accuracy, load_mnist
from nnlib.recipes import (
    ABLATION,
    RECIPES,
    STEPS,
    STUDIES,
    Recipe,
    ablation,
    pretrained,
    records,
    run,
    shelf,
    summary,
)
from nnlib.recipes.__main__ import main
from nnlib.recipes.run import Outcome
from nnlib.recipes.shelf import summarize

# A network that trains on all of MNIST in a moment, and badly.
TINY = Recipe(
    name="tiny",
    purpose="to be tested",
    layers=(784, 3, 10),
    batch_size=10_000,
    epochs=2,
    optimizer="momentum",
    optimizer_settings={"beta": 0.5},
    learning_rate=0.1,
)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Make `tiny` a recipe that nnlib knows, and keep its records in a folder of its own."""
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    monkeypatch.setattr(shelf, "HERE", tmp_path / "package")
    (tmp_path / "package").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Settings


def test_settings_say_what_is_on_and_nothing_else():
    assert TINY.as_settings() == {
        "layers": [784, 3, 10],
        "hidden": "relu",
        "output": "softmax",
        "init": "he",
        "loss": "cross_entropy",
        "batch_size": 10_000,
        "epochs": 2,
        "optimizer": "momentum",
        "optimizer_settings": {"beta": 0.5},
        "learning_rate": 0.1,
    }
    more = replace(TINY, dropout={"input": 0.1, "hidden": 0.2}, l2=0.1, name="x", purpose="y")
    new = {"dropout": {"input": 0.1, "hidden": 0.2}, "l2": 0.1}
    assert more.as_settings() == TINY.as_settings() | new


STEPS_OF_STUDIES = [change.recipe for study in STUDIES.values() for change in study.values()]


@pytest.mark.parametrize(
    "recipe", [*RECIPES.values(), *STEPS_OF_STUDIES], ids=lambda recipe: recipe.name
)
def test_settings_survive_json_and_make_the_same_recipe_again(recipe):
    settings = json.loads(json.dumps(recipe.as_settings()))
    assert Recipe(name=recipe.name, purpose=recipe.purpose, **settings) == recipe


def test_the_trainer_of_a_recipe_has_its_settings():
    recipe = replace(
        TINY,
        smoothing=0.1,
        l2=0.01,
        dropout={"input": 0.1, "hidden": 0.2},
        distortion={"alpha": 3.0, "sigma": 2.0},
        schedule="cosine",
        warmup=0.5,
        final=0.01,
        batch_size=30,
        dtype="float64",
        hidden="tanh",
        init="xavier",
    )
    data = load_mnist()
    network = recipe.network(0)
    assert network.dtype == "float64" and network.layers == (784, 3, 10)
    assert [f.name for f in network.activations] == ["tanh", "softmax"]
    trainer = recipe.trainer(network, data.X_train[:100], data.y_train[:100], 0)
    assert isinstance(trainer.loss, CrossEntropy) and trainer.loss.smoothing == 0.1
    assert (trainer.l2, trainer.batch_size, trainer.updates_per_epoch) == (0.01, 30, 4)
    distortion, dropout = trainer.changes.all
    assert (dropout.input, dropout.hidden) == (0.1, 0.2)
    assert (distortion.function.alpha, distortion.function.sigma) == (3.0, 2.0)
    assert isinstance(trainer.optimizer, Momentum) and trainer.optimizer.beta == 0.5
    rates = [trainer.optimizer.learning_rate(t) for t in (0, 3, 4, 8)]
    assert rates == pytest.approx([0.025, 0.1, 0.1, 0.01])  # 8 updates, half of them warm-up
    adam = replace(TINY, optimizer="adam", optimizer_settings={}).optimizer_for(100)
    assert isinstance(adam, Adam) and adam.learning_rate == 0.1


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"layers": (784,)}, "layers"),
        ({"hidden": "rellu"}, "hidden='rellu'.*unknown"),
        ({"init": "hee"}, "init='hee'.*unknown"),
        ({"loss": "hinge"}, "loss='hinge'.*unknown"),
        ({"output": "relu"}, "loss='cross_entropy' cannot be used.*needs probabilities"),
        ({"smoothing": 1.0}, "loss.*smoothing=1.0"),
        ({"loss": "mse", "smoothing": 0.1}, "smoothing=0.1 is for labels under cross_entropy"),
        ({"batch_size": 0}, "batch_size=0 must be a whole number"),
        ({"epochs": 2.5}, "epochs=2.5 must be a whole number"),
        ({"optimizer": "sgd"}, "optimizer='sgd' is unknown: choose one of gradient descent, mom"),
        ({"optimizer_settings": {"beta": 1.0}}, "optimizer_settings.*beta=1.0"),
        ({"optimizer_settings": {"rho": 0.9}}, "optimizer_settings.*rho"),
        ({"learning_rate": -1.0}, "learning_rate=-1.0"),
        ({"schedule": "step"}, "schedule='step' is unknown: choose one of constant, linear, cos"),
        ({"warmup": 0.1}, "schedule='constant' keeps α as it is, but warmup"),
        ({"schedule": "linear", "warmup": 1.0}, "warmup=1.0 is a share of the run"),
        ({"l2": -0.1}, "l2=-0.1"),
        ({"dropout": {"hidden": 1.0}}, "dropout.*hidden=1.0"),
        ({"distortion": {"alpha": -1.0}}, "distortion.*alpha=-1.0"),
        ({"distortion": {"bend": 1.0}}, "distortion.*bend"),
        ({"adversarial": {"epsilon": 0.0}}, "adversarial.*epsilon=0.0"),
        ({"average": {"begin": 1.0}}, "average.*needs 'begin', a share of the run"),
        ({"average": {"decay": 0.9}}, "average.*needs 'begin'"),
        ({"average": {"begin": 0.5, "decay": 2.0}}, "average.*decay=2.0"),
    ],
)
def test_a_setting_that_cannot_be_is_named(setting, words):
    with pytest.raises(ValueError, match=f"recipe 'tiny': .*{words}"):
        replace(TINY, **setting)


# Changes of the ablation: one idea at a time. A learning rate may go with any of them.
IDEAS = {
    "cross-entropy": {"output", "loss"},
    "relu": {"hidden", "init"},
    "momentum": {"optimizer", "optimizer_settings"},
    "schedule": {"schedule", "warmup"},
    "batches": {"batch_size"},
    "width": {"layers"},
    "l2": {"l2"},
    "dropped": {"dropout"},
    "distorted": {"distortion"},
}


def test_the_ablation_starts_from_the_origin_but_for_its_length():
    first = next(iter(ABLATION.values()))
    assert first.base is None
    assert (
        replace(
            first.recipe,
            name="origin",
            purpose=RECIPES["origin"].purpose,
            epochs=RECIPES["origin"].epochs,
        )
        == RECIPES["origin"]
    )


@pytest.mark.parametrize("name", IDEAS)
def test_each_change_of_the_ablation_is_one(name):
    change = ABLATION[name]
    new, old = change.recipe.as_settings(), ABLATION[change.base].recipe.as_settings()
    differ = {key for key in {*new, *old} if new.get(key) != old.get(key)}
    assert IDEAS[name] <= differ <= IDEAS[name] | {"learning_rate"}
    assert {*ABLATION} == {*IDEAS, "origin-short"}


@pytest.mark.parametrize("name", [*STEPS][1:])
def test_each_step_changes_one_thing(name):
    change = STEPS[name]
    new, old = change.recipe.as_settings(), STEPS[change.base].recipe.as_settings()
    differ = {key for key in {*new, *old} if new.get(key) != old.get(key)}
    assert len(differ - {"batch_size"}) == 1


# The command


def test_the_list_names_every_recipe(capsys):
    assert main(["--list"]) == 0
    said = capsys.readouterr().out
    for recipe in RECIPES.values():
        assert f"{recipe.name:10} " in said and recipe.purpose in said
    for name, study in STUDIES.items():
        assert f"{name:10} {len(study)} networks from {study.seeds} seeds" in said
    assert main([]) == 2


def test_an_unknown_name_is_answered_with_those_there_are(capsys):
    assert main(["fast"]) == 1
    assert capsys.readouterr().err == (
        "error: unknown recipe 'fast': choose one of origin, quick, dropout-adversarial, "
        "simard, best, ablation, steps, committee\n"
    )


def test_a_run_that_looks_at_validation_images_is_not_recorded(tiny, capsys):
    assert main(["tiny", "--record", "--validation"]) == 1
    assert "--validation" in capsys.readouterr().err
    assert list((tiny / "package").iterdir()) == []


@pytest.mark.slow
def test_it_trains_from_each_seed_and_keeps_records(tiny, capsys):
    assert main(["tiny", "--seeds", "1", "0", "--record"]) == 0
    said = capsys.readouterr().out
    runs = records("tiny")
    assert [r["seed"] for r in runs] == [0, 1]
    for r in runs:
        assert f"tiny, seed {r['seed']}: test accuracy {r['test_accuracy']:.2%}" in said
        assert r["settings"] == TINY.as_settings() and r["trained_on"] == 60_000
        assert r["updates"] == 12 and len(r["curve"]["training_loss"]) == 2
        network = NeuralNetwork.load(tiny / "runs" / f"tiny-seed{r['seed']}" / "network.npz")
        data = load_mnist()
        assert accuracy(network, data.X_test, data.y_test) == r["test_accuracy"]
    both = summary("tiny")
    assert f"tiny: {both} over 2 seeds" in said
    assert both.n == 2 and both.mean == sum(r["test_accuracy"] for r in runs) / 2


def finished(network, recipe="tiny", seed=0, score="test_accuracy", **more):
    record = {"recipe": recipe, "settings": {}, "seed": seed, "trained_on": 60_000, score: 0.5}
    return Outcome(network, record | more, None)


def test_a_record_takes_the_place_of_what_it_replaces_and_of_nothing_else(tiny, monkeypatch):
    def seen():
        return [(r["recipe"], r["seed"]) for r in records("two")]

    monkeypatch.setitem(STUDIES, "two", {"tiny": None, "other": None})
    network = TINY.network(0)
    for recipe, seed, seconds in (("other", 0, 9), ("tiny", 1, 1), ("tiny", 0, 2), ("tiny", 1, 3)):
        shelf.keep(finished(network, recipe, seed, seconds=seconds))
    assert seen() == [("tiny", 0), ("tiny", 1), ("other", 0)]
    before = records("two")
    assert [record["seconds"] for record in before] == [2, 3, 9]
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(shelf, "_as_text", lambda runs: 1 / 0)
        shelf.keep(finished(network, seed=3))
    assert records("two") == before
    shelf.keep(finished(network, seed=2, trained_on=100))  # which the others were not
    assert seen() == [("tiny", 2), ("other", 0)]
    monkeypatch.setitem(STUDIES, "two", {"tiny": None})  # the other belongs to it no more
    shelf.keep(finished(network, seed=3, trained_on=100))
    assert seen() == [("tiny", 2), ("tiny", 3)]
    shelf.keep(finished(network, seed=7, trained_on=100, settings={"l2": 0.1}))
    assert seen() == [("tiny", 7)]
    with pytest.raises(ValueError, match="stopped before its end"):
        shelf.keep(Outcome(network, None, None))


def test_weights_that_ship_are_those_of_the_first_seed_after_all_images(tiny, monkeypatch):
    monkeypatch.setattr(shelf, "SHIPPED", ("tiny",))
    network, weights = TINY.network(0), tiny / "package" / "weights"
    for other in ({"seed": 1}, {"score": "validation_accuracy"}, {"recipe": "quick"}):
        shelf.keep(finished(network, **other))
        assert not weights.exists()
    shelf.keep(finished(network))
    assert [path.name for path in weights.iterdir()] == ["tiny.npz"]
    np.testing.assert_array_equal(pretrained("tiny").parameters, network.parameters)


@pytest.mark.slow
def test_ctrl_c_ends_it_as_shells_expect(tiny, capsys, monkeypatch):
    say = print

    def stop(line, **_):
        say(line)
        if "epoch 1/2" in line:
            signal.raise_signal(signal.SIGINT)

    inner = run.__wrapped__  # beneath the check of its arguments
    monkeypatch.setattr(inner, "__kwdefaults__", inner.__kwdefaults__ | {"say": stop})
    assert main(["tiny", "--seeds", "0", "1"]) == 130
    assert "Stopped after update 6 of 12; the same command goes on" in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    assert main(["tiny", "--folder", str(tiny / "runs")]) == 0
    assert "Goes on after update 6 of 12" in capsys.readouterr().out


@pytest.mark.slow
def test_validation_keeps_10000_images_apart(tiny, capsys):
    assert main(["tiny", "--validation"]) == 0
    assert "tiny, seed 0: validation accuracy" in capsys.readouterr().out
    kept = json.loads((tiny / "runs" / "tiny-seed0-validation" / "result.json").read_text())
    assert kept["record"]["trained_on"] == 50_000 and "test_accuracy" not in kept["record"]


@pytest.mark.slow
def test_another_recipe_in_the_folder_is_an_error_in_words(tiny, capsys, monkeypatch):
    assert main(["tiny"]) == 0
    monkeypatch.setitem(RECIPES, "tiny", replace(TINY, learning_rate=0.2))
    assert main(["tiny"]) == 1
    assert "recipe.learning_rate was 0.1 there and is 0.2 here" in capsys.readouterr().err
    assert main(["tiny", "--fresh"]) == 0


# What comes with nnlib


def test_the_rows_of_the_ablation_are_means_over_its_runs(tiny):
    first = next(iter(ABLATION))
    runs = [
        {"recipe": name, "seed": seed, "cpu_seconds": 1.0 + seed, "validation_accuracy": accuracy}
        for name in ABLATION
        for seed, accuracy in enumerate([0.90, 0.92, 0.97] if name == first else [0.5, 0.5, 0.5])
    ]
    (tiny / "package" / "records").mkdir()
    (tiny / "package" / "records" / "ablation.json").write_text(json.dumps(runs))
    rows = ablation()
    assert [row["name"] for row in rows] == list(ABLATION)
    assert rows[0]["mean"] == pytest.approx(0.93) and rows[0]["sd"] == pytest.approx(13**0.5 / 100)
    assert (rows[0]["seeds"], rows[0]["seconds"], rows[0]["base"]) == (3, 2.0, None)
    assert rows[1]["mean"] == 0.5 and rows[1]["sd"] == 0 and rows[1]["base"] == first


def test_what_is_not_there_is_said_in_words(tiny):
    assert records("tiny") == []
    with pytest.raises(ValueError, match="no run of 'tiny' is recorded: python -m nnlib"):
        summary("tiny")
    with pytest.raises(ValueError, match=r"weights of 'simard' do not come with nnlib.*quick"):
        pretrained("simard")
    for what in (records, summary, pretrained):
        with pytest.raises(ValueError, match="unknown recipe 'fastest': choose one of origin"):
            what("fastest")
    assert str(summarize([{"test_accuracy": 0.5}], "x")) == "50.00%"


def test_the_weights_that_come_with_nnlib_read_as_their_record_says():
    network, data = pretrained("quick"), load_mnist()
    [record] = [r for r in records("quick") if r["seed"] == 0]
    assert network.layers == RECIPES["quick"].layers and network.dtype == "float32"
    # Another machine may round otherwise, and so decide a close case otherwise.
    found = accuracy(network, data.X_test, data.y_test)
    assert found == pytest.approx(record["test_accuracy"], abs=0.0003)
    assert (Path(shelf.__file__).parent / "weights" / "quick.npz").stat().st_size < 1_000_000


# By day the README's program trains on all of MNIST (test_readme.py); the records are compared.
@pytest.mark.nightly
@pytest.mark.parametrize("seed", (0, 1, 2))
def test_quick_reads_98_of_100_test_images_or_more(seed):
    outcome = run(RECIPES["quick"], seed, progress=False)
    assert outcome.record["test_accuracy"] >= 0.98
    [record] = [r for r in records("quick") if r["seed"] == seed]
    # The same weights come of it on a machine that rounds alike, almost the same on any other.
    assert outcome.record["test_accuracy"] == pytest.approx(record["test_accuracy"], abs=0.003)


def test_importing_the_recipes_imports_numpy_alone():
    names = ("tqdm", "threadpoolctl", "matplotlib")
    program = f"import sys, nnlib.recipes; print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
