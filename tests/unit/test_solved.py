"""What is solved stays solved, also if several kernels write it down at once."""

import os
import subprocess
import sys

import pytest

from nnlib.exercises import mine, predicted, predictions, save, solved

ADD = """
import linecache, sys
from nnlib.exercises import predicted, save, solved

def function(name):
    source, file, names = f"def {name}(z):\\n    return z\\n", f"<{name}>", {}
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)
    return names[name]

kernel = sys.argv[1]
for i in range(20):
    assert solved.add("lesson", f"{kernel} {i}") == ""
    save(function(f"f_{kernel}_{i}"))
    question = predicted.Question(f"{kernel} {i}?", ("this", "that"), "this", "So.")
    assert predicted.commit(question, "this") == ""
"""


@pytest.mark.slow
def test_several_kernels_lose_nothing_of_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    kernels = [subprocess.Popen([sys.executable, "-c", ADD, str(k)]) for k in range(3)]
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    expected = {f"{k} {i}" for k in range(3) for i in range(20)}
    assert set(solved.read()["lesson"]) == expected
    assert len(solved.read()["lesson"]) == len(expected)
    assert vars(mine()).keys() == {f"f_{k}_{i}" for k in range(3) for i in range(20)}
    assert predictions().right == predictions().made == 60


@pytest.fixture
def progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def test_while_a_file_is_changed_no_other_process_may_change_it(progress):
    fcntl = pytest.importorskip("fcntl", reason="Windows has no such locks")
    with solved.changed(progress), open(progress.with_name("progress.json.lock"), "w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with open(progress.with_name("progress.json.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # afterwards they may


def test_what_another_kernel_has_solved_meanwhile_is_kept_and_nothing_stands_there_twice(
    progress, monkeypatch
):
    solved.add("lesson", "one")
    monkeypatch.setattr(solved, "read", dict)  # as it was before the other began
    assert solved.add("lesson", "one") == solved.add("lesson", "two") == ""
    assert solved.stored_in(progress) == {"lesson": ["one", "two"]}


def test_what_fails_on_the_way_changes_nothing(progress):
    solved.add("lesson", "one")
    with pytest.raises(ZeroDivisionError), solved.changed(progress) as stored:
        stored.clear()
        1 / 0  # noqa: B018
    assert solved.read() == {"lesson": ["one"]}


def square(z):
    return z * z


@pytest.mark.parametrize("damaged", ["{", "[1, 2]", "\0" * 40, ""])
def test_a_damaged_file_is_laid_aside_and_never_written_over(tmp_path, monkeypatch, damaged):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    question = predicted.Question("What comes?", ("this", "that"), "this", "So.")
    for name, keep, there in (
        ("progress", lambda: solved.add("lesson", "one"), lambda: solved.read()["lesson"]),
        ("mine", lambda: save(square), lambda: list(vars(mine()))),
        ("predictions", lambda: predicted.commit(question, "this"), lambda: [predictions().made]),
    ):
        (tmp_path / f"{name}.json").write_text(damaged)
        assert not keep()
        assert there() == [{"progress": "one", "mine": "square", "predictions": 1}[name]]
        assert (tmp_path / f"{name}.json.damaged").read_text() == damaged


def test_one_damaged_entry_takes_no_other_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    (tmp_path / "predictions.json").write_text('{"a": ["this", true], "b": 3, "c": []}')
    assert predictions() == predicted.Predictions(1, 1)


def test_a_home_that_cannot_be_written_to_is_said_and_nothing_raised(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    assert "could not be saved" in solved.add("lesson", "one")
    assert os.listdir(tmp_path) == ["file"]
