"""What Python and the front-end must agree on: each from the module that it belongs to.

`front_end` hands all of it to JavaScript, where LIMITS.worse is what race.WORSE is here.
"""

from ..analysis import gradient_flow
from ..images import handwriting
from ..landscapes import race, surfaces
from . import pacing, plane_points

# The largest network that the playground draws: its hidden layers, and the neurons of each.
MOST_LAYERS, MOST_NEURONS = 5, 16
# What a learner's own update is called beside the optimizers.
OWN_NAME = "Your update"

LIMITS = {
    "layers": MOST_LAYERS,
    "neurons": MOST_NEURONS,
    "own_update": OWN_NAME,
    "plane": plane_points.LIMIT,
    "bands": surfaces.BANDS,
    "worse": race.WORSE,
    "flow_ratio": gradient_flow.RATIO,
    "flow_large": gradient_flow.LARGE,
    "digit_side": handwriting.SIDE,
    # The middle of the pixel in which the centre of mass is put.
    "digit_middle": handwriting.MIDDLE + 0.5,
    "calm_frames": pacing.CALM_FRAMES,
}
