"""Spelling: codespell's list of misspellings, and one spelling of what English spells in two ways.

    python tests/spelling.py    # everything; prints what it finds, and fails if there is any

The course is written in Oxford spelling: -ize, and British otherwise. `spelling.txt` lists what
that excludes, in codespell's own format. It is applied to prose alone (pages, comments, docstrings,
texts), since code must write `color` and `center` where matplotlib and CSS do.
"""

import io
import json
import re
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OXFORD = Path(__file__).with_name("spelling.txt")
RIGHT = "speeed"  # a test spells it wrongly on purpose

FOLDERS = ("nnlib", "tools", "tests", "benchmarks", "img", "docs", "notebooks", ".github")
KINDS = (".py", ".js", ".css", ".yml", ".md", ".cfg", ".ipynb")


def files() -> list[Path]:
    """Return every file of the project that holds words."""
    found = [path for folder in FOLDERS for path in ROOT.joinpath(folder).rglob("*")]
    found += [*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "CITATION.cff"]
    return sorted(
        path
        for path in found
        if (path.suffix in KINDS or path.parent == ROOT)
        and "vendor" not in path.parts
        and not any(part == ".ipynb_checkpoints" for part in path.parts)
    )


def _blank(text: str) -> str:
    """Return as many lines, without words."""
    return "\n" * text.count("\n")


def _without_code(markdown: str) -> str:
    """Return Markdown without code, formulas and the targets of links, on the same lines."""
    for pattern in (r"^```.*?^```", r"\$\$.*?\$\$"):
        flags = re.DOTALL | re.MULTILINE
        markdown = re.sub(pattern, lambda found: _blank(found[0]), markdown, flags=flags)
    return re.sub(r"`[^`\n]*`|\$[^$\n]+\$|\]\([^)\s]*\)|https?://\S+", " ", markdown)


def _is_prose(text: str) -> bool:
    """Tell whether a string is words to be read, and not a name, a key or a style sheet."""
    return len(re.findall(r"[A-Za-z]{2,}", text)) >= 3 and not re.search(r"[\w-]: *[^;\n]+;", text)


def _without_names(line: str) -> str:
    """Return a line without what is spelled as it is: `code`, x.attributes, titles in italics."""
    return re.sub(r"`[^`]*`|(?<=[\w)\]])\.[a-z]\w+|\*[A-Z][^*]* [^*]*\*", " ", line)


def _of_python(source: str) -> str:
    """Return the comments and the texts of Python code, on their lines."""
    lines: dict[int, list[str]] = {}
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in kinds and (token.type == tokenize.COMMENT or _is_prose(token.string)):
            for i, line in enumerate(token.string.splitlines()):
                lines.setdefault(token.start[0] + i, []).append(_without_names(line))
    return "\n".join(" ".join(lines.get(i, [])) for i in range(1, max(lines, default=0) + 1))


def _of_javascript(source: str) -> str:
    """Return the comments and the texts of JavaScript or CSS, on their lines."""
    parts = re.split(
        r"(/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`)", source, flags=re.DOTALL
    )
    return "".join(
        part if i % 2 and (part.startswith("/") or _is_prose(part)) else _blank(part) + " "
        for i, part in enumerate(parts)
    )


def _of_notebook(text: str) -> str:
    """Return the prose of a notebook's cells, one after another."""
    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        parts.append(_without_code(source) if cell["cell_type"] == "markdown" else _code(source))
    return "\n\n".join(parts)


def _code(source: str) -> str:
    try:
        return _of_python(source)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return ""  # a line of a shell, or Python that is unfinished on purpose


READERS = {
    ".py": _of_python,
    ".js": _of_javascript,
    ".css": _of_javascript,
    ".ipynb": _of_notebook,
    ".md": _without_code,
}


def _codespell(paths: list[Path], folder: Path, *options: str) -> str:
    """Return what codespell reports of these files, a line each."""
    command = [sys.executable, "-m", "codespell_lib", "--ignore-words-list", RIGHT, *options]
    command += [path.relative_to(folder).as_posix() for path in paths]
    finished = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder)
    if finished.returncode not in (0, 65):
        raise RuntimeError(f"codespell failed:\n{finished.stderr}")
    return finished.stdout


def misspelled(paths: list[Path], root: Path = ROOT) -> str:
    """Return the misspellings of these files under `root`, a line each; "" if there are none."""
    with tempfile.TemporaryDirectory() as folder:
        whole, prose = Path(folder, "whole"), Path(folder, "prose")
        for path in paths:
            text = path.read_text(encoding="utf-8")
            words = READERS.get(path.suffix, _without_code)(text)
            # The output of a cell holds pictures, whose letters spell anything.
            raw = words if path.suffix == ".ipynb" else text
            for place, content in ((whole, raw), (prose, words)):
                copy = place / path.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(content, encoding="utf-8")
        of = {place: [place / path.relative_to(root) for path in paths] for place in (whole, prose)}
        return _codespell(of[whole], whole) + _codespell(of[prose], prose, "-D", str(OXFORD))


def main() -> int:
    """Check everything; print what is found."""
    found = misspelled(files())
    print(found, end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
