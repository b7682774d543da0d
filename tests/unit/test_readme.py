"""README and docs keep their word: programs run, links lead somewhere, formulas render."""

import contextlib
import io
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

sys.path.insert(0, str(ROOT / "docs"))
import list_modules  # noqa: E402 (found by the line above)


class Page:
    """A page of Markdown, with what is checked of it."""

    def __init__(self, path: Path):
        self.path, self.text = path, path.read_text(encoding="utf-8")
        self.prose = re.sub(r"^```.*?^```", "", self.text, flags=re.DOTALL | re.MULTILINE)
        # Pictures and links: ("!" or "", words, target).
        self.links = re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", self.prose)
        self.headings = re.findall(r"^#+ (.+)$", self.prose, flags=re.MULTILINE)

    def anchors(self) -> set[str]:
        """Return the anchors that GitHub makes of the headings."""
        kept = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in self.headings)
        return {words.replace(" ", "-") for words in kept}

    def formulas(self) -> list[str]:
        """Return every formula, displayed or within a line, as GitHub is given it."""
        displayed = re.findall(r"\$\$(.+?)\$\$", self.prose, flags=re.DOTALL)
        rest = re.sub(r"\$\$.+?\$\$", "", self.prose, flags=re.DOTALL)
        rest = re.sub(r"`[^`\n]*`", "", rest)
        assert rest.count("$") % 2 == 0, "a formula is not closed"
        return displayed + re.findall(r"\$([^$\n]+)\$", rest)


def section(number):
    """Return the text of a section, from its heading to the next of its kind."""
    (text,) = re.findall(rf"^## {number}\. .*?(?=^## |\Z)", TEXT, flags=re.DOTALL | re.MULTILINE)
    return text


@pytest.fixture(params=PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def page(request):
    return Page(request.param)


def run(path, folder):
    """Run all Python of a page as one program; return its names and what it printed."""
    blocks = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names, printed = {"__name__": path.stem}, io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile("\n".join(blocks), path.name, "exec"), names)
    return names, printed.getvalue()


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Run the program of docs/usage.md."""
    pytest.importorskip("matplotlib")
    return run(ROOT / "docs" / "usage.md", tmp_path_factory.mktemp("usage"))


@pytest.mark.slow
def test_the_readmes_program_classifies_what_its_comment_promises(tmp_path):
    names, printed = run(README, tmp_path)
    (promised,) = re.findall(r"# about (\d+) %", TEXT)
    assert 100 * names["accuracy"] == pytest.approx(float(promised), abs=0.6)
    assert f"{names['accuracy']:.1%} of the test images classified correctly" in printed
    assert "learning rate 0.01" in printed and names["record"].end_of_epoch


def test_the_first_example_has_ten_lines():
    first = re.search(r"^```python\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE).group(1)
    assert len([line for line in first.splitlines() if line.strip()]) <= 10
    assert TEXT.index(first) < TEXT.index("## Contents")


def test_the_program_of_the_labs_page_trains_a_playground(tmp_path):
    pytest.importorskip("ipywidgets")
    names, printed = run(ROOT / "docs" / "labs.md", tmp_path)
    assert names["lab"].updates == 500 and printed.startswith("500 ")


@pytest.mark.slow
def test_the_program_trains_to_the_accuracy_the_text_promises(program):
    names, printed = program
    text = " ".join((ROOT / "docs" / "usage.md").read_text(encoding="utf-8").split())
    (promised,) = re.findall(r"classifies about (\d+) % of the test images", text)
    assert 100 * names["test_accuracy"] == pytest.approx(float(promised), abs=0.6)
    assert f"test accuracy {names['test_accuracy']:.1%}" in printed


@pytest.mark.slow
def test_the_programs_gradients_agree_with_finite_differences(program):
    names, printed = program
    assert names["check"].passed and names["own_check"].passed
    assert "FAILED" not in printed


@pytest.mark.slow
def test_the_loop_of_the_program_changes_the_learning_rate_and_learns(program):
    names, printed = program
    assert "update 500: α = 1.0" in printed and "update 1500: α = 0.3" in printed
    assert names["record"].end_of_epoch and names["record"].epoch == 1
    assert names["step_by_step"] > 0.85


@pytest.mark.slow
def test_the_program_gets_back_the_network_it_saved(program):
    names, _ = program
    saved, loaded = names["network"], names["loaded"]
    assert loaded is not saved and loaded.layers == saved.layers
    assert (loaded.parameters == saved.parameters).all()


@pytest.mark.slow
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
    page = Page(README)
    within = {target for _, _, target in page.links if target.startswith("#")}
    numbered = [h for h in page.headings if h[0].isdigit()]
    assert len(numbered) == 10 and len(within) == 10


def test_the_readme_is_read_in_minutes():
    assert README.stat().st_size <= 12_000


def test_relative_links_lead_to_files_and_headings_that_exist(page):
    for _, _, target in page.links:
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = unquote(target).partition("#")
        path = (page.path.parent / name) if name else page.path
        assert path.exists(), target
        if heading:
            assert heading in Page(path).anchors(), target


def test_files_named_in_the_text_exist(page):
    folders = "nnlib|tests|notebooks|docs|benchmarks|img"
    for name in re.findall(rf"`((?:{folders})/[\w./]+)`", page.prose):
        assert (ROOT / name).exists(), name


def test_modules_named_in_the_text_exist(page):
    for name in re.findall(r"`nnlib\.([a-z_]+(?:\.[a-z_]+)*)\b", page.prose):
        parts = name.split(".")
        parents = [ROOT / "nnlib" / Path(*parts[:i]) for i in range(len(parts), -1, -1)]
        found = next(p for p in parents if p.is_dir() or p.with_suffix(".py").is_file())
        rest = parts[len(found.relative_to(ROOT / "nnlib").parts) :]
        assert len(rest) <= 1, name  # one name may stand behind a module
        if rest:
            source = found.with_suffix(".py") if not found.is_dir() else found / "__init__.py"
            assert re.search(rf"\b{rest[0]}\b", source.read_text(encoding="utf-8")), name


def test_every_image_says_in_words_what_it_shows(page):
    images = [words for image, words, _ in page.links if image]
    assert len(images) == page.text.count("![") + page.text.count("<img")
    assert all(len(words.split()) >= 8 for words in images)


def test_pictures_are_small_enough_to_load_quickly(page):
    for image, _, target in page.links:
        if image:
            limit = 3_000_000 if target.endswith(".gif") else 300_000
            assert (page.path.parent / target).stat().st_size <= limit, target


def test_the_first_picture_moves():
    Image = pytest.importorskip("PIL.Image")
    first = next(target for image, _, target in Page(README).links if image)
    assert TEXT.index(first) < TEXT.index("## Contents")
    with Image.open(ROOT / first) as picture:
        shown = set()
        for i in range(0, picture.n_frames, 10):
            picture.seek(i)
            shown.add(picture.convert("RGB").tobytes())
        assert picture.n_frames > 20 and len(shown) > 2
        assert picture.info["loop"] == 0  # for ever


def test_the_times_of_the_lessons_are_those_that_the_notebooks_say():
    rows = re.findall(r"^\| \[\d [^\]]+\]\(([^)]+)\) \| (?:about )?([^|]+?) \|", TEXT, flags=re.M)
    assert [name for name, _ in rows] == [
        path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("notebooks/0[1-9]*.ipynb"))
    ]
    for name, duration in rows:
        first = nbformat.read(ROOT / name, as_version=4).cells[0].source
        assert f"**Time** {duration}" in first, name


def test_no_formula_uses_what_github_takes_away(page):
    # Markdown goes over a formula first: it drops a backslash before punctuation, so that
    # \, and \{ and \\ change their meaning, and an underscore after ) or } may start italics.
    for formula in page.formulas():
        assert not re.search(r"\\[^A-Za-z]", formula), formula
        assert not re.search(r"[)}]_", formula), formula
        assert not re.search(r"[<>*]", formula), formula


def test_every_formula_has_its_braces_in_pairs(page):
    for formula in page.formulas():
        depth = 0
        for character in formula:
            depth += (character == "{") - (character == "}")
            assert depth >= 0, formula
        assert depth == 0, formula


def test_the_formulas_are_found():
    assert len(Page(README).formulas()) > 20
    assert len(Page(ROOT / "docs" / "mathematics.md").formulas()) > 30


def test_displayed_formulas_stand_apart(page):
    # GitHub shows the dollars themselves if $$ does not have a line of its own.
    lines = page.text.splitlines()
    fences = [i for i, line in enumerate(lines) if "$$" in line]
    assert len(fences) % 2 == 0
    for opening, closing in zip(fences[::2], fences[1::2], strict=True):
        assert lines[opening] == lines[closing] == "$$"
        assert lines[opening - 1] == "" and lines[closing + 1] == ""


def test_the_map_of_the_code_names_every_module_and_room_once():
    rows = re.findall(r"^\| (`[a-z_]+/?`(?:, `[a-z_]+/`)*) \|", section(3), flags=re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"[a-z_]+/?", row)]
    modules = {p.stem for p in (ROOT / "nnlib").glob("*.py")} - {"__init__", "__main__"}
    rooms = {f"{p.parent.name}/" for p in (ROOT / "nnlib").glob("*/__init__.py")}
    assert sorted(named) == sorted(modules | rooms)
    assert len(rows) <= 25
    assert section(3).count("\n|:--|") == 3  # the core, the rooms around it, the course


def test_the_map_and_the_architecture_agree_about_the_core():
    rows = re.findall(r"^\| `([a-z_]+)` \|", section(3), flags=re.MULTILINE)
    assert rows == list_modules.CORE


def test_the_architecture_says_of_every_module_what_its_docstring_says():
    text = list_modules.PAGE.read_text(encoding="utf-8")
    listed = list_modules.report.section(text, "modules")
    assert listed == list_modules.render(), "make docs writes it again"
    assert listed.count("- `") > 80


def test_every_page_is_listed_among_the_documentation():
    listed = {target for _, _, target in Page(ROOT / "docs" / "README.md").links}
    assert listed == {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"}


def test_commands_named_in_the_text_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make (\w+)[^`]*`", page.text))
    named |= set(re.findall(r"^make (\w+)", page.text, re.M))
    for target in named:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_readme_names_the_two_commands():
    assert set(re.findall(r"^make (\w+)", TEXT, re.M)) == {"lab", "test"}
