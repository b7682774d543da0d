"""How a training stands, in words: for the line under the buttons, and for kept runs."""

from ..optimizers import Optimizer
from .curve import trend
from .training_run import TrainingRun

# Optimizers are called by their classes, but for these.
CALLED = {"GradientDescent": "gradient descent", "OwnUpdate": "your update"}


def batches_in_words(mode: str, batch_size: int, n: int) -> str:
    """Say which batches are used, of n training samples."""
    return f"batches of {min(batch_size, n)}" if mode == "Mini-batch" else mode


def settings_in_words(
    optimizer: Optimizer, *, learning_rate: float, batches: str, code: str, l1: float, l2: float
) -> dict[str, str]:
    """Return the settings that may tell a run from another: {setting: in words}."""
    kind = type(optimizer).__name__
    return {
        "learning rate": f"α {learning_rate:.3g}",
        "batches": batches,
        "optimizer": CALLED.get(kind, kind),
        "momentum": f"β {optimizer.beta:g}" if hasattr(optimizer, "beta") else "no momentum",
        "code": f"code: {code}",
        "l1": f"l1 {l1:g}",
        "l2": f"l2 {l2:g}",
    }


def standing(
    run: TrainingRun, learning_rate: float, length: int, rewound: bool, start: str
) -> list[str]:
    """Say how a run stands that has made `length` updates, whether or not it is rewound.

    `start` says how it is started.
    """
    now = run.latest
    if not now and rewound:
        return [f"Rewound to the start, of {length:,} updates"]
    if not now and run.diverged_at is not None:
        return [f"Diverged at the first update, with learning rate {learning_rate:.3g}; {start}"]
    if not now:
        return [f"Ready: learning rate {learning_rate:.3g}; {start}"]
    at = f"update {now['update']:,}"
    words = [
        f"Rewound to {at} of {length:,}, epoch {now['epoch']:,}"
        if rewound
        else f"Update {now['update']:,}, epoch {now['epoch']:,}"
    ]
    words.append(f"training loss {run.recent:.3g}")
    if "validation loss" in now:
        x, mean, *_ = run.curves["validation loss"].points()
        tends = trend(mean[x <= now["update"]])
        words.append(f"validation loss {now['validation loss']:.3g}{', ' * bool(tends)}{tends}")
    if "accuracy" in now:
        words.append(f"validation accuracy {now['accuracy']:.1%}")
    words.append(f"learning rate {now['learning rate']:.3g}")
    return words
