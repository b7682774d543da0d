"""How sure a network is: against how often it is right, and what it gains by not answering."""

import numpy as np

from ..analysis.calibration import Answered, Reliability
from ..support.takes import number, takes
from .picture import Picture
from .style import INK, MUTED, RUN_LINES, RUNS, legend_above, new_figure, style, upper_first


def reliability(measured, title: str | None = None) -> Picture:
    """Show a `nnlib.analysis.calibration.Reliability`, or several, {"name": Reliability, …}.

    On the left the accuracy of each bin over its mean confidence, beside the diagonal on which
    a calibrated network lies; on the right how many answers each bin holds.
    """
    measured = _named(measured, Reliability, "nnlib.analysis.calibration.reliability")
    with style():
        figure = new_figure(3.5 if title else 3.25)
        left, right = figure.subplots(1, 2)
        left.plot([0, 1], [0, 1], color=INK, linestyle=":", linewidth=1.2)
        for text, at, across in (
            ("less sure\nthan it may be", (0.03, 0.97), "left"),
            ("too sure", (0.97, 0.05), "right"),
        ):
            left.text(
                *at,
                text,
                color=MUTED,
                fontsize=9,
                ha=across,
                va="top" if across == "left" else "bottom",
            )
        for (name, r), colour, line in zip(measured.items(), RUNS, RUN_LINES, strict=False):
            full = r.counts > 0
            label = f"{name}: ECE {100 * r.error:.1f} %"
            left.plot(
                r.confidence[full],
                r.accuracy[full],
                color=colour,
                linestyle=line,
                marker="o",
                markersize=4.5,
                label=label,
            )
            # A bin that holds nothing is not on a logarithmic scale; draw it at its foot.
            counts = np.maximum(r.counts, 0.5)
            right.stairs(counts, r.edges, baseline=0.5, color=colour, linestyle=line, linewidth=1.8)
        left.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence, p", box_aspect=1)
        left.set_title("accuracy", fontsize=10)
        most = max(r.counts.max() for r in measured.values())
        right.set(yscale="log", ylim=(0.5, 2 * most), xlim=(0, 1), xlabel="confidence, p")
        right.yaxis.set_major_formatter("{x:,.0f}")
        right.set_title("answers in each bin", fontsize=10)
        legend_above(figure, left, title=title)
        parts = [f"{name}, {_how_sure(r)}" for name, r in measured.items()]
        alt = f"accuracy over confidence, beside the diagonal: {'; '.join(parts)}."
        return Picture(figure, f"{title}: {alt}" if title else upper_first(alt), few_colours=True)


@takes(threshold=number(0))
def coverage(answered, threshold: float | None = None, title: str | None = None) -> Picture:
    """Show a `nnlib.analysis.calibration.Answered`, or several, {"name": Answered, …}.

    On the left the share of samples that is answered, over the threshold; on the right the share
    of wrong ones among these, over the share answered. `threshold` is marked in both.
    """
    answered = _named(answered, Answered, "nnlib.analysis.calibration.answered_above")
    words = []
    with style():
        figure = new_figure(3.4 if title else 3.15)
        left, right = figure.subplots(1, 2)
        for (name, a), colour, line in zip(answered.items(), RUNS, RUN_LINES, strict=False):
            share, wrong = 100 * a.coverage, 100 * (1 - a.accuracy)
            left.plot(a.thresholds, share, color=colour, linestyle=line, label=name)
            right.plot(share, wrong, color=colour, linestyle=line)
            part = (
                f"{name}, {wrong[np.argmax(share)]:.2g} % wrong if {share.max():.3g} % is answered"
            )
            if threshold is not None:
                i = int(np.argmin(np.abs(a.thresholds - threshold)))
                for axes, x, y in ((left, a.thresholds, share), (right, share, wrong)):
                    axes.plot(x[i], y[i], "o", color=colour, markersize=7)
                part += f", {wrong[i]:.2g} % wrong if {share[i]:.3g} % is"
            words.append(part)
        if threshold is not None:
            left.axvline(threshold, color=MUTED, linestyle=":", linewidth=1.2)
        left.set(xlabel="threshold, t", ylim=(0, 103))
        left.set_title("answered, % of all", fontsize=10)
        right.set(xlabel="answered, % of all", ylim=(0, None))
        right.invert_xaxis()
        right.set_title("wrong, % of those answered", fontsize=10)
        if len(answered) > 1 or title:
            legend_above(figure, left, title=title)
        at = "" if threshold is None else f", with the threshold {threshold:.3g} marked"
        alt = f"wrong answers over the share of samples answered{at}: {'; '.join(words)}."
        return Picture(figure, f"{title}: {alt}" if title else upper_first(alt), few_colours=True)


def _how_sure(r: Reliability) -> str:
    """Say whether a network is too sure, in words and to as many digits as mean something."""
    if r.error < 0.005:
        return "on it to half a percent"
    if abs(r.overconfidence) < 0.005:
        return "too sure of some answers and less sure than it may be of others"
    much = f"by about {100 * abs(r.overconfidence):.0f} %"
    return f"too sure {much}" if r.overconfidence > 0 else f"less sure than it may be {much}"


def _named(measured, kind, source: str) -> dict:
    """Return one as {"network": it}, or a dict as it is, or raise ValueError."""
    named = measured if isinstance(measured, dict) else {"network": measured}
    if not 1 <= len(named) <= len(RUNS):
        raise ValueError(
            f"measured or answered holds {len(named)} networks: from 1 to {len(RUNS)} "
            "can be told apart"
        )
    for name, value in named.items():
        if not isinstance(value, kind):
            given = "measured" if kind is Reliability else "answered"
            raise TypeError(
                f"{given}: {name!r} must be what {source} returns, not {type(value).__name__}"
            )
    return named
