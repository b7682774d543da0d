"""The descent lab: optimizers walk together on a loss surface that can be seen."""

import contextlib
import time
from dataclasses import dataclass

import numpy as np
import traitlets

from ..analysis.explain import number
from ..diagnosis import diagnose
from ..diagnosis.own_code import OwnCode, OwnCodeError, OwnUpdate
from ..landscapes.descent import Descent, rate_bound
from ..landscapes.surfaces import SURFACES, Quadratic, Surface, profile, relief, relief_in_pieces
from ..network import NeuralNetwork
from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, RMSProp
from . import controls
from .curve import Curve
from .widget import Lab, front_end

# The toggles of the lab: the trait, the optimizer's name, and how one is made.
OPTIMIZERS = {
    "gradient_descent": ("Gradient descent", lambda alpha, beta: GradientDescent(alpha)),
    "momentum": ("Momentum", lambda alpha, beta: Momentum(alpha, beta)),
    "nesterov": ("Nesterov", lambda alpha, beta: Nesterov(alpha, beta)),
    "rmsprop": ("RMSProp", lambda alpha, beta: RMSProp(alpha)),
    "adam": ("Adam", lambda alpha, beta: Adam(alpha)),
}
# The largest learning rate on a quadratic surface, in words.
BOUNDS = {
    "gradient_descent": "2/λ",
    "momentum": "2(1 + β)/λ",
    "nesterov": "2(1 + β)/((1 + 2β)λ)",
}
HELP = {
    "gradient_descent": "x ← x − α∇L: downhill, in proportion to the slope.",
    "momentum": "v ← βv + ∇L, x ← x − αv: a heavy ball, which keeps rolling.",
    "nesterov": "Momentum that looks one step ahead.",
    "rmsprop": "Each coordinate is divided by its own recent slope.",
    "adam": "Momentum over RMSProp, with the start corrected.",
}

# Your own update, beside them: its key in a frame, and its name.
OWN, OWN_NAME = "own", "Your update"

# A map is worked out in pieces of so many seconds.
PIECE = 0.008

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


class DescentLab(Lab):
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

    _esm = front_end("descent_lab.js")

    surface = traitlets.Unicode().tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)
    beta = traitlets.Float(0.9).tag(sync=True)
    noise = traitlets.Float(0.0, min=0, max=2).tag(sync=True)
    # Whose code walks beside nnlib's: "your update", if any.
    code = traitlets.Unicode("nnlib").tag(sync=True)
    start = traitlets.List(traitlets.Float(), [0.0, 0.0], minlen=2, maxlen=2).tag(sync=True)
    gradient_descent = traitlets.Bool(False).tag(sync=True)
    momentum = traitlets.Bool(False).tag(sync=True)
    nesterov = traitlets.Bool(False).tag(sync=True)
    rmsprop = traitlets.Bool(False).tag(sync=True)
    adam = traitlets.Bool(False).tag(sync=True)

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
            self._makers = dict(SURFACES)
        else:
            self._makers = {s.name: lambda s=s: s for s in surfaces}
            if len(self._makers) != len(surfaces) or not surfaces:
                raise ValueError("surfaces must be at least one, each with a name of its own")
        unknown = set(optimizers) - set(OPTIMIZERS)
        if unknown:
            raise ValueError(
                f"unknown optimizer {sorted(unknown)[0]!r}: choose from {', '.join(OPTIMIZERS)}"
            )
        if isinstance(surface, Surface):
            self._makers[surface.name] = lambda s=surface: s
            surface = surface.name
        name = next(iter(self._makers)) if surface is None else self._full_name(surface)
        self._places: dict[str, Surface] = {}  # made when first chosen, as are their maps
        self._maps: dict = {}
        self._mapping = None  # the map that is being worked out
        self._own_code: OwnCode | None = None
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
            **{trait: trait in optimizers for trait in OPTIMIZERS},
        )
        self._finish_map()
        self._restart()
        self._on_change(self._take_surface, "surface")
        self._on_change(self._take_settings, "learning_rate", "beta", "noise")
        self._on_change(self._take_start, "start")
        self._on_change(self._take_optimizers, *OPTIMIZERS)

    def _on_change(self, act, *names) -> None:
        self.observe(lambda change: self._engine.call(act), names)

    # What may be set.

    @traitlets.validate("surface")
    def _check_surface(self, proposal) -> str:
        if proposal["value"] not in self._makers:
            raise traitlets.TraitError(
                f"surface={proposal['value']!r}: choose one of {', '.join(self._makers)}"
            )
        return proposal["value"]

    @traitlets.validate("learning_rate", "speed")
    def _check_positive(self, proposal) -> float:
        value, name = proposal["value"], proposal["trait"].name
        # A speed of 0 is as fast as it goes.
        if not (0 < value < np.inf or (name == "speed" and value == 0)):
            raise traitlets.TraitError(f"{name}={value!r} must be a positive number")
        return value

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
        self._mapping = None
        if self.surface in self._maps:
            return
        if self.place.parameters == 1 or self._engine._loop is None:
            self._finish_map()
            return
        self._mapping = self.surface, relief_in_pieces(self.place)
        self._engine._loop.call_soon(self._go_on_mapping)

    def _go_on_mapping(self) -> None:
        if self._mapping is None:
            return
        name, pieces = self._mapping
        end = time.perf_counter() + PIECE
        made = None
        while made is None and time.perf_counter() < end:
            made = next(pieces)
        if made is None:
            self._engine._loop.call_later(0.002, self._go_on_mapping)
        else:
            self._maps[name], self._mapping = made, None
            self._show()

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

    def _take_surface(self) -> None:
        self._walkers = {}  # they stand on the surface before
        self._engine.pause()
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
        self._show()

    def _take_start(self) -> None:
        self._restart()
        self._show()

    def _take_optimizers(self) -> None:
        """Let those that were switched on begin at the start, and forget those switched off."""
        kept = self._walkers
        self._walkers = {key: kept.get(key) or self._new_walker(key) for key in self._wanted()}
        self._show()

    def _wanted(self) -> list[str]:
        """Return the keys of those that walk: the traits of optimizers, and your own."""
        return [t for t in OPTIMIZERS if getattr(self, t)] + [OWN] * (self._own_code is not None)

    def _noise(self) -> float:
        """Return the standard deviation of the noise, in the units of the slope."""
        if not self.noise:
            return 0.0
        return self.noise * float(np.linalg.norm(self.place.gradient(np.array(self.start))))

    def _new_walker(self, key: str) -> Walker:
        if key == OWN:
            name, optimizer = OWN_NAME, OwnUpdate(self._own_code.update, self.learning_rate)
        else:
            name, make = OPTIMIZERS[key]
            optimizer = make(self.learning_rate, self.beta)
        descent = Descent(self.place, optimizer, self.start, noise=self._noise())
        loss = Curve(PATH)
        loss.append(0, np.clip(descent.value, *SHOWN))
        return Walker(name, descent, Trail(descent.position), loss)

    # The lab's side.

    def _restart(self) -> None:
        self._walkers = {key: self._new_walker(key) for key in self._wanted()}

    def use(self, *, update=None) -> None:
        """Let an update rule of your own walk among the others; without one, it leaves again.

        update(x, g, learning_rate) returns the new x, or changes x and returns nothing. It is
        tried first: if it is wrong, the lab says what is wrong with it, and it does not walk.
        """
        self._engine.pause()
        own = None if update is None else OwnCode(update=update)
        # An update is judged by itself: any network will do.
        found = [] if own is None else diagnose(own, NeuralNetwork([1, 1], seed=0))
        if not found:
            self._own_code = own
            self.code = "nnlib" if own is None else "your update"
            self._restart()
        self.problem = "\n\n".join(map(str, found))
        self._show()

    def _work(self) -> bool:
        """Let every optimizer make one step; stop the lab when none walks any more."""
        moved = [walker.step() for walker in self._walkers.values()]
        if not any(moved):
            self._engine.pause()
        return True

    def _hear(self, message: dict) -> None:
        if message.get("command") == "hello":
            self._map_due = True  # a new view has not seen the map yet
        super()._hear(message)
        if message.get("command") == "start":
            place = self.place
            point = (float(message["x"]), float(message["y"]))
            self.start = [
                float(np.clip(x, low, high))
                for x, (low, high) in zip(point, place.limits, strict=True)
            ]
            # Even where it was before: whoever chooses a point wants a fresh start there.
            self._take_start()

    def _frame(self):
        place = self.place
        values = {
            "surface": place.name,
            "code": self.code,
            "bounds": self._bounds(),
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
            "summary": self._summary(),
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

    def _bounds(self) -> list[dict]:
        """Return the learning rates that quadratic surfaces allow, and to whom."""
        place, bounds = self.place, []
        if not isinstance(place, Quadratic):
            return bounds
        for key, walker in self._walkers.items():
            bound = rate_bound(walker.descent.optimizer, place.curvature())
            if bound is not None:
                rule = BOUNDS[key]
                bounds.append({"key": key, "name": walker.name, "bound": bound, "rule": rule})
        return bounds

    def _gradient(self) -> dict | None:
        """Return where plain gradient descent stands, and ∇L there, as long as it walks."""
        walker = self._walkers.get("gradient_descent")
        if walker is None or walker.descent.state != "walking":
            return None
        x = walker.descent.position
        return {"at": x.tolist(), "gradient": self.place.gradient(x).tolist()}

    def _summary(self) -> str:
        """Say in words who is ahead."""
        walkers = list(self._walkers.values())
        if not walkers:
            return "No optimizer is switched on: tick at least one."
        steps = max(w.descent.steps for w in walkers)
        if not steps:
            at = ", ".join(number(x, 3) for x in self.start[: self.place.parameters])
            at = f"x = {at}" if self.place.parameters == 1 else f"({at})"
            return (
                f"Ready on {self.place.name}, starting at {at} with learning rate "
                f"{self.learning_rate:.3g}. {self._limits()}Press Run, or Step."
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
        for b in self._bounds():
            is_it = "above" if self.learning_rate >= b["bound"] else "below"
            words += f"{b['name']} needs α below {b['rule']} = {b['bound']:.3g}: α is {is_it}. "
        if place.parameters == 1 and "gradient_descent" in self._walkers:
            factor = number(place.factor(self.learning_rate), 3)
            words += f"Each step of Gradient descent multiplies x by 1 − αλ = {factor}. "
        return words

    def _preview(self):
        """Return a picture of the first steps, made with walkers of their own."""
        from ..plots.landscape import descents

        walkers = [self._new_walker(key) for key in self._wanted()]
        for walker in walkers:
            with contextlib.suppress(OwnCodeError):
                for _ in range(PREVIEW):
                    walker.step()
        place, land = self.place, self._finish_map()
        names = [*(name for name, _ in OPTIMIZERS.values()), OWN_NAME]
        return descents(
            place,
            land,
            {w.name: (_seen(place, w.trail.points()), w.loss.points()[:2]) for w in walkers},
            looks={name: i for i, name in enumerate(names)},
            steps=PREVIEW,
            heights=_heights(land) if place.parameters == 1 else None,
        )

    def __repr__(self) -> str:
        return (
            f"DescentLab on {self.surface}. It is live in JupyterLab: run this cell there. "
            "Where no kernel runs, a picture of its first steps stands in for it."
        )


def _point(place: Surface, start) -> list[float]:
    """Return a start as two numbers; on a surface of one parameter the second is 0."""
    x = np.atleast_1d(np.asarray(start, np.float64)).tolist()
    return [x[0], 0.0] if place.parameters == 1 else x


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
    return [
        controls.select(
            "surface",
            "Surface",
            surfaces,
            "The loss to walk on. It brings a start and a learning rate that suit it.",
        ),
        controls.log_slider(
            "learning_rate",
            "Learning rate α",
            1e-4,
            1e1,
            "The length of each step, the same for all. It acts on the very next step. Where the "
            "surface is a parabola, a mark shows the largest that converges.",
        ),
        controls.slider(
            "beta",
            "Momentum β",
            0,
            0.99,
            0.01,
            "How much of its speed Momentum or Nesterov keeps; the others ignore it.",
        ),
        controls.slider(
            "noise",
            "Noise",
            0,
            2,
            0.05,
            "Added to each gradient, as a mini-batch does: its standard deviation, in shares of "
            "the slope at the start. All walkers meet the same.",
        ),
        controls.log_slider(
            "speed", "Steps a second", 1, 1000, "How fast you watch: steps a second while it runs."
        ),
        *(
            controls.toggle(trait, OPTIMIZERS[trait][0], f"{text} Switched on, it starts anew.")
            for trait, text in HELP.items()
        ),
    ]
