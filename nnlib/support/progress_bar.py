"""A bar that says how far a long computation is: tqdm's, in a terminal as in a notebook."""

import sys
import warnings
from typing import Any


def progress_bar(**settings: Any) -> Any:
    """Return a progress bar of tqdm with these of its settings."""
    if sys.stderr is None:  # closed, as under pythonw: there is nowhere to draw it
        settings["disable"] = True
    # Imported here so that nnlib's names load no other package than numpy.
    from tqdm import TqdmMonitorWarning
    from tqdm.auto import tqdm

    with warnings.catch_warnings():
        # Where no thread can be started, the bar does without the one that watches it.
        warnings.simplefilter("ignore", TqdmMonitorWarning)
        return tqdm(**settings)
