"""A disk that is full, or a clock that is put back: what is solved, trained or saved stays."""

import contextlib
import re
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib.command import lessons
from nnlib.exercises import certificate, predicted, predictions, save, solved
from nnlib.export import web_page
from nnlib.recipes.checkpoint import Checkpoints, State

resource = pytest.importorskip("resource", reason="Windows has no limits for the size of a file")
NETWORK = nnlib.NeuralNetwork([784, 20, 10], seed=0)
STATE = State({"updates": 1}, {"parameters": np.arange(100.0)})
QUESTION = predicted.Question("What comes?", ("this", "that"), "this", "So it is.")


def relu_of_mine(z):
    return np.maximum(z, 0)


@contextlib.contextmanager
def full_disk():
    """Let no file grow beyond some bytes, as on a disk that has no more room."""
    import signal

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an OSError instead
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))


def contents(folder: Path) -> dict[str, bytes]:
    """Return each file and what is in it; locks, which hold nothing, are left out."""
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {name: p.read_bytes() for name, p in files.items() if not name.endswith(".lock")}


WRITES = {
    "a network": lambda folder: NETWORK.save(folder / "network.npz"),
    "a checkpoint": lambda folder: Checkpoints(folder, {}).save(1, STATE),
    "a web page": lambda folder: web_page(NETWORK, folder / "page.html"),
    "a certificate": lambda folder: certificate("A", folder / "certificate.html"),
    "a function": lambda folder: save(relu_of_mine),
    "the lessons": lambda folder: lessons.lay_out(folder),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_cannot_be_written_is_said_and_what_was_there_is_still_there(write, tmp_path):
    with full_disk(), pytest.raises(OSError) as caught:
        write(tmp_path)
    assert Path(caught.value.filename).is_relative_to(tmp_path)
    assert not caught.value.filename.endswith(".part")
    assert contents(tmp_path) == {}
    write(tmp_path)
    before = contents(tmp_path)
    assert before
    if write is not WRITES["the lessons"]:  # which write nothing a second time
        with full_disk(), pytest.raises(OSError):
            write(tmp_path)
    assert contents(tmp_path) == before


def test_the_progress_stays_and_it_is_said_that_no_more_is_kept(tmp_path):
    assert solved.add("01_forward", "neuron") == ""
    with full_disk():
        assert "could not be saved" in solved.add("01_forward", "layer")
        assert "could not be saved" in predicted.commit(QUESTION, "this")
    assert solved.read() == {"01_forward": ["neuron"]}
    assert predictions().made == 0
    assert solved.add("01_forward", "layer") == "" and predicted.commit(QUESTION, "this") == ""
    assert solved.read() == {"01_forward": ["neuron", "layer"]}
    assert predictions().right == 1


def test_nothing_goes_by_the_clock_on_the_wall():
    """Which may jump: every duration and every turn is measured by a clock that only goes on."""
    sources = list(Path(nnlib.__file__).parent.rglob("*.py"))
    assert len(sources) > 100
    jumping = r"\btime\.time(_ns)?\(|datetime\.(now|utcnow)\("
    assert not [p.name for p in sources if re.search(jumping, p.read_text(encoding="utf-8"))]
