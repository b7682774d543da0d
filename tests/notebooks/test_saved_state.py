"""What every saved notebook must be: executed, clean, readable without running, private.

Each check is a function that returns what is wrong with a notebook. It is applied
to every notebook of the course, and, to know that it can fail, to one with that
very fault.
"""

import ast
import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from .execute import FOLDER, KERNEL, WIDGET_VIEW, clean, notebooks, serialize
from .slices import holds_lab, tags

MAX_LINES = 15
MAX_BYTES = 1_000_000

# Folders that exist on one person's machine: POSIX ones, and Windows' with a drive letter.
LOCAL_PATH = re.compile(
    r"(?<![\w.~-])/(?:home|Users|root|tmp|private|var/folders|work|mnt)/[^\s\"'<>]*"
    r"|\b[A-Za-z]:\\+(?:Users|Windows|Temp)\\+[^\s\"'<>]*"
)


class Markup(HTMLParser):
    """The links, the images and the headings' anchors of a piece of HTML."""

    def __init__(self, html: str):
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "img":
            self.images.append(attributes)
        elif tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        elif re.fullmatch(r"h[1-6]", tag) and attributes.get("id"):
            self.anchors.add(attributes["id"])


def markup(notebook) -> Markup:
    # Attachments are reported as links that lead nowhere; the converter would stop at them.
    text = "\n\n".join(cell.source for cell in cells(notebook, "markdown"))
    return Markup(markdown2html(text.replace("(attachment:", "(missing-attachment/")))


def cells(notebook, kind: str) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def outputs(notebook):
    """Each output, with the number of its code cell."""
    for number, cell in enumerate(cells(notebook, "code"), start=1):
        for output in cell.outputs:
            yield number, output


def pictures(output):
    return [mime for mime in output.get("data", {}) if mime.startswith("image/")]


# -- the checks: (notebook, path) → what is wrong -----------------------------------------


def not_executed_in_order(notebook, path):
    counts = [cell.execution_count for cell in cells(notebook, "code")]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the execution counts are {counts}, not 1, 2, 3, …"


def errors_shown(notebook, path):
    for number, output in outputs(notebook):
        if output.output_type == "error":
            yield f"code cell {number} shows {output.ename}: {output.evalue}"


def long_cells(notebook, path):
    for number, cell in enumerate(cells(notebook, "code"), start=1):
        if (lines := len(cell.source.splitlines())) > MAX_LINES:
            yield f"code cell {number} has {lines} lines; {MAX_LINES} are the most"


def pictures_without_words(notebook, path):
    for number, output in outputs(notebook):
        for mime in pictures(output):
            if not str(output.get("metadata", {}).get(mime, {}).get("alt") or "").strip():
                yield f"the {mime} of code cell {number} has no alt text"
    for image in markup(notebook).images:
        if not (image.get("alt") or "").strip():
            yield f"the image {image.get('src')} has no alt text"


def live_widgets_saved(notebook, path):
    if "widgets" in notebook.metadata:
        yield "the state of widgets is saved in the notebook's metadata"
    for number, output in outputs(notebook):
        if WIDGET_VIEW in output.get("data", {}):
            yield f"code cell {number} holds the live view of a widget, which nobody can reopen"


def foreign_kernel(notebook, path):
    if notebook.metadata.get("kernelspec") != KERNEL:
        yield f"the kernel is {notebook.metadata.get('kernelspec')}, not {KERNEL}"


def too_large(notebook, path):
    if (size := len(serialize(notebook))) > MAX_BYTES:
        yield f"the file has {size:,} bytes; {MAX_BYTES:,} are the most"


def local_paths(notebook, path):
    notebook = copy.deepcopy(notebook)
    for _, output in outputs(notebook):
        for mime in pictures(output):
            if mime != "image/svg+xml":  # in base64 any letters may come together by chance
                del output.data[mime]
    places = {str(Path.home()), str(FOLDER.parent)} - {"/"}
    for text in strings(notebook):
        yield from (f"a local path: {found}" for found in LOCAL_PATH.findall(text))
        yield from (f"a local path: {place}" for place in places if place in text)


def strings(value):
    """Every string within nested lists and dictionaries, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def broken_links(notebook, path):
    page = markup(notebook)
    folder = FOLDER.resolve()
    for link in [*page.links, *(image.get("src") or "" for image in page.images)]:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_relative_to(folder) or parts.path.startswith("/"):
            yield f"{link} leads out of notebooks/, the folder that JupyterLab serves"
        elif target != path and not target.exists():
            yield f"{link} leads to no file"
        elif parts.fragment and target.suffix == ".ipynb":
            other = page if target == path else markup(nbformat.read(target, as_version=4))
            if unquote(parts.fragment) not in map(unquote, other.anchors):
                yield f"{link} leads to no heading"


def not_as_execute_leaves_it(notebook, path):
    cleaned = copy.deepcopy(notebook)
    clean(cleaned)
    if serialize(cleaned) != serialize(notebook):
        yield "it holds metadata of one run; `make notebooks` drops them"


def foretold(notebook):
    """Each code cell with an outcome that the text above asks to predict, with its number.

    A lab is none: its picture is that of the start.
    """
    number, asked = 0, None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asked = re.search(r"(?<!asks you to )\*\*predict", cell.source, re.IGNORECASE)
            continue
        number += 1
        if asked and cell.outputs and not tags(cell) and not holds_lab(cell):
            yield number, cell


def outcomes_given_away(notebook, path):
    for number, cell in foretold(notebook):
        if not cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            yield (
                f"code cell {number} shows what the text above asks to predict: fold its output "
                '(metadata "jupyter": {"outputs_hidden": true}); JupyterLab unfolds it when it runs'
            )


def labs_that_ran_ahead(notebook, path):
    number, asked = 0, False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asked = "**predict" in cell.source.lower()
            continue
        number += 1
        if not (asked and holds_lab(cell)):
            continue
        (shown,) = {o.data["text/plain"] for o in cell.outputs if pictures(o)}
        if shown.startswith(THAT_RUN) and ".at_start()" not in cell.source:
            yield f"code cell {number} follows a prediction: end it with .at_start()"


def answers_in_sight(notebook, path):
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("predict("):
            hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
            if not hidden or "predict" not in tags(cell):
                yield (
                    f"cell {cell.id} holds the answer to its question: hide its source "
                    '(metadata "jupyter": {"source_hidden": true}) and tag it "predict"'
                )


# The labs whose picture shows what comes of their start, unless they are told not to.
THAT_RUN = ("Playground", "TrainingPanel", "RaceLab", "DescentLab", "BackpropLens")

CHECKS = [
    not_executed_in_order,
    errors_shown,
    long_cells,
    pictures_without_words,
    live_widgets_saved,
    foreign_kernel,
    too_large,
    local_paths,
    broken_links,
    outcomes_given_away,
    labs_that_ran_ahead,
    answers_in_sight,
    not_as_execute_leaves_it,
]


# -- every notebook of the course passes every check --------------------------------------


def test_the_course_has_notebooks():
    assert notebooks()


def test_no_two_questions_of_the_course_have_the_same_text():
    """A prediction is kept by its text: of two alike the second would be answered already."""
    cells = [cell for path in notebooks() for cell in nbformat.read(path, as_version=4).cells]
    calls = [ast.parse(c.source).body[0].value for c in cells if "predict" in tags(c)]
    questions = [ast.literal_eval(call.args[0]) for call in calls]
    assert len(questions) >= 14
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.name)
def test_no_saved_notebook_has(path, check):
    assert list(check(nbformat.read(path, as_version=4), path)) == []


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.name)
def test_the_file_is_a_valid_notebook_as_make_notebooks_writes_it(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.read_bytes() == serialize(notebook)


# -- each check sees the fault it is there for --------------------------------------------


def good_notebook():
    """A notebook with nothing wrong, which uses all that the checks look at."""
    picture = new_output(
        "display_data",
        {"image/png": "iVBORw0KGgo/tmp/a/home/b", "text/plain": "<Figure>"},
        metadata={"image/png": {"alt": "The loss falls to 0.1."}},
    )
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                "# Why it learns\n\n![A curve](#Why-it-learns) and $a/b$\n\n"
                "Back to [the top](#Why-it-learns), on to https://example.org/home/x"
            ),
            new_code_cell("x = 1\n" * MAX_LINES, execution_count=1),
            new_code_cell("show(x)", execution_count=2, outputs=[picture]),
        ]
    )
    clean(notebook)
    return notebook


HERE = FOLDER / "good.ipynb"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_good_notebook_passes(check):
    assert list(check(good_notebook(), HERE)) == []


FAULTS = []


def plant(check, name, change):
    """Note a change to the good notebook that `check` must report."""
    FAULTS.append(pytest.param(check, change, id=name))


def code(notebook, number):
    return cells(notebook, "code")[number - 1]


def say(text):
    return lambda notebook: notebook.cells.append(new_markdown_cell(text))


def show(data, metadata=None):
    return lambda notebook: code(notebook, 2).outputs.append(
        new_output("display_data", data, metadata=metadata or {})
    )


def write(text):
    return lambda notebook: code(notebook, 2).outputs.append(new_output("stream", text=text))


plant(not_executed_in_order, "never run", lambda n: code(n, 2).update(execution_count=None))
plant(not_executed_in_order, "run twice", lambda n: code(n, 2).update(execution_count=3))
plant(not_executed_in_order, "swapped", lambda n: n.cells.reverse())
plant(
    errors_shown,
    "an exception",
    lambda n: code(n, 2).outputs.append(
        new_output("error", ename="ValueError", evalue="no", traceback=[])
    ),
)
plant(long_cells, "16 lines", lambda n: code(n, 1).update(source="x = 1\n" * 16))
plant(pictures_without_words, "no alt", show({"image/png": "iVBORw0KGgo="}))
plant(
    pictures_without_words,
    "blank alt",
    show({"image/png": "iVBORw0KGgo="}, {"image/png": {"alt": "  "}}),
)
plant(
    pictures_without_words,
    "alt of another format",
    show({"image/svg+xml": "<svg/>"}, {"image/png": {"alt": "A curve"}}),
)
plant(pictures_without_words, "markdown", say("![](#Why-it-learns)"))
plant(pictures_without_words, "html", say('<img src="#Why-it-learns">'))
plant(live_widgets_saved, "view", show({WIDGET_VIEW: {"model_id": "1"}, "text/plain": "Lab()"}))
plant(live_widgets_saved, "state", lambda n: n.metadata.update(widgets={}))
plant(foreign_kernel, "other name", lambda n: n.metadata.kernelspec.update(name="nn-venv"))
plant(foreign_kernel, "own title", lambda n: n.metadata.kernelspec.update(display_name="my (v1)"))
plant(foreign_kernel, "none", lambda n: n.metadata.pop("kernelspec"))
plant(too_large, "1 MB", lambda n: code(n, 1).update(source="#" * MAX_BYTES))
plant(local_paths, "source", lambda n: code(n, 1).update(source="open('/home/ada/x.npz')"))
plant(local_paths, "stream", write("/tmp/ipykernel_1/2.py:3: UserWarning"))
plant(local_paths, "data", show({"text/html": "<p title='/Users/ada/nn'>x</p>"}))
plant(local_paths, "Windows", write(r"C:\Users\ada\nn"))
plant(local_paths, "the repository", write(f"File {FOLDER.parent}"))
plant(local_paths, "metadata", lambda n: n.metadata.update(path="/home/ada/nn"))
plant(broken_links, "no file", say("[next](99_nowhere.ipynb)"))
plant(broken_links, "no heading", say("[why](#Why-it-fails)"))
plant(broken_links, "heading of GitHub's form", say("[why](#why-it-learns)"))
plant(broken_links, "outside", say("[code](../README.md)"))
plant(broken_links, "absolute", say("[code](/README.md)"))
plant(broken_links, "image", say("![A net](missing.svg)"))
plant(broken_links, "attachment", say("![A net](attachment:net.png)"))
plant(
    outcomes_given_away,
    "a picture",
    lambda n: n.cells[0].update(source=n.cells[0].source + "\n\n**Predict:** what does x show?"),
)


def predict_a_race(notebook):
    say("**Predict** who wins")(notebook)
    words = "RaceLab of two. It is live in JupyterLab: run this cell there."
    race = new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": words})
    notebook.cells.append(new_code_cell("RaceLab()", execution_count=3, outputs=[race]))


plant(labs_that_ran_ahead, "a race", predict_a_race)
plant(answers_in_sight, "its source", lambda n: code(n, 1).update(source='predict("…")'))
plant(
    not_as_execute_leaves_it,
    "timings",
    lambda n: code(n, 1).metadata.update(execution={"iopub.status.busy": "2026-01-01"}),
)
plant(
    not_as_execute_leaves_it,
    "version",
    lambda n: n.metadata.language_info.update(version="3.11.2"),
)


@pytest.mark.parametrize("check, change", FAULTS)
def test_a_fault_is_reported(check, change):
    notebook = good_notebook()
    change(notebook)
    assert list(check(notebook, HERE)) != []


def test_every_check_has_a_fault_planted_for_it():
    assert {parameters.values[0] for parameters in FAULTS} == set(CHECKS)


def test_links_between_notebooks_are_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.FOLDER", tmp_path)
    nbformat.write(good_notebook(), tmp_path / "other.ipynb")
    notebook = good_notebook()
    say("[a](other.ipynb) [b](other.ipynb#Why-it-learns)")(notebook)
    assert list(broken_links(notebook, tmp_path / "here.ipynb")) == []
    say("[c](other.ipynb#Why-it-fails)")(notebook)
    assert list(broken_links(notebook, tmp_path / "here.ipynb")) == [
        "other.ipynb#Why-it-fails leads to no heading"
    ]
