"""Still figures: one function a figure, one style for all, and words for who cannot see them.

Every function returns a `Picture`, which a notebook shows and whose text says what
it shows. Nothing here touches pyplot or keeps a figure alive.
"""

from ..support.extras import need

need("nnlib.plots", "matplotlib")

from .activations import activations
from .blame import blame
from .boundaries import boundary
from .calibration import coverage, reliability
from .classes import class_balance, confusion
from .curves import compare_curves, race_curves, training_curves
from .damage import damage
from .depth import delta_by_layer
from .digits import digits, mean_digits, wrong_digits
from .distortion import bent_grid, distorted
from .graph import graph
from .lines import lines
from .maps import height_map
from .networks import network_numbers
from .overview import overview
from .paths import paths
from .picture import Picture
from .preparation import preparation
from .projection import projections
from .rates import range_test
from .weights import first_layer_weights, weight_histograms

__all__ = [
    "Picture",
    "activations",
    "bent_grid",
    "blame",
    "boundary",
    "class_balance",
    "compare_curves",
    "confusion",
    "coverage",
    "damage",
    "delta_by_layer",
    "digits",
    "distorted",
    "first_layer_weights",
    "graph",
    "height_map",
    "lines",
    "mean_digits",
    "network_numbers",
    "overview",
    "paths",
    "preparation",
    "projections",
    "race_curves",
    "range_test",
    "reliability",
    "training_curves",
    "weight_histograms",
    "wrong_digits",
]
