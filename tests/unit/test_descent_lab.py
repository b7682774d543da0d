"""The descent lab through its traits and messages, as a front-end uses it."""

import asyncio

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.lab.descent_lab import PATH, DescentLab, Trail
from nnlib.landscapes.descent import Descent
from nnlib.landscapes.surfaces import (
    NetworkSlice,
    OneParameter,
    Rosenbrock,
    parabola,
    profile,
    relief,
)


def frames(lab) -> list:
    """Collect the frames that the lab sends from now on."""
    sent = []
    lab.send = lambda content, buffers=None: sent.append((content, buffers))
    return sent


def arrays(frame) -> dict:
    content, buffers = frame
    return {
        a["name"]: np.frombuffer(b, np.float64).reshape(a["rows"], -1)
        for a, b in zip(content["arrays"], buffers, strict=True)
    }


def positions(lab) -> dict:
    return {trait: walker.descent.position for trait, walker in lab.walkers.items()}


def walk(surface, optimizer, steps, start=None):
    descent = Descent(surface, optimizer, start)
    for _ in range(steps):
        next(descent)
    return descent.position


def test_one_step_of_the_lab_is_one_of_every_optimizer_switched_on():
    lab = DescentLab(
        "Rosenbrock",
        optimizers=("gradient_descent", "momentum", "nesterov", "rmsprop", "adam"),
        beta=0.8,
    )
    lab.step(7)
    kinds = {
        "gradient_descent": nnlib.GradientDescent(0.001),
        "momentum": nnlib.Momentum(0.001, beta=0.8),
        "nesterov": nnlib.Nesterov(0.001, beta=0.8),
        "rmsprop": nnlib.RMSProp(0.001),
        "adam": nnlib.Adam(0.001),
    }
    assert set(positions(lab)) == set(kinds)
    for trait, optimizer in kinds.items():
        np.testing.assert_array_equal(positions(lab)[trait], walk(Rosenbrock(), optimizer, 7))


def test_learning_rate_and_momentum_act_on_the_next_step():
    lab = DescentLab(optimizers=("gradient_descent", "momentum"), start=(1.0, 0.0))
    lab.step()
    lab.learning_rate, lab.beta = 0.1, 0.0  # α λ = 1: straight to the minimum
    lab.step()
    for position in positions(lab).values():
        np.testing.assert_allclose(position, 0, atol=1e-15)


def test_an_optimizer_switched_on_begins_at_the_start_and_leaves_the_others():
    lab = DescentLab(optimizers=("adam",))
    lab.step(4)
    before = positions(lab)["adam"]
    lab.nesterov = True
    assert lab.walkers["nesterov"].descent.steps == 0
    np.testing.assert_array_equal(positions(lab)["nesterov"], lab.start)
    np.testing.assert_array_equal(positions(lab)["adam"], before)
    lab.adam = False
    assert list(lab.walkers) == ["nesterov"]


def test_a_click_sets_the_start_and_reset_returns_there():
    lab = DescentLab()
    lab.step(3)
    lab.hear({"command": "start", "x": 0.5, "y": -1.25})
    assert lab.start == [0.5, -1.25]
    assert all((p == lab.start).all() for p in positions(lab).values())
    lab.step(3)
    assert all((p != lab.start).any() for p in positions(lab).values())
    lab.reset()
    assert all((p == lab.start).all() for p in positions(lab).values())
    # The same place once more is a fresh start too; a place off the map is its nearest edge.
    lab.step()
    lab.hear({"command": "start", "x": 0.5, "y": -1.25})
    assert all((p == lab.start).all() for p in positions(lab).values())
    lab.hear({"command": "start", "x": 99, "y": 0})
    assert lab.start == [2.0, 0.0]


def test_a_surface_brings_its_own_start_and_learning_rate():
    lab = DescentLab()
    lab.step(3)
    lab.surface = "Beale"
    assert (lab.learning_rate, tuple(lab.start)) == (0.01, (1.0, 1.0))
    assert all((p == (1, 1)).all() for p in positions(lab).values())
    lab.step()
    np.testing.assert_array_equal(
        positions(lab)["gradient_descent"], walk(lab.place, nnlib.GradientDescent(0.01), 1)
    )


def test_the_map_is_worked_out_once_and_sent_once_to_each_new_view(monkeypatch):
    made = []

    def counted(surface):
        made.append(surface.name)
        return relief(surface)

    monkeypatch.setattr("nnlib.lab.descent_lab.relief", counted)  # without a loop: all at once
    lab = DescentLab()
    sent = frames(lab)
    lab.hear({"command": "hello"})
    lab.step(3)
    lab.hear({"command": "hello"})
    lab.surface = "Saddle"
    lab.surface = "Parabola"
    assert made == ["Parabola", "Saddle"]
    maps = [content["values"]["map"] for content, _ in sent if "map" in content["values"]]
    assert [m["name"] for m in maps] == ["Parabola", "Parabola", "Saddle", "Parabola"]
    first = arrays(sent[0])
    np.testing.assert_array_equal(first["heights"], relief(parabola()).heights)
    assert first["contours"].shape[0] == 4


def test_a_frame_holds_path_and_loss_of_each_and_says_who_is_ahead():
    lab = DescentLab(optimizers=("gradient_descent", "adam"))
    sent = frames(lab)
    lab.step(5)
    content = sent[-1][0]
    found = arrays(sent[-1])
    path, loss = found["path Adam"], found["loss Adam"]
    assert path.shape == (2, 6)
    np.testing.assert_array_equal(path[:, 0], lab.start)
    np.testing.assert_array_equal(path[:, -1], positions(lab)["adam"])
    assert loss[0].tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(loss[1], lab.place.value(path.T))
    summary = content["values"]["summary"]
    assert summary.startswith("Step 5 on Parabola. Ahead is Gradient descent with loss")
    assert "then Adam with loss" in summary
    arrow = content["values"]["gradient"]
    np.testing.assert_allclose(arrow["gradient"], 10 * np.array(arrow["at"]))  # L = ½ · 10 x²


def test_divergence_is_said_in_words_and_leaves_the_axes_readable():
    lab = DescentLab(learning_rate=0.25)
    sent = frames(lab)
    lab.step(40)
    state = {w["key"]: w for w in sent[-1][0]["values"]["walkers"]}
    assert state["gradient_descent"]["state"] == "diverged"
    assert state["adam"]["state"] == state["momentum"]["state"] == "walking"
    words = "learning rate too large; here λ = 10, so α must stay below 0.2"
    assert words in state["gradient_descent"]["words"]
    assert words in sent[-1][0]["values"]["summary"]
    assert lab.problem == ""  # the others go on
    assert state["adam"]["steps"] == 40 > state["gradient_descent"]["steps"]

    lab.learning_rate = 1e100
    lab.reset()
    lab.step(5)
    for name, rows in arrays(sent[-1]).items():
        assert np.isfinite(rows).all(), name
        if name.startswith("loss"):
            assert (1e-10 <= rows[1]).all() and (rows[1] <= 1e12).all()


def test_nothing_not_finite_is_sent_whatever_the_learning_rate():
    lab = DescentLab("Beale", learning_rate=1e300, optimizers=("gradient_descent", "adam"))
    sent = frames(lab)
    lab.step(4)
    for walker in sent[-1][0]["values"]["walkers"]:
        assert np.isfinite([*walker["position"], walker["value"]]).all()
    for rows in arrays(sent[-1]).values():
        assert np.isfinite(rows).all()


def test_the_lab_stops_by_itself_when_nobody_walks_any_more():
    async def scene():
        lab = DescentLab(optimizers=("gradient_descent",), speed=0)
        lab.run()
        task = lab.engine.task
        await asyncio.wait([task], timeout=20)
        return lab

    lab = asyncio.run(scene())
    assert lab.state == "paused" and not lab.running
    assert "converged at step" in lab.summary()


@pytest.mark.slow
def test_a_long_path_is_thinned_and_keeps_both_its_ends():
    trail = Trail(np.zeros(2))
    for i in range(1, 5000):
        trail.append(np.array([i, -i], float))
        x, y = trail.points()
        assert len(x) <= PATH + 1 and x[0] == 0 and x[-1] == i
        np.testing.assert_array_equal(y, -x)
    assert len(np.unique(np.diff(x)[:-1])) == 1  # evenly spaced


def test_a_slice_through_a_network_of_ones_own_can_be_walked_on():
    X, y = nnlib.moons(30)
    network = nnlib.NeuralNetwork([2, 3, 2], seed=0)
    before = network.parameters.copy()
    surface = NetworkSlice(network, X, y, name="mine")
    lab = DescentLab(surfaces=[parabola(), surface], surface="mine")
    lab.step(10)
    assert lab.walkers["adam"].descent.value < float(surface.value(surface.start))
    np.testing.assert_array_equal(network.parameters, before)
    surfaces = next(c for c in lab.controls if c["trait"] == "surface")
    assert surfaces["options"][1]["value"] == "mine"


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("beta", 1.0),
        ("beta", -0.1),
        ("speed", -1),
        ("surface", "Moon"),
        ("start", [5.0, 0.0]),
        ("start", [1.0]),
    ],
)
def test_an_impossible_setting_is_refused_and_changes_nothing(trait, value):
    lab = DescentLab()
    before = getattr(lab, trait)
    with pytest.raises(traitlets.TraitError):
        setattr(lab, trait, value)
    assert getattr(lab, trait) == before


def test_what_cannot_be_made_is_refused_at_once():
    with pytest.raises(ValueError, match="choose one of Parabola"):
        DescentLab("Moon")
    with pytest.raises(ValueError, match="unknown optimizer 'sgd'"):
        DescentLab(optimizers=("sgd",))
    with pytest.raises(ValueError, match="its own name"):
        DescentLab(surfaces=[parabola(), parabola()])


@pytest.mark.slow
def test_displaying_the_lab_leaves_it_alone_and_brings_a_stand_in():
    lab = DescentLab()
    lab.step(2)
    before = positions(lab)
    data, metadata = lab._repr_mimebundle_()
    for trait, position in positions(lab).items():
        np.testing.assert_array_equal(position, before[trait])
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/png"]
    assert "run this cell" in data["text/plain"] and "run this cell" in repr(lab)
    assert "Parabola" in metadata["image/png"]["alt"]
    assert DescentLab().preview().png == DescentLab().preview().png


def test_on_one_parameter_walkers_are_drawn_on_the_curve_and_the_limit_is_named():
    lab = DescentLab(
        OneParameter(2.0),
        optimizers=("gradient_descent", "momentum"),
        start=-1.5,
        learning_rate=1.05,
    )
    sent = frames(lab)
    lab.hear({"command": "hello"})
    content = sent[-1][0]["values"]
    np.testing.assert_array_equal(arrays(sent[-1])["curve"], profile(lab.place))
    assert {b["key"]: b["bound"] for b in content["bounds"]} == pytest.approx(
        {"gradient_descent": 1.0, "momentum": 1.9}
    )
    assert "below 2/λ = 1: α is above" in content["summary"]
    assert "multiplies x by 1 − αλ = −1.1" in content["summary"]
    lab.step(3)
    x, height = arrays(sent[-1])["path Gradient descent"]
    np.testing.assert_allclose(x, -1.5 * (-1.1) ** np.arange(4))
    np.testing.assert_allclose(height, x**2)
    lab.hear({"command": "start", "x": 0.5, "y": 3.0})
    assert lab.start == [0.5, 0.0]
    assert DescentLab("rosenbrock").bounds() == []  # its curvature is not everywhere the same


def test_noise_is_a_share_of_the_slope_at_the_start_and_acts_on_the_next_step():
    lab = DescentLab(optimizers=("gradient_descent",), start=(1.0, 0.0))
    lab.step()
    lab.noise = 0.5
    assert lab.walkers["gradient_descent"].descent.noise == 5.0  # λ = 10
    lab.step()
    assert positions(lab)["gradient_descent"][1] != 0
    lab.noise = 0.0
    lab.reset()
    lab.step(2)
    np.testing.assert_allclose(positions(lab)["gradient_descent"], [0.25, 0])


def test_an_update_of_ones_own_walks_among_the_others_if_it_is_right():
    lab = DescentLab("Rosenbrock", optimizers=("gradient_descent", "adam"))
    lab.use(update=lambda x, g, learning_rate: x - learning_rate * g)
    lab.step(9)
    assert lab.code == "your update"
    np.testing.assert_array_equal(positions(lab)["own"], positions(lab)["gradient_descent"])
    lab.learning_rate = 0.0005
    lab.step(9)
    np.testing.assert_array_equal(positions(lab)["own"], positions(lab)["gradient_descent"])
    lab.use(update=lambda x, g, learning_rate: x + learning_rate * g)
    assert "against it" in lab.problem and lab.code == "your update"
    lab.use()
    assert lab.problem == "" and "own" not in lab.walkers


def test_a_new_surfaces_map_is_worked_out_between_bursts():
    async def scene():
        lab = DescentLab()
        sent = frames(lab)
        lab.surface = "Saddle"
        assert "map" not in sent[-1][0]["values"]
        while "Saddle" not in lab.maps:
            await asyncio.sleep(0.001)
        return sent[-1]

    content, _ = asyncio.run(scene())
    assert content["values"]["map"]["name"] == content["values"]["surface"] == "Saddle"
