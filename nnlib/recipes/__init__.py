"""Recipes: whole trainings on MNIST by name, that anyone can repeat, stop and go on with.

    python -m nnlib.recipes --list
    python -m nnlib.recipes quick --seeds 0 1 2

    recipe → run (checkpoints on the way) → record, network

What was trained before is at hand: `pretrained("quick")` is a network ready to be used,
`records("quick")` tells how it was trained and how well each seed reads the test images.
"""

from .catalogue import ABLATION, RECIPES, STEPS, STUDIES, Change, Study
from .checkpoint import CheckpointError
from .committee import committee_output, committees
from .recipe import Recipe
from .run import Outcome, Run, run
from .shelf import Summary, ablation, pretrained, records, study, summary

__all__ = [
    "ABLATION",
    "RECIPES",
    "STEPS",
    "STUDIES",
    "Change",
    "CheckpointError",
    "Outcome",
    "Recipe",
    "Run",
    "Study",
    "Summary",
    "ablation",
    "committee_output",
    "committees",
    "pretrained",
    "records",
    "run",
    "study",
    "summary",
]
