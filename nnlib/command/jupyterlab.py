"""JupyterLab as the course opens it: it asks nobody for news, and its tab keeps its icon.

JupyterLab asks whether it may fetch news, and looks for newer versions of itself; the course
fetches nothing. And it shows another icon in the browser's tab each time a kernel begins to work,
and fetches it anew: for a lab that is drawn on, or whose slider is dragged, once for each of its
frames. What the kernel does is still shown in the notebook's tool bar and in the status bar.

Source: Huge amount of requests to favicon-busy.ico, github.com/jupyter/notebook, issue 2673.
"""

import os
from pathlib import Path

# A folder as `jupyter --paths` lists under config.
SETTINGS = Path(__file__).parent / "jupyter"


def environment() -> dict[str, str]:
    """Return what a JupyterLab that is started must have in its environment, beside all it has."""
    before = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join([str(SETTINGS), *([before] if before else [])])}
