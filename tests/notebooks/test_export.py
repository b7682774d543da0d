"""The committed notebooks without a kernel: in each lab's place a picture and words."""

from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter

from .execute import notebooks
from .slices import LIVE, holds_lab


def shown_labs(notebook) -> int:
    """Count the cells that show a lab."""
    return sum(holds_lab(cell) for cell in notebook.cells)


class Page(HTMLParser):
    """The images of a page, with their alt texts, and its words."""

    def __init__(self, html: str):
        super().__init__()
        self.embedded: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "img" and (attributes.get("src") or "").startswith("data:image/png"):
            self.embedded.append(attributes.get("alt") or "")

    def handle_data(self, data):
        self.words += data


def export(notebook, template: str) -> Page:
    html, _ = HTMLExporter(template_name=template).from_notebook_node(notebook)
    return Page(html)


LABS = [path for path in notebooks() if shown_labs(nbformat.read(path, as_version=4))]


def test_some_notebooks_hold_labs():
    assert len(LABS) >= 2


# The template makes no difference to what a notebook holds: the other one is tried with one.
@pytest.mark.parametrize(
    "path, template",
    [
        (LABS[0], "lab"),
        (LABS[0], "classic"),
        *(pytest.param(path, "classic", marks=pytest.mark.nightly) for path in LABS[1:]),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_exported_every_lab_is_a_picture_and_words(path, template):
    notebook = nbformat.read(path, as_version=4)
    labs = shown_labs(notebook)
    page = export(notebook, template)
    assert page.words.count("run this cell again") >= labs
    assert len(page.embedded) >= labs
    assert "model not found" not in page.words and "Loading widget" not in page.words
    if template == "classic":  # the other does not write what it is given
        assert all(len(alt.split()) >= 5 for alt in page.embedded)


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.name)
def test_the_picture_and_the_words_of_a_lab_stand_in_one_output(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            if LIVE in output.get("data", {}).get("text/plain", ""):
                assert "image/png" in output.data
                assert output.metadata["image/png"]["alt"].strip()
