"""The descent lab: optimizers walk together on a loss surface that can be seen."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import traitlets

from ..analysis.explain import number
from ..diagnosis.own_code import OwnCodeError, OwnUpdate
from ..landscapes.descent import Descent, rate_bound
from ..landscapes.surfaces import (
    SURFACES,
    OneParameter,
    Quadratic,
    Surface,
    profile,
    relief,
    relief_in_pieces,
)
from ..network import NeuralNetwork
from ..optimizers import Optimizer
from ..support.arrays import as_numbers
from ..support.takes import listing, takes
from ..support.takes import number as a_number
from . import controls
from .curve import Curve
from .limits import OWN_NAME
from .optimizers import OPTIMIZERS
from .traits import Number, Positive
from .widget import front_end
from .your_code import YourCode

# The toggles of the lab, a trait for each optimizer: {"gradient_descent": "Gradient descent", …}
WALKERS = {name.lower().replace(" ", "_"): name for name in OPTIMIZERS}

# Your own update, beside them: its key in a frame.
OWN = "own"

# Positions that a path on the map keeps; a longer path is thinned.
PATH = 512
# The losses that a curve shows: less is rounding, more is nobody's concern, and either would
# take all of a logarithmic axis.
SHOWN = (1e-10, 1e12)
# Steps shown by the picture that stands in for a lab.
PREVIEW = 60


class Trail:
    """The positions of a walk in a bounded number of points: when full, each second one goes."""

    def __init__(self, start, capacity: int = PATH):
        self._points, self._capacity = [np.array(start)], capacity
        self._stride = self._count = 1
        self._latest = self._points[0]

    def append(self, position) -> None:
        """Add a position."""
        self._latest = position
        if self._count % self._stride == 0:
            self._points.append(position)
            if len(self._points) > self._capacity:
                self._points = self._points[::2]
                self._stride *= 2
        self._count += 1

    def points(self) -> np.ndarray:
        """Return the positions kept, shape (2, n), the start first and the latest last."""
        points = self._points
        if points[-1] is not self._latest:
            points = [*points, self._latest]
        return np.array(points).T


@dataclass
class Walker:
    """One optimizer on the surface, and what is drawn of it."""

    name: str
    descent: Descent
    trail: Trail
    loss: Curve

    def step(self) -> bool:
        """Make a step, unless it has come to its end; return whether it did."""
        step = next(self.descent, None)
        if step is None:
            return False
        self.trail.append(self.descent.position)
        # Beyond all bounds no axis could show both it and the others.
        if self.descent.state != "diverged":
            self.loss.append(step.number, np.clip(step.value, *SHOWN))
        return True


def _walker(name: str, value) -> str:
    if not isinstance(value, str) or value not in WALKERS:
        raise ValueError(f"{name}: unknown optimizer {value!r}: choose from {', '.join(WALKERS)}")
    return value


def _surface(name: str, value):
    if not isinstance(value, (str, Surface)):
        raise TypeError(f"{name} must be the name of a surface, or a Surface, not {value!r}")
    return value


class DescentLab(YourCode):
    """Watch optimizers walk down a loss surface.

    surface        the one to begin with: its name, in capitals or not, for example 'parabola in
                   one parameter', or a `nnlib.landscapes.surfaces.Surface`, for example
                   `OneParameter(2.0)`
    surfaces       those to choose from, a list of `nnlib.landscapes.surfaces.Surface`: by default
                   those of the course; add a `NetworkSlice` of a network of yours
    optimizers     the traits of those that walk at first
    learning_rate  α of all of them; by default what the surface suggests
    beta           β of Momentum and Nesterov
    start          where they start, (x₁, x₂), or one number on a surface of one parameter; by
                   default where the surface suggests
    noise          of each gradient, to imitate that of mini-batches: its standard deviation, in
                   shares of the slope at the start; all walkers meet the same noise
    speed          steps a second

    The traits `surface`, `learning_rate`, `beta`, `start`, `noise`, `speed` and one for each
    optimizer, `gradient_descent`, `momentum`, `nesterov`, `rmsprop` and `adam`, may be set from a
    cell as from the lab. Choosing a surface sets the start and the learning rate it suggests.
    With `use` an update rule of your own walks among the others.
    """

    _esm = front_end("plane.js", "descent_map.js", "descent_lab.js")
    cannot = "cannot walk; {code} goes on"

    surface = traitlets.Unicode().tag(sync=True)
    learning_rate = Positive(0.1).tag(sync=True)
    beta = Number(0.9).tag(sync=True)
    noise = Number(0.0, min=0, max=2).tag(sync=True)
    start = traitlets.List(Number(), [0.0, 0.0], minlen=2, maxlen=2).tag(sync=True)
    gradient_descent = traitlets.Bool(False).tag(sync=True)
    momentum = traitlets.Bool(False).tag(sync=True)
    nesterov = traitlets.Bool(False).tag(sync=True)
    rmsprop = traitlets.Bool(False).tag(sync=True)
    adam = traitlets.Bool(False).tag(sync=True)

    @takes(
        surface=_surface,
        optimizers=listing("names of optimizers", _walker),
        learning_rate=a_number(0),
        beta=a_number(0, 1),
        noise=a_number(0),
        speed=a_number(0),
    )
    def __init__(
        self,
        surface: "str | Surface | None" = None,
        *,
        surfaces: "list[Surface] | None" = None,
        optimizers=("gradient_descent", "momentum", "adam"),
        learning_rate: float | None = None,
        beta: float = 0.9,
        start=None,
        noise: float = 0.0,
        speed: float = 20.0,
    ):
        if surfaces is None:
            self._makers: dict[str, Callable[[], Surface]] = dict(SURFACES)
        else:
            self._makers = {s.name: _maker(s) for s in surfaces}
            if len(self._makers) != len(surfaces) or not surfaces:
                raise ValueError("surfaces must hold at least one surface, each with its own name")
        if isinstance(surface, Surface):
            self._makers[surface.name] = _maker(surface)
            surface = surface.name
        name = next(iter(self._makers)) if surface is None else self._full_name(surface)
        self._places: dict[str, Surface] = {}  # made when first chosen, as are their maps
        self._maps: dict = {}
        self._walkers: dict[str, Walker] = {}
        self._map_due = True
        place = self._look_up(name)
        super().__init__(
            title="Descent on a loss surface",
            controls=_controls(list(self._makers)),
            surface=name,
            learning_rate=place.learning_rate if learning_rate is None else learning_rate,
            beta=beta,
            noise=noise,
            start=_point(place, place.start if start is None else start),
            speed=speed,
            **{trait: trait in optimizers for trait in WALKERS},
        )
        self._finish_map()
        self.restart()
        self.on_change(self._take_surface, "surface")
        self.on_change(self._take_settings, "learning_rate", "beta", "noise")
        self.on_change(self._take_start, "start")
        self.on_change(self._take_optimizers, *WALKERS)

    # What may be set.

    @traitlets.validate("surface")
    def _check_surface(self, proposal) -> str:
        if proposal["value"] not in self._makers:
            raise traitlets.TraitError(
                f"surface={proposal['value']!r}: choose one of {', '.join(self._makers)}"
            )
        return proposal["value"]

    @traitlets.validate("speed")
    def _check_speed(self, proposal) -> float:
        if not 0 <= proposal["value"] < np.inf:
            raise traitlets.TraitError(
                f"speed={proposal['value']!r} must be a positive number, or 0 for full speed"
            )
        return proposal["value"]

    @traitlets.validate("beta")
    def _check_beta(self, proposal) -> float:
        if not 0 <= proposal["value"] < 1:
            raise traitlets.TraitError(
                f"beta={proposal['value']!r} must be at least 0 and less than 1"
            )
        return proposal["value"]

    @traitlets.validate("start")
    def _check_start(self, proposal) -> list[float]:
        if not self.surface:
            return proposal["value"]
        place = self._look_up(self.surface)
        for x, (low, high) in zip(proposal["value"], place.limits, strict=False):
            if not low <= x <= high:
                raise traitlets.TraitError(
                    f"start={proposal['value']} lies outside the map: from {low:g} to {high:g}"
                )
        return _point(place, proposal["value"])

    def _full_name(self, name: str) -> str:
        """Return the name of a surface as it is written, whatever the capitals."""
        for full in self._makers:
            if name.lower() == full.lower():
                return full
        raise ValueError(f"surface={name!r}: choose one of {', '.join(self._makers)}")

    def _look_up(self, name: str) -> Surface:
        """Return a surface; it is made once."""
        if name not in self._places:
            self._places[name] = self._makers[name]()
        return self._places[name]

    def _begin_map(self) -> None:
        """Work out the map of the present surface, in pieces between which controls are heard."""
        self.engine.drop_pieces()
        name = self.surface
        if name in self._maps:
            return
        if self.place.parameters == 1 or not self.engine.on_a_loop:
            self._finish_map()
            return

        def done(land) -> None:
            self._maps[name] = land
            self.send_frame()

        self.engine.in_pieces(relief_in_pieces(self.place), done)

    def _finish_map(self):
        """Return the map of the present surface, at once."""
        name, place = self.surface, self.place
        if name not in self._maps:
            self._maps[name] = profile(place) if place.parameters == 1 else relief(place)
        return self._maps[name]

    @property
    def place(self) -> Surface:
        """The surface that is walked on."""
        return self._look_up(self.surface)

    @property
    def walkers(self) -> dict[str, Walker]:
        """Those that walk now, by the trait of their optimizer, or "own"."""
        return dict(self._walkers)

    @property
    def maps(self) -> dict:
        """The maps that have been worked out so far, by the surface's name."""
        return dict(self._maps)

    def _take_surface(self) -> None:
        self._walkers = {}  # they stand on the surface before
        self.pause()
        self._map_due = True
        self._begin_map()
        place = self.place
        self.learning_rate = place.learning_rate
        self.start = list(map(float, place.start))
        self.reset()

    def _take_settings(self) -> None:
        """Hand the sliders' values to the optimizers: they act on the next step."""
        for walker in self._walkers.values():
            walker.descent.noise = self._noise()
            optimizer = walker.descent.optimizer
            optimizer.learning_rate = self.learning_rate
            if hasattr(optimizer, "beta"):
                optimizer.beta = self.beta
        self.send_frame()

    def _take_start(self) -> None:
        self.restart()
        self.send_frame()

    def _take_optimizers(self) -> None:
        """Let those that were switched on begin at the start, and forget those switched off."""
        kept = self._walkers
        self._walkers = {key: kept.get(key) or self._new_walker(key) for key in self._wanted()}
        self.send_frame()

    def _wanted(self) -> list[str]:
        """Return the keys of those that walk: the traits of optimizers, and your own."""
        return [t for t in WALKERS if getattr(self, t)] + [OWN] * (self.own_code is not None)

    def _noise(self) -> float:
        """Return the standard deviation of the noise, in the units of the slope."""
        if not self.noise:
            return 0.0
        return self.noise * float(np.linalg.norm(self.place.gradient(np.array(self.start))))

    def _new_walker(self, key: str) -> Walker:
        optimizer: Optimizer
        if key == OWN:
            own = self.own_code
            assert own is not None and own.update is not None  # only `use(update=…)` lets it walk
            name, optimizer = OWN_NAME, OwnUpdate(own.update, self.learning_rate)
        else:
            name = WALKERS[key]
            optimizer = OPTIMIZERS[name].make(self.beta, self.learning_rate)
        descent = Descent(self.place, optimizer, self.start, noise=self._noise())
        loss = Curve(PATH)
        loss.append(0, np.clip(descent.value, *SHOWN))
        return Walker(name, descent, Trail(descent.position), loss)

    # The lab's side.

    def restart(self) -> None:
        self._walkers = {key: self._new_walker(key) for key in self._wanted()}

    def use(self, kept=None, /, *, update=None) -> None:
        """Let an update rule of your own walk among the others; without one, it leaves again.

        `use(mine())` takes the one that you kept in lesson 4 (`nnlib.exercises.mine`).
        update(x, g, learning_rate) returns the new x, or changes x and returns nothing. It is
        tried first: if it is wrong, the lab says what is wrong with it, and it does not walk.
        """
        self.try_functions(kept, update=update)

    def tried_with(self):
        """Return a network and a loss: an update is judged by itself, any will do."""
        return NeuralNetwork([1, 1], seed=0), None

    def work(self) -> bool:
        """Let every optimizer make one step; stop the lab when none walks any more."""
        moved = [walker.step() for walker in self._walkers.values()]
        if not any(moved):
            self.pause()
        return True

    def hear(self, message: dict) -> None:
        if message.get("command") == "hello":
            self._map_due = True  # a new view has not seen the map yet
        super().hear(message)
        if message.get("command") == "start":
            place = self.place
            point = (float(message["x"]), float(message["y"]))
            self.start = [
                float(np.clip(x, low, high))
                for x, (low, high) in zip(point, place.limits, strict=True)
            ]
            # Even where it was before: a learner who chooses a point wants a fresh start there.
            self._take_start()

    def frame(self):
        place = self.place
        values = {
            "surface": place.name,
            "code": self.code,
            "bounds": self.bounds(),
            "update": max((w.descent.steps for w in self._walkers.values()), default=0),
            "learning rate": self.learning_rate,
            "start": list(self.start),
            "start mark": _seen(place, np.array(self.start)[:, None])[:, 0].tolist(),
            "walkers": [
                {
                    "key": trait,
                    "name": walker.name,
                    "position": walker.descent.position.tolist(),
                    "value": walker.descent.value,
                    "steps": walker.descent.steps,
                    "state": walker.descent.state,
                    "words": str(walker.descent),
                }
                for trait, walker in self._walkers.items()
            ],
            "gradient": self._gradient(),
            "summary": self.summary(),
        }
        arrays = {}
        for walker in self._walkers.values():
            arrays[f"path {walker.name}"] = _seen(place, walker.trail.points())
            arrays[f"loss {walker.name}"] = walker.loss.points()
        picture = self._maps.get(self.surface)
        if self._map_due and picture is not None:
            self._map_due = False
            values["map"] = {
                "name": place.name,
                "parameters": place.parameters,
                "formula": place.formula,
                "source": place.source,
                "limits": [list(map(float, pair)) for pair in place.limits],
                "minima": _seen(place, place.minima.T).T.tolist(),
            }
            if place.parameters == 1:
                arrays["curve"] = picture
                values["map"]["limits"][1] = _heights(picture)
            else:
                values["map"]["scale"] = picture.scale.tolist()
                arrays["heights"], arrays["contours"] = picture.heights, picture.contours
        return values, arrays

    def bounds(self) -> list[dict]:
        """Return the learning rates that quadratic surfaces allow, and to whom."""
        place = self.place
        bounds: list[dict] = []
        if not isinstance(place, Quadratic):
            return bounds
        for key, walker in self._walkers.items():
            bound = rate_bound(walker.descent.optimizer, place.curvature())
            if bound is not None:
                rule = OPTIMIZERS[walker.name].bound
                bounds.append({"key": key, "name": walker.name, "bound": bound, "rule": rule})
        return bounds

    def _gradient(self) -> dict | None:
        """Return where plain gradient descent stands, and ∇L there, as long as it walks."""
        walker = self._walkers.get("gradient_descent")
        if walker is None or walker.descent.state != "walking":
            return None
        x = walker.descent.position
        return {"at": x.tolist(), "gradient": self.place.gradient(x).tolist()}

    def summary(self) -> str:
        """Say in words who is ahead."""
        walkers = list(self._walkers.values())
        if not walkers:
            return "No optimizer is switched on: select at least one."
        steps = max(w.descent.steps for w in walkers)
        if not steps:
            at = ", ".join(number(x, 3) for x in self.start[: self.place.parameters])
            at = f"x = {at}" if self.place.parameters == 1 else f"({at})"
            return (
                f"Ready on {self.place.name}, starting at {at} with learning rate "
                f"{self.learning_rate:.3g}; {self.how_to_start}. {self._limits()}".rstrip()
            )
        standing = sorted(
            (w for w in walkers if w.descent.state != "diverged"), key=lambda w: w.descent.value
        )
        words = [f"Step {steps:,} on {self.place.name}."]
        if standing:
            first, *others = (f"{w.name} with loss {w.descent.value:.3g}" for w in standing)
            behind = f"; then {', '.join(others)}" if others else ""
            words.append(f"{'Ahead is ' if others else ''}{first}{behind}.")
        ended = [w for w in walkers if w.descent.state != "walking"]
        words += [f"{w.name} {w.descent}." for w in ended]
        return " ".join(words)

    def _limits(self) -> str:
        """Say which learning rates are too large here, if that is known."""
        place, words = self.place, ""
        for b in self.bounds():
            is_it = "above" if self.learning_rate >= b["bound"] else "below"
            words += f"{b['name']} needs α below {b['rule']} = {b['bound']:.3g}: α is {is_it}. "
        if isinstance(place, OneParameter) and "gradient_descent" in self._walkers:
            factor = number(place.factor(self.learning_rate), 3)
            words += f"Each step of Gradient descent multiplies x by 1 − αλ = {factor}. "
        return words

    def preview(self):
        """Return a picture of the first steps, made with walkers of their own."""
        from ..plots.landscape import descents

        walkers = [self._new_walker(key) for key in self._wanted()]
        for walker in walkers:
            with contextlib.suppress(OwnCodeError):
                for _ in range(0 if self._from_start else PREVIEW):
                    walker.step()
        place, land = self.place, self._finish_map()
        names = [*WALKERS.values(), OWN_NAME]
        return descents(
            place,
            land,
            {w.name: (_seen(place, w.trail.points()), w.loss.points()[:2]) for w in walkers},
            looks={name: i for i, name in enumerate(names)},
            steps=0 if self._from_start else PREVIEW,
            heights=_heights(land) if place.parameters == 1 else None,
        )

    def described(self) -> str:
        """Say on which surface."""
        return f" on {self.surface}"


def _maker(surface: Surface) -> Callable[[], Surface]:
    """Return a function that makes this surface: it is there already."""
    return lambda: surface


def _point(place: Surface, start) -> list[float]:
    """Return a start as two numbers; on a surface of one parameter the second is 0."""
    x = np.atleast_1d(as_numbers("start", start).astype(np.float64))
    if x.shape not in ((place.parameters,), (2,)) or not np.isfinite(x).all():
        raise ValueError(f"start={start!r} must be two finite numbers, or one on a curve")
    return [float(x[0]), 0.0] if place.parameters == 1 else x.tolist()


def _seen(place: Surface, points: np.ndarray) -> np.ndarray:
    """Return where points, shape (2, n), are drawn: on a curve at (x, L), on a map where they are.

    Beyond all bounds a canvas cannot count.
    """
    if place.parameters == 1:
        points = np.vstack([points[0], place.value(points.T)])
    return np.clip(points, -SHOWN[1], SHOWN[1])


def _heights(curve: np.ndarray) -> list[float]:
    """Return from where to where a curve, shape (2, n), is drawn: a little below it, too."""
    low, high = float(curve[1].min()), float(curve[1].max())
    return [low - 0.06 * (high - low), high]


def _controls(surfaces: list[str]) -> list[dict]:
    rate = controls.log_slider(
        "learning_rate",
        "Learning rate α",
        1e-4,
        1e1,
        "The length of each step, the same for all. It acts on the very next step. Where the "
        "surface is a parabola, a mark shows the largest that converges.",
    )
    seldom = [
        controls.slider(
            "beta",
            "Momentum β",
            0,
            0.99,
            0.01,
            "How much of their velocity Momentum and Nesterov keep; the others ignore it.",
            "β",
        ),
        controls.slider(
            "noise",
            "Noise",
            0,
            2,
            0.05,
            "Added to each gradient, as with mini-batches: its standard deviation, relative to "
            "the slope at the start. All optimizers get the same noise.",
        ),
        controls.log_slider(
            "speed",
            "Steps per second",
            1,
            1000,
            "How many steps are made per second while it runs.",
        ),
    ]
    return [
        rate,
        controls.select(
            "surface",
            "Surface",
            surfaces,
            "The loss surface. It comes with a start and a learning rate that suit it.",
        ),
        *(
            controls.toggle(
                trait, name, f"{OPTIMIZERS[name].help} When switched on, it starts at the start."
            )
            for trait, name in WALKERS.items()
        ),
        *controls.folded("Steps", seldom),
    ]
