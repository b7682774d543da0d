"""A learner's server begins: newer lessons are brought, and what was worked on stays as it is.

This runs as the learner, so it can write nowhere but in their own home.
"""

import os
import sys
from pathlib import Path

from nnlib.command.jupyterlab import environment
from nnlib.command.lessons import lay_out

lay_out(Path.home() / "neural-networks-from-scratch", update=True)
command = [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]]
os.execve(sys.executable, command, os.environ | environment())
