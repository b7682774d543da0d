"""Known misspellings, in the code, the pages and the notebooks (codespell's list)."""

import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
RIGHT = "speeed"  # a test spells it wrongly on purpose


def misspelt(paths) -> str:
    """Return what codespell reports of these files: a line each, nothing if all is well."""
    command = [sys.executable, "-m", "codespell_lib", "--ignore-words-list", RIGHT]
    command += map(str, paths)
    finished = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert finished.returncode in (0, 65), finished.stderr
    return finished.stdout


def test_pages_and_code():
    folders = ["nnlib", "tests", "benchmarks", "img", ".github"]
    files = [
        p
        for f in folders
        for kind in ("py", "js", "css", "yml", "md", "cfg")
        for p in ROOT.joinpath(f).rglob(f"*.{kind}")
        if "vendor" not in p.parts
    ]
    assert len(files) > 50
    assert misspelt([ROOT / "README.md", ROOT / "Makefile", *files]) == ""


def test_notebooks(tmp_path):
    texts = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        texts.append(tmp_path / f"{path.stem}.txt")
        texts[-1].write_text("\n\n".join(cell.source for cell in cells), encoding="utf-8")
    assert texts
    assert misspelt(texts) == ""


def test_a_misspelt_word_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("The slope of t" + "eh loss", encoding="utf-8")
    assert "==> the" in misspelt([page])
