"""A folder of plain files, served to a browser of a test, and what goes wrong on its pages."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder from this machine, to it alone, at the address that is given back."""
    handler = functools.partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def problems_of(page, levels=("error",), but: str | None = None) -> list[str]:
    """Return a list that takes down what goes wrong on a page from now on, as it happens.

    levels   what the console says at one of these is a problem
    but      unless it is said of an address that begins so
    """
    problems: list[str] = []

    def said(message):
        if message.type in levels and not (but and message.location["url"].startswith(but)):
            problems.append(f"{message.text} ({page.url})")

    def answered(response):
        if response.status >= 400:
            problems.append(f"{response.status} for {response.url}")

    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", said)
    page.on("response", answered)
    return problems
