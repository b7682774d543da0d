"""What all tests share: hypothesis' examples, groups of tests, and whose progress is kept."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

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


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items):
    """Mark the tests of the browser, and say which tests stay together on one worker.

    The tests of a file, and the cells of a notebook, share a kernel or fixtures that take long
    to make. All that drive the browser are a single group, since two browsers at a time would
    only wait for one another.
    """
    for item in items:
        browser = item.path.is_relative_to(BROWSER)
        if browser:
            item.add_marker("browser")
        item.add_marker(pytest.mark.xdist_group("browser" if browser else item.path.name))
