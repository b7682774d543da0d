"""The colours of every figure and every widget, each with its meaning, in one place.

The hues are those of Okabe and Ito or near to them, which people with any of the common
forms of colour blindness can tell apart; runs differ in their line style too, so that no
meaning hangs on colour alone. Where a colour is a pair, the first is for light paper
and the second, lighter, for a dark page: each stands out from its own by 3 to 1 at least, and by
4.5 to 1 if text is written in it.

Source: Okabe and Ito, *Color universal design* (2008).
"""

from typing import Any

INK = ("#222222", "#E8E8E8")
# Secondary text, and the marks on a curve where a setting was changed.
MUTED = ("#666666", "#AAAAAA")
# Text that says what is wrong.
ALERT = ("#B00020", "#FF8A80")
# What signed values look like at zero.
ZERO = ("#F7F7F7", "#282828")

TRAINING = ("#0072B2", "#56B4E9")
VALIDATION = ("#D55E00", "#E69F00")
# Signed values: weights, activations, δ.
POSITIVE = ("#0072B2", "#56B4E9")
NEGATIVE = ("#D55E00", "#E69F00")
# Laid under what is looked at, so text over it stays readable.
HALO = ("#F0E442", "#7A7420")

# Several runs in one chart: the hues, and the dashes and gaps of the line in pixels at a
# width of 2; no dashes is a solid line.
RUNS = (
    ("#0072B2", "#56B4E9", ()),
    ("#D55E00", "#E69F00", (8, 4)),
    ("#009E73", "#2BD9A8", (10, 3, 2, 3)),
    ("#A8417A", "#E6A6C8", (2, 3)),
    ("#8A6D00", "#F0E442", (12, 3, 2, 3, 2, 3)),
    ("#3A3A98", "#A9A9FF", (14, 4)),
    ("#222222", "#DDDDDD", (4, 2)),
)

# Points of the plane by their class; they lie on a tint of their own colour, in both themes.
CLASSES = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def for_pages() -> dict[str, Any]:
    """Return all of these as plain values for the front-end: {name: colour or list}."""
    return {name.lower(): value for name, value in globals().items() if name.isupper()}
