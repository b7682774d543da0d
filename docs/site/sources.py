"""Lay out the pages of the site for Sphinx, and the files it offers: `make site`.

    python docs/site/sources.py build/site-source WHEEL RECORDINGS

Copies the lessons, the pages of docs/ and the pages beside this file into one folder, with the
same paths as in the repository, so that links between them hold. On the way

- what JupyterLab folds (code, or what a cell shows) is tagged as folded for Sphinx;
- the line that stands above a sleeping lab says where it is live;
- each lesson gets a line with its notebook, to be run, below its title;
- a link to a file that is no page leads to the project's URL, or, without one, is plain text.

In `files/` beside the pages is what the site offers as it is: the lessons' notebooks, the wheel,
and in `labs/` those of tools/recordings.

The project's URL, which shows the files of the branch `main` under /blob/main/, is the
environment's NNLIB_URL; without it nothing is said of where the repository is. NNLIB_LITE is where
the course for the browser is, that of `make lite`: a URL, or its folder, which then becomes part of
the site, as lite/; without it nothing is said of it.
"""

import json
import os
import re
import sys
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

# Pages of docs/ that are for readers of the repository alone.
NOT_SHOWN = {"docs/README.md"}

RUN_IT = (
    '<p class="run-it"><strong>Run it:</strong> <a href="{name}" download>download this lesson</a> '
    'as a notebook and <a href="../run.html">open it in JupyterLab</a>{in_browser}.</p>'
)
IN_BROWSER = ', or <a href="{lite}lab/index.html?path={name}">run it in this browser</a>'
# A section of the page on running.
NO_INSTALL = """## In this browser

<a href="{lite}index.html">Open the course in the browser</a>, with nothing installed: Python itself
is loaded with the page, and what you write stays in this browser. It is slower there, and the first
cell takes up to a minute.
"""
ASLEEP = (
    '<p class="nnlib-asleep">A picture of a live lab: <a href="../run.html">run the lesson</a>, '
    "and its buttons and sliders answer.</p>"
)

# A displayed formula on a line of its own: for MyST it must be a paragraph of its own.
FORMULA = re.compile(r"^( *\$\$.*\$\$) *$", re.MULTILINE)
SUMMARY = re.compile(r"<summary>.*?</summary>")
LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)")


def pages() -> list[str]:
    """Return the files that become pages, as paths from the root of the repository."""
    found = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("docs/*.md")]
    return sorted({p.relative_to(ROOT).as_posix() for p in found} - NOT_SHOWN)


def slug(anchor: str) -> str:
    """Return an anchor as Sphinx writes it: `4.1-The-update`, JupyterLab's, is `41-the-update`."""
    return re.sub(r"[^\w\- ]", "", anchor.lower()).replace(" ", "-")


def with_links(text: str, page: str, url: str = "") -> str:
    """Return the Markdown of a page with its links as they hold on the site.

    Raises FileNotFoundError if a link leads to no file of the repository.
    """

    def changed(link: re.Match) -> str:
        path, _, anchor = link["target"].partition("#")
        if ":" in path:
            return link[0]  # elsewhere on the web
        target = resolved(page, path) if path else page
        if not (ROOT / target).exists():
            raise FileNotFoundError(f"{page} links to {link['target']}, which does not exist")
        if target in pages():
            return f"[{link['text']}]({path}{'#' * bool(anchor)}{slug(anchor)})"
        if url:
            return f"[{link['text']}]({url}/blob/main/{target}{'#' * bool(anchor)}{anchor})"
        return link["text"]

    return LINK.sub(changed, text)


def resolved(page: str, path: str) -> str:
    """Return where a relative path leads from a page, as a path from the root."""
    return os.path.normpath(PurePosixPath(page).parent / path).replace(os.sep, "/")


def lite_from(page: str, lite: str) -> str:
    """Return what leads from a page to the course for the browser: what NNLIB_LITE is, or lite/."""
    if not lite:
        return ""
    return f"{lite.rstrip('/')}/" if "://" in lite else "../" * page.count("/") + "lite/"


def lesson(notebook: dict, page: str, url: str = "", lite: str = "") -> dict:
    """Return a notebook, as JSON, as the site shows it."""
    title, _, rest = "".join(notebook["cells"][0]["source"]).partition("\n")
    name = PurePosixPath(page).name
    in_browser = IN_BROWSER.format(name=name, lite=lite_from(page, lite)) if lite else ""
    run_it = RUN_IT.format(name=name, in_browser=in_browser)
    first = {**notebook["cells"][0], "source": f"{title}\n\n{run_it}\n\n{rest}"}
    cells = []
    for cell in [first, *notebook["cells"][1:]]:
        source, metadata = "".join(cell["source"]), cell["metadata"]
        if cell["cell_type"] == "markdown":
            source = FORMULA.sub(r"\n\1\n", with_links(source, page, url))
            source = SUMMARY.sub(_with_math, source)
            cells.append({**cell, "source": source})
            continue
        folds = metadata.get("jupyter", {})
        tags = [
            *metadata.get("tags", []),
            *["hide-input"] * bool(folds.get("source_hidden")),
            *["hide-output"] * bool(folds.get("outputs_hidden")),
        ]
        outputs = [_awake(output) for output in cell["outputs"]]
        if "predict" in tags:  # the question in HTML, with the answer folded; and again as text
            outputs = [output for output in outputs if "text/html" in output.get("data", {})]
        cells.append({**cell, "metadata": {**metadata, "tags": tags}, "outputs": outputs})
    return {**notebook, "cells": cells}


def _with_math(summary: re.Match) -> str:
    """Return a summary, which is HTML, with its formulas where MathJax finds them."""
    return re.sub(
        r"\$([^$]+)\$", r'<span class="math notranslate nohighlight">\\(\1\\)</span>', summary[0]
    )


def _awake(output: dict) -> dict:
    """Return an output in which a lab that has no kernel says where it has one."""
    html = "".join(output.get("data", {}).get("text/html", ""))
    if not html.startswith('<p class="nnlib-asleep">'):
        return output
    return {**output, "data": {**output["data"], "text/html": ASLEEP}}


def filled(text: str, wheel: Path, url: str = "", lite: str = "") -> str:
    """Return a page of this folder with what only the rest of the repository knows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"^\| lesson \|.*?(?=\n\n)", readme, re.MULTILINE | re.DOTALL)
    assert table is not None, "README.md has no table of the lessons"
    clone = "In a copy of the project's repository:"
    if url:
        clone = f"With [the repository]({url}), after `git clone {url}` and in its folder:"
    course = [page.removesuffix(".ipynb") for page in pages() if page.endswith(".ipynb")]
    size = f"{wheel.stat().st_size / 1e6:.0f} MB"
    values = {
        "WHEEL": wheel.name,
        "SIZE": size,
        "CLONE": clone,
        "NO_INSTALL": NO_INSTALL.format(lite=lite_from("run.md", lite)) if lite else "",
        "LESSONS": table[0],
        "COURSE": "\n".join(course),
    }
    return re.sub(rf"\b(?:{'|'.join(values)})\b", lambda found: values[found[0]], text)


def lay_out(folder: Path, wheel: Path, recordings: Path, url: str = "", lite: str = "") -> None:
    """Write all pages, the pictures that they show and the files that are offered.

    What has not changed keeps its time, so that Sphinx does not read it again.
    """
    found = {page: (ROOT / page).read_text(encoding="utf-8") for page in pages()}
    files: dict[str, bytes | str] = {
        page: json.dumps(lesson(json.loads(text), page, url, lite), ensure_ascii=False, indent=1)
        if page.endswith(".ipynb")
        else with_links(text, page, url)
        for page, text in found.items()
    }
    for path in HERE.glob("*.md"):
        files[path.name] = filled(path.read_text(encoding="utf-8"), wheel, url, lite)
    for pattern in ("*.png", "*.gif", "*.svg"):
        files |= {f"img/{path.name}": path.read_bytes() for path in (ROOT / "img").glob(pattern)}
    files |= {f"files/{page}": text for page, text in found.items() if page.endswith(".ipynb")}
    files |= {f"files/labs/{p.name}": p.read_bytes() for p in recordings.glob("[a-z]*")}
    files[f"files/{wheel.name}"] = wheel.read_bytes()
    for name, content in files.items():
        path, data = folder / name, content.encode() if isinstance(content, str) else content
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()


if __name__ == "__main__":
    lay_out(
        *map(Path, sys.argv[1:]),
        url=os.environ.get("NNLIB_URL", "").rstrip("/"),
        lite=os.environ.get("NNLIB_LITE", ""),
    )
