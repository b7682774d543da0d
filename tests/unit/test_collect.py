"""A class's certificates in one table: what they say, and which of them cannot be believed."""

import csv
import re
from pathlib import Path

import pytest

from nnlib.command.main import main
from nnlib.exercises import certificate, loss
from nnlib.exercises.collect import as_csv, collect, rows
from nnlib.lab import Playground


@pytest.fixture
def handed_in(tmp_path, monkeypatch):
    """Certificates as learners hand them in, written by themselves."""
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "ada" / "progress.json"))
    folder = tmp_path / "handed in"
    folder.mkdir()
    certificate("Bo", folder / "bo.html")
    loss.mse.check(lambda a, y: ((a - y) ** 2).mean())
    certificate("Ada </script><b>", folder / "ada.html", accuracy=0.975)
    return folder


def test_the_table_says_what_each_certificate_does(handed_in):
    ada, bo = collect(handed_in)
    assert (ada.name, ada.accuracy, ada.problem) == ("Ada </script><b>", 0.975, "")
    solved, of = ada.lessons["02_loss"]
    assert solved == 1 and bo.lessons["02_loss"] == (0, of) and bo.accuracy is None
    header, *lines = rows([ada, bo])
    assert header.index("01_forward") < header.index("02_loss")
    cells = dict(zip(header, lines[0], strict=True))
    assert cells["02_loss"] == f"1 of {of}" and cells["test accuracy"] == "97.50%"
    assert cells["all"] == f"1 of {sum(n for _, n in ada.lessons.values())}"


def test_a_locked_goal_is_collected_in_words_and_a_lab_without_one_refused(handed_in):
    lab = Playground(
        dataset="circles", goal={"validation_loss": 5.0, "updates": 9}, locked=["seed"]
    )
    lab.step(3)
    assert lab.goal_reached
    certificate("Cy", handed_in / "cy.html", goals={"homework": lab})
    cy = collect(handed_in)[-1]
    assert cy.goals == {"homework": (True, lab.progress.words())}
    header, *lines = rows(collect(handed_in))
    at = header.index("homework")
    assert [line[at] for line in lines] == ["", "", lab.progress.words()]
    assert "at most 5" in lines[2][at] and "within 9 updates" in lines[2][at]
    with pytest.raises(ValueError, match=r"goals\['a'\] must be a lab that has a goal"):
        certificate("Cy", handed_in / "cy.html", goals={"a": Playground()})


def test_what_was_edited_damaged_or_is_none_is_said_and_its_numbers_are_not(handed_in):
    text = (handed_in / "ada.html").read_text(encoding="utf-8")
    wrong = {
        "better.html": (text.replace("97.50%", "99.50%"), "changed after it was written"),
        "solved.html": (text.replace('"02_loss": [["mse"]', '"02_loss": [["mse", "x"]'), "changed"),
        "cut.html": (text[:-10], "changed after it was written"),
        "older.html": (text.partition("<script")[0], "without data"),
        "shopping.html": ("<p>milk", "no certificate"),
    }
    for name, (page, _) in wrong.items():
        assert page != text
        (handed_in / name).write_text(page, encoding="utf-8")
    (handed_in / "noise.htm").write_bytes(b"\xff\xfe\xfa")
    (handed_in / "by mail.html").write_bytes(text.replace("\n", "\r\n").encode())
    found = {each.file: each for each in collect(handed_in)}
    for name, (_, words) in wrong.items():
        assert words in found[name].problem and found[name].lessons is None, name
    assert "no text" in found["noise.htm"].problem
    assert found["by mail.html"].problem == "" and found["ada.html"].problem == ""


def test_the_command_prints_the_table_writes_it_and_tells_of_problems(handed_in, tmp_path, capsys):
    certificate("=1+1", handed_in / "calc.html")
    file = tmp_path / "class.csv"
    assert main(["collect", str(handed_in), "--csv", str(file)]) == 0
    said = capsys.readouterr().out
    assert "97.50%" in said and "Bo" in said
    with open(file, newline="", encoding="utf-8") as opened:
        table = list(csv.reader(opened))
    assert [row[1] for row in table] == ["name", "Ada </script><b>", "Bo", "'=1+1"]
    assert as_csv(table).count("\n") == 4
    (handed_in / "bo.html").write_text("gone")
    assert main(["collect", str(handed_in)]) == 1
    assert "1 of 3 could not be taken" in capsys.readouterr().out
    assert main(["collect", str(tmp_path / "nowhere")]) == 1
    assert "nowhere is no folder" in capsys.readouterr().err
    assert main(["collect", str(tmp_path / "ada")]) == 1
    assert "holds no .html file" in capsys.readouterr().err


@pytest.mark.slow
def test_the_walk_on_the_page_for_teachers_ends_with_the_goal_in_the_table(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "teaching.md").read_text(encoding="utf-8")
    made, handed_out, hand_in = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    teachers, learners = {}, {}
    exec(made, teachers)
    exec(handed_out, learners)
    assert learners["homework"].settings() == teachers["homework"].settings()
    learners["homework"].hidden = [3]
    learners["homework"].step(3000)
    monkeypatch.chdir(tmp_path)
    exec(hand_in, learners)
    (ada,) = collect(tmp_path)
    assert ada.name == "Ada Example" and ada.goals["homework"][0] is True
