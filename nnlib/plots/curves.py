"""How training went: loss and accuracy against the number of updates."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..support.takes import like, listing, mapping, takes
from .picture import Picture
from .style import (
    INK,
    MUTED,
    RUN_LINES,
    RUNS,
    TRAINING,
    VALIDATION,
    legend_above,
    new_figure,
    style,
)

POINTS = 1500  # as many as a figure this wide can show


def training_curves(history, title: str | None = None, mark_best: bool = False) -> Picture:
    """Show a `History`: training and validation loss, and validation accuracy if there is any.

    The loss of single batches jumps about, so it is drawn faintly and its moving mean,
    over about 1 % of all updates, on top. With `mark_best` the epoch with the lowest validation
    loss is marked in both panels: to go on from there did not help.
    """
    loss = _losses(history, "the history")
    if mark_best and not history.validation_loss:
        raise ValueError("mark_best: the history holds no validation loss, so there is no best")
    with style():
        figure = new_figure(3.4 if title else 3.15)
        panels = figure.subplots(1, 2) if history.validation_accuracy else [figure.add_subplot()]
        x, smooth, window = moving_mean(loss)
        raw = np.arange(1, len(loss) + 1)[:: _stride(len(loss))]
        axes = panels[0]
        if window > 1:
            axes.plot(
                raw,
                loss[raw - 1],
                color=TRAINING,
                alpha=0.22,
                linewidth=0.7,
                label="training, each batch",
            )
        name = f"training, mean of {window} updates" if window > 1 else "training"
        axes.plot(x, smooth, color=TRAINING, label=name)
        if history.validation_loss:
            axes.plot(
                history.validation_update,
                _drawn(history.validation_loss),
                color=VALIDATION,
                linestyle="--",
                marker=_marker(history),
                markersize=4,
                label="validation",
            )
        _finish(axes, "loss", len(loss))
        validation = _drawn(history.validation_loss)
        axes.set_ylim(0, _top(loss, validation[np.isfinite(validation)]))
        if history.validation_accuracy:
            _draw_accuracy(panels[1], history, VALIDATION, "--")
            _finish(panels[1], "validation accuracy, %", len(loss))
        alt = (f"{title}: " if title else "") + _say(history, loss)
        if mark_best:
            alt = f"{alt[:-1]}; {_mark_best(panels, history)}."
        legend_above(figure, axes, title=title)
        return Picture(figure, alt, few_colours=True)


@takes(histories=mapping("a History"))
def compare_curves(histories: dict) -> Picture:
    """Show several runs together: {"name": History, …}, at most seven.

    The training loss of each as a moving mean, and beside it the validation accuracy
    (or else the validation loss) if every run has one.
    """
    if not 1 <= len(histories) <= len(RUNS):
        raise ValueError(f"{len(histories)} runs: pass from 1 to {len(RUNS)} as {{name: history}}")
    losses = {name: _losses(h, f"run {name!r}") for name, h in histories.items()}
    accuracy = all(h.validation_accuracy for h in histories.values())
    validated = accuracy or all(h.validation_loss for h in histories.values())
    longest = max(map(len, losses.values()))
    with style():
        figure = new_figure(3.15)
        panels = figure.subplots(1, 2) if validated else [figure.add_subplot()]
        windows = []
        for (name, h), colour, line in zip(histories.items(), RUNS, RUN_LINES, strict=False):
            x, smooth, window = moving_mean(losses[name])
            windows.append(window)
            panels[0].plot(x, smooth, color=colour, linestyle=line, label=name)
            if accuracy:
                _draw_accuracy(panels[1], h, colour, line)
            elif validated:
                panels[1].plot(
                    h.validation_update,
                    _drawn(h.validation_loss),
                    color=colour,
                    linestyle=line,
                    marker=_marker(h),
                    markersize=4,
                )
        low, high = min(windows), max(windows)
        mean = f"mean of {low} updates" if low == high else f"mean of {low} to {high} updates"
        _finish(panels[0], "training loss" + (f", {mean}" if high > 1 else ""), longest)
        panels[0].set_ylim(bottom=0)
        if validated:
            label = "validation accuracy, %" if accuracy else "validation loss"
            _finish(panels[1], label, longest)
        legend_above(figure, panels[0], columns=4)
        return Picture(figure, _say_all(histories, losses, accuracy), few_colours=True)


def _measure(name: str, value):
    """Check that a value is what losses of a race can be shown over."""
    from ..landscapes.race import MEASURES

    if not isinstance(value, str) or value not in MEASURES:
        raise ValueError(f"{name}={value!r}: choose from {', '.join(MEASURES)}")
    return value


@takes(race=like("contestants", "a Race"), measures=listing("measures", _measure))
def race_curves(
    race, title: str | None = None, measures=("epochs",), accuracy: bool = False
) -> Picture:
    """Show a `nnlib.landscapes.race.Race`: the validation loss of each, in a panel for each
    measure.

    `measures` are some of `nnlib.landscapes.race.MEASURES`. Updates stand on a logarithmic scale,
    since for one of batch gradient descent there may be hundreds of stochastic ones. With
    `accuracy` another panel shows that of the validation data over the last of the measures, if
    the targets are classes.
    """
    if not measures:
        raise ValueError("measures is empty: name what the losses are shown over")
    if len(race.contestants) > len(RUNS):
        raise ValueError(f"{len(race.contestants)} contestants: at most {len(RUNS)} can be shown")
    if not measures:
        raise ValueError(
            "measures=() must name at least one of the measures: there is nothing to draw"
        )
    with style():
        figure = new_figure(3.5 if title else 3.2)
        courses = [c.course(measures[-1], "accuracy") for c in race.contestants]
        accuracy = accuracy and any(course.shape[1] for course in courses)
        columns = len(measures) + accuracy
        panels = figure.subplots(1, columns, sharey=not accuracy, squeeze=False)[0]
        if accuracy:
            _draw_accuracies(panels[-1], courses, measures[-1])
        for axes, measure in zip(panels, measures, strict=False):
            longest, start = 0.0, 0.0
            for c, colour, line in zip(race.contestants, RUNS, RUN_LINES, strict=False):
                x, mean, low, high = c.course(measure)
                start = max(start, mean[0])
                if measure == "updates":  # no logarithm shows the start, 0
                    x, mean, low, high = c.course(measure)[:, 1:]
                axes.plot(
                    x, mean, color=colour, linestyle=line, label=c.name, marker="o"[len(x) > 1 :]
                )
                axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
                longest = max(longest, *x[-1:])
            axes.set(
                xlabel=measure.removesuffix("s"), ylim=(0, 1.5 * start), xlim=(0, max(longest, 1))
            )
            if measure == "updates":
                axes.set(xscale="log", xlim=(1, max(longest, 2)))
        panels[0].set_title("validation loss", fontsize=10)
        legend_above(figure, panels[0], columns=4, title=title)
        names, over = ", ".join(c.name for c in race.contestants), " and over ".join(measures)
        alt = f"validation loss{' and accuracy' * accuracy} of {names} over {over}; "
        if any(c.samples for c in race.contestants):
            # Who leads is the same on every machine; the losses of a run that swings are not.
            lowest = min(race.running or race.contestants, key=lambda c: c.course("epochs")[1][-1])
            alt += f"the lowest at the end is {lowest.name}."
        else:
            alt += "they have not begun."
        words = f"{title}: {alt}" if title else alt.capitalize()
        return Picture(figure, words, few_colours=True)


def _draw_accuracies(axes, courses, measure: str) -> None:
    """Draw the accuracies of a race, each with the look that its loss has."""
    longest = 0.0
    for (x, mean, low, high), colour, line in zip(courses, RUNS, RUN_LINES, strict=False):
        axes.plot(x, 100 * mean, color=colour, linestyle=line, marker="o"[len(x) > 1 :])
        axes.fill_between(x, 100 * low, 100 * high, color=colour, alpha=0.18, linewidth=0)
        longest = max(longest, *x[-1:])
    axes.set(xlabel=measure.removesuffix("s"), xlim=(0, max(longest, 1)), ylim=(None, 100.5))
    if measure == "updates":
        axes.set(xscale="log", xlim=(1, max(longest, 2)))
    axes.set_title("validation accuracy, %", fontsize=10)


def curves_to_come(loss: float, accuracy: float | None = None, title: str | None = None) -> Picture:
    """Show the axes of `training_curves` before any update, with where its curves begin.

    The validation loss, and the accuracy as a share of 1, are those of the untrained network.
    """
    begins = {"loss": (loss, (0, 2 * loss))}
    if accuracy is not None:
        begins["validation accuracy, %"] = (100 * accuracy, (0, 100))
    with style():
        figure = new_figure(3.4 if title else 3.15)
        for axes, (name, (y, limits)) in zip(
            figure.subplots(1, len(begins), squeeze=False)[0], begins.items(), strict=True
        ):
            axes.plot([0], [y], color=VALIDATION, marker="o", linestyle="--", label="validation")
            axes.set(xlim=(-2, 100), ylim=limits, xlabel="update")
            axes.set_title(name, fontsize=10)
            axes.text(50, sum(limits) / 2, "Run draws the curves", ha="center", color=MUTED)
        legend_above(figure, figure.axes[0], title=title)
        alt = f"The curves are still empty; before training the validation loss is {loss:.2g}"
        if accuracy is not None:
            alt += f", and about {100 * accuracy:.0f} % are read correctly"
        return Picture(figure, f"{title}: {alt}." if title else f"{alt}.")


def moving_mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return updates (counted from 1), the mean of the values up to each, and how many it takes.

    About 1 % of all values are averaged, rounded down to 1, 2 or 5 times a power of ten;
    each mean stands at the middle of its window. Thinned to what a figure can show.
    """
    n = len(values)
    tenth = 10 ** int(np.log10(max(n / 100, 1)))
    window = max(w for w in (1, 2 * tenth, 5 * tenth, tenth) if w <= max(n / 100, 1))
    sums = np.cumsum(np.insert(np.asarray(values, np.float64), 0, 0.0))
    means = (sums[window:] - sums[:-window]) / window
    at = np.arange(len(means)) + (window + 1) / 2
    stride = _stride(len(means))
    return at[::stride], means[::stride], window


def _stride(n: int) -> int:
    return -(-n // POINTS)


def _losses(history, what: str) -> np.ndarray:
    """Return the training losses as an array, or raise ValueError if there are none."""
    try:
        loss = np.asarray(history.training_loss, np.float64)
    except AttributeError:
        raise TypeError(
            f"{what} must be the History that nnlib.train returns, not {type(history).__name__}"
        ) from None
    if loss.size == 0:
        raise ValueError(f"{what} holds no updates: train for at least one epoch")
    if not np.isfinite(loss).all():
        at = int(np.flatnonzero(~np.isfinite(loss))[0])
        raise ValueError(f"{what} holds a training loss of {loss[at]}, at update {at + 1:,}")
    return loss


def _drawn(losses: list) -> np.ndarray:
    """Return losses of validations, NaN where they are infinite: there the line is broken."""
    values = np.asarray(losses, np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _top(loss: np.ndarray, validation: np.ndarray) -> float:
    """Return an upper end of the loss axis that a few wild batches do not set."""
    typical = np.quantile(loss, 0.995) if len(loss) > 200 else loss.max()
    highest = max(typical, loss[: max(1, len(loss) // 100)].mean(), *validation, 1e-12)
    return 1.06 * float(highest)


def _draw_accuracy(axes, history, colour, line) -> None:
    axes.plot(
        history.validation_update,
        100 * np.asarray(history.validation_accuracy),
        color=colour,
        linestyle=line,
        marker=_marker(history),
        markersize=4,
    )


def _mark_best(panels, history) -> str:
    """Mark the epoch of the lowest validation loss, and say which it is."""
    best = int(np.argmin(history.validation_loss))
    at, epochs = history.validation_update[best], len(history.validation_loss)
    for axes in panels:
        axes.axvline(at, color=INK, linestyle=":", linewidth=1.2)
    left = at > 0.6 * len(history.training_loss)
    panels[0].annotate(
        f"lowest validation loss:\nepoch {best + 1} of {epochs}",
        (at, 0.97),
        xycoords=panels[0].get_xaxis_transform(),
        xytext=(-5 if left else 5, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=8.5,
        color=MUTED,
    )
    return f"the lowest validation loss is marked, after epoch {best + 1} of {epochs}"


def _marker(history) -> str:
    """Return a dot for each validation as long as they are few; many would hide the line."""
    return "o" if len(history.validation_update) <= 30 else ""


def _finish(axes, what: str, updates: int) -> None:
    axes.set(xlabel="update", xlim=(0, 1.02 * updates))
    axes.set_title(what, fontsize=10)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")


def _say(history, loss) -> str:
    alt = f"Training loss over {len(loss):,} update{'s' if len(loss) > 1 else ''}, {_course(loss)}"
    if history.validation_loss:
        n = len(history.validation_loss)
        alt += f"; validation loss after {n} epoch{'s' if n > 1 else ''}"
        if not np.isfinite(history.validation_loss).all():
            alt += ", not all of them finite"
        if n > 1:
            best = int(np.argmin(history.validation_loss)) + 1
            alt += ", still falling at the end" if best == n else ", lowest before the last epoch"
    if history.validation_accuracy:
        alt += f"; validation accuracy ends at about {100 * history.validation_accuracy[-1]:.0f} %"
    return alt + "."


def _say_all(histories, losses, accuracy) -> str:
    parts = []
    for name, h in histories.items():
        part = f"{name}, {_course(losses[name])}"
        if accuracy:
            part += f", validation accuracy about {100 * h.validation_accuracy[-1]:.0f} %"
        parts.append(part)
    runs = f"{len(parts)} runs" if len(parts) > 1 else "1 run"
    return f"Training loss of {runs} compared: " + "; ".join(parts) + "."


def _course(loss) -> str:
    """Say from where to where the loss went, to two digits: more would differ between machines."""
    part = max(1, len(loss) // 100)
    return f"from about {loss[:part].mean():.2g} to about {loss[-part:].mean():.2g}"
