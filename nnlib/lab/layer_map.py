"""The layer map: what each layer makes of some digits, as points of a plane, while it trains."""

import time

import numpy as np
import traitlets

from .. import datasets
from ..analysis.projection import Projection, align, alike, project_layers
from ..analysis.tsne import MISSING, installed, tsne
from ..forward import Trace, forward_pass
from ..images.handwriting import SIDE
from ..network import NeuralNetwork, as_network, classes
from ..support.arrays import as_labels
from ..support.checks import as_input, as_whole
from ..support.takes import data, of, takes
from . import controls
from .aside import Aside
from .training_lab import ACTING
from .training_panel import TrainingPanel
from .widget import front_end

# Digits on the maps.
POINTS, MOST_POINTS = 300, 1000
# The share of the time that may go into the maps, and how often they come at most, in seconds.
MAPPING, MAP_EVERY = 0.2, 0.05
# Moments of the training whose maps are kept, to be shown again as they were.
MOST_MAPS = 256
# How samples become points of a plane.
PCA, TSNE = "PCA", "t-SNE"


class Maps:
    """The maps of all layers after a number of updates.

    method     'PCA' or 't-SNE'
    layers     a `Projection` for each layer, the pixels first; by t-SNE its share is NaN
    alike      for each layer the share of digits whose nearest neighbour is the same digit
    predicted  what the network reads, shape (n_points,)
    """

    def __init__(self, updates: int, method: str, layers, alike: list[float], predicted):
        self.updates, self.method = updates, method
        self.layers: tuple[Projection, ...] = layers
        self.alike, self.predicted = alike, predicted


class LayerMap(TrainingPanel):
    """Train `network` on digits, and see each layer pull some of the validation digits apart.

    network        784 inputs and an output for each class; by default 784-64-10 with ReLU
    X, target      the training images, shape (n, 784), and labels; by default MNIST's
    validation     a pair (images, labels) from which the digits on the maps are taken, as many of
                   each class as there are; by default MNIST's validation set
    points         how many, at most 1,000
    settings       as for `TrainingPanel`, whose commands, traits and `rewind` it has

    On the plane of each layer, from the pixels to the output, a digit is drawn as its numeral; a
    ring says that the network misreads it. The planes are those of `nnlib.analysis.projection`;
    or, with `method='t-SNE'`, those of `nnlib.analysis.tsne`, where scikit-learn is installed: they
    take some seconds, and are drawn when they are ready. `maps` holds what is shown. Raises
    ValueError for a network or images that do not fit.
    """

    _esm = front_end(
        "plane.js", "digits.js", "whose_code.js", "copy_settings.js", "goal.js", "layer_map.js"
    )

    _names = (*ACTING, "method")

    method = traitlets.Enum([PCA, TSNE], PCA).tag(sync=True)
    _aside: Aside | None = None  # until there is an engine

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
        images = as_input(images, SIDE * SIDE, network.dtype, "the validation images")
        labels = as_labels(labels, len(images), network.layers[-1], "the validation labels")
        chosen = _some_of_each(labels, as_whole("points", points, 2, MOST_POINTS))
        self._images = images[chosen]
        self._labels, self._rows = labels[chosen], chosen
        self._pixels_due = False
        super().__init__(network, X, target, validation=(images, labels), **settings)
        self._side = 0  # the weights of the first layer are not shown here
        self._aside = Aside(self.engine)
        self.on_change(self._change_method, "method")

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
        method = controls.choice(
            "method",
            "Map by",
            [
                (PCA, "The two directions in which the points are spread widest."),
                (TSNE, "Near neighbours stay near; distances between clusters say nothing."),
            ],
            "How the activations of a layer become points of a plane.",
        )
        if not installed():
            method = controls.unavailable(method, TSNE, "scikit-learn", f"{MISSING}.")
        return [rate, mode, size, method]

    @traitlets.validate("method")
    def _check_method(self, proposal) -> str:
        if proposal["value"] == TSNE and not installed():
            raise traitlets.TraitError(MISSING)
        return proposal["value"]

    # Looking.

    def begin(self, trainer, evaluator) -> None:
        """Start with this trainer: no moment has been seen yet."""
        super().begin(trainer, evaluator)
        self._seen_by: dict[str, dict[int, Maps]] = {PCA: {}, TSNE: {}}
        self._look_at = 0.0
        self._forget_aside()
        self._look_by_pca()

    def _forget_aside(self) -> None:
        if self._aside is not None:
            self._aside.forget()

    @property
    def _seen(self) -> dict[int, Maps]:
        return self._seen_by[self.method]

    def _forget_rest(self) -> None:
        super()._forget_rest()
        now = self.trainer.updates
        self._forget_aside()
        for method, seen in self._seen_by.items():
            self._seen_by[method] = {u: maps for u, maps in seen.items() if u <= now}

    def _change_method(self) -> None:
        self._forget_aside()
        self._look_at = 0.0
        self.send_frame()

    def _look(self) -> None:
        """See to it that the maps are those of the network as it is."""
        updates = self.trainer.updates
        if updates in self._seen:
            self._forget_aside()
            self._maps = self._seen[updates]
        elif self.method == PCA:
            self._look_by_pca()
        elif self._aside is not None:
            self._look_by_tsne(self._aside)

    def _trace(self):
        """Return the trace of the digits on the maps, or None if training diverged."""
        network = self.trainer.network
        with np.errstate(over="ignore", invalid="ignore"):
            trace = forward_pass(network.weights, network.biases, network.activations, self._images)
        return trace if all(np.isfinite(a).all() for a in trace.a) else None

    def _nearest(self, method: str) -> tuple[Projection, ...] | None:
        """Return the layers of that moment seen which is nearest to the present one."""
        seen, updates = self._seen_by[method], self.trainer.updates
        return seen[min(seen, key=lambda u: abs(u - updates))].layers if seen else None

    def _look_by_pca(self) -> None:
        begin = time.perf_counter()
        trace = self._trace()
        if trace is None:
            return  # the last maps stay
        self._keep(self._maps_of(trace, PCA, project_layers(trace, self._nearest(PCA))))
        self._rest_after(time.perf_counter() - begin)

    def _look_by_tsne(self, aside: Aside) -> None:
        """Let the planes be found aside; the last maps stay until they are."""
        key = self.trainer.updates
        if aside.key is not None and (self.running or key == aside.key):
            return  # they are being found
        trace = self._trace()
        if trace is None:
            return
        before, planes = self._nearest(TSNE), self._nearest(PCA)

        def work() -> tuple[Maps, float]:
            begin = time.perf_counter()
            layers = tsne_layers(trace, before, planes)
            return self._maps_of(trace, TSNE, layers, key), time.perf_counter() - begin

        aside.ask(key, work, self._take)

    def _take(self, outcome) -> None:
        if isinstance(outcome, Exception):
            self.method = PCA
            self.fail(outcome)
        else:
            maps, spent = outcome
            self._keep(maps)
            self._rest_after(spent)
        if self.engine.on_a_loop:
            self.send_frame()

    def _maps_of(self, trace, method: str, layers, updates: int | None = None) -> Maps:
        updates = self.trainer.updates if updates is None else updates
        same = [alike(a, self._labels) for a in trace.a]
        return Maps(updates, method, layers, same, classes(trace.output).astype(int))

    def _rest_after(self, spent: float) -> None:
        """Leave most of the time to training."""
        self._look_at = time.perf_counter() + max(MAP_EVERY, spent * (1 - MAPPING) / MAPPING)

    def _keep(self, maps: Maps) -> None:
        """Show these maps, and keep them to be shown again."""
        self._maps, seen = maps, self._seen_by[maps.method]
        if len(seen) >= MOST_MAPS:
            # Every second one goes, but never the first: they stay spread over the training.
            for updates in sorted(seen)[1::2]:
                del seen[updates]
        seen[maps.updates] = maps

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
                "share": layer.share if maps.method == PCA else None,
                "alike": same,
            }
            for name, layer, same in zip(
                self._names_of_layers(), maps.layers, maps.alike, strict=True
            )
        ]
        values |= {"maps of update": maps.updates, "maps by": maps.method}
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


def tsne_layers(
    trace: Trace,
    before: tuple[Projection, ...] | None,
    planes: tuple[Projection, ...] | None,
) -> tuple[Projection, ...]:
    """Return each layer of a trace by t-SNE, turned so as to lie as it did a moment ago.

    before  the same by t-SNE at an earlier moment, which it goes on from
    planes  without that, the principal planes that it is turned towards
    """
    layers = []
    for l, a in enumerate(trace.a):
        if before is not None and l == 0:
            layers.append(before[0])  # the pixels stay as they are
            continue
        points = tsne(a, None if before is None else before[l].points)
        towards = before or planes
        if towards is not None:
            points = align(points, towards[l].points)
        layers.append(Projection(points, float("nan")))
    return tuple(layers)


def _some_of_each(labels: np.ndarray, points: int) -> np.ndarray:
    """Return the indices of `points` samples, as many of each class, class by class."""
    present = np.unique(labels)
    each = max(1, points // len(present))
    return np.concatenate([np.flatnonzero(labels == c)[:each] for c in present])
