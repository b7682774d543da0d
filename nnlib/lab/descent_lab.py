"""The descent lab: optimizers walk together on a loss surface that can be seen."""

from dataclasses import dataclass

import numpy as np
import traitlets

from ..descent import Descent
from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, RMSProp
from ..surfaces import SURFACES, Surface, relief
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
HELP = {
    "gradient_descent": "x ← x − α∇L: downhill, in proportion to the slope.",
    "momentum": "v ← βv + ∇L, x ← x − αv: a heavy ball, which keeps rolling.",
    "nesterov": "Momentum that looks one step ahead.",
    "rmsprop": "Each coordinate is divided by its own recent slope.",
    "adam": "Momentum over RMSProp, with the start corrected.",
}

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

    surface        the name of the one to begin with
    surfaces       those to choose from, a list of `nnlib.surfaces.Surface`: by default the six
                   of the course; add a `NetworkSlice` of a network of yours
    optimizers     the traits of those that walk at first
    learning_rate  α of all of them; by default what the surface suggests
    beta           β of Momentum and Nesterov
    start          where they start, (x₁, x₂); by default where the surface suggests
    speed          steps a second

    The traits `surface`, `learning_rate`, `beta`, `start`, `speed` and one for each optimizer,
    `gradient_descent`, `momentum`, `nesterov`, `rmsprop` and `adam`, may be set from a cell as
    from the lab. Choosing a surface sets the start and the learning rate it suggests.
    """

    _esm = front_end("descent_lab.js")

    surface = traitlets.Unicode().tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)
    beta = traitlets.Float(0.9).tag(sync=True)
    start = traitlets.List(traitlets.Float(), [0.0, 0.0], minlen=2, maxlen=2).tag(sync=True)
    gradient_descent = traitlets.Bool(False).tag(sync=True)
    momentum = traitlets.Bool(False).tag(sync=True)
    nesterov = traitlets.Bool(False).tag(sync=True)
    rmsprop = traitlets.Bool(False).tag(sync=True)
    adam = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        surface: str | None = None,
        *,
        surfaces: "list[Surface] | None" = None,
        optimizers=("gradient_descent", "momentum", "adam"),
        learning_rate: float | None = None,
        beta: float = 0.9,
        start=None,
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
        name = next(iter(self._makers)) if surface is None else surface
        self._made: dict[str, tuple] = {}  # surfaces and their maps, made when first chosen
        self._walkers: dict[str, Walker] = {}
        self._map_due = True
        place = self._look_up(name)[0]
        super().__init__(
            title="Descent on a loss surface",
            controls=_controls(list(self._makers)),
            surface=name,
            learning_rate=place.learning_rate if learning_rate is None else learning_rate,
            beta=beta,
            start=list(map(float, place.start if start is None else start)),
            speed=speed,
            **{trait: trait in optimizers for trait in OPTIMIZERS},
        )
        self._restart()
        self._on_change(self._take_surface, "surface")
        self._on_change(self._take_settings, "learning_rate", "beta")
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
        limits = self._look_up(self.surface)[0].limits if self.surface else ()
        for x, (low, high) in zip(proposal["value"], limits, strict=False):
            if not low <= x <= high:
                raise traitlets.TraitError(
                    f"start={proposal['value']} lies outside the map: from {low:g} to {high:g}"
                )
        return proposal["value"]

    def _look_up(self, name: str) -> tuple:
        """Return a surface and its map; both are made once."""
        if name not in self._made:
            if name not in self._makers:
                raise ValueError(f"surface={name!r}: choose one of {', '.join(self._makers)}")
            surface = self._makers[name]()
            self._made[name] = surface, relief(surface)
        return self._made[name]

    @property
    def place(self) -> Surface:
        """The surface that is walked on."""
        return self._look_up(self.surface)[0]

    def _take_surface(self) -> None:
        self._walkers = {}  # they stand on the surface before
        self._engine.pause()
        self._map_due = True
        place = self.place
        self.learning_rate = place.learning_rate
        self.start = list(map(float, place.start))
        self.reset()

    def _take_settings(self) -> None:
        """Hand the sliders' values to the optimizers: they act on the next step."""
        for walker in self._walkers.values():
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
        self._walkers = {
            trait: kept.get(trait) or self._new_walker(trait)
            for trait in OPTIMIZERS if getattr(self, trait)
        }  # fmt: skip
        self._show()

    def _new_walker(self, trait: str) -> Walker:
        name, make = OPTIMIZERS[trait]
        descent = Descent(self.place, make(self.learning_rate, self.beta), self.start)
        loss = Curve(PATH)
        loss.append(0, np.clip(descent.value, *SHOWN))
        return Walker(name, descent, Trail(descent.position), loss)

    # The lab's side.

    def _restart(self) -> None:
        self._walkers = {t: self._new_walker(t) for t in OPTIMIZERS if getattr(self, t)}

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
        place, picture = self._look_up(self.surface)
        values = {
            "update": max((w.descent.steps for w in self._walkers.values()), default=0),
            "learning rate": self.learning_rate,
            "start": list(self.start),
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
            arrays[f"path {walker.name}"] = walker.trail.points()
            arrays[f"loss {walker.name}"] = walker.loss.points()
        if self._map_due:
            self._map_due = False
            values["map"] = {
                "name": place.name,
                "formula": place.formula,
                "source": place.source,
                "limits": [list(map(float, pair)) for pair in place.limits],
                "minima": place.minima.tolist(),
                "scale": picture.scale.tolist(),
            }
            arrays["heights"], arrays["contours"] = picture.heights, picture.contours
        return values, arrays

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
            at = ", ".join(f"{x:.3g}" for x in self.start)
            return (f"Ready on {self.place.name}, starting at ({at}) with learning rate "
                    f"{self.learning_rate:.3g}. Press Run, or Step.")  # fmt: skip
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

    def _preview(self):
        """Return a picture of the first steps, made with walkers of their own."""
        walkers = [self._new_walker(trait) for trait in OPTIMIZERS if getattr(self, trait)]
        for walker in walkers:
            for _ in range(PREVIEW):
                walker.step()
        return _picture(*self._look_up(self.surface), walkers)

    def __repr__(self) -> str:
        return (
            f"DescentLab on {self.surface}. It is live in JupyterLab: run this cell there. "
            "Where no kernel runs, a picture of its first steps stands in for it."
        )


def _controls(surfaces: list[str]) -> list[dict]:
    return [
        controls.select(
            "surface", "Surface", surfaces,
            "The loss to walk on. It brings a start and a learning rate that suit it.",
        ),
        controls.log_slider(
            "learning_rate", "Learning rate α", 1e-4, 1e1,
            "The length of each step, the same for all. It acts on the very next step.",
        ),
        controls.slider(
            "beta", "Momentum β", 0, 0.99, 0.01,
            "How much of its speed Momentum or Nesterov keeps; the others ignore it.",
        ),
        controls.log_slider(
            "speed", "Steps a second", 1, 1000, "How fast you watch: steps a second while it runs."
        ),
        *(controls.toggle(trait, OPTIMIZERS[trait][0], f"{text} Switched on, it starts anew.")
          for trait, text in HELP.items()),
    ]  # fmt: skip


def _picture(surface, picture, walkers):
    """Draw map, paths and losses for where no kernel runs."""
    from ..plots.picture import Picture
    from ..plots.style import INK, RUN_LINES, RUNS, legend_above, new_figure, style

    looks = {name: {"color": colour, "linestyle": line}
             for (name, _), colour, line in zip(OPTIMIZERS.values(), RUNS, RUN_LINES, strict=False)
    }  # fmt: skip
    (left, right), (bottom, top) = surface.limits
    with style():
        figure = new_figure(3.9)
        land, curve = figure.subplots(1, 2)
        land.imshow(
            picture.heights, cmap="Greys", vmax=1.8, origin="lower", interpolation="bilinear",
            extent=(left, right, bottom, top),
        )  # fmt: skip
        pieces = picture.contours.T.reshape(-1, 2, 2).transpose(1, 0, 2)
        land.plot(*pieces.transpose(2, 0, 1), color=INK, linewidth=0.4, alpha=0.35)
        for walker in walkers:
            look = looks[walker.name]
            land.plot(*walker.trail.points(), **look)
            steps, loss = walker.loss.points()[:2]
            curve.semilogy(steps, loss, label=walker.name, **look)
        land.plot(*surface.minima.T, "*", color=INK, markersize=10)
        land.set(xlim=(left, right), ylim=(bottom, top), xlabel="x₁", ylabel="x₂")
        land.grid(False)
        land.set_title(f"{surface.name}, {PREVIEW} steps", fontsize=10)
        curve.set_title("loss", fontsize=10)
        curve.set_xlabel("step")
        if walkers:
            legend_above(figure, curve, columns=5)
        names = ", ".join(w.name for w in walkers) or "no optimizer"
        return Picture(
            figure,
            f"Map of the loss surface {surface.name} with the paths of {names} over {PREVIEW} "
            "steps, and their loss against the step. It stands in for a live lab: "
            "run this cell in JupyterLab.",
        )
