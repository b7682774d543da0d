"""Classes counted: how many of each there are, and which is taken for which."""

import numpy as np

from ..support.arrays import as_labels, as_numbers
from ..support.takes import names, takes
from .picture import Picture
from .style import INK, MISTAKES, MUTED, TRAINING, new_figure, style

MOST_CLASSES = 40  # bars in one figure


@takes(class_names=names)
def confusion(matrix, class_names=None) -> Picture:
    """Show a confusion matrix, shape (k, k): row the true class, column the predicted.

    Only the mistakes are coloured, by their number: the diagonal, all that is right,
    is so much larger that on a common scale every mistake would be white. The column
    on the right is the share of each true class that was classified correctly.
    """
    matrix = as_numbers("the matrix", matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(
            f"the matrix has shape {matrix.shape}, but a confusion matrix is square, "
            "one row and one column a class: see nnlib.confusion_matrix"
        )
    if matrix.dtype.kind not in "iu" or matrix.min() < 0:
        raise ValueError("a confusion matrix holds counts: whole numbers, none of them negative")
    matrix = matrix.astype(np.int64)  # or a share of counts in few bits would overflow
    k = len(matrix)
    names = [str(n) for n in (range(k) if class_names is None else class_names)]
    if len(names) != k:
        raise ValueError(f"{len(names)} class names for a matrix of {k} classes")
    mistakes = matrix.copy()
    np.fill_diagonal(mistakes, 0)
    with style():
        figure = _draw_confusion(matrix, mistakes, names)
        return Picture(figure, _say(matrix, mistakes, names), few_colours=True)


def _say(matrix, mistakes, names) -> str:
    total = int(matrix.sum())
    alt = f"Confusion matrix of {len(matrix)} classes over {total:,} samples"
    if mistakes.max() == 0:
        return alt + ": every prediction is right." if total else alt + ": it is empty."
    right = np.trace(matrix) / total
    true, predicted = np.unravel_index(mistakes.argmax(), mistakes.shape)
    share = matrix[true, predicted] / matrix[true].sum()
    return (
        f"{alt}: about {100 * right:.0f} % lie on the diagonal. The most frequent confusion "
        f"is {names[true]} taken for {names[predicted]}, about {100 * share:.0f} % of class "
        f"{names[true]}."
    )


def _draw_confusion(matrix, mistakes, names):
    k = len(matrix)
    cell = min(0.56, 5.6 / k)
    figure = new_figure(cell * k + 1.05, max(cell * (k + 1) + 1.3, 3.6))
    axes = figure.add_subplot()
    most = max(int(mistakes.max()), 1)
    axes.imshow(mistakes, cmap=MISTAKES, vmin=0, vmax=most)
    size = min(9, 19 * cell)
    for i in range(k):
        # The diagonal stands apart: grey, and not on the scale of the mistakes.
        axes.fill(
            [i - 0.5, i + 0.5, i + 0.5, i - 0.5],
            [i - 0.5, i - 0.5, i + 0.5, i + 0.5],
            color="#E4E7EA",
            linewidth=0,
        )
        for j in range(k):
            n = matrix[i, j]
            axes.text(
                j,
                i,
                f"{n}",
                ha="center",
                va="center",
                fontsize=size,
                color="#A8A8A8" if n == 0 else INK,
                fontweight="bold" if i == j else "normal",
            )
        of_class = matrix[i].sum()
        right = f"{100 * matrix[i, i] / of_class:.1f} %" if of_class else "–"
        axes.text(k - 0.3, i, right, ha="left", va="center", fontsize=size, color=MUTED)
    axes.text(k - 0.3, -0.62, "right", ha="left", va="bottom", fontsize=9, color=MUTED)
    axes.set(xlim=(-0.5, k + 0.75), ylim=(k - 0.5, -0.5), aspect="equal")
    long = 0.085 * max(map(len, names)) > cell  # inches
    axes.set_xticks(range(k), names, rotation=90 if long else 0)
    axes.set_yticks(range(k), names)
    axes.xaxis.set_label_position("top")
    axes.xaxis.tick_top()
    axes.set_xlabel("predicted class", x=k / (k + 1.25) / 2, labelpad=8)
    axes.set_ylabel("true class", labelpad=8)
    axes.grid(False)
    axes.patch.set_visible(False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for edge in np.arange(k + 1) - 0.5:
        axes.plot([-0.5, k - 0.5], [edge, edge], color="#FFFFFF", linewidth=1.5)
        axes.plot([edge, edge], [-0.5, k - 0.5], color="#FFFFFF", linewidth=1.5)
    return figure


@takes(class_names=names)
def class_balance(labels, class_names=None) -> Picture:
    """Show how many samples each class has; `labels` are integers from 0, shape (n,)."""
    labels = as_labels(labels)
    if not labels.size:
        raise ValueError("labels are empty: at least one is needed")
    if labels.max() >= MOST_CLASSES:
        raise ValueError(
            f"{int(labels.max()) + 1} classes are too many for one figure: at most {MOST_CLASSES}"
        )
    counts = np.bincount(labels)
    names = [str(n) for n in (range(len(counts)) if class_names is None else class_names)]
    if len(names) != len(counts):
        raise ValueError(f"{len(names)} class names for {len(counts)} classes")
    with style():
        figure = new_figure(3.0)
        axes = figure.add_subplot()
        axes.bar(range(len(counts)), counts, width=0.76, color=TRAINING)
        for i, n in enumerate(counts):
            inside = n > 0.2 * counts.max()
            axes.text(
                i,
                0.09 * counts.max() if inside else n,
                f"{n:,}",
                color="white" if inside else INK,
                ha="center",
                va="center" if inside else "bottom",
                fontsize=min(9, 95 / len(counts)),
            )
        equal = len(labels) / len(counts)
        axes.axhline(equal, color=INK, linewidth=1.2, linestyle="--")
        axes.annotate(
            f"equal shares:\n{equal:,.0f}",
            (1.01, equal),
            xycoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=8.5,
        )
        axes.set_xlim(-0.6, len(counts) - 0.4)
        axes.set_xticks(range(len(counts)), names)
        axes.grid(False, axis="x")
        axes.set(xlabel="class", ylabel="number of samples", ylim=(0, 1.08 * counts.max()))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(axis="x", length=0)
        most, least = int(counts.argmax()), int(counts.argmin())
        alt = (
            f"Bar chart of {len(labels):,} samples in {len(counts)} classes: from "
            f"{counts[least]:,} of class {names[least]} to {counts[most]:,} of class "
            f"{names[most]}; equal shares would be {equal:,.0f}."
        )
        return Picture(figure, alt, few_colours=True)
