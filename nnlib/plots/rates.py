"""A learning-rate range test, drawn: loss over α."""

import numpy as np

from ..support.takes import like, takes
from .picture import Picture
from .style import MUTED, TRAINING, VALIDATION, WIDTH, legend_above, new_figure, style


@takes(test=like("learning_rates", "the RangeTest that range_test returns"))
def range_test(test, title: str | None = None) -> Picture:
    """Show a `RangeTest`: the loss that each α led to, and its running mean.

    Marked are the α of the lowest running mean and the suggestion. Raises ValueError if
    the test made no update.
    """
    if not len(test.losses):
        raise ValueError("the range test made no update: begin with a smaller `low`")
    with style():
        figure = new_figure(3.0 + 0.3 * bool(title), 0.75 * WIDTH)
        axes = figure.add_subplot()
        axes.plot(
            test.learning_rates,
            test.losses,
            color=TRAINING,
            alpha=0.3,
            linewidth=0.9,
            label="each batch",
        )
        axes.plot(test.learning_rates, test.smooth, color=TRAINING, label="running mean")
        start, low = test.smooth[0], test.smooth.min()
        axes.set(
            xscale="log",
            xlabel="learning rate α",
            ylabel="training loss",
            ylim=(0, 1.3 * max(start, low)),
        )
        axes.axvline(test.suggestion, color=VALIDATION, linestyle="--", label="suggestion")
        axes.axvline(test.lowest, color=MUTED, linestyle=":", label="lowest")
        legend_above(figure, axes, columns=4, title=title)
        rise = " and rises beyond it" if test.rose else ""
        alt = (
            f"training loss over a learning rate that grows from {test.learning_rates[0]:.1g} to "
            f"{np.max(test.learning_rates):.1g}: it is level, falls, is lowest near "
            f"{test.lowest:.1g}{rise}."
        )
        words = f"{title}: {alt}" if title else alt.capitalize()
        return Picture(figure, words, few_colours=True)
