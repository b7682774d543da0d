"""Execute notebooks and save them with what they show: `make notebooks`.

    python tests/notebooks/execute.py                   # every notebook of the course
    python tests/notebooks/execute.py 05_mnist.ipynb    # these alone
    python tests/notebooks/execute.py --check           # execute nothing: are they saved so?

A live widget cannot be saved: reopened without its kernel it says "model not
found". So the saved notebook keeps the picture and the text that a widget gives
beside its live view, and drops the view. What differs from run to run or from
machine to machine (timings, the version of Python) is dropped too; executing an
unchanged notebook again gives the same file. A cell tagged `needs:PACKAGE` keeps what it showed
where that package was installed, and `nbval-ignore-output` lets it say elsewhere that it is not.
"""

import argparse
import os
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

# What JupyterLab and nbclient note in a cell about one run of it.
PASSING_METADATA = ("collapsed", "execution", "scrolled", "trusted")


def notebooks(folder: Path = FOLDER) -> list[Path]:
    """Return every notebook of the folder, in order; the copies of an editor are none."""
    return sorted(
        path
        for path in folder.rglob("*.ipynb")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def run(notebook: NotebookNode, folder: Path, timeout: float = 600) -> None:
    """Execute the notebook's cells in place, in a new kernel that works in `folder`."""
    # The kernel is the one of this interpreter, and without the user's own start-up files.
    # What exercises it solves is nobody's progress.
    with tempfile.TemporaryDirectory() as empty:
        own = {"IPYTHONDIR": empty, "NNLIB_PROGRESS": str(Path(empty, "progress.json"))}
        NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            coalesce_streams=True,
            # Without the state nbclient fails on Output widgets; `clean` drops it.
            store_widget_state=True,
        ).execute(env=os.environ | own)


def beyond_reach(notebook: NotebookNode) -> dict[str, list]:
    """Return {id: outputs} of the cells tagged `needs:PACKAGE` whose package is not installed.

    What they showed where it was stays in the notebook.
    """
    return {
        cell.id: cell.outputs
        for cell in notebook.cells
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("needs:") and find_spec(tag.removeprefix("needs:")) is None
    }


def clean(notebook: NotebookNode) -> None:
    """Drop, in place, live views and all that differs between runs and machines."""
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(KERNEL), language_info=NotebookNode(name="python")
    )
    for cell in notebook.cells:
        for key in PASSING_METADATA:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET_VIEW, None)
                output.get("metadata", {}).pop(WIDGET_VIEW, None)
            cell.outputs = [output for output in cell.outputs if output.get("data", True)]


def serialize(notebook: NotebookNode) -> bytes:
    """Return the bytes of the notebook's file."""
    return nbformat.writes(notebook).rstrip("\n").encode() + b"\n"


def save(notebook: NotebookNode, path: Path) -> None:
    """Write the notebook's file, wholly or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(serialize(notebook))
        new.chmod(path.stat().st_mode)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """Execute the notebooks named, or all; return 1 at the first that fails, which stays as is."""
    parser = argparse.ArgumentParser(description="Execute notebooks and save their outputs.")
    parser.add_argument("files", nargs="*", help="a path, or a name in notebooks/; default: all")
    parser.add_argument("--timeout", type=float, default=600, help="seconds a cell may take")
    parser.add_argument(
        "--check", action="store_true", help="execute nothing; fail if one is not saved like this"
    )
    options = parser.parse_args(arguments)

    # jupyter_client: prefer the kernel of this interpreter to one the user installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    paths = [_find(file) for file in options.files] or notebooks()
    if options.check:
        return _check(paths)
    for path in paths:
        print(path.name, end=" ", flush=True)
        start = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        kept = beyond_reach(notebook)
        try:
            run(notebook, path.parent, options.timeout)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            print(f"failed\n{error}", file=sys.stderr)
            return 1
        for cell in notebook.cells:
            if cell.id in kept:
                cell.outputs = kept[cell.id]
        clean(notebook)
        save(notebook, path)
        print(f"{time.perf_counter() - start:.1f} s")
    return 0


def _check(paths: list[Path]) -> int:
    """Return 1, and say which, if a notebook is not saved as this program saves it."""
    unclean = [path.name for path in paths if not is_clean(path)]
    for name in unclean:
        print(
            f"{name} holds live views or traces of one run: "
            f"python tests/notebooks/execute.py {name} saves it without",
            file=sys.stderr,
        )
    return 1 if unclean else 0


def is_clean(path: Path) -> bool:
    """Tell whether the notebook's file is as `clean` and `save` leave it."""
    notebook = nbformat.read(path, as_version=4)
    clean(notebook)
    return path.read_bytes() == serialize(notebook)


def _find(file: str) -> Path:
    for path in (Path(file), FOLDER / file):
        if path.is_file():
            return path.resolve()
    sys.exit(f"there is no notebook {file}")


if __name__ == "__main__":
    sys.exit(main())
