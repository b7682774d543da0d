"""How Sphinx makes the site of the pages that sources.py laid out: `make site`.

Nothing on a page comes from elsewhere: no font, no script, no picture. MathJax is that of the
package sphinx-mathjax-offline. Notebooks are shown as they were saved, not executed.
"""

import binascii
import hashlib
import json
import os
import shutil
import tomllib
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes

_root = Path(__file__).parents[2]
# Pages that need all the room there is.
_pages = Path(__file__).parent.glob("*.md")
_labs = [p.stem for p in _pages if "data-recording" in p.read_text(encoding="utf-8")]
_package = tomllib.loads((_root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_url = os.environ.get("NNLIB_URL", "").rstrip("/")

project = "Neural Networks from Scratch"
author = copyright = _package["authors"][0]["name"]
version = release = _package["version"]
language = "en"

extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx_copybutton"]
mathjax_path = "mathjax/tex-chtml.js"
exclude_patterns = ["files"]
myst_enable_extensions = ["amsmath", "attrs_inline", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js: dict = {}  # by default they come from a CDN
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = [str(_root / "build" / "site-source" / "files")]
html_copy_source = html_use_index = False
html_show_sourcelink = False
html_favicon = html_logo = "static/network.svg"
html_context = {"default_mode": "auto"}  # the theme of the reader's system
html_theme_options = {
    "navbar_start": [],
    "navbar_persistent": [],  # search is in the sidebar
    "logo": {"text": "Neural Networks<br>from Scratch", "alt_text": ""},
    "show_toc_level": 2,
    "secondary_sidebar_items": {
        "**": ["page-toc.html"],
        **{page: [] for page in ("index", *_labs)},
    },
    "use_download_button": False,  # it would offer the copy made for the site
    "use_fullscreen_button": False,
    "repository_url": _url,
    "use_repository_button": bool(_url),
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def _described(app, doctree) -> None:
    """Give the pictures that cells show the alt text that nnlib saved beside them.

    myst-nb leaves that out; it names the file of a picture by its hash.
    """
    for image in doctree.findall(nodes.image):
        if "alt" not in image:
            image["alt"] = app.nnlib_alt.get(Path(image["uri"]).stem, "")


def _find_alt(app) -> None:
    app.nnlib_alt = {}
    for path in Path(app.srcdir, "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                if png := output.get("data", {}).get("image/png"):
                    name = hashlib.sha256(binascii.a2b_base64("".join(png))).hexdigest()
                    app.nnlib_alt[name] = output["metadata"]["image/png"]["alt"]


def _copy_mathjax(app, error) -> None:
    """Lay MathJax beside the pages, without what is for other notations and other outputs.

    (As an extension that package lays out all of it, and keeps Sphinx from reading in parallel.)
    """
    if error is None:
        package = Path(find_spec("sphinx-mathjax-offline").origin).parent
        others = shutil.ignore_patterns("*svg*", "tex-mml-*", "mml-*", "*-full*", "*asciimath*")
        target = Path(app.outdir, "_static", "mathjax")
        shutil.copytree(package / "static" / "mathjax", target, ignore=others, dirs_exist_ok=True)


def _copy_lite(app, error) -> None:
    """Make the course for the browser part of the site, if NNLIB_LITE is its folder."""
    lite, target = os.environ.get("NNLIB_LITE", ""), Path(app.outdir, "lite")
    if error is None:
        shutil.rmtree(target, ignore_errors=True)
        if lite and "://" not in lite:
            shutil.copytree(_root / lite, target)


def setup(app) -> None:
    """Hook the above into Sphinx."""
    app.connect("builder-inited", _find_alt)
    app.connect("doctree-read", _described)
    app.connect("build-finished", _copy_mathjax)
    app.connect("build-finished", _copy_lite)
