"""Spelling in code, pages and notebooks: no misspelling, and Oxford where English has two ways."""

import json

from tests.spelling import ROOT, files, misspelled

FILES = files()  # that none of them holds a fault is checked by `make lint`


def test_pages_code_and_notebooks_are_all_looked_at():
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    for name in ("README.md", "docs/usage.md", "CONTRIBUTING.md", "nnlib/forward.py", "Makefile"):
        assert name in names
    assert sum(name.startswith("notebooks/") for name in names) >= 6
    assert any(name.endswith(".js") for name in names)
    assert not any("vendor" in name for name in names)


# Each with the wrong word put together, so that this file has none.
FAULTS = [
    ("page.md", "The slope of t" + "eh loss", "the"),
    ("page.md", "It is lear" + "nt quickly.", "learned"),
    ("code.py", "x = 1  # initi" + "alise it\n", "initialize"),
    ("code.py", '"""Return the col' + 'or of it."""\n', "colour"),
    ("code.py", 'raise ValueError(f"this cen' + 'ter is {x} of them")\n', "centre"),
    ("code.js", "// the beha" + "vior of a slider\n", "behaviour"),
    ("code.js", 'const help = "Look at the neigh' + 'bors of a point.";\n', "neighbours"),
    ("code.css", "/* gr" + "ay as paper */\np { margin: 0 }\n", "grey"),
    (
        "lesson.ipynb",
        json.dumps({"cells": [{"cell_type": "markdown", "source": ["It is normal" + "ised."]}]}),
        "normalized",
    ),
]


# What libraries ask for.
RIGHT = [
    ("page.md", "Set `col" + "or` as in\n\n```python\ncen" + "ter = 1\n```\n"),
    ("code.py", "axes.plot(x, y, col" + 'or="gr' + 'ay")\n'),
    ("code.py", 'style = "the text has col' + 'or: red; margin: 0;"\n'),
    ("code.js", "element.style.col" + 'or = "gr' + 'ay";\n'),
    ("code.css", "p { col" + "or: gr" + "ay }\n"),
]


def written(folder, *texts) -> list:
    """Write texts as files of different names, and return their paths: (name, text, …)."""
    paths = [folder / f"{i}-{name}" for i, (name, *_) in enumerate(texts)]
    for path, (_, text, *_) in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_every_fault_is_found_with_its_line_and_the_right_word(tmp_path):
    found = misspelled(written(tmp_path, *FAULTS), tmp_path).splitlines()
    for i, (name, _, right) in enumerate(FAULTS):
        assert [
            line for line in found if line.startswith(f"{i}-{name}:") and f"==> {right}" in line
        ]
    assert len(found) == len(FAULTS)


def test_code_may_write_what_libraries_ask_for(tmp_path):
    assert misspelled(written(tmp_path, *RIGHT), tmp_path) == ""


def test_the_line_of_a_fault_is_told(tmp_path):
    path = tmp_path / "code.py"
    path.write_text("x = 1\n\n\ny = 2  # a col" + "or\n", encoding="utf-8")
    assert misspelled([path], tmp_path).startswith("code.py:4:")
