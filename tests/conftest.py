"""What all tests share: hypothesis' examples, groups of tests, and whose progress is kept."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

BROWSER = Path(__file__).parent / "browser"

# No deadline: a machine that is busy with something else is not a bug. In continuous
# integration the examples are the same in every run, so that a failure can be repeated;
# at home each run draws new ones and so looks a little further. `make nightly` looks furthest.
settings.register_profile(
    "course", deadline=None, max_examples=20, derandomize=bool(os.environ.get("CI"))
)
settings.register_profile("nightly", deadline=None, max_examples=200)
settings.load_profile("course")

# Exercises that tests solve are nobody's progress; kernels and servers inherit this.
os.environ["NNLIB_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="nnlib-")) / "progress.json")


# These files of the browser's tests wait for the worker that has done all tests without one;
# otherwise the worker with the browser would be alone at the end.
LAST = ("test_one_view.py", "test_web_page.py")


def pytest_collection_modifyitems(items):
    """Mark the tests that drive the browser, and put some of them at the end."""
    for item in items:
        if item.path.is_relative_to(BROWSER):
            item.add_marker("browser")
    items.sort(key=lambda item: item.path.parent == BROWSER and item.path.name in LAST)


class Groups(LoadScopeScheduling):
    """Which tests stay together, in order, on one worker of pytest-xdist.

    The tests of a file, or the cells of a notebook, share a kernel or what takes long to make.
    Those that drive the browser are one group, as two browsers would wait for one another, and a
    short one of its own at the end.
    (`--dist loadgroup` would do, but pytest-xdist 3.8 loses its marks under pytest 9.)
    """

    def _split_scope(self, nodeid):
        path = nodeid.partition("::")[0]
        if not path.startswith("tests/browser/"):
            return path
        return "browser, at the end" if path.endswith(LAST) else "browser"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Use these groups whenever tests are run by several workers."""
    return Groups(config, log)
