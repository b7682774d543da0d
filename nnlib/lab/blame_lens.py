"""The blame lens: draw a digit, ask why it is read so, and the loss flows back to the pixels.

pad → forward → an answer → the loss → backward, layer by layer → the pixels → one step
"""

import numpy as np
import traitlets

from ..analysis.blame import Blame, blame
from ..analysis.explain import number
from ..diagnosis.own_code import OwnCodeError
from ..images.handwriting import Prepared
from ..losses import default_loss
from ..network import as_network
from ..optimizers import GradientDescent
from ..support.takes import data, of, takes
from . import controls
from .digit_pad import DigitPad
from .digit_pad_words import amount
from .traits import Positive
from .widget import front_end

# Of the weights into each layer so many are drawn, those with the largest gradients.
EDGES = 40
# The most hidden layers and neurons that there is room for.
MOST_LAYERS, MOST_NEURONS = 3, 1024
# Layers a second, when the loss flows back.
FLOW = 2.0
# The correct answer is not known.
UNKNOWN = "?"


class BlameLens(DigitPad):
    """Draw a digit, and see which neurons, weights and pixels are to blame for the answer.

    network   as for `DigitPad`: 784 inputs, 10 outputs; at most 3 hidden layers of 1,024 neurons.
              The lens works on a copy, `.network`
    digits    (X, labels) to choose from instead of drawing; by default MNIST's test set

    The trait `truth` is the correct answer, '0' to '9', or '?' while nobody has said it; a digit of
    `digits` brings its own. `why` lets the loss flow back, and the trait `stage` says how far it
    has come: 0 is the answer alone, and each stage is one layer more, at last the pixels. `learn`
    takes one step of gradient descent on this digit alone; Reset gives back the first weights.
    `blame` holds all numbers. `use` lets forward and backward functions of your own do the work.
    Raises ValueError for a network that is too large or does not fit.
    """

    _esm = front_end("plane.js", "whose_code.js", "digit_pad.js", "blame_lens.js")

    cannot = "cannot say whose fault it is yet; the lens goes on with {code}"

    stage = traitlets.Int(0).tag(sync=True)
    truth = traitlets.Enum([UNKNOWN, *"0123456789"], UNKNOWN).tag(sync=True)
    learning_rate = Positive(0.01).tag(sync=True)

    @takes(network=of(as_network), digits=data)
    def __init__(self, network=None, *, digits=None):
        if network is None:
            from ..recipes import pretrained

            network = pretrained("quick")
        hidden = network.layers[1:-1]
        if len(hidden) > MOST_LAYERS or max(hidden, default=0) > MOST_NEURONS:
            raise ValueError(
                f"{network!r} is too large for the lens: it has room for {MOST_LAYERS} hidden "
                f"layers of {MOST_NEURONS:,} neurons"
            )
        self._blame: Blame | None = None
        self._loss = default_loss(network.activations[-1])
        self._steps, self._news, self._looked = 0, "", ""
        super().__init__(network, digits=digits)
        self.title = f"Whose fault is it? {network!r}"
        self.speed = FLOW
        last = len(self._digits[0]) - 1
        self.controls = [
            controls.slider(
                "stage",
                "Back to layer",
                0,
                self.last_stage,
                1,
                "How far the loss has flowed back: 0 is the answer alone, the last the pixels.",
            ),
            controls.log_slider(
                "learning_rate", "Learning rate α", 1e-4, 1.0, "The length of a step, x ← x − α∇C."
            ),
            controls.integer(
                "digit", "Digit", 0, last, f"Its number, 0 to {last:,}; it replaces the drawing."
            ),
        ]
        self.on_change(self._judge, "truth")
        self.on_change(self.send_frame, "stage")

    @property
    def blame(self) -> Blame | None:
        """The `nnlib.analysis.blame.Blame` of what is on the pad.

        None if it is empty, or while the correct answer is not known.
        """
        return self._blame

    @property
    def target(self) -> int | None:
        """The correct answer; None while it is not known."""
        if self.truth != UNKNOWN:
            return int(self.truth)
        return int(self._digits[1][self.digit]) if self._pasted else None

    @property
    def last_stage(self) -> int:
        """The stage at which the loss has reached the pixels."""
        return len(self.network.layers)

    @traitlets.validate("stage")
    def _check_stage(self, proposal) -> int:
        if not 0 <= proposal["value"] <= self.last_stage:
            raise traitlets.TraitError(
                f"stage={proposal['value']} must be from 0 to {self.last_stage}"
            )
        return proposal["value"]

    # What a learner can do.

    def why(self) -> None:
        """Let the loss flow back from the answer to the pixels, layer by layer."""
        self._require_blame("ask why")
        self.pause()
        self.stage = 0
        self.run()

    def learn(self) -> None:
        """Take one step of gradient descent, x ← x − α∇C, on this digit alone."""
        found = self._require_blame("take a step")
        self.pause()
        network, first = self.network, self.network.parameters.copy()
        before = found.trace.output[0].copy()
        gradient = np.concatenate(
            [part.ravel() for pair in zip(found.dW, found.db, strict=True) for part in pair]
        )
        with np.errstate(all="ignore"):
            optimizer = GradientDescent(self.learning_rate)
            optimizer.update(network.parameters, gradient.astype(network.dtype))
            self._look()
        now = self._blame
        if now is None or not np.isfinite(now.value):
            network.parameters = first
            self._look()
            raise ValueError("this step leads to numbers that are not finite: choose a smaller α")
        self._steps += 1
        self._news = self._in_words(found, before, now)
        self.send_frame()

    def use(self, kept=None, /, *, forward=None, backward=None) -> None:
        """Let functions of your own read and find the blame; without any, nnlib's do again.

        `use(mine())` takes those that you kept in the lessons (`nnlib.exercises.mine`). Their
        signatures are in `nnlib.diagnosis.own_code`. They are tried first; if one is wrong
        the lens says in what, and goes on with what was at work before.
        """
        self.try_functions(kept, forward=forward, backward=backward)

    def _require_blame(self, to: str) -> Blame:
        if self._blame is None:
            what = (
                "draw a digit, or choose one"
                if self._trace is None
                else "choose the correct answer under the pad"
            )
            raise ValueError(f"to {to}, first {what}")
        return self._blame

    # From the pad to the blame.

    def _look(self) -> None:
        super()._look()
        self._find_blame()

    def _find_blame(self) -> None:
        self._blame, target = None, self.target
        if self._prepared is None or self._trace is None or target is None:
            return
        try:
            self._blame = blame(
                self.network, self._prepared.X, [target], self._loss, self.own_code, self._trace
            )
        except OwnCodeError as error:
            self.fail(error)

    def _judge(self) -> None:
        self._find_blame()
        self.send_frame()

    def _read(self, X):
        if self.own_code is None or self.own_code.forward is None:
            return self.network.forward(X)
        return super()._read(X)

    def _put(self) -> None:
        self._forget()
        super()._put()

    def _begin_picture(self, strokes: list) -> None:
        self._forget()
        super()._begin_picture(strokes)

    def _forget(self) -> None:
        """Another picture: nobody knows yet what it is, or has asked why."""
        self.pause()
        self.truth, self.stage, self._looked, self._news = UNKNOWN, 0, "", ""

    def work(self) -> bool:
        if self.stage < self.last_stage:
            self.stage += 1
        if self.stage == self.last_stage:
            self.pause()
        return True

    def restart(self) -> None:
        self._steps, self._news = 0, ""
        super().restart()
        self.stage = 0

    # The lab's side.

    def hear(self, message: dict) -> None:
        """Obey a message from a view."""
        command = message.get("command")
        if command not in ("why", "learn", "look"):
            super().hear(message)
            return
        self._refused = ""
        try:
            if command == "look":
                self._looked = str(message.get("at"))
            else:
                getattr(self, command)()
        except ValueError as error:
            self._refused = str(error)
        self.send_frame()

    def frame(self):
        """Return what the views show now."""
        values, arrays = super().frame()
        found = self._blame
        values |= {
            "stage": self.stage,
            "last": self.last_stage,
            "widths": list(self.network.layers),
            "target": self.target,
            "blamed": found is not None,
            "looked": self._looked,
            "lines": self._lines(),
            "edges": [W.size for W in self.network.weights],
        }
        if found is not None:
            arrays["blame 0"] = found.pixels[None].astype(np.float32)
            for l in range(1, len(self.network.layers)):
                arrays[f"blame {l}"] = found.delta[l][None].astype(np.float32)
                i, j = found.strongest(l, EDGES)
                if len(i):
                    arrays[f"edges {l}"] = np.array([i, j, found.dW[l - 1][i, j]], np.float32)
        return values, arrays

    def _pictures(self, prepared: Prepared) -> dict[str, np.ndarray]:
        """Return the only stage that is shown here, that which the network gets."""
        return {"image": prepared.image}

    def _lines(self) -> list[str]:
        """Return the formulas of what is looked at: 'n-l-j' or 'w-l-i-j', counted from 0."""
        if self._blame is None or not self._looked:
            return []
        try:
            _, layer, *at = self._looked.split("-")
            return self._blame.explain(int(layer), *map(int, at))
        except ValueError:
            return []

    def _summary(self) -> str:
        words = [super()._summary()]
        if self._blame is not None:
            words.append(f"It is a {self.target}: C = {number(self._blame.value)}.")
        elif self._trace is not None:
            words.append("What is it really? Choose below the pad.")
        return " ".join([*words, self._news]).strip()

    def _in_words(self, found: Blame, before: np.ndarray, now: Blame) -> str:
        """Say what a step has changed."""
        after, target = now.trace.output[0], self.target
        l = max(range(len(found.dW)), key=lambda i: np.abs(found.dW[i]).max()) + 1
        i, j = (int(k[0]) for k in found.strongest(l, 1))
        moved = -self.learning_rate * found.dW[l - 1][i, j]
        count = sum(int(np.count_nonzero(dW)) for dW in found.dW)
        most = int(before.argmax())
        answers = [target] if most == target else [target, most]
        probability = self._gives_probabilities
        changes = "; ".join(
            f"{c}: {amount(before[c], probability)} → {amount(after[c], probability)}"
            for c in answers
            if c is not None
        )
        return (
            f"Step {self._steps}: {count:,} weights moved, most of all that from "
            f"{found.called(l - 1, i)} to {found.called(l, j)}, by {number(moved, 2)}; "
            f"C {number(found.value, 3)} → {number(now.value, 3)}; {changes}."
        )

    # How it is displayed where no kernel runs.

    def preview(self):
        """Return a picture of the blame for what is on the pad, or else for the first digit."""
        from .. import plots

        found = self._blame
        if found is None:
            X, labels = self._digits
            found = blame(self.network, X[:1], labels[:1], self._loss)
        return plots.blame(found, title="From the loss back to the pixels")
