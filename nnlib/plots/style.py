"""The one style of all figures: colours, type and paper. The colours are those of the widgets.

A still figure cannot follow JupyterLab from its light theme to the dark one, so it is
printed on its own paper: near-white, opaque, with a hairline round it, and readable
on both. Of each pair of colours (see `nnlib.support.colours`) it takes the one for light paper.
"""

from contextlib import contextmanager
from typing import Any

import matplotlib.style
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ..support import colours

INK = colours.INK[0]
MUTED = colours.MUTED[0]  # secondary text; still 5.7 to 1 against the paper
GRID = "#DDDDDD"
PAPER = "#FCFCFA"

TRAINING = colours.TRAINING[0]
VALIDATION = colours.VALIDATION[0]
POSITIVE = colours.POSITIVE[0]
NEGATIVE = colours.NEGATIVE[0]

RUNS = tuple(light for light, _, _ in colours.RUNS)
# matplotlib measures dashes in widths of the line, and `colours` in halves of one.
RUN_LINES = tuple(
    (0, tuple(length / 2 for length in dashes)) if dashes else "-" for _, _, dashes in colours.RUNS
)

# Negative, near-white at zero, positive.
SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, colours.ZERO[0], POSITIVE])
# From nothing to very many mistakes.
# The darkest leaves dark figures readable on it.
MISTAKES = LinearSegmentedColormap.from_list("mistakes", ["#FFFFFF", "#F8D3B4", "#EB8A45"])

WIDTH = 7.6  # inches: what fits beside a notebook's prompt
DPI = 105
MARGIN = 0.14  # inches of paper round what is drawn

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so figures are the same everywhere
    "font.size": 9.5,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "figure.edgecolor": "#CFCFCA",
    "figure.dpi": DPI,
    "savefig.facecolor": "auto",
    "savefig.edgecolor": "auto",
    "figure.constrained_layout.w_pad": 0.06,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.wspace": 0.04,
    "figure.constrained_layout.hspace": 0.04,
    "axes.facecolor": "#FFFFFF",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
}


@contextmanager
def style():
    """Within the `with` block matplotlib draws in the style of the course, whatever was set before.

    Afterwards everything is again as it was, so a reader's own plots keep their looks.
    """
    with matplotlib.style.context(["default", _SETTINGS]):
        yield


def new_figure(height: float, width: float = WIDTH, constrained: bool = True) -> Figure:
    """Return an empty figure on our paper, `width` × `height` inches. Call it within `style()`."""
    layout = ConstrainedLayoutEngine() if constrained else None
    figure = Figure(figsize=(width, height), layout=layout)
    figure.patch.set_linewidth(1.6)  # half of it falls outside the picture
    if layout is not None:
        x, y = MARGIN / width, MARGIN / height
        layout.set(rect=(x, y, 1 - 2 * x, 1 - 2 * y))
    return figure


def legend_above(figure: Figure, axes, columns: int = 3, title: str | None = None) -> None:
    """Put the legend of `axes` above all panels, with the title of the figure over it."""
    handles, labels = axes.get_legend_handles_labels()
    # As many beside each other as surely fit: so much for the line, so much a letter.
    entry = 0.65 + 0.06 * max(map(len, labels))
    columns = max(1, min(columns, len(labels), int((figure.get_figwidth() - 2 * MARGIN) / entry)))
    margin = 72 * MARGIN / _SETTINGS["legend.fontsize"]  # in units of its type
    figure.legend(
        handles,
        labels,
        loc="outside upper left",
        ncols=columns,
        title=title,
        alignment="left",
        title_fontproperties={"size": 11, "weight": "bold"},
        borderaxespad=margin,
        borderpad=0,
    )


def upper_first(text: str) -> str:
    """Return the text with a capital at its start, and all else as it is."""
    return text[:1].upper() + text[1:]
