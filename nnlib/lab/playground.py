"""The playground: a network on points of the plane, with everything about it to be changed."""

import json

import numpy as np
import traitlets

from .. import datasets
from ..activations import ACTIVATIONS
from ..evaluation import Evaluator
from ..initializers import INITIALIZERS
from ..maps import neuron_maps, plane
from ..network import NeuralNetwork
from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, RMSProp
from ..trainer import Trainer
from . import controls
from .training_lab import TrainingLab, training_controls
from .widget import front_end

DATASETS = {f.__name__: f for f in (datasets.xor, datasets.circles, datasets.moons,
                                    datasets.spirals, datasets.blobs)}  # fmt: skip
OWN = "my data"
N_SAMPLES = 400
LOSSES = {"Cross-entropy": "cross_entropy", "Mean squared error": "mse"}
OPTIMIZERS = {
    "Gradient descent": lambda momentum: GradientDescent(),
    "Momentum": lambda momentum: Momentum(beta=momentum),
    "Nesterov": lambda momentum: Nesterov(beta=momentum),
    "RMSProp": lambda momentum: RMSProp(),
    "Adam": lambda momentum: Adam(),
}
PACES = {"full speed": 0.0, "20 updates a second": 20.0, "2 updates a second": 2.0}

MOST_LAYERS, MOST_NEURONS = 5, 16
BOUNDARY, NEURON = plane(64), plane(20)  # where the output and the hidden neurons are drawn

# What Playground.settings() holds; those of the first row act on the next update, all
# others start training anew.
ACTING = ("learning_rate", "mode", "batch_size", "optimizer", "momentum", "pace")
BUILDING = ("dataset", "noise", "share", "seed", "hidden", "activation", "init", "loss")


class Playground(TrainingLab):
    """Train a network on points of the plane, and see what each of its neurons does.

    X, y      points of your own, shape (n_samples, 2), best within [−1, 1], and integer labels
              from 0, shape (n_samples,); without them the points are one of nnlib's sets
    locked    names of settings whose controls are hidden
    settings  any of `learning_rate`, `mode`, `batch_size`, `optimizer`, `momentum`, `pace`,
              which act on the next update, and `dataset`, `noise`, `share` (of the points
              that is trained on; the rest is for validation), `seed`, `hidden` (the widths of
              the hidden layers), `activation`, `init`, `loss`, which start training anew

    Every setting is a trait of that name, so it may also be read and set from a cell.
    """

    _esm = front_end("plane.js", "whose_code.js", "playground.js")

    optimizer = traitlets.Enum(list(OPTIMIZERS), "Gradient descent").tag(sync=True)
    momentum = traitlets.Float(0.9, min=0, max=0.99).tag(sync=True)
    pace = traitlets.Enum(list(PACES), "full speed").tag(sync=True)
    dataset = traitlets.Enum([*DATASETS, OWN], "circles").tag(sync=True)
    noise = traitlets.Float(0.05, min=0, max=0.5).tag(sync=True)
    share = traitlets.Float(0.7, min=0.1, max=0.9).tag(sync=True)
    seed = traitlets.Int(0, min=0).tag(sync=True)
    hidden = traitlets.List(traitlets.Int(min=1, max=MOST_NEURONS), [6, 4],
                            maxlen=MOST_LAYERS).tag(sync=True)  # fmt: skip
    activation = traitlets.Enum([f for f in ACTIVATIONS if f != "softmax"], "tanh").tag(sync=True)
    init = traitlets.Enum(list(INITIALIZERS), "xavier").tag(sync=True)
    loss = traitlets.Enum(list(LOSSES), "Cross-entropy").tag(sync=True)
    locked = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, X=None, y=None, *, locked=(), **settings):
        unknown = sorted({*settings, *locked} - {*ACTING, *BUILDING})
        if unknown:
            raise ValueError(
                f"unknown settings {unknown}: choose from {', '.join((*ACTING, *BUILDING))}"
            )
        self._own = None if X is None else (X, y)
        start = {"learning_rate": 0.1, "batch_size": 10, **settings}
        if self._own:
            start["dataset"] = OWN
        super().__init__(
            title="Playground", commands=["run", "pause", "step", "epoch", "reset"],
            locked=list(locked), **start,
        )  # fmt: skip
        self.controls = [c for c in self._all_controls() if c["trait"] not in locked]
        self._set_pace()
        self.observe(lambda change: self._engine.call(self._rebuild), BUILDING)
        self.observe(lambda change: self._engine.call(self._exchange), ["optimizer", "momentum"])
        self.observe(lambda change: self._engine.call(self._set_pace), "pace")

    def settings(self) -> dict:
        """Return all settings as a small dict that JSON can hold; see `from_settings`."""
        return {name: getattr(self, name) for name in (*ACTING, *BUILDING)} | (
            {"locked": list(self.locked)} if self.locked else {}
        )

    @classmethod
    def from_settings(cls, settings: "dict | str", X=None, y=None) -> "Playground":
        """Return a playground with these settings: a dict, or its JSON text."""
        if isinstance(settings, str):
            settings = json.loads(settings)
        return cls(X, y, **settings)

    # Building from the settings.

    def _data(self):
        if self.dataset == OWN:
            if self._own is None:
                raise ValueError("there is no data of your own: make a Playground(X, y)")
            X, y = np.asarray(self._own[0]), np.asarray(self._own[1])
            order = np.random.default_rng(self.seed).permutation(len(X))
            return X[order], y[order]
        return DATASETS[self.dataset](N_SAMPLES, noise=self.noise, seed=self.seed)

    def _build(self) -> None:
        """Make data, network and trainer anew from the settings."""
        X, y = self._data()
        n = min(len(X) - 1, max(1, round(self.share * len(X))))
        network = NeuralNetwork(
            [2, *self.hidden, int(np.max(y)) + 1], hidden=self.activation, init=self.init,
            seed=self.seed,
        )  # fmt: skip
        trainer = self._trainer_for(
            network, X[:n], y[:n], loss=LOSSES[self.loss],
            optimizer=OPTIMIZERS[self.optimizer](self.momentum), seed=self.seed,
        )  # fmt: skip
        judge = Evaluator(network, X[n:], y[n:], trainer.loss)
        self._begin(trainer, judge)
        labelled = np.column_stack([X, y, np.arange(len(X)) >= n])
        self._points = labelled.T.astype(np.float64)

    def _rebuild(self) -> None:
        self._engine.pause()
        try:
            self._restart()
            self.problem = ""
        except ValueError as error:
            self._fail(error)
        self._show()

    def _restart(self) -> None:
        self._build()
        self._apply()

    def _exchange(self) -> None:
        """Let another optimizer go on from here."""
        self._trainer.optimizer = OPTIMIZERS[self.optimizer](self.momentum)
        self._apply()
        self._mark(self.optimizer)

    def _set_pace(self) -> None:
        self.speed = PACES[self.pace]

    # What is seen.

    def _frame(self):
        values, arrays = super()._frame()
        network, gradients = self.network, self._trainer.gradients
        *hidden, _ = neuron_maps(network, NEURON)
        values |= {
            "layers": list(network.layers),
            "settings": json.dumps(self.settings()),
            "gradient norms": [float(np.linalg.norm(g)) for g in gradients.weights],
            "weight deviations": [float(W.std()) for W in network.weights],
        }
        arrays |= {
            "points": self._points,
            "boundary": neuron_maps(network, BOUNDARY)[-1].astype(np.float32),
            "neurons": np.concatenate(hidden, dtype=np.float32) if hidden else np.empty((0, 0)),
        }
        for layer, W in enumerate(network.weights, start=1):
            arrays |= {f"W{layer}": W, f"histogram{layer}": _histogram(W)}
        return values, arrays

    def _preview(self):
        """Return a picture of the boundary after some training, made with a copy."""
        from ..plots import boundary

        trainer = self._trainer
        network = NeuralNetwork(
            trainer.network.layers, hidden=self.activation, init=self.init, seed=self.seed
        )
        copy = Trainer(
            network, trainer.X, trainer.y, loss=trainer.loss,
            optimizer=OPTIMIZERS[self.optimizer](self.momentum), batch_size=10, seed=self.seed,
        )  # fmt: skip
        copy.optimizer.learning_rate = self.learning_rate
        for _ in range(2000):
            next(copy)
        X, y = self._points[:2].T, self._points[2].astype(int)
        return boundary(network, X, y, title=f"The playground on {self.dataset}, 2,000 updates")

    def __repr__(self) -> str:
        return (
            f"Playground on {self.dataset} with {self._trainer.network!r}. It is live in "
            "JupyterLab: run this cell there. Where no kernel runs, a picture stands in for it."
        )

    def _all_controls(self) -> list[dict]:
        data = [*DATASETS, OWN] if self._own else list(DATASETS)
        return [
            *training_controls(len(self._trainer.X)),
            controls.select("optimizer", "Optimizer", list(OPTIMIZERS),
                            "How the gradient moves the parameters. It acts on the next update."),
            controls.slider("momentum", "Momentum β", 0, 0.99, 0.01,
                            "v ← βv + g: how much of its speed the descent keeps."),
            controls.select("pace", "Speed", list(PACES), "Slow motion shows single updates."),
            controls.select("dataset", "Data", data, "The points to learn."),
            controls.slider("noise", "Noise", 0, 0.5, 0.01,
                            "The standard deviation of what is added to each point."),
            controls.slider("share", "Training share", 0.1, 0.9, 0.05,
                            "The share of the points that is trained on; the rest validates."),
            controls.select("activation", "Activation", list(self.traits()["activation"].values),
                            "f of the hidden layers; the output is softmax."),
            controls.select("init", "Start", list(INITIALIZERS), "How the weights are drawn."),
            controls.select("loss", "Loss", list(LOSSES), "What is made small."),
            controls.integer("seed", "Seed", 0, 10**6,
                             "Another seed: other points, another start, another order."),
        ]  # fmt: skip


def _histogram(W: np.ndarray, bins: int = 24) -> np.ndarray:
    """Return rows of bin centres and counts, over a range symmetric about 0."""
    reach = max(1e-9, float(np.abs(W).max()))
    counts, edges = np.histogram(W, bins=bins, range=(-reach, reach))
    return np.vstack([(edges[:-1] + edges[1:]) / 2, counts])
