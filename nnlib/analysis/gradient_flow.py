"""Does the gradient reach every layer? Vanishing and exploding gradients, told by their size.

    r⁽ˡ⁾ = ‖∂C/∂W⁽ˡ⁾‖ / √(n_{l−1} n_l)          the typical size of an entry, the root mean square

Each step back multiplies δ by (W⁽ˡ⁺¹⁾)ᵀ and by f⁽ˡ⁾', so over many layers it shrinks or grows
like a power. Hence a layer is compared with the last one, which has the loss next to it: a
hundred times smaller is called vanishing, a hundred times larger exploding. Exploding is also
what is too large in itself: an entry above 10 moves its weight by more than 1 at a learning
rate of 0.1, when weights are about that size.

Source: Glorot and Bengio (2010), section 4.2; Bengio, Frasconi and Simard, *Learning long-term
dependencies with gradient descent is difficult* (1994). The thresholds are ours.
"""

from collections.abc import Sequence

import numpy as np

RATIO = 100.0
LARGE = 10.0


def typical_sizes(gradients: Sequence[np.ndarray]) -> list[float]:
    """Return the root mean square r⁽ˡ⁾ of each array, one a layer, the first layer's first."""
    with np.errstate(over="ignore", invalid="ignore"):
        return [float(np.sqrt(np.mean(np.square(g, dtype=np.float64)))) for g in gradients]


def flow(sizes: Sequence[float]) -> list[str]:
    """Return for each layer 'vanishing', 'exploding', or '' if neither, from its r⁽ˡ⁾."""
    last = sizes[-1]
    words = []
    for size in sizes:
        if not size <= LARGE or size > RATIO * last > 0:  # NaN is not ≤ 10 either
            words.append("exploding")
        else:
            words.append("vanishing" if size * RATIO < last else "")
    return words
