"""The digit pad: a digit drawn by hand, prepared as MNIST's own were, and read by a network.

    pointer or keyboard → strokes → ink → crop, scale, centre → a⁽⁰⁾ → every layer → a digit

What travels from the page is strokes, not pixels: they are few numbers, a test can replay them,
and all arithmetic on them stays in `nnlib.images.handwriting`. The page has its own few lines for
the pointer, since the drawing widgets there are do not do this job: ipycanvas asks the kernel about
every move before a line is seen, and ipydraw sends pixels and knows no undo, no keyboard and
no theme.
"""

from dataclasses import dataclass

import numpy as np
import traitlets

from .. import datasets
from ..diagnosis.own_code import OwnCodeError, call_forward, read_forward
from ..forward import Trace
from ..images.fine_tuning import UPDATES, fine_tuner
from ..images.handwriting import (
    PEN,
    SIDE,
    NothingDrawn,
    Prepared,
    as_stroke,
    draw_stroke,
    is_small,
    paste,
    prepare,
    rasterize,
    scale_to,
)
from ..images.pixels import are_raw
from ..losses import default_loss
from ..network import as_network
from ..support.arrays import as_labels, check_order
from ..support.checks import as_input, kept_dtype
from ..support.takes import data, of, takes
from ..training.trainer import Trainer
from . import controls, digit_pad_words
from .traits import Number
from .widget import front_end
from .your_code import YourCode

# Pixels, on the longer side, of what is shown of the pad.
SHOWN = 112
# A digit needs fewer points, and messages must stay small.
MOST_POINTS = 5000
# The most added digits that can still be listed.
MOST_ADDED = 50
ALL_INK = "Most of the pad's edge is ink, so it cannot be told from paper: press Undo or Clear."
# How far the sliders move a digit of the test set, in its pixels, and turn it, in degrees.
FARTHEST, WIDEST = 12, 90


@dataclass
class Added:
    """A digit of the learner's training set.

    X       shape (1, 784), as the network got it
    label   what it is
    before  what the network read before it learned it
    """

    X: np.ndarray
    label: int
    before: int


class DigitPad(YourCode):
    """Draw a digit with mouse, finger or pen, and see `network` read it.

    network   a NeuralNetwork of 784 inputs and 10 outputs; by default the one that comes with
              nnlib, trained by the recipe `quick`. The pad works on a copy, `.network`
    X, y      what it was trained on, shape (n, 784) and (n,), to be mixed with the digits that are
              added; by default MNIST's training set
    digits    (X, labels) to choose from instead of drawing; by default MNIST's test set
    in_place  True: let the added digits change `network` itself

    The traits `crop`, `scale` and `centre` switch the stages of `nnlib.images.handwriting` off and
    on. `draw` puts strokes on the pad and `put` a digit of `digits`; `add` teaches the network what
    is on the pad, by `nnlib.images.fine_tuning`; Reset gives it back its first weights. `use` lets
    a forward pass of your own read. Raises ValueError for a network or data that do not fit.
    """

    _esm = front_end("plane.js", "whose_code.js", "digit_pad.js", "digit_pad_lab.js")

    cannot = "cannot read yet; the pad goes on with {code}"

    commands = traitlets.List(["reset"]).tag(sync=True)

    crop = traitlets.Bool(True).tag(sync=True)
    scale = traitlets.Bool(True).tag(sync=True)
    centre = traitlets.Bool(True).tag(sync=True)
    pen = Number(PEN).tag(sync=True)
    # Below this output the answer is "I don't know"; at 0 there always is an answer.
    threshold = Number(0.0).tag(sync=True)

    # Which of `digits` is chosen, and how it is moved, turned and zoomed.
    digit = traitlets.Int(0).tag(sync=True)
    across = traitlets.Int(0).tag(sync=True)
    down = traitlets.Int(0).tag(sync=True)
    rotation = Number(0.0).tag(sync=True)
    zoom = Number(1.0).tag(sync=True)

    @takes(network=of(as_network), digits=data)
    def __init__(self, network=None, X=None, y=None, *, digits=None, in_place: bool = False):
        if network is None:
            from ..recipes import pretrained

            network = pretrained("quick")
        if network.layers[0] != SIDE * SIDE or network.layers[-1] != 10:
            raise ValueError(
                f"{network!r} cannot read digits: it needs {SIDE * SIDE} inputs, the pixels, and "
                "10 outputs"
            )
        if (X is None) != (y is None):
            raise ValueError("X and y belong together: give both, or none of them")
        if X is None:
            mnist = datasets.load_mnist(validation=0)
            X, y = mnist.X_train, mnist.y_train
        self._called = "Digit" if digits is not None else "Test digit"
        self.network = network if in_place else network.copy()
        self._first = network.parameters.copy()
        self._training = _as_digits(X, y, network)
        if digits is None:
            mnist = datasets.load_mnist()
            self._digits = _as_digits(mnist.X_test, mnist.y_test, network)
        else:
            images, labels = digits
            self._digits = _as_digits(images, labels, network)
        self._refused = ""
        self._added: list[Added] = []
        self._tuner: Trainer | None = None  # there is one as long as updates are left
        self._updates_left = 0
        self._strokes: list[np.ndarray] = []
        self._pasted = True  # a digit of `digits` is on the pad, and not strokes
        self._picture = 0  # counts the pictures that the pad has held
        self._heard: dict[str, int] = {}  # by view, the latest of its strokes' messages
        last = len(self._digits[0]) - 1
        super().__init__(title=f"Draw a digit for {network!r}", controls=_controls(last))
        self._ink = self._paste()
        self._look()
        self.on_change(self._put, *_PASTING)
        self.on_change(self._look_and_show, "crop", "scale", "centre")
        self.on_change(self._take_pen, "pen")
        self.on_change(self.send_frame, "threshold")

    # What is on the pad.

    def draw(self, strokes) -> None:
        """Put strokes on the pad, each of shape (n_points, 2): x to the right, y down, 0 to 1."""
        strokes = [as_stroke(stroke) for stroke in strokes]
        _check_points(strokes)
        self._begin_picture(strokes)
        self._look_and_show()

    def put(
        self,
        digit: int,
        *,
        across: int = 0,
        down: int = 0,
        rotation: float = 0.0,
        zoom: float = 1.0,
    ) -> None:
        """Put one of `digits` on the pad, moved (in its pixels), rotated and zoomed."""
        with self.hold_trait_notifications():
            self.digit, self.across, self.down = digit, across, down
            self.rotation, self.zoom = rotation, zoom
        self._put()

    def undo(self) -> None:
        """Take the last stroke off the pad."""
        if self._strokes:
            self._strokes.pop()
            self._ink = rasterize(self._strokes, self.pen)
            self._look_and_show()

    def clear(self) -> None:
        """Empty the pad."""
        self._begin_picture([])
        self._look_and_show()

    @property
    def strokes(self) -> list[np.ndarray]:
        """The strokes on the pad, as `draw` takes them."""
        return [stroke.copy() for stroke in self._strokes]

    @property
    def digits(self) -> tuple[np.ndarray, np.ndarray]:
        """The digits to choose from, and their labels."""
        return self._digits

    @property
    def ink(self) -> np.ndarray:
        """The ink on the pad, a square image from 0 to 1."""
        return self._ink.copy()

    @property
    def prepared(self):
        """All stages of what is on the pad, a `handwriting.Prepared`; None if it is empty."""
        return self._prepared

    @property
    def output(self) -> np.ndarray | None:
        """What the network makes of it, a⁽ᴸ⁾ of shape (10,); None if the pad is empty."""
        return None if self._trace is None else self._trace.output[0].copy()

    @property
    def reads(self) -> int | None:
        """The digit read; None if the pad is empty, or if it says "I don't know"."""
        output = self.output
        if output is None or output.max() < self.threshold:
            return None
        return int(output.argmax())

    # Teaching.

    def add(self, label: int) -> None:
        """Add what is on the pad to the training set as a `label`, and learn it before returning.

        All digits added so far are learned with it. Raises ValueError if there is nothing to
        learn, or if there is no such label.
        """
        self._begin_learning(label)
        self.engine.step(self._updates_left)

    @property
    def added(self) -> list[tuple[np.ndarray, int]]:
        """The digits added since the start or the last Reset: (image of shape (784,), label)."""
        return [(one.X[0].copy(), one.label) for one in self._added]

    def use(self, kept=None, /, *, forward=None) -> None:
        """Let a forward pass of your own read what is drawn; without one, nnlib's reads again.

        `use(mine())` takes the one that you kept in lesson 1 (`nnlib.exercises.mine`).
        Its signature is in `nnlib.diagnosis.own_code`. It is tried first; if it is wrong the pad
        says in what, and goes on with what was at work before. Digits are still added by nnlib's
        trainer.
        """
        self.try_functions(kept, forward=forward)

    def tried_with(self):
        """Return the network and the loss with which a forward pass is tried."""
        return self.network, default_loss(self.network.activations[-1])

    def take_up(self) -> None:
        """Read what is on the pad with `own_code`, if there is any."""
        self._look()

    # From the pad to the output.

    @traitlets.validate("digit")
    def _check_digit(self, proposal) -> int:
        digit, n = proposal["value"], len(self._digits[0])
        if not 0 <= digit < n:
            raise traitlets.TraitError(f"digit={digit} must be from 0 to {n - 1}")
        return digit

    @traitlets.validate("pen", "zoom", "threshold", "across", "down", "rotation")
    def _check_bounds(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        low, high = _BOUNDS[name]
        if not low <= value <= high:
            raise traitlets.TraitError(f"{name}={value:g} must be from {low:g} to {high:g}")
        return value

    def _paste(self) -> np.ndarray:
        return paste(
            self._digits[0][self.digit],
            across=self.across,
            down=self.down,
            degrees=self.rotation,
            zoom=self.zoom,
        )

    def _put(self) -> None:
        self._strokes, self._pasted = [], True
        self._picture += 1
        self._ink = self._paste()
        self._look_and_show()

    def _begin_picture(self, strokes: list) -> None:
        self._strokes, self._pasted = strokes, False
        self._picture += 1
        self._ink = rasterize(strokes, self.pen)

    def _take_pen(self) -> None:
        if not self._pasted:
            self._ink = rasterize(self._strokes, self.pen)
            self._look_and_show()

    def _look(self) -> None:
        """Prepare what is on the pad and read it."""
        self._prepared = self._trace = None
        self.problem = self.diagnosis
        try:
            self._prepared = prepare(
                self._ink, crop=self.crop, scale=self.scale, centre=self.centre
            )
        except NothingDrawn:
            if self._ink.all():
                self.problem = ALL_INK
            return
        except ValueError:  # black on white, which a drawing never is
            self.problem = ALL_INK
            return
        try:
            self._trace = self._read(self._prepared.X)
        except OwnCodeError as error:
            self.fail(error)

    def _look_and_show(self) -> None:
        self._look()
        self.send_frame()

    def _read(self, X) -> Trace:
        """Return the trace of X, shape (n, 784), by your forward pass if there is one."""
        if self.own_code is None:
            return self.network.forward(X)
        network, f = self.network.copy(), self.network.activations
        X = as_input(X, network.layers[0], network.dtype)
        with np.errstate(all="ignore"):
            value = call_forward(
                self.own_code.forward, X.copy(), network.weights, network.biases, f
            )
        return Trace(*read_forward(value, network.layers, len(X)), f)

    # Learning.

    def _begin_learning(self, label) -> None:
        """Add the picture to the training set, and make a trainer that teaches all of them."""
        self._refused = ""
        if isinstance(label, bool) or label not in range(10):
            raise ValueError("which digit is it? First choose the correct answer, 0 to 9")
        prepared, output = self._prepared, self.output
        if prepared is None or output is None:
            raise ValueError("there is nothing to add: the pad is empty")
        X, before = prepared.X.astype(self.network.dtype), int(output.argmax())
        # Added once more, the same picture takes another label.
        others = [one for one in self._added if not np.array_equal(one.X, X)]
        if len(others) >= MOST_ADDED:
            raise ValueError(
                f"{MOST_ADDED} digits have been added, the most the pad can hold: press Reset to "
                "start again"
            )
        self._added = [*others, Added(X, int(label), before)]
        self._tuner = tuner = fine_tuner(
            self.network,
            np.concatenate([one.X for one in self._added]),
            [one.label for one in self._added],
            *self._training,
            seed=len(self._added),
        )
        self._updates_left = tuner.updates_per_epoch

    def work(self) -> bool:
        if self._tuner is None or not self._updates_left:
            self.pause()
            return True
        if self._tuner.advance() is None:
            return False
        self._updates_left -= 1
        self._look()
        return True

    def restart(self) -> None:
        self.network.parameters = self._first
        self._added, self._tuner, self._updates_left = [], None, 0
        self.diagnosis = self._refused = ""
        self._look()

    def reset(self) -> None:
        """Give the network back its first weights, and forget the added digits."""
        self.pause()
        self.restart()
        self.send_frame()

    # The lab's side.

    def hear(self, message: dict) -> None:
        command = message.get("command")
        if command in ("seen", "hello", "reset"):
            super().hear(message)
            return
        self._refused = ""
        try:
            if command == "stroke":
                self._hear_stroke(message)
            elif command == "add":
                self._begin_learning(message.get("label"))
                self.engine.run(self._updates_left)
            elif command == "put":
                self._put()
            elif command in ("undo", "clear"):
                getattr(self, command)()
        except ValueError as error:
            self._refused = str(error)
        self.send_frame()

    def _hear_stroke(self, message: dict) -> None:
        """Take the points of a new stroke, or more points of the one that is being drawn."""
        self._heard = {**self._heard, str(message.get("view")): int(message.get("number", 0))}
        points = as_stroke(message.get("points"))
        _check_points([*self._strokes, points])
        if self._pasted:
            self._begin_picture([])
        if message.get("new") or not self._strokes:
            if not self._strokes:
                self._picture += 1
            self._strokes.append(points)
        else:
            # From where the pen was last.
            points = np.concatenate([self._strokes[-1][-1:], points])
            self._strokes[-1] = np.concatenate([self._strokes[-1], points[1:]])
        draw_stroke(self._ink, points, self.pen)
        self._look()

    def frame(self):
        label = int(self._digits[1][self.digit])
        values = {
            "summary": self._summary(),
            "heard": self._heard,
            "picture": self._picture,
            "source": "digit" if self._pasted else "strokes",
            "truth": label if self._pasted else None,
            "strokes": [stroke.round(4).tolist() for stroke in self._strokes],
            "empty": self._trace is None,
            "reads": self.reads,
            "probability": self._gives_probabilities,
            "layers": [],
            "added": self._added_in_words(),
            "refused": self._refused,
            "stages": [],
        }
        arrays = {}
        if self._pasted:
            arrays["pasted"] = scale_to(self._ink, SHOWN)
        prepared, n = self._prepared, len(self._ink)
        if prepared is not None and self._trace is not None:
            top, bottom, left, right = prepared.box
            values["layers"] = digit_pad_words.layers(self._trace)
            values["stages"] = digit_pad_words.stages(
                prepared, crop=self.crop, scale=self.scale, centre=self.centre
            )
            values["box"] = [top / n, bottom / n, left / n, right / n]
            arrays |= self._pictures(prepared)
            for l, a in enumerate(self._trace.a[1:], 1):
                arrays[f"layer {l}"] = a
        return values, {name: array.astype(np.float32) for name, array in arrays.items()}

    def _pictures(self, prepared: Prepared) -> dict[str, np.ndarray]:
        """Return the stages that the views show."""
        shown = max(1, round(max(prepared.cropped.shape) * SHOWN / len(self._ink)))
        return {
            "cropped": scale_to(prepared.cropped, shown),
            "scaled": prepared.scaled,
            "image": prepared.image,
        }

    @property
    def _gives_probabilities(self) -> bool:
        return self.network.activations[-1].name == "softmax"

    def _summary(self) -> str:
        words = []
        if self._pasted:
            label = self._digits[1][self.digit]
            words.append(f"{self._called} {self.digit}, a {label}.")
        output = self.output
        if output is None:
            words.append("The pad is empty: draw a digit, or choose one.")
        else:
            words.append(self._reading(output))
            if self._strokes and is_small(self._strokes, self.pen):
                words.append("It is small for the pen: draw it larger.")
        if self._updates_left:
            done = UPDATES - self._updates_left
            words.append(f"Learning: update {done} of {UPDATES}.")
        elif self._added:
            labels = [one.label for one in self._added]
            words.append(digit_pad_words.score(labels, self._reads_added()))
        return " ".join(words)

    def _reading(self, output: np.ndarray) -> str:
        return digit_pad_words.reading(
            output, self.reads, self.threshold, self._gives_probabilities
        )

    def _reads_added(self) -> list[int]:
        X = np.concatenate([one.X for one in self._added])
        return [int(c) for c in self.network.forward(X).output.argmax(axis=1)]

    def _added_in_words(self) -> list[str]:
        if not self._added:
            return []
        return [
            f"{one.label}: read as {one.before} before, as {now} now"
            for one, now in zip(self._added, self._reads_added(), strict=True)
        ]

    # How it is displayed where no kernel runs.

    def preview(self):
        """Return a picture of what is on the pad, and of what the network makes of it."""
        from ..plots import preparation

        output = self.output
        # Ink that a forward pass of the learner's failed to read has no output either.
        if self._prepared is None or output is None:
            first = prepare(paste(self._digits[0][0]))
            return preparation(first, self.network.forward(first.X).output)
        return preparation(self._prepared, output, title=self._reading(output))

    def described(self) -> str:
        """Say whose pad it is."""
        return f" of {self.network!r}"


_PASTING = ["digit", "across", "down", "rotation", "zoom"]
_BOUNDS = {
    "pen": (0.02, 0.2),
    "zoom": (0.3, 1.4),
    "threshold": (0.0, 0.99),
    "across": (-FARTHEST, FARTHEST),
    "down": (-FARTHEST, FARTHEST),
    "rotation": (-WIDEST, WIDEST),
}


def _controls(last: int) -> list[dict]:
    stages, choose = "How it is prepared", "Choose a digit instead of drawing"
    grouped = {
        stages: [
            controls.toggle("crop", "Crop", "Keep only the box around all the ink."),
            controls.toggle(
                "scale",
                "Scale",
                "Make the longer side 20 pixels; off: only as small as the pad shrunk to 28 × 28.",
            ),
            controls.toggle(
                "centre",
                "Centre",
                "Move the centre of mass to the middle of 28 × 28; off: leave it where it was.",
            ),
            controls.slider(
                "pen", "Pen", *_BOUNDS["pen"], 0.01, "The width of the pen, as a share of the pad."
            ),
            controls.slider(
                "threshold",
                "I don't know below",
                *_BOUNDS["threshold"],
                0.01,
                "If no output reaches this, the pad gives no answer; at 0 it always gives one.",
                "unsure below",
            ),
        ],
        choose: [
            controls.integer(
                "digit", "Digit", 0, last, f"Its number, 0 to {last:,}; it replaces the drawing."
            ),
            controls.slider(
                "across", "Across", -FARTHEST, FARTHEST, 1, "Move it to the right, in pixels."
            ),
            controls.slider("down", "Down", -FARTHEST, FARTHEST, 1, "Move it down, in pixels."),
            controls.slider(
                "rotation", "Turn", -WIDEST, WIDEST, 1, "Turn it clockwise, in degrees."
            ),
            controls.slider("zoom", "Size", *_BOUNDS["zoom"], 0.05, "1 is its original size."),
        ],
    }
    crop, scale, centre, *more = grouped[stages]
    return [
        *(crop, scale, centre),
        *controls.folded(stages, more),
        *controls.folded(choose, grouped[choose]),
    ]


def _as_digits(X, labels, network) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels that fit each other and the network, or raise ValueError."""
    check_order("X", X, "labels", labels)
    X = as_input(X, network.layers[0], kept_dtype(X, network.dtype))
    if are_raw(X):
        raise ValueError(
            f"X goes to {X.max():g}, but what is drawn on the pad goes from 0, paper, to 1, ink: "
            "divide raw pixels by 255"
        )
    return X, as_labels(labels, len(X), max(2, network.layers[-1]))


def _check_points(strokes) -> None:
    if sum(map(len, strokes)) > MOST_POINTS:
        raise ValueError(f"the pad is full: it holds {MOST_POINTS:,} points at most. Press Clear")
