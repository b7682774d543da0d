"""What all tests share: how hypothesis draws its examples, and whose progress is kept."""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

# No deadline: a machine that is busy with something else is no bug. In continuous
# integration the examples are the same in every run, so that a failure can be repeated;
# at home each run draws new ones and so looks a little further.
settings.register_profile(
    "course", deadline=None, max_examples=40, derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("course")

# Exercises that tests solve are nobody's progress; kernels and servers inherit this.
os.environ["NNLIB_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="nnlib-")) / "progress.json")
