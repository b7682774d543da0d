"""The fixtures `site`, which is built anew, and `window` on it: a browser without the web."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.browser import conftest as of_labs
from tests.served import problems_of, served

ROOT = Path(__file__).parents[2]


browser = of_labs.browser  # the same Chromium, found and refused alike


class Site:
    """The built site: its folder, and the address under which it is served here."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        self.pages = sorted(
            p.relative_to(folder).as_posix()
            for p in folder.rglob("*.html")
            if p.parent.name != "_static" and (folder / "lite") not in p.parents
        )


class Window:
    """A window in which each request to another server, and each error, is a problem."""

    def __init__(self, browser, site: Site):
        self.site = site
        # Small motion: nothing is caught halfway between two colours.
        self.context = browser.new_context(reduced_motion="reduce")
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.problems = problems_of(self.page, levels=("error", "warning"))

    def _route(self, route):
        if route.request.url.startswith((self.site.url, "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"asked for {route.request.url}")
            route.abort()

    def open(self, page: str, width: int = 1280, theme: str = "light"):
        """Open a page of the site and wait until its formulas are set."""
        self.page.set_viewport_size({"width": width, "height": 860 if width > 600 else 800})
        self.page.emulate_media(color_scheme=theme)
        self.page.goto(f"{self.site.url}/{page}", wait_until="load")
        self.page.evaluate("() => globalThis.MathJax?.startup?.promise")
        return self.page


@pytest.fixture(scope="package")
def site(tmp_path_factory):
    """The site, built strictly: a warning of Sphinx is a failure.

    In the place of the course for the browser (`make lite`) it has two pages that are empty.
    """
    lite = tmp_path_factory.mktemp("lite")
    (lite / "lab").mkdir()
    for page in (lite / "index.html", lite / "lab" / "index.html"):
        page.write_text("<!doctype html><title>The course in the browser</title>")
    made = subprocess.run(
        ["make", "site", "FLAGS=-E"],
        cwd=ROOT,
        env={**os.environ, "NNLIB_LITE": str(lite)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    folder = ROOT / "build" / "site"
    with served(folder) as url:
        yield Site(folder, url)


@pytest.fixture(scope="package")
def shared_window(browser, site):
    window = Window(browser, site)
    yield window
    window.context.close()


@pytest.fixture
def window(shared_window):
    """The window, in which the test must not have caused a problem."""
    yield shared_window
    problems, shared_window.problems[:] = list(shared_window.problems), []
    assert problems == []
