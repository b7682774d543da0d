"""Predictions: the first one counts, and the answer is not told before."""

import re

import pytest

from nnlib.exercises import certificate, predictions, progress
from nnlib.lab import predict

ASKED = ("Which is faster?", ["the small one", "the large one"], "the large one", "It `leaps`.")


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "mine" / "progress.json"))


def state(prediction):
    """Return what the front-end is given."""
    return {k: v for k, v in prediction.get_state().items() if not k.startswith("_")}


def test_what_the_page_is_given_holds_the_answer_only_after_the_commitment():
    prediction = predict(*ASKED)
    before = state(prediction)
    assert (before["chosen"], before["verdict"], before["why"]) == ("", "", "")
    prediction.commit("the large one")
    after = state(prediction)
    assert (after["chosen"], after["verdict"], after["why"]) == (
        "the large one",
        "Right.",
        "It `leaps`.",
    )


def test_the_first_prediction_counts_and_comes_back_when_the_cell_is_run_again():
    predict(*ASKED).commit("the small one")
    again = predict(*ASKED)
    assert again.chosen == "the small one"
    assert again.verdict == "Not this time: the large one."
    again.commit("the large one")
    assert again.chosen == "the small one"
    assert (predictions().made, predictions().right) == (1, 0)


def test_of_two_views_of_one_question_the_first_commitment_counts():
    one, other = predict(*ASKED), predict(*ASKED)
    one.commit("the small one")
    other.commit("the large one")
    assert other.chosen == "the small one"
    assert (predictions().made, predictions().right) == (1, 0)


def test_the_right_ones_are_counted_with_the_progress_and_on_the_certificate(tmp_path):
    assert "Predict" not in certificate("A", tmp_path / "a.html").read_text("utf-8")
    predict(*ASKED).commit("the large one")
    predict("And then?", ["up", "down"], "up", "So it is.").commit("down")
    assert repr(predictions()) == "1 of 2 predictions right"
    assert re.search(r"^predictions right +1 of +2$", repr(progress()), re.M)
    assert "came true: <b>1 of 2</b>" in certificate("A", tmp_path / "b.html").read_text("utf-8")


def test_a_question_whose_choices_have_changed_is_asked_again():
    predict(*ASKED).commit("the small one")
    question, _, answer, why = ASKED
    assert predict(question, [answer, "neither"], answer, why).chosen == ""


@pytest.mark.parametrize(
    "change, words",
    [
        ({"answer": "none"}, "answer='none' must be one of the choices"),
        ({"choices": ["the large one"]}, "at least two"),
        ({"choices": "the large one"}, "a list of texts"),
        ({"choices": ["the large one", "x", "x"]}, "twice"),
        ({"why": None}, "why=None must be a text"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(change, words):
    given = dict(zip(("question", "choices", "answer", "why"), ASKED, strict=True)) | change
    with pytest.raises(ValueError, match=re.escape(words)):
        predict(**given)


def test_what_is_not_among_the_choices_is_refused_and_not_kept():
    prediction = predict(*ASKED)
    with pytest.raises(ValueError, match="'neither' must be one of"):
        prediction.commit("neither")
    assert predictions().made == 0


def test_a_home_that_cannot_be_written_to_is_said_and_the_answer_is_shown(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    prediction = predict(*ASKED)
    prediction.commit("the large one")
    assert prediction.verdict.startswith("Right. (your prediction could not be saved")
    prediction.commit("the small one")
    assert prediction.chosen == "the large one"


def test_where_no_kernel_runs_the_answer_is_folded():
    text = predict(*ASKED)._folded()
    shown, folded = text.split("<details>")
    assert "the small one" in shown and "It <code>leaps</code>" not in shown
    assert "It <code>leaps</code>." in folded
