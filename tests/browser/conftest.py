"""The fixtures `server` and `lab`: JupyterLab, and a browser window on it."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from .jupyterlab import CHROMIUM_FLAGS, PATIENCE, Lab, Server, find_browser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# As long as every other wait: five seconds, Playwright's own, pass on a busy machine.
expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="package")
def browser():
    """A headless Chromium; without one these tests are skipped, but not in CI."""
    program = find_browser()
    if program is None:
        reason = (
            "no Chromium, Chrome or Edge was found; install one, "
            "or set NNLIB_BROWSER to the path of its program"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=CHROMIUM_FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    """One JupyterLab for all the tests of this folder."""
    with Server(tmp_path_factory.mktemp("jupyterlab"), NOTEBOOKS) as server:
        yield server


@pytest.fixture(scope="package")
def window(browser, server):
    """One window for all tests, which fill it with the cells they need."""
    lab = Lab(browser, server)
    yield lab
    lab.close()


@pytest.fixture
def lab(window):
    """The window, in which the test must not have caused a problem."""
    yield window
    try:
        window.assert_no_problems()
    finally:
        window.problems.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add to the report of a failed test what the window showed at that moment."""
    report = yield
    lab = getattr(item, "funcargs", {}).get("lab")
    if report.when != "teardown" and report.failed and isinstance(lab, Lab):
        lab.spoiled = True
        text = lab.report()
        try:
            name = re.sub(r"\W+", "-", item.name).strip("-")
            text += f"\nScreenshot: {lab.save_screenshot(f'failed-{name}')}"
        except (AttributeError, Error) as error:
            text += f"\nNo screenshot: {error}"
        report.sections.append(("JupyterLab", text))
    return report
