"""The layer map: what each layer makes of some digits, as points of a plane, while it trains."""

import time

import numpy as np

from .. import datasets
from ..analysis.projection import Projection, alike, project_layers
from ..forward import forward_pass
from ..images.handwriting import SIDE
from ..network import NeuralNetwork, as_network, classes
from ..support.arrays import as_labels
from ..support.checks import as_whole
from ..support.takes import data, of, takes
from .training_panel import TrainingPanel
from .widget import front_end

# Digits on the maps.
POINTS, MOST_POINTS = 300, 1000
# The share of the time that may go into the maps, and how often they come at most, in seconds.
MAPPING, MAP_EVERY = 0.2, 0.05
# Moments of the training whose maps are kept, to be shown again as they were.
MOST_MAPS = 256


class Maps:
    """The maps of all layers after a number of updates.

    layers     a `Projection` for each layer, the pixels first
    alike      for each layer the share of digits whose nearest neighbour is the same digit
    predicted  what the network reads, shape (n_points,)
    """

    def __init__(self, updates: int, layers: tuple[Projection, ...], alike: list[float], predicted):
        self.updates, self.layers, self.alike = updates, layers, alike
        self.predicted = predicted


class LayerMap(TrainingPanel):
    """Train `network` on digits, and see each layer pull some of the validation digits apart.

    network        784 inputs and an output for each class; by default 784-64-10 with ReLU
    X, target      the training images, shape (n, 784), and labels; by default MNIST's
    validation     a pair (images, labels) from which the digits on the maps are taken, as many of
                   each class as there are; by default MNIST's validation set
    points         how many, at most 1,000
    settings       as for `TrainingPanel`, whose commands, traits and `rewind` it has

    On the plane of each layer, from the pixels to the output, a digit is drawn as its numeral; a
    ring says that the network misreads it. The planes are those of `nnlib.analysis.projection`.
    `maps` holds what is shown. Raises ValueError for a network or images that do not fit.
    """

    _esm = front_end(
        "plane.js", "digits.js", "whose_code.js", "copy_settings.js", "goal.js", "layer_map.js"
    )

    @takes(network=of(as_network), validation=data)
    def __init__(
        self, network=None, X=None, target=None, *, validation=None, points=POINTS, **settings
    ):
        if network is None:
            network = NeuralNetwork([SIDE * SIDE, 64, 10], hidden="relu", init="he", seed=0)
        if network.layers[0] != SIDE * SIDE or network.layers[-1] < 2:
            raise ValueError(
                f"{network!r} does not classify digits: it needs {SIDE * SIDE} inputs, the pixels, "
                "and an output for each class"
            )
        if (X is None) != (target is None):
            raise ValueError("X and target belong together: give both, or none of them")
        if X is None or validation is None:
            mnist = datasets.load_mnist()
            if X is None:
                X, target = mnist.X_train, mnist.y_train
            validation = validation or (mnist.X_validation, mnist.y_validation)
        images, labels = validation
        labels = as_labels(labels, len(images), network.layers[-1], "the validation labels")
        chosen = _some_of_each(labels, as_whole("points", points, 2, MOST_POINTS))
        self._images = np.asarray(images)[chosen].astype(network.dtype)
        self._labels, self._rows = labels[chosen], chosen
        self._pixels_due = False
        super().__init__(network, X, target, validation=(images, labels), **settings)
        self._side = 0  # the weights of the first layer are not shown here

    @property
    def maps(self) -> Maps:
        """The maps that are shown."""
        return self._maps

    @property
    def labels(self) -> np.ndarray:
        """The labels of the digits on the maps, in the order of their points."""
        return self._labels.copy()

    def _all_controls(self) -> list[dict]:
        rate, mode, size, *_ = super()._all_controls()
        return [rate, mode, size]

    # Looking.

    def begin(self, trainer, evaluator) -> None:
        """Start with this trainer: no moment has been seen yet."""
        super().begin(trainer, evaluator)
        self._seen: dict[int, Maps] = {}
        self._look_at = 0.0
        self._look()

    def _forget_rest(self) -> None:
        super()._forget_rest()
        now = self.trainer.updates
        self._seen = {u: maps for u, maps in self._seen.items() if u <= now}

    def _look(self) -> None:
        """Make the maps of the network as it is, or take those that were made of this moment."""
        network, updates = self.trainer.network, self.trainer.updates
        if updates in self._seen:
            self._maps = self._seen[updates]
            return
        begin = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):
            trace = forward_pass(network.weights, network.biases, network.activations, self._images)
        if not all(np.isfinite(a).all() for a in trace.a):
            return  # training diverged: the last maps stay
        before = None
        if self._seen:
            nearest = min(self._seen, key=lambda u: abs(u - updates))
            before = self._seen[nearest].layers
        layers = project_layers(trace, before)
        same = [alike(a, self._labels) for a in trace.a]
        self._maps = Maps(updates, layers, same, classes(trace.output).astype(int))
        self._keep(self._maps)
        spent = time.perf_counter() - begin
        self._look_at = time.perf_counter() + max(MAP_EVERY, spent * (1 - MAPPING) / MAPPING)

    def _keep(self, maps: Maps) -> None:
        if len(self._seen) >= MOST_MAPS:
            # Every second one goes, but never the first: they stay spread over the training.
            for updates in sorted(self._seen)[1::2]:
                del self._seen[updates]
        self._seen[maps.updates] = maps

    # The lab's side.

    def hear(self, message: dict) -> None:
        """Obey a message from a view; one that says hello is sent the images too."""
        self._pixels_due |= message.get("command") == "hello"
        super().hear(message)

    def frame(self):
        """Return what the views show now."""
        values, arrays = super().frame()
        if not self.running or time.perf_counter() >= self._look_at:
            self._look()
        maps = self._maps
        values["maps"] = [
            {
                "name": name,
                "share": layer.share,
                "alike": same,
            }
            for name, layer, same in zip(
                self._names_of_layers(), maps.layers, maps.alike, strict=True
            )
        ]
        values["maps of update"] = maps.updates
        for l, layer in enumerate(maps.layers):
            arrays[f"map {l}"] = layer.points.T.astype(np.float32)
        arrays["digits"] = np.array([self._labels, maps.predicted, self._rows], np.float32)
        if self._pixels_due:
            self._pixels_due = False
            arrays["pixels"] = self._images.astype(np.float32)
        return values, arrays

    def _names_of_layers(self) -> list[str]:
        *hidden, output = self.network.layers[1:]
        names = [f"layer {l}, {n} neurons" for l, n in enumerate(hidden, 1)]
        return [f"{self.network.layers[0]} pixels", *names, f"{output} outputs"]

    def preview(self):
        """Return the maps of the network as it came, before any training."""
        from ..plots import projections

        network = self.network.copy()
        network.parameters = self.start
        return projections(
            project_layers(network.forward(self._images)),
            self._labels,
            self._names_of_layers(),
            title="What each layer makes of the digits before training",
        )


def _some_of_each(labels: np.ndarray, points: int) -> np.ndarray:
    """Return the indices of `points` samples, as many of each class, class by class."""
    present = np.unique(labels)
    each = max(1, points // len(present))
    return np.concatenate([np.flatnonzero(labels == c)[:each] for c in present])
