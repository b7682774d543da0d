"""The recipes that nnlib knows, and two studies of what each change to a network buys: the
ablation, on from the origin's network, and the steps towards `best`.

All were chosen by the accuracy on a validation set, the last 10,000 of the training images, and
never by the test images.
"""

from dataclasses import dataclass, replace

from .recipe import Recipe

# The learning rate of the origin was 0.5 on half the squared error summed over the ten
# outputs. MSE is a mean over them instead, without the half: a fifth of that, so α is 5 · 0.5.
ORIGIN = Recipe(
    name="origin",
    purpose="the network and the settings of the notebook that this project grew out of",
    layers=(784, 32, 16, 10),
    hidden="sigmoid",
    output="sigmoid",
    init="normal",
    loss="mse",
    batch_size=20,
    epochs=25,
    optimizer="gradient descent",
    learning_rate=2.5,
)

QUICK = Recipe(
    name="quick",
    purpose="98 % or more in the least time",
    layers=(784, 256, 10),
    batch_size=64,
    epochs=4,
    optimizer="momentum",
    optimizer_settings={"beta": 0.9},
    learning_rate=0.15,
    schedule="linear",
    warmup=0.1,
)

# Dropout alone stayed below 98.7 % of the test images, also with L2 and label smoothing, and so
# did noise on the images: it is the adversarial ones that make the difference.
DROPOUT = Recipe(
    name="dropout-adversarial",
    purpose="the best with no image moved or bent: dropout, and adversarial images",
    layers=(784, 1024, 1024, 10),
    batch_size=128,
    epochs=20,
    optimizer="momentum",
    optimizer_settings={"beta": 0.9},
    learning_rate=0.1,
    schedule="cosine",
    warmup=0.05,
    l2=0.00005,
    dropout={"input": 0.0, "hidden": 0.2},
    adversarial={"epsilon": 0.08},
)

# Large and smooth: at the same accuracy of the training images, a trembling hand (σ = 4, as in
# 2003) cost the validation images more than it gave.
DISTORTION = {"alpha": 60.0, "sigma": 8.0, "rotation": 15.0, "scaling": 0.2, "shear": 0.2}

SIMARD = Recipe(
    name="simard",
    purpose="one hidden layer of 800 and distorted images, as Simard and others in 2003",
    layers=(784, 800, 10),
    smoothing=0.05,
    batch_size=128,
    epochs=60,
    optimizer="momentum",
    optimizer_settings={"beta": 0.9},
    learning_rate=0.1,
    schedule="cosine",
    warmup=0.02,
    distortion=DISTORTION,
)

BEST = Recipe(
    name="best",
    purpose="the most that one plain network reaches in an hour of processor time",
    layers=(784, 1500, 750, 10),
    smoothing=0.05,
    batch_size=256,
    epochs=250,
    optimizer="momentum",
    optimizer_settings={"beta": 0.9},
    learning_rate=0.1,
    schedule="cosine",
    warmup=0.02,
    distortion=DISTORTION,
)

RECIPES = {recipe.name: recipe for recipe in (ORIGIN, QUICK, DROPOUT, SIMARD, BEST)}


@dataclass(frozen=True)
class Change:
    """A recipe that differs in one thing from another, `base` (None: the start)."""

    recipe: Recipe
    base: str | None


class Study(dict):
    """Changes by name, each to one of those before it; all are trained from `seeds` seeds."""

    def __init__(self, start: Recipe, seeds: int):
        super().__init__({start.name: Change(start, None)})
        self.seeds = seeds

    def change(self, name: str, purpose: str, base: str, **settings) -> None:
        """Add the recipe that differs from the one called `base` in these settings."""
        recipe = replace(self[base].recipe, name=name, purpose=purpose, **settings)
        self[name] = Change(recipe, base)


def _ablation() -> Study:
    start = replace(ORIGIN, name="origin-short", purpose="the origin's network", epochs=8)
    study = Study(start, seeds=5)
    change = study.change
    # A learning rate goes with a loss, an activation and an optimizer: each has its own best.
    change(
        "cross-entropy",
        "softmax and cross-entropy instead of squared error",
        "origin-short",
        output="softmax",
        loss="cross_entropy",
        learning_rate=1.0,
    )
    change(
        "relu",
        "ReLU and He's start instead of sigmoid and N(0, 1)",
        "cross-entropy",
        hidden="relu",
        init="he",
        learning_rate=0.05,
    )
    change(
        "momentum",
        "momentum, β = 0.9",
        "relu",
        optimizer="momentum",
        optimizer_settings={"beta": 0.9},
        learning_rate=0.006,
    )
    change(
        "schedule",
        "a learning rate that rises for a tenth of the run, then falls to 0",
        "momentum",
        schedule="linear",
        warmup=0.1,
        learning_rate=0.02,
    )
    change("batches", "batches of 100 instead of 20", "schedule", batch_size=100, learning_rate=0.1)
    change(
        "width", "one hidden layer of 256 instead of 32 and 16", "batches", layers=(784, 256, 10)
    )
    change("l2", "L2, λ₂ = 0.0001", "width", l2=0.0001)
    change(
        "dropped",
        "dropout of a fifth of the hidden neurons",
        "width",
        dropout={"input": 0.0, "hidden": 0.2},
    )
    change("distorted", "distorted images", "width", distortion=DISTORTION)
    return study


def _steps() -> Study:
    start = replace(
        SIMARD,
        name="plain",
        purpose="784-800-10, images as they are",
        epochs=10,
        smoothing=0.0,
        distortion={},
    )
    study = Study(start, seeds=2)
    affine = {"alpha": 0.0, "rotation": 15.0, "scaling": 0.2, "shear": 0.2}
    elastic = {"rotation": 0.0, "scaling": 0.0, "shear": 0.0}
    trembling, slanting = {"alpha": 34.0, "sigma": 4.0}, {"alpha": 60.0, "sigma": 8.0}
    study.change(
        "trembling", "elastic distortion, α = 34, σ = 4", "plain", distortion=elastic | trembling
    )
    study.change(
        "slanting", "elastic distortion, α = 60, σ = 8", "plain", distortion=elastic | slanting
    )
    study.change(
        "affine", "affine distortion: 15°, 20 % of scale and of slant", "plain", distortion=affine
    )
    study.change(
        "affine-trembling",
        "elastic distortion, α = 34, σ = 4",
        "affine",
        distortion=affine | trembling,
    )
    study.change(
        "affine-slanting",
        "elastic distortion, α = 60, σ = 8",
        "affine",
        distortion=affine | slanting,
    )
    study.change("smoothed", "label smoothing, ε = 0.05", "affine-slanting", smoothing=0.05)
    study.change(
        "averaged", "weights averaged over the second half", "smoothed", average={"begin": 0.5}
    )
    study.change("longer", "20 epochs instead of 10", "smoothed", epochs=20)
    study.change(
        "larger",
        "784-1500-750-10, batches of 256",
        "smoothed",
        layers=(784, 1500, 750, 10),
        batch_size=256,
    )
    return study


ABLATION = _ablation()
STEPS = _steps()
STUDIES = {"ablation": ABLATION, "steps": STEPS}
