"""The playground: a network on points of the plane, with everything about it to be changed."""

import itertools

import numpy as np
import traitlets

from .. import datasets
from ..activations import ACTIVATIONS
from ..analysis.gradient_flow import flow, typical_sizes
from ..analysis.maps import neuron_maps, plane
from ..initializers import INITIALIZERS
from ..network import NeuralNetwork
from ..support.blas import blas_threads
from ..support.errors import Diverged
from ..training.evaluation import Evaluator
from ..training.record import History
from ..training.trainer import Trainer
from .goal import check_goal
from .limits import MOST_LAYERS, MOST_NEURONS
from .painted import PAINTED, Painted, Painting
from .plane_points import LIMIT, own_points
from .playground_controls import playground_controls
from .settings_lab import TEACHERS, as_settings
from .training_lab import ACTING
from .traits import Number
from .widget import front_end

DATASETS = {
    f.__name__: f
    for f in (datasets.xor, datasets.circles, datasets.moons, datasets.spirals, datasets.blobs)
}
OWN = "my data"
# Painted points up to this number are a part of the settings; more would not be small.
MOST_IN_SETTINGS = 200
# Points that are drawn; more are trained on, but hide each other.
MOST_DRAWN = 1500
N_SAMPLES = 400
LOSSES = {"Cross-entropy": "cross_entropy", "Mean squared error": "mse"}
BOUNDARY, NEURON = plane(64), plane(20)  # where the output and the hidden neurons are drawn

# Updates made for the picture that stands in for it.
PREVIEW = 2000

# Those of its settings that restart training; ACTING act on the next update.
BUILDING = ("dataset", "noise", "share", "seed", "hidden", "activation", "init", "loss")


class Playground(Painting):
    """Train a network on points of the plane, and see what each of its neurons does.

    X, y      points of your own, shape (n_samples, 2), and integer labels from 0, shape
              (n_samples,), of at most six classes; without them the points are one of nnlib's
              sets. X that does not fit the plane drawn, [−1.2, 1.2]², or is tiny in it, is shifted
              and scaled to [−1, 1], axis by axis; the axes carry your own numbers
    locked    names of settings whose controls are hidden and cannot be set by a view, only
              from a cell; "points" locks painting
    goal      what is to be reached, and within what: a dict of `validation_accuracy` (at least),
              `validation_loss`, `training_loss` (at most; the latter a running mean), and
              of the limits `updates`, `samples`, `epochs`, `neurons` (hidden), `parameters`
    points    painted points, a list of [x, y, class]; `paint`, `erase` and `clear` change them
    settings  any of `learning_rate`, `mode`, `batch_size`, `optimizer`, `momentum`, `l1`, `l2`,
              `pace`, which act on the next update, and `dataset`, `noise`, `share` (of the
              points that is trained on; the rest is for validation), `seed`, `hidden` (the widths
              of the hidden layers), `activation`, `init`, `loss`, which restart training

    Every setting is a trait of that name, so it may also be read and set from a cell.
    Points may be painted while training runs: it goes on with the same network.
    Raises ValueError for data, settings or a goal that cannot be used.
    """

    _esm = front_end(
        "plane.js", "whose_code.js", "copy_settings.js", "goal.js", "painting.js", "playground.js"
    )

    _names = (*ACTING, *BUILDING)
    _more_to_lock = ("points",)  # locks painting
    _teachers = (*TEACHERS, "paintable")

    dataset = traitlets.Enum([*DATASETS, PAINTED, OWN], "circles").tag(sync=True)
    noise = Number(0.05, min=0, max=0.5).tag(sync=True)
    share = Number(0.7, min=0.1, max=0.9).tag(sync=True)
    seed = traitlets.Int(0, min=0).tag(sync=True)
    hidden: traitlets.Any = traitlets.Any([6, 4]).tag(sync=True)  # `_check_hidden` says what fits
    activation = traitlets.Enum([f for f in ACTIVATIONS if f != "softmax"], "tanh").tag(sync=True)
    init = traitlets.Enum(list(INITIALIZERS), "xavier").tag(sync=True)
    loss = traitlets.Enum(list(LOSSES), "Cross-entropy").tag(sync=True)
    # Whether a view may paint; and the hidden neuron that is shown large: its layer, from 1,
    # and its place there, from 0; or nothing.
    paintable = traitlets.Bool(True).tag(sync=True)
    shown = traitlets.List(traitlets.Int(min=0), maxlen=2).tag(sync=True)

    def __init__(self, X=None, y=None, *, locked=(), goal=None, points=None, **settings):
        self._check_names(settings, locked)
        if X is not None and y is None:
            raise ValueError("X needs labels: pass both, Playground(X, y)")
        self._own = None if X is None else own_points(X, y)
        # Centre and scale of what the axes say.
        self._axes: tuple[np.ndarray, np.ndarray] = (np.zeros(2), np.ones(2))
        self._drawn = np.empty((4, 0))
        self._points_sent = False
        start = {"learning_rate": 0.1, "batch_size": 10, **settings}
        if points is not None:
            self._painted = Painted.from_settings(points, start.get("share", 0.7))
            start.setdefault("dataset", PAINTED)
        elif self._own and start.get("dataset") == PAINTED:
            X, y, *_ = self._own
            validation = self._split(len(X), start.get("share", 0.7))
            self._painted = Painted.of(X, y, validation, start.get("share", 0.7))
        if self._own and start.get("dataset") != PAINTED:
            start["dataset"] = OWN
        super().__init__(
            title="Playground", locked=list(locked), goal=check_goal(goal or {}), **start
        )
        self.on_change(self._start_anew, *BUILDING)
        self.on_change(self._lock, "dataset")
        self.on_change(self.send_frame, "shown")

    def settings(self) -> dict:
        """Return all settings as a small dict that JSON can hold; see `from_settings`.

        Painted points are part of it if they are 200 or fewer; more travel as
        arrays: `Playground.from_settings(settings, *lab.points)`.
        """
        settings = super().settings() | {"hidden": list(self.hidden)}
        painted = self._painted
        if self.dataset == PAINTED and painted is not None and len(painted) <= MOST_IN_SETTINGS:
            settings["points"] = painted.for_settings(self.share)
        return settings

    @classmethod
    def from_settings(cls, settings: "dict | str", X=None, y=None) -> "Playground":
        """Return a playground with these settings: a dict, or its JSON text."""
        return cls(X, y, **as_settings(settings))

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The points there are: X of shape (n, 2) in the units of the axes, labels (n,)."""
        X, y, _ = self._data()
        centre, scale = self._axes
        return centre + scale * X, y.copy()

    @property
    def waiting(self) -> str:
        """Why there is nothing to train on yet; empty if there is."""
        return self._waiting

    @property
    def drawn_points(self) -> np.ndarray:
        """The points as they are drawn, shape (4, n): x₁, x₂, label, 1 for validation."""
        return self._drawn

    # Building from the settings.

    def _split(self, n: int, share: float) -> np.ndarray:
        """Return a mask of the points for validation: the last ones."""
        return np.arange(n) >= min(n - 1, max(1, round(share * n)))

    def _data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the points, their labels, and a mask of those for validation."""
        self._waiting = ""
        if self.dataset == OWN:
            if self._own is None:
                raise ValueError("there is no data of yours: make a Playground(X, y)")
            X, y, centre, scale = self._own
            self._axes = (centre, scale)
            order = np.random.default_rng(self.seed).permutation(len(X))
            return X[order], y[order], self._split(len(X), self.share)
        self._axes = (np.zeros(2), np.ones(2))
        if self.dataset == PAINTED:
            if self._painted is None:  # start from the points there were
                x, y, label, validation = self._drawn
                X = np.column_stack([x, y])
                self._painted = Painted.of(X, label, validation > 0, self.share)
            X, y, validation = self._painted.data(self.share)
            if len(np.unique(y)) < 2:
                self._waiting = (
                    "Paint points of at least two classes to give the network something to learn."
                )
            return X, y, validation
        X, y = DATASETS[self.dataset](N_SAMPLES, noise=self.noise, seed=self.seed)
        return X, y, self._split(len(X), self.share)

    def _make(self, network, X, y, validation, optimizer) -> Trainer:
        return self.trainer_for(
            network,
            X[~validation],
            y[~validation],
            loss=LOSSES[self.loss],
            optimizer=optimizer,
            seed=self.seed,
            l1=self.l1,
            l2=self.l2,
        )

    def build(self) -> None:
        """Make new data, a new network and a new trainer from the settings."""
        shown = X, y, validation = self._data()
        if self._waiting:
            # A network must stand somewhere; it is not trained before there are points.
            X, y = np.zeros((2, 2)), np.array([0, 1])
            validation = np.array([False, True])
        network = NeuralNetwork(
            [2, *self.hidden, int(np.max(y)) + 1],
            hidden=self.activation,
            init=self.init,
            seed=self.seed,
        )
        trainer = self._make(network, X, y, validation, self._new_optimizer())
        evaluator = Evaluator(network, X[validation], y[validation], trainer.loss, at_once="frame")
        self._start_weights = [W.copy() for W in network.weights]
        self.begin(trainer, evaluator)
        self._place(*shown)

    def _place(self, X, y, validation) -> None:
        """Show these points from now on."""
        self._drawn = np.column_stack([X, y, validation]).T.astype(np.float64)
        self._points_sent = False

    def _start_anew(self) -> None:
        if self._turning_to_paint:
            return
        self.pause()
        try:
            self.restart()
            self.problem = ""
        except ValueError as error:
            self.fail(error)
        self.send_frame()

    def restart(self) -> None:
        self.build()
        self._apply_settings()

    # What a view may do.

    def _lock(self) -> None:
        super()._lock()
        locked = {"points"} if self.dataset == PAINTED else {"points", "dataset"}
        self.paintable = not locked & set(self.locked)

    def hear(self, message: dict) -> None:
        command = message.get("command")
        if command == "hello":
            self._points_sent = False
        painting = command in ("paint", "erase", "clear")
        if (painting and not self.paintable) or (
            self._waiting and command in ("run", "step", "epoch")
        ):
            self.send_frame()
        elif command == "paint":
            self.paint(message["points"])
        elif command == "erase":
            self.erase(message["x"], message["y"], message["radius"])
        elif command == "clear":
            self.clear()
        else:
            super().hear(message)

    def run(self) -> None:
        """Train until paused."""
        if not self._waiting:
            super().run()

    def step(self, updates: int = 1) -> None:
        """Make this many updates before returning (one by default)."""
        if not self._waiting:
            super().step(updates)

    @traitlets.validate("hidden")
    def _check_hidden(self, proposal) -> list[int]:
        return as_hidden(proposal["value"])

    @traitlets.validate("batch_size")
    def _check_batch_size(self, proposal) -> int:
        # Points come and go, so a size above their number means all of them.
        if proposal["value"] < 1:
            raise traitlets.TraitError(f"batch_size={proposal['value']} must be 1 or more")
        return proposal["value"]

    def _standing(self) -> str:
        return self._waiting or super()._standing()

    def settings_in_words(self) -> dict[str, str]:
        words = super().settings_in_words()
        said = ("learning_rate", "mode", "batch_size", "optimizer", "momentum", "pace")
        for name in [name for name in (*ACTING, *BUILDING) if name not in said]:
            value = getattr(self, name)
            if name == "hidden":
                text = f"layers {'-'.join(map(str, value))}" if value else "no hidden layers"
            else:
                text = f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
            words[name] = text
        return words

    # What is seen.

    def frame(self):
        values, arrays = super().frame()
        network, gradients = self.network, self.trainer.gradients.weights
        *hidden, output = neuron_maps(network, BOUNDARY)
        small = neuron_maps(network, NEURON)[:-1]
        # Of what has grown too large to be squared, the answer is inf, without a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            sizes = [float(np.linalg.norm(g.astype(np.float64))) for g in gradients]
            deviations = [float(W.std(dtype=np.float64)) for W in network.weights]
        values |= {
            "layers": list(network.layers),
            "gradient norms": sizes,
            "gradient flow": flow(typical_sizes(gradients)),
            "weight deviations": deviations,
            "points": self._drawn.shape[1],
            "axes": [
                [float(centre - LIMIT * scale), float(centre + LIMIT * scale)]
                for centre, scale in zip(*self._axes, strict=True)
            ],
        }
        arrays |= {
            "boundary": output.astype(np.float32),
            "neurons": np.concatenate(small, dtype=np.float32) if small else np.empty((0, 0)),
        }
        if not self._points_sent or not self.running:
            arrays["points"] = self._drawn[:, :MOST_DRAWN]
            self._points_sent = True
        if self._is_hidden(self.shown):
            layer, neuron = self.shown
            arrays["shown"] = hidden[layer - 1][neuron : neuron + 1].astype(np.float32)
        for layer, W in enumerate(network.weights, start=1):
            arrays |= {
                f"W{layer}": W,
                f"b{layer}": network.biases[layer - 1][None, :],
                f"histogram{layer}": _histogram(W, self._start_weights[layer - 1]),
            }
        return values, arrays

    def _is_hidden(self, shown) -> bool:
        """Whether [layer, number] names a hidden neuron of the network as it is."""
        layers = self.network.layers
        return len(shown) == 2 and 0 < shown[0] < len(layers) - 1 and shown[1] < layers[shown[0]]

    def preview(self):
        """Return a picture of plane, network and curves after some training, made with a copy."""
        from ..plots import overview

        trainer = self.trainer
        network = NeuralNetwork(
            trainer.network.layers, hidden=self.activation, init=self.init, seed=self.seed
        )
        copy = Trainer(
            network,
            trainer.X,
            trainer.y,
            loss=trainer.loss,
            optimizer=self._new_optimizer(),
            batch_size=min(10, len(trainer.X)),
            seed=self.seed,
            l1=self.l1,
            l2=self.l2,
        )
        copy.optimizer.learning_rate = self.learning_rate
        evaluator = Evaluator(network, self.evaluator.X, self.evaluator.y, trainer.loss)
        history = History()
        updates = 0 if self._waiting or self._from_start else PREVIEW
        what = "before training" if self._from_start else f"{PREVIEW:,} updates"
        try:
            with blas_threads(1):
                for record in itertools.islice(copy, updates):
                    history.add(record)
                    if record.update % (PREVIEW // 40) == 0:
                        history.add_validation(record.update, evaluator.finish())
        except Diverged:
            network.initialize(self.seed)
            what = "before training, which diverges"
        X, y = self._drawn[:2].T, self._drawn[2].astype(int)
        title = f"The playground on {self.dataset}, {what}"
        return overview(network, X, y, history, title=title)

    def described(self) -> str:
        """Say what it shows."""
        return f" on {self.dataset} with {self.network!r}"

    def _all_controls(self) -> list[dict]:
        return playground_controls(
            [*DATASETS, PAINTED, OWN] if self._own else [*DATASETS, PAINTED],
            list(self.traits()["activation"].values),
            list(LOSSES),
            max(N_SAMPLES, len(self.trainer.X)),
        )


def as_hidden(hidden) -> list[int]:
    """Return the widths of the hidden layers as a list of ints, or raise TraitError in words."""
    if isinstance(hidden, (str, dict)) or not np.iterable(hidden):
        raise traitlets.TraitError(
            f"hidden={hidden!r} must be a list with the neurons of each hidden layer, for example "
            "[6, 4]; [] is none"
        )
    widths = list(hidden)
    if len(widths) > MOST_LAYERS:
        raise traitlets.TraitError(
            f"hidden={widths} has {len(widths)} layers: {MOST_LAYERS} hidden layers at most"
        )
    for n in widths:
        whole = isinstance(n, (int, np.integer)) and not isinstance(n, (bool, np.bool_))
        if not whole or not 1 <= n <= MOST_NEURONS:
            raise traitlets.TraitError(f"hidden: 1 to {MOST_NEURONS} neurons a layer, not {n!r}")
    return [int(n) for n in widths]


def _histogram(W: np.ndarray, start: np.ndarray, bins: int = 24) -> np.ndarray:
    """Return rows of bin centres, counts now and at the start; the range is symmetric about 0."""
    # Counted in units of the largest weight: numpy fails where a range is near the largest float.
    reach = max(1e-9, float(np.abs(W).max()), float(np.abs(start).max()))
    counts, edges = np.histogram(W / reach, bins=bins, range=(-1, 1))
    before, _ = np.histogram(start / reach, bins=bins, range=(-1, 1))
    return np.vstack([reach * ((edges[:-1] + edges[1:]) / 2), counts, before])
