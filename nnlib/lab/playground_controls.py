"""The controls of the playground."""

from ..initializers import INITIALIZERS
from . import controls
from .optimizers import OPTIMIZERS
from .settings_lab import pace_control


def playground_controls(
    datasets: list[str], activations: list[str], losses: list[str], samples: int
) -> list[dict]:
    """Return what may be changed: learning rate, batches and data at once, the rest folded away.

    samples   the largest size of a batch that can be chosen
    """
    rate, mode, size, *more = controls.training_controls(samples, list(OPTIMIZERS))
    training = [
        *more,
        controls.slider(
            "l1",
            "L1 rate λ₁",
            0,
            0.02,
            0.0005,
            "Adds λ₁ Σ|w| to the loss: it drives many weights to zero.",
            "λ₁",
        ),
        controls.slider(
            "l2",
            "L2 rate λ₂",
            0,
            0.1,
            0.001,
            "Adds λ₂/2 Σw² to the loss: it keeps weights small.",
            "λ₂",
        ),
        pace_control(),
    ]
    network = [
        controls.select(
            "activation",
            "Activation",
            activations,
            "f of the hidden layers; the output is softmax.",
        ),
        controls.select("init", "Start", list(INITIALIZERS), "How the weights are initialized."),
        controls.select("loss", "Loss", losses, "The loss function that training minimizes."),
        controls.integer(
            "seed",
            "Seed",
            0,
            10**6,
            "Another seed gives other points, other initial weights and another order.",
        ),
    ]
    chosen = controls.select("dataset", "Data", datasets, "The data set, or points that you paint.")
    points = [
        controls.slider(
            "noise",
            "Noise",
            0,
            0.5,
            0.01,
            "The standard deviation of the noise added to each point of a set; "
            "your own points stay as they are.",
        ),
        controls.slider(
            "share",
            "Training share",
            0.1,
            0.9,
            0.05,
            "The share of the points used for training; the rest is for validation.",
        ),
    ]
    groups = {"Training": training, "Network": network, "Data": points}
    seldom = [c for name, group in groups.items() for c in controls.folded(name, group)]
    return [rate, mode, size, chosen, *seldom]
