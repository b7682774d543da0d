"""The backpropagation lens: every number of one forward and backward pass, and its formula."""

import math
from typing import Any

import numpy as np
import traitlets

from ..analysis.explain import Explanation, Item, alike, explain, number, own_numbers, subscript
from ..diagnosis.own_code import OwnCodeError
from ..losses import CrossEntropy, default_loss, get_loss
from ..network import NeuralNetwork
from ..optimizers import GradientDescent
from ..support.arrays import as_numbers
from ..support.checks import as_layers
from ..targets import encode_target
from . import controls
from .traits import Positive
from .widget import front_end
from .your_code import YourCode

# What still can be read as a picture.
MAX_LAYERS = 4
MAX_NEURONS = 6

# Numbers typed by a learner may be so large.
LARGEST = 100.0


class BackpropLens(YourCode):
    """Step through one forward and backward pass of a small `network`, and see every number.

    network  a NeuralNetwork, or a list of layers, [2, 2, 1], for one with weights that are easy
             to read: rounded ones, drawn with `seed`. At most 4 layers of at most 6 neurons.
             The lens works on a float64 copy, `.network`
    x        one sample, of shape (n_0,); may be left out with a list of layers
    target   its target: a number, a class label or one value an output; may be left out likewise
    loss     by default the one that goes with the output activation
    seed     of the weights made for a list of layers; None: for 2-2-1 a set chosen by hand
    hidden   the activation of the hidden layers made for a list; sigmoid by default
    output   that of the last layer: by default softmax, or sigmoid for a single output

    `step`, `run` and the trait `stage` move through the stages; `edit` changes a weight,
    a bias, the input or the target, and `learn` takes one step of gradient descent with
    the trait `learning_rate`. Reset gives back everything as it came. `use` shows the numbers
    of your own forward and backward beside nnlib's. Raises ValueError for a network that is
    too large, or if x, target or loss do not fit it.
    """

    _esm = front_end("backprop_lens.js")
    cannot = ""
    refuses_mistakes = False  # they are shown beside nnlib's numbers

    _given: tuple[NeuralNetwork, np.ndarray, np.ndarray]  # what it starts from: network, x and y
    _x: np.ndarray  # the input and the encoded target of now, a row each
    _y: np.ndarray
    _explanation: Explanation
    _steps: int  # of gradient descent, since the start

    stage = traitlets.Int(0).tag(sync=True)
    learning_rate = Positive(0.5).tag(sync=True)

    def __init__(
        self,
        network=None,
        x=None,
        target=None,
        loss=None,
        *,
        seed: int | None = None,
        hidden="sigmoid",
        output=None,
    ):
        self._own_numbers: dict[str, float] = {}
        if network is None:
            network = [2, 2, 1]
        if not isinstance(network, NeuralNetwork):
            layers = list(as_layers(network))
            _check_size(layers)
            network = readable_network(layers, hidden, output, seed)
            x = (1.0, 0.5, -1.0, 0.2, -0.4, 0.8)[: layers[0]] if x is None else x
            target = (1 if layers[-1] == 1 else 0) if target is None else target
        if x is None or target is None:
            raise ValueError("if you bring your own network, give x and target too")
        _check_size(network.layers)
        self.network = network.copy("float64")
        self.loss = default_loss(network.activations[-1]) if loss is None else get_loss(loss)
        x = as_numbers("x", x)
        x = x.reshape(1, -1) if x.ndim < 2 else x
        self._given = self.network.copy(), x.astype(np.float64), self._as_target(target)
        self._start_over()
        last = len(self._explanation.stages) - 1
        super().__init__(
            title=f"{network!r}, {self.loss.name.replace('_', '-')} loss, one sample",
            speed=1.0,
            controls=[
                controls.slider(
                    "stage", "Stage", 0, last, 1, "Go to any stage, forward or backward."
                ),
                controls.log_slider(
                    "learning_rate",
                    "Learning rate α",
                    1e-3,
                    1e1,
                    "The length of a step of gradient descent, x ← x − α∇L.",
                ),
            ],
        )
        self.on_change(self._show_stage, "stage")
        self.on_change(self._explain_and_show, "learning_rate")

    @property
    def explanation(self):
        """The `nnlib.analysis.explain.Explanation` of all stages, also of those still to come."""
        return self._explanation

    @property
    def refused(self) -> str:
        """Why the latest change that a view asked for was not made; empty if it was."""
        return self._refused

    @property
    def x(self) -> np.ndarray:
        """The input a⁽⁰⁾, of shape (n_0,)."""
        return self._x[0].copy()

    @property
    def target(self) -> np.ndarray:
        """The encoded target y, of shape (n_L,)."""
        return self._y[0].copy()

    @traitlets.validate("stage")
    def _check_stage(self, proposal) -> int:
        stage, last = proposal["value"], len(self._explanation.stages) - 1
        if not 0 <= stage <= last:
            raise traitlets.TraitError(f"stage={stage} must be from 0 to {last}")
        return stage

    # What a learner can do beside stepping.

    def run(self) -> None:
        """Play the stages slowly; at the end, from the start again."""
        if self.stage == self._last:
            self.stage = 0
        super().run()

    def edit(self, key: str, value: float, part: int | str = 0) -> None:
        """Change one number, and all that follows from it.

        key    'w-l-i-j' a weight, 'n-l-j' a bias (of layer 0: an input), 'loss' the target,
               counted from 0 as in `nnlib.analysis.explain.Item`
        part   of the target: which output's y, or 'class' if `value` is a class label

        Raises ValueError, and changes nothing, for a number that cannot be taken.
        """
        if key not in self._explanation.items:
            raise ValueError(f"this network has no {key!r}")
        value = _as_number(value)
        before = self.network.parameters.copy(), self._x, self._y
        kind, *places = key.split("-")
        l, *index = map(int, places or ["0"])
        if kind == "w":
            self.network.weights[l - 1][tuple(index)] = value
        elif kind == "n" and l > 0:
            self.network.biases[l - 1][index[0]] = value
        elif kind == "n":
            self._x = self._x.copy()
            self._x[0, index[0]] = value
        else:
            self._y = self._edited_target(value, part)
        self._explain_or_go_back(before, f"{number(value)} is too large for this network")

    def learn(self) -> None:
        """Take one step of gradient descent, x ← x − α∇L, once all stages have been computed."""
        before = self.network.parameters.copy(), self._x, self._y
        loss = self._explanation.loss
        optimizer = GradientDescent(self.learning_rate)
        with np.errstate(all="ignore"):
            optimizer.update(self.network.parameters, self._explanation.gradients.vector)
        self._explain_or_go_back(
            before, "this step leads to numbers that are not finite: choose a smaller α"
        )
        self._steps += 1
        self._news = (
            f"After step {self._steps} of gradient descent C went from {number(loss)} to "
            f"{number(self._explanation.loss)}."
        )
        self.stage = self._last
        self.send_frame()

    def use(self, kept=None, /, *, forward=None, backward=None) -> None:
        """Show the numbers of functions of your own beside nnlib's; without any, none.

        `use(mine())` takes those that you kept in the lessons (`nnlib.exercises.mine`). Their
        signatures are in `nnlib.diagnosis.own_code`. They are called with what the lens
        shows, again at every edit. Where a number differs from nnlib's it is marked, and
        `diagnosis` says what is wrong.
        """
        self.try_functions(kept, forward=forward, backward=backward)

    def tried_with(self):
        """Return the network and the loss with which functions are tried."""
        return self.network, self.loss

    def take_up(self) -> None:
        """Show the numbers of `own_code`, if there is any."""
        self._run_own()

    def _run_own(self) -> None:
        """Let your functions compute what the lens shows: {symbol: number}."""
        self._own_numbers, self._own_failed = {}, ""
        if self.own_code is not None:
            try:
                with np.errstate(all="ignore"):
                    self._own_numbers = own_numbers(
                        self.own_code,
                        self.network,
                        self._x,
                        self._y,
                        self._explanation.trace,
                        trust="forward" not in self.wrong_functions,
                    )
            except OwnCodeError as error:
                self._own_failed = str(error)

    def _edited_target(self, value, part) -> np.ndarray:
        if part == "class":
            if value != int(value):
                raise ValueError(f"a class is a whole number, not {value:g}")
            return self._as_target(int(value))
        if part not in range(len(self._y[0])):
            raise ValueError(f"there is no target {part!r}")
        y = self._y.copy()
        y[0, part] = value
        return self._as_target(y)

    def _as_target(self, target) -> np.ndarray:
        """Return a number, a label or a vector as one row y."""
        target = as_numbers("target", target)
        if target.ndim == 0 or (target.ndim == 1 and target.size == self.network.layers[-1] > 1):
            target = target[None]
        return encode_target(target, 1, self.network, self.loss)

    @property
    def _last(self) -> int:
        return len(self._explanation.stages) - 1

    # The mathematics, from the maths floor.

    def _start_over(self) -> None:
        network, self._x, self._y = self._given
        self.network.parameters = network.parameters
        self._steps, self._news, self._refused = 0, "", ""
        self._explain()

    def _explain(self) -> None:
        with np.errstate(all="ignore"):
            self._explanation = explain(
                self.network, self._x, self._y, self.loss, learning_rate=self.learning_rate
            )
        self._run_own()

    def _explain_or_go_back(self, before, reason: str) -> None:
        """Explain again; if the numbers are no longer finite, put back what was `before`."""
        kept = self._explanation
        self._explain()
        now = self._explanation
        if not (
            math.isfinite(now.loss)
            and np.isfinite(now.gradients.vector).all()
            and np.isfinite(self.network.parameters).all()
        ):
            self.network.parameters, self._x, self._y = before
            self._explanation = kept
            self._run_own()
            raise ValueError(reason)
        self._news = self._refused = ""

    def _show_stage(self) -> None:
        self._refused = ""
        self.send_frame()

    def _explain_and_show(self) -> None:
        self._explain()
        self.send_frame()

    # The lab's side.

    def work(self) -> bool:
        if self.stage < self._last:
            self.stage += 1
        if self.stage == self._last:
            self.pause()
        return True

    def restart(self) -> None:
        self._start_over()
        self.stage = 0

    def hear(self, message: dict) -> None:
        command = message.get("command")
        if command not in ("seen", "hello"):
            self._refused = ""
        if command == "step":
            self.step()
        elif command in ("edit", "learn"):
            self.pause()
            try:
                if command == "learn":
                    self.learn()
                else:
                    # Whatever a view sends: `edit` checks it.
                    key: Any = message.get("key")
                    value: Any = message.get("value")
                    self.edit(key, value, message.get("part", 0))
            except ValueError as error:
                self._refused = str(error)
            self.send_frame()
        else:
            super().hear(message)

    def frame(self):
        explanation, stage = self._explanation, self.stage
        now = explanation.stages[stage]
        values = {
            "summary": self.summary(),
            "stage": stage,
            "stages": [s.name for s in explanation.stages],
            "layers": list(self.network.layers),
            "refused": self._refused,
            "code": self.code,
            "diagnosis": self.diagnosis or self._own_failed,
            "items": [
                {
                    **_shown(item, stage, self._own_numbers),
                    "fields": self._fields(item),
                    "now": item.key in now.keys,
                }
                for item in explanation.items.values()
            ],
        }
        return values, {}

    def _fields(self, item: Item) -> list[dict]:
        """Return the numbers of an item that a learner may change."""
        if item.key != "loss":
            symbol, value, _ = item.numbers[0]
            return [{"part": 0, "label": symbol, "value": value}]
        if (
            isinstance(self.loss, CrossEntropy)
            and len(self._y[0]) > 1
            and (self.network.activations[-1].name == "softmax")
        ):
            label = f"class, 0 to {len(self._y[0]) - 1}"
            return [{"part": "class", "label": label, "value": int(self._y[0].argmax())}]
        return [
            {"part": j, "label": f"target y{subscript(j)}", "value": float(value)}
            for j, value in enumerate(self._y[0])
        ]

    def summary(self) -> str:
        """Say which stage this is, and what came out."""
        explanation, stage = self._explanation, self.stage
        words = [f"Stage {stage} of {self._last}. {explanation.stages[stage].text}"]
        if stage > len(self.network.weights):
            words.append(f"C = {number(explanation.loss)}.")
        if stage == self._last:
            words.append(_verdict(explanation.checks))
            if self.own_code is not None:
                words.append(self._own_verdict())
            words.append(self._news)
        return " ".join(word for word in words if word)

    def _own_verdict(self) -> str:
        """Say how many of your numbers agree with nnlib's."""
        if not self._own_numbers:
            return f"There are no numbers of {self.code} to compare."
        numbers = {s: v for item in self._explanation.items.values() for s, v, _ in item.numbers}
        numbers |= {check.symbol: check.analytic for check in self._explanation.checks}
        agree = sum(alike(own, numbers[s]) for s, own in self._own_numbers.items())
        return f"{agree} of {len(self._own_numbers)} numbers of {self.code} agree with nnlib's."

    # How it is displayed where no kernel runs.

    def preview(self):
        """Return a picture of the last stage, or of the first, of the network as it was given."""
        from ..plots.lens import lens

        network, x, y = self._given
        stage = 0 if self._from_start else None
        return lens(network, explain(network, x, y, self.loss), stage)

    def described(self) -> str:
        """Say of what network."""
        return f" of {self._given[0]!r}"


def readable_network(layers, hidden, output, seed) -> NeuralNetwork:
    """Return a network with weights and biases of one or two digits."""
    if output is None:
        output = "sigmoid" if layers[-1] == 1 else "softmax"
    network = NeuralNetwork(layers, hidden=hidden, output=output, init="zeros", dtype="float64")
    if seed is None and layers == [2, 2, 1]:
        network.weights[0], network.biases[0] = [[0.5, -0.4], [0.3, 0.8]], [0.1, -0.2]
        network.weights[1], network.biases[1] = [[0.7], [-0.6]], [0.2]
        return network
    rng = np.random.default_rng(0 if seed is None else seed)
    for W, b in zip(network.weights, network.biases, strict=True):
        W[...] = rng.integers(1, 10, W.shape) / 10 * rng.choice((-1, 1), W.shape)
        b[...] = rng.integers(-3, 4, b.shape) / 10
    return network


def _check_size(layers) -> None:
    if len(layers) > MAX_LAYERS or max(layers) > MAX_NEURONS:
        raise ValueError(
            f"layers={list(layers)} is too large to show every number: the lens shows at most "
            f"{MAX_LAYERS} layers, the input among them, of at most {MAX_NEURONS} neurons"
        )


def _as_number(value) -> float:
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a number") from None
    if not abs(value) <= LARGEST:
        raise ValueError(f"{value:g} must lie between −{LARGEST:g} and {LARGEST:g}")
    return value


def _shown(item: Item, stage: int, own: dict[str, float]) -> dict:
    """Return an item as it looks at a stage: what is not yet computed is a question mark.

    `own` are your numbers, by symbol; those that are known at this stage stand beside nnlib's.
    """
    formulas = []
    for f in item.formulas:
        known = f.stage <= stage
        steps = [f.rule, f.numbers, number(f.value)] if known else [f.rule, "?"]
        formulas.append(
            {
                "known": known,
                "symbol": f.symbol,
                "steps": [s for s in steps if s],
                "note": f.note,
            }
        )
    return {
        "key": item.key,
        "name": item.name,
        "value": item.numbers[0][1],
        "numbers": [[s, number(v) if since <= stage else "?"] for s, v, since in item.numbers],
        "formulas": formulas,
        "own": [
            {
                "symbol": s,
                "value": number(own[s], 7),
                "theirs": number(v, 7),
                "agrees": alike(own[s], v),
            }
            for s, v, since in item.numbers
            if s in own and since <= stage
        ]
        + [
            {
                "symbol": c.symbol,
                "value": number(own[c.symbol], 7),
                "theirs": number(c.analytic, 7),
                "agrees": alike(own[c.symbol], c.analytic),
            }
            for c in item.checks
            if c.symbol in own and c.stage <= stage and c.symbol not in {n[0] for n in item.numbers}
        ],
        "checks": [_said(check) for check in item.checks if check.stage <= stage],
    }


def _said(check) -> str:
    """Say what the finite difference of one gradient is, and whether it agrees."""
    if check.numeric is None:
        return "Finite difference: none, since a step of h crosses the kink of an activation."
    verdict = "it agrees" if check.agrees else "it does NOT agree"
    return (
        f"Finite difference (C(x + h) − C(x − h)) / 2h = {number(check.numeric, 7)} beside "
        f"{number(check.analytic, 7)}: {verdict}."
    )


def _verdict(checks) -> str:
    compared = [check for check in checks if check.numeric is not None]
    agree = sum(check.agrees for check in compared)
    return f"{agree} of {len(compared)} gradients agree with finite differences."
