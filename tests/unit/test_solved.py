"""What is solved stays solved, also if several kernels write it down at once."""

import os
import subprocess
import sys

from nnlib.exercises import solved

ADD = """
import sys
from nnlib.exercises import solved
for i in range(20):
    assert solved.add("lesson", f"{sys.argv[1]} {i}") == ""
"""


def test_several_kernels_lose_nothing_of_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    kernels = [subprocess.Popen([sys.executable, "-c", ADD, str(k)]) for k in range(3)]
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    expected = {f"{k} {i}" for k in range(3) for i in range(20)}
    assert set(solved.read()["lesson"]) == expected
    assert len(solved.read()["lesson"]) == len(expected)


def test_a_home_that_cannot_be_written_to_is_said_and_nothing_raised(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    assert "could not be saved" in solved.add("lesson", "one")
    assert os.listdir(tmp_path) == ["file"]
