"""What is kept across lessons: one's own functions, progress, and a certificate at the end."""

import linecache
import re

import numpy as np
import pytest

from nnlib.diagnosis.own_code import OwnCode
from nnlib.exercises import certificate, loss, mine, progress, save
from nnlib.exercises.mine import keep_solved
from nnlib.exercises.progress import LESSONS
from nnlib.exercises.solved import path
from nnlib.lab import Playground


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "kept" / "progress.json"))


def written(source):
    """Return the function that a cell with this source defines, as a notebook does."""
    name = re.match(r"def (\w+)", source)[1]
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names = {"np": np}
    exec(compile(source, file, "exec"), names)
    return names[name]


MSE = "def mse(a, y):\n    return np.mean((a - y) ** 2)\n"


def test_a_function_that_passed_its_check_is_there_in_the_next_lesson():
    assert not hasattr(mine(), "mse")
    assert not loss.mse.check(written(MSE.replace("** 2", "* 2")))
    assert not hasattr(mine(), "mse")
    assert loss.mse.check(written(MSE))
    assert mine().mse(np.array([[1.0, 3.0]]), np.array([[0.0, 0.0]])) == 5


def test_functions_that_are_saved_may_call_one_another_and_a_later_one_replaces_an_earlier():
    save(written("def twice(x):\n    return double(x)\n"))
    save(written("def double(x):\n    return x + 1\n"))
    save(written("def double(x):\n    return 2 * x\n"))
    assert mine().twice(4) == 8


def test_what_has_no_text_is_refused_and_what_does_not_run_is_left_out(capsys):
    for thing in (len, 3, lambda x: x):
        with pytest.raises(TypeError, match="made with def"):
            save(thing)
    save(written(MSE))
    file = path().with_name("mine.json")
    file.write_text(file.read_text().replace("def mse(a, y):", "def mse(a y):"))
    assert not vars(mine())
    assert "mse is left out" in capsys.readouterr().out
    file.write_text("no json")
    assert not vars(mine())


def test_progress_over_all_lessons_counts_what_is_solved():
    assert len(progress()) == len(LESSONS)
    loss.mse.check(written(MSE))
    assert re.search(r"^02_loss +1 of +6$", repr(progress()), re.M)
    assert re.search(r"^all lessons +1 of +\d+$", repr(progress()), re.M)


def test_the_certificate_is_one_page_with_score_and_digits(tmp_path):
    loss.mse.check(written(MSE))
    digit = np.zeros(784)
    digit[400] = 1
    page = certificate("A <b>", tmp_path / "c.html", accuracy=0.979, digits=[(digit, 7)])
    text = page.read_text(encoding="utf-8")
    assert "A &lt;b&gt;" in text and "97.90%" in text and "1 of 6" in text and "mse" in text
    assert 'alt="A drawn 7"' in text and "http" not in text
    with pytest.raises(ValueError, match="from 0 to 1"):
        certificate("A", tmp_path / "d.html", accuracy=97.9)
    with pytest.raises(ValueError, match="784"):
        certificate("A", tmp_path / "d.html", digits=[(np.zeros(10), 1)])
    assert not (tmp_path / "d.html").exists()


def test_the_last_certificate_remembers_the_score_and_the_digits_of_an_earlier_one(tmp_path):
    digit = np.linspace(0, 1, 784)
    first = certificate("A", tmp_path / "a.html", accuracy=0.979, digits=[(digit, 7)])
    loss.mse.check(written(MSE))
    last = certificate("A", tmp_path / "b.html", digits=[])  # of a pad to which none was added
    before, after = (page.read_text("utf-8") for page in (first, last))
    assert "97.90%" in after and 'alt="A drawn 7"' in after
    assert re.findall("base64,[^']*?\"", after) == re.findall("base64,[^']*?\"", before)
    assert "0 of 6" in before and "1 of 6" in after
    assert "42.00%" in certificate("A", tmp_path / "c.html", accuracy=0.42).read_text("utf-8")
    for damaged in ("no json", "[]", '{"accuracy": 3, "digits": [[[1, 2], 3], 4, [{}, null]]}'):
        path().with_name("results.json").write_text(damaged)
        page = certificate("A", tmp_path / "d.html").read_text("utf-8")
        assert "Test images" not in page and "<figure>" not in page
    assert "<p>Written with numpy alone:" in certificate("", tmp_path / "e.html").read_text("utf-8")


FORWARD = """def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a
"""
UPDATE = "def update(x, g, learning_rate):\n    return x - learning_rate * g\n"


def test_a_lab_takes_of_what_is_kept_what_it_can_use_in_one_line(capsys):
    lab = Playground(dataset="moons", hidden=[2])
    lab.use(mine())
    assert lab.code == "nnlib" and "None of your functions is kept yet" in capsys.readouterr().out
    for source in (MSE, FORWARD, UPDATE):
        save(written(source))
    lab.use(mine())
    lab.step()
    assert (lab.code, lab.problem, lab.updates) == ("your forward, update", "", 1)
    lab.use(mine(), update=written(UPDATE.replace("- learn", "+ learn")))  # by name, it comes first
    assert "update" in lab.problem


def test_a_kept_function_that_is_wrong_is_diagnosed_and_not_let_in():
    save(written(FORWARD))
    save(written(UPDATE.replace("x - learn", "x + learn")))
    lab = Playground(dataset="moons", hidden=[2])
    lab.use(mine())
    assert lab.code == "nnlib" and lab.problem.startswith("Your update cannot drive the lab yet")
    lab.use(forward=mine().forward)
    assert (lab.code, lab.problem) == ("your forward", "")
    with pytest.raises(TypeError, match=r"mine\(\) returns, or functions by name, use\(forward="):
        lab.use(mine().forward)


def test_functions_that_passed_their_check_together_are_kept_one_by_one():
    loss = "def loss(output, y):\n    return -np.mean(np.log(np.sum(y * output, axis=1)))\n"
    keep_solved("pieces", OwnCode(forward=written(FORWARD), loss=written(loss)))
    assert set(vars(mine())) == {"forward", "loss"}
