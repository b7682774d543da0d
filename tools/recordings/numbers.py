"""The lens on one forward and backward pass, recorded."""

from nnlib.lab import BackpropLens

from .kept import half_decades, plain, settings_of, traits_of

RATES = half_decades(0.1, 3)
STEPS = 8


def backprop(rates=RATES, steps: int = STEPS) -> dict:
    """Return the recording of a lens on the 2-2-1 network that is easy to read."""
    axes: dict[str, list] = {"learning_rate": list(rates), "steps": list(range(steps + 1))}
    lab = BackpropLens()
    last = len(lab.explanation.stages) - 1
    traits = traits_of(lab, axes, ("stage",)) | {"steps": 0, "stage": last, "learning_rate": 1.0}
    runs = []
    for setting in settings_of(axes):
        lab = BackpropLens()
        lab.learning_rate = setting["learning_rate"]
        for _ in range(setting["steps"]):
            lab.learn()
        frames = []
        for stage in range(last + 1):
            lab.stage = stage
            values, _ = lab.frame()
            frames.append({"values": plain(values), "arrays": {}})
        runs.append({"shared": "", "growing": {}, "frames": frames})
    return {
        "title": lab.title,
        "note": f"nnlib computed every number of this pass, and of those after up to {steps} steps "
        f"of gradient descent with {len(rates)} learning rates, when this page was made",
        "how": "Run goes through the stages; point at a neuron or a weight for its formula",
        "traits": traits,
        "axes": axes,
        "along": "stage",
        "every": 900,
        "next": {"learn": "steps"},
        "without": [".nnlib-lens-fields"],
        "shared": {"": {"values": {}, "arrays": {}}},
        "runs": runs,
    }
