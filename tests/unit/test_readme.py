"""The README keeps its word: its program runs, its links lead somewhere, its maths renders."""

import contextlib
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
WITHOUT_CODE = re.sub(r"^```.*?^```", "", TEXT, flags=re.DOTALL | re.MULTILINE)
LINKS = re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", WITHOUT_CODE)


def section(number):
    """Return the text of a section, from its heading to the next of its kind."""
    (text,) = re.findall(rf"^## {number}\. .*?(?=^## |\Z)", TEXT, flags=re.DOTALL | re.MULTILINE)
    return text


def anchor(heading):
    """Return the anchor that GitHub makes of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


HEADINGS = re.findall(r"^#+ (.+)$", WITHOUT_CODE, flags=re.MULTILINE)


def maths():
    """Return every formula, displayed or within a line, as the reader's GitHub is given it."""
    displayed = re.findall(r"\$\$(.+?)\$\$", WITHOUT_CODE, flags=re.DOTALL)
    rest = re.sub(r"`[^`\n]*`", "", re.sub(r"\$\$.+?\$\$", "", WITHOUT_CODE, flags=re.DOTALL))
    assert rest.count("$") % 2 == 0, "a formula is not closed"
    return displayed + re.findall(r"\$([^$\n]+)\$", rest)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Run all Python of section 3 as one program; return its names and what it printed."""
    pytest.importorskip("matplotlib")
    blocks = re.findall(r"^```python\n(.*?)^```", section(3), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    names, printed = {"__name__": "readme"}, io.StringIO()
    source = "\n".join(blocks)
    folder = tmp_path_factory.mktemp("readme")
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile(source, "README.md, section 3", "exec"), names)
    return names, printed.getvalue()


def test_the_program_trains_to_the_accuracy_the_text_promises(program):
    names, printed = program
    (promised,) = re.findall(r"reads about (\d+) % of the test images", " ".join(TEXT.split()))
    assert 100 * names["test_accuracy"] == pytest.approx(float(promised), abs=0.6)
    assert f"test accuracy {names['test_accuracy']:.1%}" in printed


def test_the_programs_gradients_agree_with_finite_differences(program):
    names, printed = program
    assert names["check"].passed and names["own_check"].passed
    assert "FAILED" not in printed


def test_the_loop_of_the_program_changes_the_learning_rate_and_learns(program):
    names, printed = program
    assert "update 500: α = 1.0" in printed and "update 1500: α = 0.3" in printed
    assert names["record"].end_of_epoch and names["record"].epoch == 1
    assert names["step_by_step"] > 0.85


def test_the_program_gets_back_the_network_it_saved(program):
    names, _ = program
    saved, loaded = names["network"], names["loaded"]
    assert loaded is not saved and loaded.layers == saved.layers
    assert (loaded.parameters == saved.parameters).all()


def test_the_program_draws_its_figures(program):
    names, _ = program
    for figure in ("picture", "curves", "confusion"):
        assert names[figure].png.startswith(b"\x89PNG")


def test_the_sections_are_the_six_agreed_on():
    found = re.findall(r"^##+ (\d.*)$", TEXT, flags=re.MULTILINE)
    assert found == [
        "1. Introduction",
        "2. Model Architecture",
        "2.1 Forward Pass",
        "2.2 Loss Function",
        "2.3 Backpropagation",
        "2.4 Gradient Descent",
        "3. Code Usage",
        "4. Model Training Results",
        "5. Acknowledgements",
        "6. References",
    ]


def test_every_numbered_section_is_in_the_contents():
    targets = {target for image, _, target in LINKS if target.startswith("#")}
    numbered = [h for h in HEADINGS if h[0].isdigit()]
    assert targets >= {"#" + anchor(h) for h in numbered}


def test_anchors_within_the_page_lead_to_a_heading():
    anchors = {"#" + anchor(h) for h in HEADINGS}
    within = [target for _, _, target in LINKS if target.startswith("#")]
    assert within
    assert set(within) <= anchors


def test_relative_links_and_images_lead_to_files_that_exist():
    relative = [t for _, _, t in LINKS if not re.match(r"[a-z]+:|#", t)]
    assert len(relative) >= 5
    missing = [t for t in relative if not (ROOT / unquote(t.split("#")[0])).exists()]
    assert missing == []


def test_every_image_says_in_words_what_it_shows():
    images = [words for image, words, _ in LINKS if image]
    assert len(images) == TEXT.count("![") + TEXT.count("<img") == 4
    assert all(len(words.split()) >= 8 for words in images)


def test_pictures_are_small_enough_to_load_quickly():
    for _, _, target in LINKS:
        if target.endswith(".png"):
            assert (ROOT / target).stat().st_size < 300_000, target


def test_the_tables_of_measurements_have_their_places_in_section_4():
    text = section(4)
    for name in ("results", "ablation", "steps", "bench", "lab"):
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        assert TEXT.count(begin) == TEXT.count(end) == 1
        assert 0 < text.index(begin) < text.index(end)


def test_no_formula_uses_what_github_takes_away():
    # Markdown goes over a formula first: it drops a backslash before punctuation, so that
    # \, and \{ and \\ change their meaning, and an underscore after ) or } may start italics.
    assert len(maths()) > 30
    for formula in maths():
        assert not re.search(r"\\[^A-Za-z]", formula), formula
        assert not re.search(r"[)}]_", formula), formula
        assert not re.search(r"[<>*]", formula), formula


def test_every_formula_has_its_braces_in_pairs():
    for formula in maths():
        depth = 0
        for character in formula:
            depth += (character == "{") - (character == "}")
            assert depth >= 0, formula
        assert depth == 0, formula


def test_displayed_formulas_stand_apart():
    # GitHub shows the dollars themselves if $$ does not have a line of its own.
    lines = TEXT.splitlines()
    fences = [i for i, line in enumerate(lines) if "$$" in line]
    assert len(fences) % 2 == 0 and fences
    for opening, closing in zip(fences[::2], fences[1::2], strict=True):
        assert lines[opening] == lines[closing] == "$$"
        assert lines[opening - 1] == "" and lines[closing + 1] == ""


def test_the_map_of_the_code_names_every_module():
    mapped = set(re.findall(r"`([a-z_]+)/?`", section(3).split("The examples below")[0]))
    modules = {p.stem for p in (ROOT / "nnlib").glob("*.py")} - {"__init__"}
    packages = {p.parent.name for p in (ROOT / "nnlib").glob("*/__init__.py")}
    assert mapped >= modules | packages
    assert mapped <= modules | packages | {"nnlib"}


def test_commands_named_in_the_text_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make (\w+)`", TEXT)) | set(re.findall(r"^make (\w+)", TEXT, re.M))
    assert {"lab", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
