"""Whose progress is kept while anything is tested: nobody's, nor is anybody's read.

This stands at the root, so that it holds for `pytest notebooks` alone too: nbval's kernels, like
those of the tests and their servers, inherit the environment.
"""

import os
import shutil
import tempfile
from pathlib import Path

PROGRESS = Path(tempfile.mkdtemp(prefix="nnlib-tests-"))
os.environ["NNLIB_PROGRESS"] = str(PROGRESS / "progress.json")


def pytest_unconfigure():
    """Leave nothing behind; each worker has a folder of its own."""
    shutil.rmtree(PROGRESS, ignore_errors=True)
