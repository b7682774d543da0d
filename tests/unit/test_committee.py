"""A committee's output is the mean of its members', and it is no worse than they are on average."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib import CrossEntropy, NeuralNetwork
from nnlib.datasets import MNIST
from nnlib.recipes import committee, committees
from nnlib.recipes.__main__ import main
from nnlib.recipes.committee import COMMITTEES, Committee, committee_output, shared_errors
from nnlib.recipes.tables import print_committees

rng = np.random.default_rng(0)
X, labels = rng.random((40, 6)), rng.integers(0, 3, 40)


def networks(seeds, layers=(6, 5, 3), output="softmax"):
    return [NeuralNetwork(layers, "tanh", output, seed=seed, dtype="float64") for seed in seeds]


def test_of_linear_networks_it_is_the_network_of_their_mean_weights():
    members = networks(range(3), (6, 3), "identity")
    weights = np.mean([member.weights[0] for member in members], axis=0)
    np.testing.assert_allclose(committee_output(members, X), X @ weights, rtol=1e-12)


def test_its_cross_entropy_is_at_most_the_mean_of_its_members():
    members = networks(range(4))
    y = np.eye(3)[labels]
    alone = [CrossEntropy().value(member.forward(X), y) for member in members]
    together = -np.log((committee_output(members, X) * y).sum(axis=1)).mean()
    assert together < np.mean(alone) - 1e-3  # these four differ, so it is less
    same = committee_output([members[0]] * 4, X)
    assert -np.log((same * y).sum(axis=1)).mean() == pytest.approx(alone[0], rel=1e-12)


def test_shared_errors_are_a_share_of_one_members_errors():
    right = np.zeros(6, int)
    one, two = np.array([1, 1, 0, 0, 0, 0]), np.array([0, 2, 2, 2, 2, 0])
    # One makes 2 errors, one of them shared; two makes 4, one of them shared.
    assert shared_errors([one, two], right) == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert shared_errors([one, one], right) == 1.0
    assert np.isnan(shared_errors([one, right], right))


def test_networks_that_cannot_vote_together_are_refused():
    with pytest.raises(ValueError, match=r"one or more .* these have: none"):
        committee_output([], X)
    mixed = [*networks([0]), *networks([0], (6, 4))]
    with pytest.raises(ValueError, match=r"same number of inputs and of outputs.*6 to 3, 6 to 4"):
        committee_output(mixed, X)


@pytest.mark.parametrize("name", COMMITTEES)
def test_no_two_members_are_the_same_training(name):
    members = [(str(recipe.as_settings()), seed) for recipe, seed in COMMITTEES[name].members]
    assert len(set(members)) == len(members) == 4


def test_the_command_trains_members_and_keeps_what_they_reach(tmp_path, monkeypatch, capsys):
    plain = {"distortion": {}, "epochs": 1, "batch_size": 300}
    small = replace(COMMITTEES["alike"].members[0][0], name="s", layers=(784, 4, 10), **plain)
    images, digits = rng.random((300, 784)), np.arange(300) % 10
    monkeypatch.setattr(committee, "load_mnist", lambda validation: MNIST(*3 * (images, digits)))
    monkeypatch.setattr(committee, "RECORD", tmp_path / "committee.json")
    for name in list(COMMITTEES):
        monkeypatch.delitem(COMMITTEES, name)
    monkeypatch.setitem(COMMITTEES, "alike", Committee("in the seed", ((small, 0), (small, 1))))
    assert main(["committee", "--record", "--folder", str(tmp_path / "runs")]) == 0
    assert "Recorded in" in capsys.readouterr().out
    outputs = [
        NeuralNetwork.load(tmp_path / "runs" / f"s-seed{seed}-validation" / "network.npz")
        .forward(images)
        .output
        for seed in (0, 1)
    ]
    [row] = committees()
    assert row["purpose"] == "in the seed"
    assert row["members"] == [np.mean(a.argmax(axis=1) == digits) for a in outputs]
    assert row["accuracy"] == np.mean(sum(outputs).argmax(axis=1) == digits)
    print_committees([row | {"members": [0.5, 0.25], "accuracy": 0.75, "shared_errors": 0.4}])
    assert "25.00 – 50.00 %     75.00%            40%   in the seed" in capsys.readouterr().out
