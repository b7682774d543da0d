"""`make notebooks` saves what a reader without a kernel can see, and the same each time."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from .execute import FOLDER, KERNEL, WIDGET_VIEW, main, notebooks

# A widget that brings a picture and a text beside its live view, as the labs do.
WIDGET = """
import base64, anywidget
class Lab(anywidget.AnyWidget):
    _esm = "export default { render() {} }"
    def _repr_mimebundle_(self, **_):
        data, metadata = super()._repr_mimebundle_()
        return data | {"text/plain": "Lab()", "image/png": PIXEL}, {"image/png": {"alt": "A dot"}}
PIXEL = base64.b64encode(b"picture").decode()
Lab()
"""


@pytest.fixture
def write(tmp_path):
    """Return a function that saves a notebook of these code cells, untidily, and its path."""

    def save(*sources):
        path = tmp_path / "scratch.ipynb"
        cells = [new_code_cell(source, metadata={"scrolled": True}) for source in sources]
        notebook = new_notebook(
            cells=[new_markdown_cell("# Title"), *cells],
            metadata={"kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"}},
        )
        nbformat.write(notebook, path)
        return path

    return save


def outputs(path):
    return [cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells][1:]


@pytest.mark.nightly
def test_a_widget_is_saved_as_its_picture_and_a_second_run_changes_no_byte(write):
    plot = "import matplotlib.pyplot as plt; plt.plot([1]);"
    path = write(WIDGET, "print('a'); print('b')", plot)
    assert main([str(path)]) == 0
    first = path.read_bytes()
    (widget,), (stream,), (figure,) = outputs(path)
    assert set(widget.data) == {"text/plain", "image/png"}
    assert widget.metadata["image/png"]["alt"] == "A dot"
    assert stream.text == "a\nb\n"
    assert figure.data["image/png"]
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata == {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    assert [cell.metadata for cell in notebook.cells] == [{}] * 4
    assert WIDGET_VIEW.encode() not in first
    assert main([str(path)]) == 0
    assert path.read_bytes() == first


def test_cells_run_in_the_notebooks_own_folder_with_this_interpreter(write, tmp_path):
    import sys

    path = write("import os, sys; print(os.getcwd()); print(sys.prefix)")
    assert main([str(path)]) == 0
    assert outputs(path)[0][0].text == f"{tmp_path}\n{sys.prefix}\n"


def test_a_notebook_that_fails_is_left_as_it_was(write, capsys, tmp_path):
    path = write("1 + 1", "1 / 0")
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.nightly
def test_a_cell_that_takes_too_long_fails(write, capsys):
    path = write("import threading; threading.Event().wait()")
    assert main(["--timeout", "1", str(path)]) == 1
    assert "timed out" in capsys.readouterr().err


def test_copies_of_an_editor_are_not_notebooks_of_the_course(tmp_path):
    for name in ["b.ipynb", "a.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb", "part/c.ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert notebooks(tmp_path) == [tmp_path / n for n in ("a.ipynb", "b.ipynb", "part/c.ipynb")]


def test_check_executes_nothing_and_tells_clean_from_unclean(write, capsys):
    path = write("1 + 1")
    before = path.read_bytes()
    assert main(["--check", str(path)]) == 1
    assert path.name in capsys.readouterr().err
    assert path.read_bytes() == before
    assert main([str(path)]) == 0 and main(["--check", str(path)]) == 0


def test_a_name_alone_means_a_notebook_of_the_course():
    assert FOLDER.name == "notebooks"
    with pytest.raises(SystemExit, match=r"no notebook 99_nowhere\.ipynb"):
        main(["99_nowhere.ipynb"])


def test_a_cell_whose_package_is_missing_keeps_what_it_showed(tmp_path):
    path = tmp_path / "optional.ipynb"
    cells = [new_code_cell("print('new')", metadata={"tags": [tag]}) for tag in NEEDS]
    for cell in cells:
        cell.outputs = [new_output("stream", text="old\n")]
    nbformat.write(new_notebook(cells=cells), path)
    assert main([str(path)]) == 0
    shown = [cell.outputs[0].text for cell in nbformat.read(path, as_version=4).cells]
    assert shown == ["old\n", "new\n"]


NEEDS = ["needs:no_such_package", "needs:numpy"]


def test_only_what_needs_another_package_is_not_compared_and_it_was_saved_where_that_was():
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            tags = cell.metadata.get("tags", [])
            needs = any(tag.startswith("needs:") for tag in tags)
            assert ("nbval-ignore-output" in tags) == needs
            assert not needs or "not installed" not in str(cell.outputs)


def test_notebooks_that_are_tested_alone_read_nobodys_progress():
    """`pytest notebooks`, without anything of tests/, has a folder of its own."""
    code = (
        "import os, pytest; pytest.main(['-q', '-p', 'no:nbval', '-o', 'addopts=', "
        "'--collect-only', 'notebooks']); print(os.environ['NNLIB_PROGRESS'])"
    )
    user = "/nowhere/progress.json"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=FOLDER.parent,
        env=os.environ | {"NNLIB_PROGRESS": user},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] not in ("", user, os.environ["NNLIB_PROGRESS"])
