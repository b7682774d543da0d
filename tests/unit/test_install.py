"""`make lab` says how far it is, and what went wrong if it fails."""

import io
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool():
    return runpy.run_path(str(ROOT / "tools" / "install.py"))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_stages_of_pip_are_told_from_its_lines(tool):
    progress = tool["Progress"]()
    assert str(progress) == "asking for packages"
    for line in (
        "Collecting numpy>=2.0 (from nnlib)\n",
        "  Downloading numpy-2.4.whl (16 MB)\n",
        "Requirement already satisfied: tqdm in ./lib\n",
    ):
        progress.read(line)
    assert str(progress) == "downloading, 2 packages"
    progress.read("Installing collected packages: numpy, nnlib, jupyterlab\n")
    assert str(progress) == "installing, 3 packages"


@pytest.mark.slow
@pytest.mark.parametrize("out", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_an_installation_that_is_there_ends_well(tool, out):
    assert tool["install"](["--no-index", "numpy"], out) == 0
    assert "1 packages in " in out.getvalue()


@pytest.mark.slow
def test_what_pip_says_is_shown_when_it_fails_with_its_exit_code(tool, capfd):
    assert tool["install"](["--no-index", "no-such-package-here"], io.StringIO()) == 1
    assert "no-such-package-here" in capfd.readouterr().err
