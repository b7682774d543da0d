"""The sheet of formulas and the glossary: at hand from each lesson, and they lead back to it."""

import re

import nbformat
import pytest

from .execute import FOLDER

LESSONS = sorted(FOLDER.glob("0[1-9]_*.ipynb"))


def text(path) -> str:
    notebook = nbformat.read(path, as_version=4)
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def section(title: str, within: str) -> str:
    """Return what stands below a heading, up to the next one of its level."""
    return re.split(r"^## ", within.split(f"## {title}\n")[1], flags=re.MULTILINE)[0]


APPENDIX = text(FOLDER / "90_labs_and_teachers.ipynb")
SECTIONS = {
    number: re.sub(r"[*`]", "", body)
    for path in LESSONS
    for number, body in re.findall(
        r"^## (\d\.\d+) (.*?)(?=^## |\Z)", text(path), re.MULTILINE | re.DOTALL
    )
}
WORDS = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([\d., ]+) \|$", section("Glossary", APPENDIX), re.M)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_begins_with_links_to_both(path):
    first = nbformat.read(path, as_version=4).cells[0].source
    for anchor in ("Formulas-and-shapes", "Glossary"):
        assert f"(90_labs_and_teachers.ipynb#{anchor})" in first


def test_a_word_of_the_glossary_stands_in_the_section_that_it_names():
    assert len(WORDS) >= 50
    for word, numbers in WORDS:
        names = [re.escape(name) for name in re.split(r", | \(|\)| (?=[ακλσ]$)", word) if name]
        for number in numbers.split(", "):
            assert re.search("|".join(names), SECTIONS[number], re.IGNORECASE), (word, number)


def test_the_glossary_is_in_alphabetical_order():
    words = [re.sub("^δ ", "delta", word).lower() for word, _ in WORDS]
    assert words == sorted(words)


def test_each_lesson_has_formulas_on_the_sheet():
    rows = re.findall(r"^\|.*\| ([\d, ]+) \|$", section("Formulas and shapes", APPENDIX), re.M)
    lessons = {number for row in rows for number in row.split(", ")}
    assert lessons == {path.name[1] for path in LESSONS} - {"5"}  # which uses those of 1 to 4
