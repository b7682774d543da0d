"""The command line: nnlib start, update, doctor, collect, recipes."""

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec

import nnlib

from ..support.atomic_write import atomic_write
from ..support.paths import as_path
from .jupyterlab import environment
from .lessons import Laid, lay_out

FOLDER = "neural-networks-from-scratch"


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked for; return 0, or what the command that was run returned."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["recipes"]:
        from ..recipes.__main__ import main as recipes

        return recipes(given[1:])
    parser = _parser()
    # What is behind -- is JupyterLab's: argparse would take the first of it for the folder.
    end = given.index("--") if given[:1] == ["start"] and "--" in given else len(given)
    given, more = given[:end], given[end + 1 :]
    asked = parser.parse_args(given)
    try:
        if asked.command == "start":
            return _start(asked.folder, more)
        if asked.command == "update":
            _say(lay_out(asked.folder, update=True))
            return 0
        if asked.command == "doctor":
            return _doctor()
        if asked.command == "collect":
            return _collect(asked.folder, asked.csv)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    parser.print_help()
    return 2


def _start(folder: str, more: list[str]) -> int:
    laid = lay_out(folder)
    _say(laid)
    if find_spec("jupyterlab") is None:
        print("error: JupyterLab is missing: pip install 'nnlib[lab]'", file=sys.stderr)
        return 1
    print("Opening the course in JupyterLab; Ctrl-C, twice, ends it", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={laid.folder}"]
    command += ["--LabApp.default_url=/lab/tree/00_start.ipynb", *more]
    try:
        return subprocess.run(command, env=os.environ | environment()).returncode
    except KeyboardInterrupt:  # JupyterLab has had it, too
        return 0


def _say(laid: Laid) -> None:
    if laid.written:
        n = len(laid.written)
        print(f"{n} lesson{'s' * (n > 1)} laid into {laid.folder}")
    if laid.replaced:
        print(f"Newer, where you had changed nothing: {', '.join(laid.replaced)}")
    for old, new in laid.beside:
        print(f"{old} has your work in it and stays; the newer one is beside it: {new}")
    if not (laid.written or laid.replaced or laid.beside):
        print(f"The lessons in {laid.folder} stay as they are")


def _collect(folder: str, file: str | None) -> int:
    from ..exercises.collect import as_csv, as_text, collect, rows

    collected = collect(folder)
    table = rows(collected)
    print(as_text(table))
    if file is not None:
        with atomic_write(as_path(file)) as written:
            written.write(as_csv(table).encode())
        print(f"Written to {file}")
    wrong = sum(bool(each.problem) for each in collected)
    if wrong:
        print(f"{wrong} of {len(collected)} could not be taken as they are, see the notes.")
    return 1 if wrong else 0


def _doctor() -> int:
    from .doctor import examine

    points = examine()
    print(*points, sep="\n")
    wrong = [point for point in points if point.remedy]
    print("Everything is here." if not wrong else f"{len(wrong)} to be mended, see above.")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nnlib", description="Neural networks from scratch: the course on your machine."
    )
    parser.add_argument("--version", action="version", version=f"nnlib {nnlib.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    start = commands.add_parser(
        "start",
        help="lay the lessons into a folder, and open them in JupyterLab",
        usage="nnlib start [-h] [folder] [-- what else is handed to JupyterLab]",
    )
    update = commands.add_parser(
        "update", help="bring newer lessons; what you have changed stays, the new one is beside it"
    )
    for command in (start, update):
        command.add_argument("folder", nargs="?", default=FOLDER, help=f"by default {FOLDER}")
    commands.add_parser("doctor", help="check that everything is here that the course needs")
    certificates = commands.add_parser(
        "collect", help="for teachers: read the certificates in a folder into one table"
    )
    certificates.add_argument("folder", help="that holds them, one .html file each")
    certificates.add_argument(
        "--csv", metavar="FILE", help="also write the table for a spreadsheet"
    )
    commands.add_parser("recipes", help="train on MNIST; nnlib recipes --help says more")
    return parser
