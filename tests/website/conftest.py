"""The fixtures `site`, which is built anew, and `window` on it: a browser without the web."""

import functools
import http.server
import subprocess
import threading
from pathlib import Path

import pytest

from tests.browser import conftest as of_labs

ROOT = Path(__file__).parents[2]


browser = of_labs.browser  # the same Chromium, found and refused alike


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Site:
    """The built site: its folder, and the address under which it is served here."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        self.pages = sorted(
            p.relative_to(folder).as_posix()
            for p in folder.rglob("*.html")
            if p.parent.name != "_static"
        )


class Window:
    """A window in which each request to another server, and each error, is a problem."""

    def __init__(self, browser, site: Site):
        self.site, self.problems = site, []
        # Small motion: nothing is caught halfway between two colours.
        self.context = browser.new_context(reduced_motion="reduce")
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("response", self._response)

    def _route(self, route):
        if route.request.url.startswith((self.site.url, "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"asked for {route.request.url}")
            route.abort()

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.text} ({self.page.url})")

    def _response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status} for {response.url}")

    def open(self, page: str, width: int = 1280, theme: str = "light"):
        """Open a page of the site and wait until its formulas are set."""
        self.page.set_viewport_size({"width": width, "height": 860 if width > 600 else 800})
        self.page.emulate_media(color_scheme=theme)
        self.page.goto(f"{self.site.url}/{page}", wait_until="load")
        self.page.evaluate("() => globalThis.MathJax?.startup?.promise")
        return self.page


@pytest.fixture(scope="package")
def site():
    """The site, built strictly: a warning of Sphinx is a failure."""
    made = subprocess.run(
        ["make", "site", "FLAGS=-E"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    folder = ROOT / "build" / "site"
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


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
