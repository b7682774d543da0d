"""Goals: what is refused, and when one is reached, missed or out of reach."""

import pytest

from nnlib.lab.goal import Progress, check_goal


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ({"accuracy": 0.9}, r"unknown criteria \['accuracy'\].*validation_accuracy"),
        ({"updates": 100}, "only sets limits"),
        ({"validation_accuracy": 97}, "write 97 % as 0.97"),
        ({"validation_accuracy": True}, "must be a number"),
        ({"validation_accuracy": "0.9"}, "must be a number"),
        ({"validation_loss": float("nan")}, "must be a number"),
        ({"validation_loss": -1}, "0 or more"),
        ({"training_loss": 0}, "never reached"),
        ({"training_loss": 0.1, "updates": 1.5}, "whole number"),
        ({"training_loss": 0.1, "epochs": 0}, "whole number, 1 or more"),
        ({"training_loss": 0.1, "neurons": 2.5}, "whole number, 0 or more"),
    ],
)
def test_what_cannot_be_a_goal_is_refused_in_words(goal, words):
    with pytest.raises(ValueError, match=words):
        check_goal(goal)


def test_a_goal_is_a_dict_and_comes_back_as_plain_numbers():
    with pytest.raises(TypeError, match="must be a dict"):
        check_goal([("updates", 3)])
    assert check_goal({}) == {}
    goal = check_goal({"validation_accuracy": 1, "updates": 2000.0})
    assert goal == {"validation_accuracy": 1.0, "updates": 2000}
    assert isinstance(goal["updates"], int)


def test_reached_in_time_stays_reached():
    progress = Progress({"validation_accuracy": 0.9, "updates": 100})
    progress.look({"updates": 0})
    assert progress.state == "possible" and "not yet known" in progress.rows()[0]["stands"]
    progress.look({"validation_accuracy": 0.6, "updates": 40})
    assert progress.state == "possible"
    assert progress.rows()[0]["share"] == pytest.approx(0.6 / 0.9)
    assert progress.rows()[1]["share"] == 0.4
    progress.look({"validation_accuracy": 0.9, "updates": 100})
    assert progress.state == "reached"
    progress.look({"validation_accuracy": 0.1, "updates": 500})
    assert progress.state == "reached"
    assert "after 100 updates: validation accuracy 90.0%" in progress.words()


def test_the_budget_used_up_is_a_goal_missed():
    progress = Progress({"validation_accuracy": 0.9, "updates": 100})
    progress.look({"validation_accuracy": 0.8, "updates": 100})
    assert progress.state == "missed" and "Goal missed after 100 updates" in progress.words()
    progress.look({"validation_accuracy": 0.95, "updates": 120})
    assert progress.state == "missed"


def test_reached_only_beyond_the_budget_is_missed():
    progress = Progress({"training_loss": 0.1, "samples": 50})
    progress.look({"training_loss": 0.05, "samples": 60})
    assert progress.state == "missed"


def test_all_targets_must_be_met_at_the_same_look():
    progress = Progress({"validation_accuracy": 0.9, "validation_loss": 0.2})
    progress.look({"validation_accuracy": 0.95, "validation_loss": 0.4})
    assert progress.state == "possible"
    progress.look({"validation_accuracy": 0.85, "validation_loss": 0.1})
    assert progress.state == "possible"
    progress.look({"validation_accuracy": 0.9, "validation_loss": 0.2})
    assert progress.state == "reached"


def test_a_network_too_large_is_out_of_reach_until_it_is_made_smaller():
    progress = Progress({"validation_accuracy": 0.9, "neurons": 4})
    progress.look({"validation_accuracy": 0.95, "neurons": 10})
    assert progress.state == "too large" and "10 hidden neurons" in progress.words()
    progress.look({"validation_accuracy": 0.95, "neurons": 4})
    assert progress.state == "reached"


def test_progress_of_a_loss_is_on_a_log_scale_from_the_first_look():
    progress = Progress({"validation_loss": 0.01})
    progress.look({"validation_loss": 1.0})
    assert progress.rows()[0]["share"] == 0
    progress.look({"validation_loss": 0.1})
    assert progress.rows()[0]["share"] == pytest.approx(0.5)
    progress.look({"validation_loss": 10.0})
    assert progress.rows()[0]["share"] == 0


def test_the_last_use_of_a_budget_is_known_before_it_is_gone():
    progress = Progress({"training_loss": 0.1, "samples": 100})
    assert not progress.last_use("samples", 80, 20)
    assert progress.last_use("samples", 90, 20)
    assert progress.last_use("samples", 100, 20)
    assert not progress.last_use("samples", 110, 20)
    assert not progress.last_use("updates", 1, 1)
