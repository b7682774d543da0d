"""The explorer: a function under sliders, shown as curves, as a map over the plane, or as both.

    sliders → a pure function of their values → curves, marks, a map, paths → drawn

It trains nothing: whenever a slider moves the functions are called again, in the kernel, with the
values of all sliders. So the function that a lesson shows, or one that a learner wrote, is the
function that is drawn.
"""

import re
from typing import Any

import numpy as np
import traitlets

from ..analysis.explain import SUBSCRIPTS
from ..analysis.maps import plane as grid
from ..landscapes.surfaces import contour_line
from ..support.arrays import as_labels, check_order
from ..support.checks import as_input
from . import controls
from .traits import Bounded
from .widget import Lab, front_end

# Points a side of a map: fine enough to be smoothed, and a few milliseconds of work.
RESOLUTION = 60
# Before a number, and not within one such as 1e-5.
MINUS = re.compile(r"(?<![\w)])-(?=[\d.])")


class Explorer(Lab):
    """Move sliders, and see what a function does.

    sliders   what may be moved, {name: …}, where … is one of
              (low, high, start)        a number; a whole one if all three are ints
              (low, high, start, step)  the same, in such steps; "log" for powers of ten
              ["one", "another"]        a list to choose from; it starts with the first
              True or False             something to switch on or off
    curves    lines over x: a function of the sliders that returns {name: (x, y)}, where x and
              y have shape (n,) and x increases; NaN in y leaves a gap
    points    marks in that chart: a function that returns {name: (x, y)} likewise
    plane     a map: a function (X, **sliders) that returns the height at each row of X, the
              points of the plane, shape (n, 2): an array of shape (n,)
    paths     lines and marks on the map: a function that returns {name: (x, y)}; the last
              point of each is marked
    words     a function of the sliders that returns a sentence, shown and read out

    title, alt      a heading, and a description for readers who cannot see the figure
    axes            the names of the chart's axes, ("x", "y"), or, without a chart, of the map's
    y_range         (low, high) of the chart; without it the curves decide
    log             True: the chart's y on a logarithmic scale
    limits          the map's ((low, high), (low, high)), or one number for [−limit, limit]²
    heights         the heights at the two ends of the map's colours; between them is paper
    levels          the heights at which lines are drawn; by default the middle of `heights`
    data            (X, labels): points of the plane and their classes, drawn on the map
    help            {name: text} for sliders that need more words than their name

    Every slider is a trait: `lab.w = 2` moves it, and a value outside is moved to the nearer
    end. The functions must not change anything; what they raise while a slider moves is said in
    the lab, and at the start is raised here. ValueError says what cannot be shown.

    >>> Explorer(
    ...     {"w": (-5, 5, 1.0), "b": (-5, 5, 0.0)},
    ...     curves=lambda w, b: {"a = σ(wx + b)": (x, sigmoid(w * x + b))},
    ...     words=lambda w, b: f"It is one half where wx + b = 0.",
    ...     title="One neuron", alt="The S-shaped curve of one sigmoid neuron.",
    ... )
    """

    _esm = front_end("plane.js", "explorer.js")

    commands: traitlets.List[str] = traitlets.List([]).tag(sync=True)

    def __init__(
        self,
        sliders: dict,
        *,
        title: str,
        alt: str,
        curves=None,
        points=None,
        plane=None,
        paths=None,
        words=None,
        axes=None,
        y_range=None,
        log: bool = False,
        limits=1.2,
        heights=(0.0, 1.0),
        levels=None,
        data=None,
        help=None,
    ):
        if curves is None and plane is None:
            raise ValueError("there is nothing to show: give curves=, plane=, or both")
        for name in sliders:
            if not str(name).isidentifier() or hasattr(Lab, name):
                raise ValueError(f"a slider cannot be called {name!r}: choose another name")
        sliders = {name: _plain(spec) for name, spec in sliders.items()}
        self._start = {name: _start(spec) for name, spec in sliders.items()}
        self._functions = {"curves": curves, "points": points, "plane": plane, "paths": paths}
        self._words, self._alt, self._data = words, alt, _data(data)
        limits = ((-limits, limits),) * 2 if np.ndim(limits) == 0 else limits
        low, high = map(float, heights)
        self._fixed: dict[str, Any] = {
            "chart_axes": list(axes or ("x", "y")),
            "map_axes": list((None if curves else axes) or ("x₁", "x₂")),
            "y_range": None if y_range is None else [float(v) for v in y_range],
            "log": bool(log),
            "limits": [[float(v) for v in pair] for pair in limits],
            "heights": [low, high],
        }
        self._levels = ((low + high) / 2,) if levels is None else tuple(levels)
        self._grid = grid(RESOLUTION, self._fixed["limits"])
        self._picture = self._compute(self._start)
        super().__init__(
            title=title,
            controls=[_control(n, spec, (help or {}).get(n)) for n, spec in sliders.items()],
        )
        self.add_traits(**{n: _trait(spec).tag(sync=True) for n, spec in sliders.items()})
        if sliders:
            self.on_change(self._move, *sliders)

    @property
    def settings(self) -> dict:
        """The values of all sliders."""
        return {name: getattr(self, name) for name in self._start}

    def reset(self) -> None:
        """Put every slider back to where it began."""
        with self.hold_trait_notifications():
            for name, value in self._start.items():
                setattr(self, name, value)
        self._move()

    def _move(self) -> None:
        """Show what the functions make of the sliders now."""
        try:
            self._picture = self._compute(self.settings)
            self.problem = ""
        except (Exception, SystemExit) as error:
            # Any error at all: the functions are a lesson's or a learner's.
            self.fail(error)
        self.send_frame()

    def frame(self):
        return self._picture

    def _compute(self, settings: dict) -> tuple[dict, dict]:
        """Call the functions; return plain values, and arrays by name."""
        values = {**self._fixed, "settings": settings}
        arrays: dict[str, np.ndarray] = {}
        for kind in ("curves", "points", "paths"):
            found = self._functions[kind](**settings) if self._functions[kind] else {}
            values[kind] = list(found)
            for name, line in found.items():
                arrays[f"{kind} {name}"] = _line(kind, name, line)
        words = self._words(**settings) if self._words else _as_words(settings)
        values["summary"] = MINUS.sub("−", words)
        if self._functions["curves"] and values["y_range"] is None:
            values["y_range"] = _range([a for key, a in arrays.items() if key[:5] != "paths"])
        if self._functions["plane"]:
            heights = np.asarray(self._functions["plane"](self._grid, **settings), np.float64)
            if heights.shape not in ((len(self._grid),), (len(self._grid), 1)):
                raise ValueError(
                    f"plane must return a height for each of the {len(self._grid)} points, "
                    f"shape ({len(self._grid)},), but returned shape {heights.shape}"
                )
            arrays["map"] = heights.reshape(1, -1)
            arrays["levels"] = self._level_lines(heights)
            if self._data is not None:
                arrays["data"] = self._data
        return values, {name: array for name, array in arrays.items() if array.size}

    def _level_lines(self, heights: np.ndarray) -> np.ndarray:
        x = self._grid.reshape(RESOLUTION, RESOLUTION, 2)
        # What is exactly on a level counts as below it, and a line is only between the two.
        lines = [contour_line(x, heights.reshape(x.shape[:2]), level) for level in self._levels]
        return np.concatenate(lines, axis=1) if lines else np.empty((4, 0))

    def preview(self):
        """Return a picture of the start."""
        from ..plots.exploration import exploration

        values, arrays = self._compute(self._start)
        alt = f"{self._alt.rstrip('.')}. Shown at {_as_words(values['settings'])}"
        return exploration(values, arrays, title=self.title, alt=alt)

    def described(self) -> str:
        """Say what it shows, and where its sliders stand."""
        return f": {self.title}. {_as_words(self.settings)}"


# The sliders.


def _plain(spec):
    """Return a spec with Python's numbers for numpy's, which no message to a view can hold."""
    if isinstance(spec, np.bool_):
        return bool(spec)
    if isinstance(spec, tuple):
        return tuple(value.item() if isinstance(value, np.generic) else value for value in spec)
    return spec


def _is_choice(spec) -> bool:
    return isinstance(spec, list)


def _start(spec):
    """Return where a slider starts, if it is one."""
    if isinstance(spec, bool):
        return spec
    if _is_choice(spec) and spec and all(isinstance(option, str) for option in spec):
        return spec[0]
    try:
        low, high, start, *step = spec
        if _is_choice(spec) or len(step) > 1 or not low <= start <= high or not low < high:
            raise ValueError
        if step and not (low > 0 if step[0] == "log" else step[0] > 0):
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(
            f"a slider is (low, high, start) or (low, high, start, step), a list of names, True "
            f"or False; {spec!r} is none of these, or its start lies outside"
        ) from None
    return int(start) if _is_whole(spec) else float(start)


def _is_whole(spec) -> bool:
    return all(isinstance(value, int) for value in spec)


def _trait(spec):
    if isinstance(spec, bool):
        return traitlets.Bool(spec)
    if _is_choice(spec):
        return traitlets.Enum(spec, spec[0])
    low, high, start, *_ = spec
    return Bounded(float(start), min=float(low), max=float(high)).tag(whole=_is_whole(spec))


def _control(name: str, spec, help: str | None) -> dict:
    label = _label(name)
    if isinstance(spec, bool):
        return controls.toggle(name, label, help or "On or off.")
    if _is_choice(spec):
        return controls.select(name, label, spec, help or f"One of {', '.join(spec)}.")
    low, high, _, *step = spec
    help = help or MINUS.sub("−", f"From {low:g} to {high:g}.")
    if step == ["log"]:
        return controls.log_slider(name, label, low, high, help)
    step = step[0] if step else 1 if _is_whole(spec) else _nice((high - low) / 100)
    return controls.slider(name, label, low, high, step, help)


def _nice(step: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the nearest that is not below `step`."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(f"{next(m * power for m in (1, 2, 5, 10) if m * power >= step * 0.999):.6g}")


# What the functions return.


def _line(kind: str, name: str, line) -> np.ndarray:
    """Return x and y of a line as the two rows of an array."""
    try:
        x, y = (np.asarray(values, np.float64).reshape(-1) for values in line)
        if x.shape != y.shape:
            raise ValueError(f"x has {x.size} numbers and y {y.size}")
        if kind == "curves" and not (np.diff(x) > 0).all():
            raise ValueError("x must increase")
        if not np.isfinite(x).all():
            raise ValueError("x must be finite")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{kind} must return {{name: (x, y)}}; {name!r}: {error}") from None
    if kind == "points":
        x, y = x[order := np.argsort(x, kind="stable")], y[order]
        # The chart has one place for each x: marks above one another step aside unseen.
        x = x + 1e-9 * max(1.0, np.abs(x).max(initial=0)) * np.arange(len(x))
    return np.vstack([x, y])


def _range(lines: list[np.ndarray]) -> list[float]:
    """Return a range with a little room for all that is drawn in the chart."""
    y = np.concatenate([line[1] for line in lines]) if lines else np.zeros(1)
    y = y[np.isfinite(y)]
    low, high = (float(y.min()), float(y.max())) if y.size else (0.0, 1.0)
    room = 0.06 * (high - low) or 0.5
    return [low - room, high + room]


def _data(data) -> np.ndarray | None:
    """Return points and labels as the rows x₁, x₂, label."""
    if data is None:
        return None
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ValueError("data must be a pair: points, shape (n, 2), and labels, shape (n,)")
    check_order("X", data[0], "labels", data[1])
    X = as_input(data[0], 2, np.float64)
    labels = as_labels(data[1], len(X))
    return np.column_stack([X, labels]).T


def _label(name: str) -> str:
    """Return the name of a slider with the number at its end written as a subscript."""
    stem = name.rstrip("0123456789")
    return stem + name[len(stem) :].translate(SUBSCRIPTS)


def _as_words(settings: dict) -> str:
    words = []
    for name, value in settings.items():
        number = f"{value:.4g}" if isinstance(value, float) else str(value)
        words.append(f"{_label(name)} = {number}")
    return MINUS.sub("−", ", ".join(words)) + "."
