"""What all tests share: hypothesis' examples and groups of tests."""

from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

BROWSER = Path(__file__).parent / "browser"
WEBSITE = Path(__file__).parent / "website"
LITE = Path(__file__).parent / "lite"

# No deadline: a machine that is busy with something else is not a bug. The examples are the same
# in every run, so that no result depends on luck and a failure can be repeated; `make nightly`
# draws new ones, and more, and so looks further.
settings.register_profile("course", deadline=None, max_examples=20, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=200)
settings.load_profile("course")

# The tests in JupyterLab are two groups that take about as long, each with a browser and a
# JupyterLab of its own; these files are one of them. Two are as many as two cores can bear.
FIRST = (
    "test_every_lesson.py",
    "test_engine_states.py",
    "test_kept_and_rewound.py",
    "test_mnist_lab.py",
    "test_mnist_lesson.py",
)
ALONE = "test_web_page.py"  # in a browser without JupyterLab


def pytest_collection_modifyitems(items):
    """Mark the tests that drive the browser, and put them first.

    What takes longest begins first; the many short files that come last fill up what is left, so
    that all workers end at about the same moment.
    """

    def order(item):
        name = item.nodeid.partition("::")[0]
        if item.path.parent == BROWSER:
            return 0 if item.path.name in FIRST else 2 if item.path.name == ALONE else 1
        if item.path.parent in (WEBSITE, LITE):
            return 2
        return 3 if name.endswith(".ipynb") else 4

    for item in items:
        if item.path.parent in (BROWSER, WEBSITE, LITE):
            item.add_marker("browser")
    items.sort(key=order)


class Groups(LoadScopeScheduling):
    """Which tests stay together, in order, on one worker of pytest-xdist.

    The tests of a file, or the cells of a notebook, share a kernel or what takes long to make;
    those that drive the browser share a window.
    (`--dist loadgroup` would do, but pytest-xdist 3.8 loses its marks under pytest 9.)
    """

    def _split_scope(self, nodeid):
        path = nodeid.partition("::")[0]
        for built in ("website", "lite"):
            if path.startswith(f"tests/{built}/"):
                return built
        if not path.startswith("tests/browser/") or path.endswith(ALONE):
            return path
        return f"browser {1 if path.endswith(FIRST) else 2}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Use these groups whenever tests are run by several workers."""
    return Groups(config, log)
