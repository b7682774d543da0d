"""A file system that is really full, or really read-only: what was saved or solved stays there.

`test_full_disk.py` limits the size of files, which any user can. Here it is a small tmpfs, mounted
where no one else sees it, in a namespace of the child's own; so even root cannot write to it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib

UNSHARE = shutil.which("unshare")

pytestmark = pytest.mark.nightly

# Runs in the namespace, and is given the folder of the tmpfs, of 256 kB.
KEEPS = """
import errno, os, subprocess, sys
import nnlib
from nnlib.exercises import predicted, save, solved

here = sys.argv[1]
os.environ["NNLIB_PROGRESS"] = here + "/progress.json"

def square(z):
    return z * z

def keep_more():
    question = predicted.Question("What comes next?", ("this", "that"), "this", "So it is.")
    said = [solved.add("01_forward", "layer"), predicted.commit(question, "this")]
    assert all("could not be saved" in words for words in said), said
    for write in (lambda: large.save(here + "/network.npz"), lambda: save(square)):
        try:
            write()
        except OSError as error:
            assert error.errno in (errno.ENOSPC, errno.EROFS), error
            assert here in str(error), error
        else:
            raise AssertionError("written")

def is_there():
    files = sorted(f for f in os.listdir(here) if not f.endswith(".lock"))
    assert files == ["filled", "network.npz", "progress.json"], files
    loaded = nnlib.NeuralNetwork.load(here + "/network.npz")
    assert (loaded.parameters == small.parameters).all()
    assert solved.read() == {"01_forward": ["neuron"]}

small, large = nnlib.NeuralNetwork([2, 3], seed=0), nnlib.NeuralNetwork([300, 300], seed=0)
small.save(here + "/network.npz")
assert solved.add("01_forward", "neuron") == ""
with open(here + "/filled", "wb", buffering=0) as filled:
    try:
        while filled.write(b"x" * 4096):
            pass
    except OSError as error:
        assert error.errno == errno.ENOSPC
keep_more()
is_there()
os.truncate(here + "/filled", 0)
subprocess.run(["mount", "-o", "remount,ro", here], check=True)
keep_more()
is_there()
subprocess.run(["mount", "-o", "remount,rw", here], check=True)
assert solved.add("01_forward", "layer") == ""
small.save(here + "/network.npz")
print("all is there")
"""


def test_a_full_and_a_read_only_file_system_lose_nothing_and_are_named(tmp_path):
    disk, script = tmp_path / "disk", tmp_path / "keeps.py"
    disk.mkdir()
    script.write_text(KEEPS)
    mount = f"mount -t tmpfs -o size=256k none {disk} && exec "
    if (
        UNSHARE is None
        or subprocess.run(
            [UNSHARE, "-rm", "sh", "-c", mount + "true"], capture_output=True
        ).returncode
    ):
        pytest.skip("no file system can be mounted here")
    where = {**os.environ, "PYTHONPATH": str(Path(nnlib.__file__).parents[1])}
    done = subprocess.run(
        [UNSHARE, "-rm", "sh", "-c", mount + '"$@"', "sh", sys.executable, script, disk],
        capture_output=True,
        text=True,
        env=where,
        timeout=100,
    )
    assert "all is there" in done.stdout, done.stdout + done.stderr
