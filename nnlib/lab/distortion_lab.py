"""The distortion lab: digits before and after a distortion, under sliders for its strengths."""

from dataclasses import asdict

import numpy as np
import traitlets

from ..analysis.samples import outputs
from ..images.distortion import Distortion, distance_moved, sample
from ..images.pixels import are_raw
from ..network import as_network
from ..support.arrays import as_labels, as_numbers, check_order, not_finite
from ..support.takes import of, takes
from . import controls
from .traits import Number
from .widget import Lab, front_end

MOST = 12  # images that are shown
SIDE = 28

# The strengths of a Distortion: label, lowest, highest, step of the slider, and what it does.
STRENGTHS = {
    "alpha": ("Elastic α", 0, 100, 1, "How strongly the paper is bent, in pixels."),
    "sigma": ("Smoothness σ", 1, 10, 0.5, "In pixels: a small value looks like a trembling hand."),
    "rotation": ("Rotation ±°", 0, 60, 1, "The largest angle in degrees, either way."),
    "scaling": ("Scaling ±", 0, 0.5, 0.01, "The largest change of width and height: 0.15 is 15 %."),
    "shear": ("Shear ±", 0, 0.5, 0.01, "The largest slant: 0.15 is by 15 % of the height."),
    "shift": ("Shift ±", 0, 6, 0.5, "The largest shift in pixels, in each direction."),
}

FIELDS = ["bent grid", "arrows", "nothing"]


class DistortionLab(Lab):
    """Move the strengths of a `Distortion` and see what it makes of the images X.

    X          images, shape (n, 784), n from 1 to 12
    y          their labels, integers of shape (n,); may be left out
    network    one whose answers are shown beside the images; may be left out
    strengths  of the distortion at the start, as for `nnlib.Distortion`: alpha=50 …

    Every strength is a trait, as are `seed`, of the generator; `image`, the number from 1 of the
    one that is shown large, with the field that bends it; and `field`, how that is drawn:
    'bent grid', 'arrows' or 'nothing'. `distortion` is the `Distortion` of now, to train with.
    Raises ValueError for images, labels or a network that do not fit together.
    """

    _esm = front_end("plane.js", "digits.js", "distortion_lab.js")

    commands: traitlets.List[str] = traitlets.List([]).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=999).tag(sync=True)
    image = traitlets.Int(1, min=1).tag(sync=True)
    field = traitlets.Enum(FIELDS, FIELDS[0]).tag(sync=True)
    alpha, sigma, rotation, scaling, shear, shift = (
        Number(getattr(Distortion(), name), min=low, max=high).tag(sync=True)
        for name, (_, low, high, _, _) in STRENGTHS.items()
    )

    @takes(network=of(as_network))
    def __init__(self, X, y=None, network=None, **strengths):
        check_order("X", X, "y", y)
        with np.errstate(over="ignore"):
            X = as_numbers("X", X).astype(np.float32)
        if X.ndim != 2 or X.shape[1] != SIDE * SIDE or not 1 <= len(X) <= MOST:
            raise ValueError(
                f"X has shape {X.shape}, but must hold from 1 to {MOST} images of 28 × 28 pixels, "
                f"shape (n, {SIDE * SIDE}): for example X[:10]"
            )
        if not np.isfinite(X).all():
            raise ValueError(not_finite("X", X))
        y = None if y is None else as_labels(y, len(X), name="the labels y")
        if network is not None and network.layers[0] != SIDE * SIDE:
            raise ValueError(f"the network has {network.layers[0]} inputs, not {SIDE * SIDE}")
        unknown = set(strengths) - {*STRENGTHS, "seed", "image", "field"}
        if unknown:
            raise ValueError(
                f"{min(unknown)!r} is not a strength: choose from {', '.join(STRENGTHS)}"
            )
        self.X, self.y, self.network = X, y, network
        super().__init__(
            title="Distorted digits",
            controls=[
                *(controls.slider(name, *spec) for name, spec in STRENGTHS.items()),
                controls.integer("seed", "Seed", 0, 999, "Another seed gives other distortions."),
                controls.slider("image", "Image", 1, len(X), 1, "Which image is shown enlarged."),
                controls.select("field", "Show", FIELDS, "Where the pixels are taken from."),
            ],
            **strengths,
        )
        self._start = {name: getattr(self, name) for name in (*STRENGTHS, "seed", "image", "field")}
        self._distort()
        self.on_change(self._move, *self._start)

    @traitlets.validate("image")
    def _check_image(self, proposal) -> int:
        return min(proposal["value"], len(self.X))

    @property
    def distortion(self) -> Distortion:
        """The distortion of the sliders as they stand."""
        return Distortion(**{name: getattr(self, name) for name in STRENGTHS})

    def reset(self) -> None:
        """Put every slider back to where it began."""
        with self.hold_trait_notifications():
            for name, value in self._start.items():
                setattr(self, name, value)
        self._move()

    def _move(self) -> None:
        self._distort()
        self.send_frame()

    def _distort(self) -> None:
        rng = np.random.default_rng(self.seed)
        self._places = self.distortion.places(len(self.X), SIDE, rng)
        self._after = sample(self.X, *self._places)

    def frame(self):
        i = self.image - 1
        rows, columns = (places[i] for places in self._places)
        values = {
            "summary": self._words(),
            "settings": {name: getattr(self, name) for name in self._start},
            "labels": None if self.y is None else self.y.tolist(),
            "read": None
            if self.network is None
            else [self._read(X) for X in (self.X, self._after)],
        }
        ink = 255 if are_raw(self.X) else 1
        before, after = self.X / ink, self._after / ink
        arrays = {"before": before, "after": after, "rows": rows, "columns": columns}
        return values, {name: np.asarray(a, np.float32) for name, a in arrays.items()}

    def _read(self, X) -> list[dict]:
        """Return what the network says of each image."""
        answers = outputs(self.network, X)
        return [
            {"class": int(c), "percent": f"{100 * a[c]:.0f} %"}
            for a, c in zip(answers, answers.argmax(axis=1), strict=True)
        ]

    def _words(self) -> str:
        i = self.image - 1
        which = f"Image {self.image}" + ("" if self.y is None else f", a {self.y[i]}")
        far = distance_moved(*(places[i] for places in self._places)).max()
        words = f"{which}: its pixels are taken from up to {far:.1f} pixels away."
        if self.network is not None and self.y is not None:
            plain, after = (
                (self.network.predict(X) == self.y).sum() for X in (self.X, self._after)
            )
            words += (
                f" The network classifies {plain} of {len(self.X)} correctly as they are, and "
                f"{after} distorted."
            )
        return words

    def preview(self):
        """Return the image that is shown large, before and after."""
        from .. import plots

        i = self.image - 1
        places = tuple(places[i] for places in self._places)
        return plots.bent_grid(self.X[i], places, title="Distorted digits")

    def described(self) -> str:
        """Say how strong the distortion is, and what it does to the image shown large."""
        strengths = ", ".join(
            f"{name}={value:g}" for name, value in asdict(self.distortion).items()
        )
        return f": {strengths}, seed={self.seed}. {self._words()}"
