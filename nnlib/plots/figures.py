"""Still figures that the lessons show by one call: labels, ranges and words, and no mathematics.

What is drawn is computed in the lesson, or is a function that it hands over. `nnlib.lab.scenes`
does the same for what can be moved.
"""

from collections.abc import Callable

import numpy as np

from ..landscapes.surfaces import Surface
from .digits import digits
from .graph import graph
from .lines import lines
from .maps import height_map
from .paths import paths
from .picture import Picture
from .rates import range_test

# -- lesson 2, loss ----------------------------------------------------------------------


def accuracy_and_loss(w, accuracy, loss) -> Picture:
    """Show the share of right answers and the loss over a weight, all of shape (n,)."""
    return lines(
        w,
        {"share of right answers": accuracy, "loss": loss},
        x_label="weight w",
        y_label="",
        alt=f"Over the weight from {_number(w[0])} to {_number(w[-1])} the share of right answers "
        f"is a step from {accuracy[0]:.0%} to {accuracy[-1]:.0%} at w = 0, flat on both sides; the "
        f"loss falls smoothly all the way, from {loss[0]:.2f} to {loss[-1]:.2f}.",
    )


def bowl(loss: Callable, minimum) -> Picture:
    """Show loss(w, b), a number, over the slope w and the intercept b; minimum is (w, b)."""
    w, b = np.linspace(-0.8, 2.4, 80), np.linspace(-1.2, 1.8, 80)
    return height_map(
        w,
        b,
        [[loss(u, v) for u in w] for v in b],
        x_label="slope w",
        y_label="intercept b",
        z_label="loss C",
        marks={"least squares": tuple(minimum)},
        alt="The loss over slope and intercept: a bowl of ellipses round its minimum, which is "
        f"marked, at w = {_number(minimum[0])} and b = {_number(minimum[1])}.",
    )


def losses_of_one_answer(p, cross_entropy, squared_error) -> Picture:
    """Show two losses of one sample over the probability p of its class, all of shape (n,)."""
    return lines(
        p,
        {"cross-entropy, −ln a": cross_entropy, "squared error, (1 − a)²": squared_error},
        x_label="probability a given to the right class",
        y_label="loss of this sample",
        alt="Over the probability given to the right class, both losses fall to 0 at 1. Towards 0 "
        f"the squared error ends at {squared_error[0]:.1f}, while the cross-entropy rises without "
        "limit.",
    )


def push_of_two_losses(z, squared_error, cross_entropy) -> Picture:
    """Show δ of a sigmoid neuron with target 0 over its z, for two losses, all of shape (n,)."""
    top = z[np.argmax(squared_error)]
    return lines(
        z,
        {"squared error": squared_error, "cross-entropy": cross_entropy},
        x_label="z (the target is 0)",
        y_label="δ, what moves the neuron",
        alt=f"δ over z for target 0. With the squared error it is a hump, highest near "
        f"z = {top:.1f} and {squared_error[-1]:.3f} at z = {_number(z[-1])}; with "
        f"cross-entropy it rises to {cross_entropy[-1]:.2f} and stays there.",
    )


def two_landscapes(w, squared_error, cross_entropy) -> Picture:
    """Show two losses of the same neuron over its weight w, all of shape (n,)."""
    return lines(
        w,
        {"squared error": squared_error, "cross-entropy": cross_entropy},
        x_label="weight w",
        y_label="loss C",
        y_range=(0, 3),
        alt=f"Loss over the weight from {_number(w[0])} to {_number(w[-1])}. Cross-entropy is one "
        "valley with straight sides; the squared error is nearly flat far to the left and far to "
        "the right of its minimum.",
    )


# -- lesson 3, backpropagation -----------------------------------------------------------


def two_paths() -> Picture:
    """Show the two paths from x to C = u v, through u = x² and through v = 3x."""
    return graph(
        {"x": (0, 0.5), "u = x²": (1, 1), "v = 3x": (1, 0), "C = u v": (2, 0.5)},
        {
            ("x", "u = x²"): "du/dx = 2x",
            ("x", "v = 3x"): "dv/dx = 3",
            ("u = x²", "C = u v"): "∂C/∂u = v",
            ("v = 3x", "C = u v"): "∂C/∂v = u",
        },
        alt="Two paths from x to C: through u with the sensitivities 2x and v, and through v with "
        "the sensitivities 3 and u.",
    )


def paths_of_a_neuron() -> Picture:
    """Show the paths from z of a hidden neuron to the loss, through three neurons above it."""
    above = {f"z{'₁₂₃'[j]}⁽ˡ⁺¹⁾": (2, 1.4 - 0.7 * j) for j in range(3)}
    links = {("zᵢ⁽ˡ⁾", "aᵢ⁽ˡ⁾"): "f′(zᵢ)"}
    for index, z in zip("₁₂₃", above, strict=True):
        links |= {("aᵢ⁽ˡ⁾", z): f"wᵢ{index}", (z, "C"): f"δ{index}⁽ˡ⁺¹⁾"}
    return graph(
        {"zᵢ⁽ˡ⁾": (0, 0.7), "aᵢ⁽ˡ⁾": (1, 0.7), **above, "C": (3, 0.7)},
        links,
        size=(6.6, 2.7),
        alt="From z of neuron i over its activation, with f′, three paths lead to the loss, over "
        "the weights to the three neurons of the next layer and the δ of each.",
    )


def errors_of_differences(steps, errors: dict) -> Picture:
    """Show the relative errors of numeric gradients, {"name": shape (n,)}, over their steps h."""
    best = "; ".join(f"{name}: {steps[np.argmin(error)]:.0e}" for name, error in errors.items())
    return lines(
        steps,
        errors,
        x_label="step h",
        y_label="relative error of the gradient",
        log="xy",
        size=(6.4, 3.4),
        alt="The relative error of the numeric gradient over the step h, both logarithmic. Each "
        "curve is a V: from large steps it falls, with slope 2 if centred and 1 if one-sided, and "
        f"then it rises again with slope −1. It is lowest at {best}.",
    )


# -- lesson 4, descent -------------------------------------------------------------------


def distances(curves: dict, title: str) -> Picture:
    """Show distances from a minimum, {"name": shape (n,)}, after each update from the first on."""
    ends = ", ".join(f"{name} at {curve[-1]:.2g}" for name, curve in curves.items())
    n = len(next(iter(curves.values())))
    return lines(
        np.arange(n),
        curves,
        x_label="update",
        y_label="distance |x|",
        log="y",
        title=title,
        alt=f"Distance from the minimum over {n - 1} updates, straight lines on a logarithmic "
        f"axis. From 1 they end: {ends}.",
    )


def about_the_limit(losses: dict) -> Picture:
    """Show how the loss of a trained network goes on, {"name": shape (n,)}, update by update."""
    n = len(next(iter(losses.values())))
    courses = "; ".join(f"{k} from {v[0]:.2g} to {v[-1]:.2g}" for k, v in losses.items())
    return lines(
        np.arange(n),
        losses,
        x_label="update",
        y_label="loss",
        log="y",
        alt=f"Loss of a trained network over {n} further updates, on a logarithmic "
        f"axis: {courses}.",
    )


def errors_of_batches(sizes, curves: dict) -> Picture:
    """Show the errors of gradients from batches of these sizes, {"name": shape (n,)}."""
    return lines(
        sizes,
        curves,
        x_label="samples in the batch, m",
        y_label="error of the gradient",
        log="xy",
        alt="Error of a mini-batch gradient over its size on logarithmic axes: it falls with the "
        "square root of m, and faster as m comes near to all samples, as the formula says.",
    )


def paths_of_batches(surface: Surface, walks: dict) -> Picture:
    """Show paths over weight and bias, {"name": shape (n, 2)}, each on a map of its own."""
    return paths(
        surface,
        walks,
        labels=("weight", "bias"),
        panels=True,
        alt="Three paths on the bowl of the loss over weight and bias: batch makes three smooth "
        "steps and is still far away; mini-batches wobble down to the minimum; stochastic descent "
        "dashes there and then jitters about it.",
    )


def between_twins(way, losses) -> Picture:
    """Show the loss on the way from a network, at 0, to itself with renumbered neurons, at 1."""
    start, end = np.argmin(np.abs(way)), np.argmin(np.abs(way - 1))
    return lines(
        way,
        {"loss": losses},
        x_label="share of the way",
        y_label="training loss",
        marks={"trained": 0, "renumbered": 1},
        alt="Training loss on the straight line from a trained network, at 0, to the same network "
        f"with its neurons renumbered, at 1: {losses[start]:.2f} and {losses[end]:.2f} at the "
        f"ends, with a hill of {max(losses[start:end]):.2f} between them.",
    )


def starts(losses: dict, window: int) -> Picture:
    """Show running means of the training loss, {"name": shape (n,)}, over `window` updates."""
    n = len(next(iter(losses.values())))
    courses = "; ".join(f"{k} from {v[0]:.2g} to {v[-1]:.2g}" for k, v in losses.items())
    return lines(
        np.arange(window, window + n),
        losses,
        x_label="update",
        y_label=f"training loss, mean of {window}",
        log="y",
        alt=f"Training loss of {len(losses)} starts over {window + n - 1} updates, on a "
        f"logarithmic axis: {courses}.",
    )


def paths_in_a_valley(surface: Surface, walks: dict) -> Picture:
    """Show the paths of optimizers in a narrow valley, {"name": shape (n, 2)}, side by side."""
    n = len(next(iter(walks.values())))
    return paths(
        surface,
        walks,
        panels=True,
        alt=f"Paths of {n} steps in a narrow valley, each optimizer with a rate of its own: plain "
        "descent bounces between the walls and creeps, momentum and Nesterov swing and run along "
        "the floor, RMSProp and Adam take steps of their own length along both directions.",
    )


def learning_rates(test) -> Picture:
    """Show a range test on 8,000 digits, as `nnlib.landscapes.rate_finder.range_test` gives it."""
    return range_test(test, title="784-30-10 on 8,000 digits, batches of 40")


def schedules(rates: dict) -> Picture:
    """Show learning rates, {"name": shape (n,)}, over the updates from the first on."""
    n = len(next(iter(rates.values())))
    ends = "; ".join(f"{name} to {rate[-1]:.2g}" for name, rate in rates.items())
    return lines(
        np.arange(n),
        rates,
        x_label="update t",
        y_label="learning rate α(t)",
        alt=f"{len(rates)} schedules over {n:,} updates: {ends}. One falls in steps, one along "
        "half a cosine, one rises in a line at first and then falls in one.",
    )


def above_the_lowest(losses: dict, window: int) -> Picture:
    """Show how far losses are above the lowest, {"name": shape (n,)}, means of `window` updates."""
    n = len(next(iter(losses.values())))
    ends = "; ".join(f"{name} at {loss[-1]:.1g}" for name, loss in losses.items())
    return lines(
        np.arange(window, window + n),
        losses,
        x_label="update",
        y_label="loss above the lowest",
        log="y",
        alt=f"Loss above the lowest possible over {window + n - 1:,} stochastic updates, on a "
        f"logarithmic axis. They end: {ends}.",
    )


# -- lesson 6, generalization ------------------------------------------------------------


def accuracy_over_data(sizes, on_training, on_validation) -> Picture:
    """Show two accuracies in percent over the number of training images, all of shape (n,)."""
    return lines(
        sizes,
        {"on the images it trained on": on_training, "on validation": on_validation},
        x_label="training images",
        y_label="accuracy, %",
        log="x",
        alt=f"Accuracy over the number of training images, {sizes[0]:,} to {sizes[-1]:,}: on these "
        f"images from {on_training[0]:.1f} % to {on_training[-1]:.1f} %, on validation from "
        f"{on_validation[0]:.1f} % to {on_validation[-1]:.1f} %.",
    )


def best_weight(rate, with_l2, with_l1) -> Picture:
    """Show where a weight ends with a price on its square or its size, all of shape (n,)."""
    return lines(
        rate,
        {"L2: 1/(1 + λ₂)": with_l2, "L1: 1 − λ₁, at least 0": with_l1},
        x_label="rate λ",
        y_label="best w",
        alt="The best weight over the rate of the penalty. With L2 it falls from 1 ever more "
        f"slowly, to {with_l2[-1]:.2f}; with L1 it falls in a straight line and is exactly 0 from "
        f"a rate of {rate[np.argmin(with_l1)]:g} on.",
    )


# -- lesson 7, beyond --------------------------------------------------------------------


def values_of_a_product() -> Picture:
    """Show what C = u v + u is made of, with the slope of each step, at u = 3 and v = −2."""
    return graph(
        {"u = 3": (0, 1), "v = −2": (0, 0), "p = u·v": (1.3, 0.3), "C = p + u": (2.6, 0.7)},
        {
            ("u = 3", "p = u·v"): "v = −2",
            ("v = −2", "p = u·v"): "u = 3",
            ("p = u·v", "C = p + u"): "1",
            ("u = 3", "C = p + u"): "1",
        },
        alt="A graph: u = 3 and v = −2 go into p = u·v with the slopes −2 and 3; p and u go into "
        "C = p + u with the slope 1 each. Two paths lead from u to C: one through p, one directly.",
    )


def edges(images, left, top) -> Picture:
    """Show digits, shape (28, 28), above what each of two kernels of 3 × 3 has found in them."""
    rows = [*images, *(np.pad(found, 1) for found in (*left, *top))]
    return digits(
        [image.ravel() for image in rows],
        columns=len(images),
        title="Digits; below each, where its ink begins from left to right, and from top to bottom",
    )


def _number(value: float) -> str:
    """Return a number in few digits, with a true minus sign."""
    return f"{value:.3g}".replace("-", "−")
