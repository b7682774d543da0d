"""Small data sets, each drawn from its seed, to watch a network learn.

The classification sets return (X, y): points in the plane, float32 of shape
(n_samples, 2), mostly within [−1, 1], and integer labels of shape (n_samples,),
in random order. Classes are as equal in number as n_samples allows.
"""

import numpy as np

from ..support.checks import as_seed, as_whole, is_number
from ..support.words import shown

# X of shape (n_samples, 2) and labels of shape (n_samples,), or for a regression values.
Data = tuple[np.ndarray, np.ndarray]


def _rng(n_samples: int, noise: float, seed: int | None) -> np.random.Generator:
    as_whole("n_samples", n_samples, at_least=1, at_most=10**8)
    if not is_number(noise) or noise < 0:
        raise ValueError(f"noise={shown(noise)}, a standard deviation, must be zero or positive")
    return np.random.default_rng(as_seed(seed))


def _labels(n_samples: int, n_classes: int, rng: np.random.Generator) -> np.ndarray:
    """Return labels 0 … n_classes − 1, as even in number as possible, shuffled."""
    as_whole("n_classes", n_classes, at_least=1, at_most=10**6)
    return rng.permutation(np.arange(n_samples) % n_classes)


def _with_noise(X: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    return (X + noise * rng.standard_normal(X.shape)).astype(np.float32)


def xor(n_samples: int = 200, noise: float = 0.05, seed: int | None = 0) -> Data:
    """Two classes in four squares: the label is 1 where the coordinates differ in sign.

    No single neuron can tell them apart (Minsky and Papert, *Perceptrons*, 1969).
    """
    rng = _rng(n_samples, noise, seed)
    y = _labels(n_samples, 2, rng)
    x1 = rng.uniform(0.1, 1, n_samples) * rng.choice([-1, 1], n_samples)
    x2 = rng.uniform(0.1, 1, n_samples) * np.sign(x1) * np.where(y == 1, -1, 1)
    return _with_noise(np.column_stack([x1, x2]), noise, rng), y


def circles(n_samples: int = 200, noise: float = 0.05, seed: int | None = 0) -> Data:
    """Two classes: a disc (label 1) within a ring (label 0)."""
    rng = _rng(n_samples, noise, seed)
    y = _labels(n_samples, 2, rng)
    radius = np.where(
        y == 1, 0.5 * np.sqrt(rng.uniform(size=n_samples)), rng.uniform(0.7, 1, n_samples)
    )
    angle = rng.uniform(0, 2 * np.pi, n_samples)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _with_noise(X, noise, rng), y


def moons(n_samples: int = 200, noise: float = 0.05, seed: int | None = 0) -> Data:
    """Two classes: two half circles, one upside down, each reaching into the other."""
    rng = _rng(n_samples, noise, seed)
    y = _labels(n_samples, 2, rng)
    angle = rng.uniform(0, np.pi, n_samples)
    side = np.where(y == 1, -1, 1)
    arch = np.column_stack([0.66 * (np.cos(angle) - 0.5), np.sin(angle) - 0.25])
    return _with_noise(side[:, None] * arch, noise, rng), y


def spirals(
    n_samples: int = 300,
    noise: float = 0.02,
    seed: int | None = 0,
    n_classes: int = 2,
    turns: float = 1.5,
) -> Data:
    """`n_classes` spiral arms of `turns` turns each: hard, and lovely to watch."""
    rng = _rng(n_samples, noise, seed)
    if not is_number(turns):
        raise ValueError(f"turns={shown(turns)} must be a finite number")
    y = _labels(n_samples, n_classes, rng)
    t = np.sqrt(rng.uniform(0.01, 1, n_samples))
    angle = 2 * np.pi * (turns * t + y / n_classes)
    X = t[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _with_noise(X, noise, rng), y


def blobs(
    n_samples: int = 200, noise: float = 0.15, seed: int | None = 0, n_classes: int = 3
) -> Data:
    """`n_classes` round clouds with their centres evenly on a circle."""
    rng = _rng(n_samples, noise, seed)
    y = _labels(n_samples, n_classes, rng)
    angle = 2 * np.pi * y / n_classes + np.pi / 2
    return _with_noise(0.65 * np.column_stack([np.cos(angle), np.sin(angle)]), noise, rng), y


def noisy_sine(n_samples: int = 100, noise: float = 0.1, seed: int | None = 0) -> Data:
    """A regression: y = sin(πx) plus noise, x in [−1, 1]; both of shape (n_samples, 1)."""
    rng = _rng(n_samples, noise, seed)
    x = rng.uniform(-1, 1, (n_samples, 1))
    return x.astype(np.float32), _with_noise(np.sin(np.pi * x), noise, rng)
