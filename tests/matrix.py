"""The tests with the oldest and the newest packages that nnlib says it works with.

    python -m tests.matrix --list             the cells that this machine can run
    python -m tests.matrix oldest-3.11        one of them: its unit tests
    python -m tests.matrix newest-3.13 --notebooks      and its notebooks
    python -m tests.matrix                    all, one after another
    python -m tests.matrix --print --write    what was found last, into docs/reliability.md

`oldest` has each package of pyproject.toml at its lower bound, so that no bound is a guess, with
the oldest Python, for which all of them have wheels; `newest` has what the registry has today,
with each Python, and pandas and SciPy beside them. Pythons are those at hand; uv, where it is
installed, fetches the others. Each cell has an environment of its own in .venv-matrix, which
`--again` makes anew.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

from benchmarks import report

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".venv-matrix"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FIRST, LAST = 11, 14  # the minor versions of Python 3
BUILDS = ("hatchling", "editables")  # the wheel that some tests build, without isolation
SHOWN = ("numpy", "matplotlib", "ipywidgets", "anywidget", "ipykernel", "jupyterlab")
GUESTS = ("pandas", "scipy")  # whose data frames and arrays people bring; nnlib needs neither


def packages() -> dict[str, str]:
    """Return the lower bound of each package that nnlib itself, and its labs, need."""
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    return dict(line.split(">=") for line in needed)


def cells() -> list[str]:
    """Return the names of all cells."""
    return [f"oldest-3.{FIRST}", *(f"newest-3.{minor}" for minor in range(FIRST, LAST + 1))]


def python_of(cell: str) -> list[str] | None:
    """Return the command that makes an environment with the Python of this cell, or None."""
    version = cell.partition("-")[2]
    of_pyenv = sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for name in (sys.executable, f"python{version}", "python3", "python", *of_pyenv):
        path = shutil.which(name)
        if path and _says(path, "--version").startswith(f"Python {version}."):
            return [path, "-m", "venv"]
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "python", "install", "-q", version]).returncode == 0:
        return [uv, "venv", "-q", "--seed", "--python", version]
    return None


def _says(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def environment(cell: str, again: bool) -> Path:
    """Return the Python of the cell's environment, which is made if it is not there."""
    folder = FOLDER / cell
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / "ready").exists() and not again:
        return python
    make = python_of(cell)
    assert make is not None
    shutil.rmtree(folder, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    subprocess.run([*make, str(folder)], check=True)
    bounds = folder / "bounds.txt"
    oldest = cell.startswith("oldest")
    bounds.write_text("".join(f"{n}=={v}\n" for n, v in packages().items()) if oldest else "")
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if uv := shutil.which("uv"):
        install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    guests = [] if oldest else GUESTS
    what = ["-e", ".[lab,test]", *BUILDS, *guests]
    subprocess.run([*install, "-c", str(bounds), *what], check=True, cwd=ROOT)
    (folder / "ready").touch()
    return python


def run(cell: str, notebooks: bool, again: bool) -> bool:
    """Run the tests of one cell; return whether all have passed."""
    python = str(environment(cell, again))
    listed = _says(python, "-m", "pip", "list", "--format=freeze")
    names = "|".join(re.escape(name) for name in packages())
    found = re.findall(rf"^(?:{names})==.*$", listed, re.MULTILINE | re.IGNORECASE)
    print(f"{cell}: {_says(python, '--version').strip()}, {', '.join(found)}", flush=True)
    command = [python, "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "4"]
    what = ["tests/unit", *(["notebooks"] if notebooks else [])]
    results = FOLDER / f"{cell}.xml"
    code = subprocess.run([*command, f"--junitxml={results}", *what], cwd=ROOT).returncode
    (suite,) = ElementTree.parse(results).getroot()
    versions = dict(line.split("==") for line in found)
    tested = {"Python": _says(python, "--version").split()[1], "notebooks": notebooks, **versions}
    counts = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
    (FOLDER / f"{cell}.json").write_text(json.dumps(tested | counts, indent=1), "utf-8")
    return code == 0


def table() -> str:
    """Return the table of all cells that were run here, with what was found last."""
    rows = []
    for cell in cells():
        file = FOLDER / f"{cell}.json"
        if file.exists():
            said = json.loads(file.read_text("utf-8"))
            failed = said["failures"] + said["errors"]
            passed = said["tests"] - failed - said["skipped"]
            what = "unit, notebooks" if said["notebooks"] else "unit"
            names = [said["Python"], *(said.get(name, "") for name in SHOWN), what]
            rows.append([cell, *names, f"{passed:,}", str(failed), str(said["skipped"])])
    header = ["", "Python", *SHOWN, "tests", "passed", "failed", "skipped"]
    return report.markdown_table(header, rows)


def main() -> None:
    """Run the cells that are asked for; exit with 1 if one of them fails or is not to be had."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cells", nargs="*", metavar="CELL", help=f"of {', '.join(cells())}")
    parser.add_argument("--notebooks", action="store_true", help="the notebooks, too")
    parser.add_argument("--again", action="store_true", help="with environments made anew")
    parser.add_argument("--list", action="store_true", help="say what is at hand, and end")
    parser.add_argument("--write", action="store_true", help="put the table into its page")
    parser.add_argument("--print", action="store_true", help="run nothing")
    asked = parser.parse_args()
    unknown = sorted(set(asked.cells) - {*cells()})
    if unknown:
        parser.error(f"there is no cell {', '.join(unknown)}: choose of {', '.join(cells())}")
    chosen = asked.cells or cells()
    there = [c for c in chosen if (FOLDER / c / "ready").exists() or python_of(c)]
    for cell in chosen:
        print(f"{cell}: {'at hand' if cell in there else 'this Python is not at hand'}", flush=True)
    if asked.list:
        return
    if asked.print:
        there = []
    passed = {cell: run(cell, asked.notebooks, asked.again) for cell in there}
    passed |= {cell: False for cell in asked.cells if cell not in there}
    for cell, fine in passed.items():
        print(f"{cell}: {'passed' if fine else 'FAILED'}")
    print(table())
    if asked.write:
        report.show("matrix", table())
    sys.exit(not all(passed.values()))


if __name__ == "__main__":
    main()
