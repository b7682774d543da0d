"""What every lab shares: its front-end, the messages to it, the picture that stands in for it.

How to make a lab: say what a bit of work is, what there is to be seen, and how to start again.

    class Halving(Lab):
        x = 1.0
        def work(self):     # called again and again while it runs; True: an update is complete
            self.x /= 2
            return True
        def frame(self):    # what a view shows now: plain values, and arrays by name
            return {"summary": f"x is {self.x:g}"}, {}
        def restart(self):  # what Reset does
            self.x = 1.0

As the last line of a cell, `Halving(title="Halving")` is a lab with Run, Pause, Step and Reset,
which is heard while it runs and shows its summary. What more there is to it is in three places:
`_esm = front_end("my_lab.js")` names a script in static/ that draws the arrays of a frame;
`controls` lists sliders, each of which sets a trait (see controls.py); and
`self.on_change(act, "my_trait")` acts on it at once. `preview` returns a picture for where
no kernel runs. Labs that train a network begin with `TrainingLab` instead.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from ..support import colours
from ..support.blas import blas_threads
from ..support.checks import as_whole
from ..support.whose_line import is_cell, whose_line
from .copies import NotCopied
from .engine import FAILURES, Engine
from .known_names import KnownNames
from .limits import LIMITS
from .pacing import Pacing
from .traits import Number

if TYPE_CHECKING:  # matplotlib is loaded when a picture is drawn
    from ..plots.picture import Picture

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = (
    "vendor/uPlot.iife.min.js",
    "theme.js",
    "controls.js",
    "chart.js",
    "curves.js",
    "shell.js",
)
_STYLES = ("vendor/uPlot.min.css", "lab.css")

# Beside the live view, for where it is not alive. The style sheet of a lab hides it where one
# is. (JupyterLab itself would only say "model not found" in a copy that was saved and reopened.)
ASLEEP = (
    '<p class="nnlib-asleep">This is a live lab. If no buttons and sliders show below, '
    "it has no kernel: <strong>run this cell again</strong> in JupyterLab (Shift + Enter).</p>"
)

# Of what is wrong no more is said than this many characters.
MOST_SAID = 2000

# What the words of that picture end with.
STANDS_IN = "It stands in for a live lab: run this cell in JupyterLab."


def _read(names) -> str:
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


def front_end(*own: str) -> str:
    """Return one JavaScript module: what all labs share, then the files of one lab.

    A file may use what an earlier one defines; the last exports `default { render }`. Before
    them come COLOURS and LIMITS, so that neither colours nor limits are written twice.
    """
    given = {"COLOURS": colours.for_pages(), "LIMITS": LIMITS}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    return constants + _read(_SCRIPTS + own)


def script(name: str) -> str:
    """Return a script of static/ as it is, for a widget that shares nothing with the labs."""
    return _read([name])


def style_sheet() -> str:
    """Return the style sheet of all labs, with the pairs of colours as --nnlib-* variables."""
    pairs = {
        name: pair
        for name, pair in colours.for_pages().items()
        if len(pair) == 2 and isinstance(pair[0], str)
    }
    light, dark = (
        " ".join(f"--nnlib-{name}: {pair[i]};" for name, pair in pairs.items()) for i in (0, 1)
    )
    return (
        f".nnlib-lab {{ {light} }}\n"
        f'body[data-jp-theme-light="false"] .nnlib-lab {{ {dark} }}\n{_read(_STYLES)}'
    )


class Lab(KnownNames, NotCopied, anywidget.AnyWidget):
    """A widget on an `Engine`: it sends frames to its views and hears their commands.

    A subclass fills in `work`, `frame` and `restart`; `preview` and `described` if it can be
    seen where no kernel runs; and if it has more commands than these, it extends `hear`. Its
    script is its `_esm = front_end("its.js")`; without one it shows its words alone.
    """

    _esm = front_end("plain.js")
    _css = style_sheet()

    title = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    # The buttons, in this order; "epoch" may be added.
    commands = traitlets.List(["run", "pause", "step", "reset"]).tag(sync=True)
    # Updates a second at most; 0 is as fast as it goes.
    speed = Number(0.0).tag(sync=True)
    state = traitlets.Unicode("ready").tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self._stepping = False  # True if what was started last was a step
        self._pacing = Pacing()
        self._presses: dict[str, int] = {}  # by view, its presses of Run and Pause
        self._engine = Engine(self.work, self.send_frame, self.fail)
        self._engine.speed = self.speed
        self.observe(lambda change: setattr(self._engine, "speed", change["new"]), "speed")
        self.on_msg(lambda _, message, buffers: self._engine.call(self.hear, message))

    # What a subclass fills in.

    def work(self) -> bool:
        """Do a few milliseconds of work; return True if that completed an update."""
        raise NotImplementedError

    def frame(self) -> tuple[dict, dict[str, np.ndarray]]:
        """Return what the views show now: plain values, and arrays by name.

        Of the values, "summary" is the line of words under the buttons.
        """
        raise NotImplementedError

    def restart(self) -> None:
        """Go back to the start."""
        raise NotImplementedError

    def preview(self) -> "Picture | None":
        """Return the picture that stands in for the lab where no kernel runs, if there is one."""
        return None

    def described(self) -> str:
        """Say what this lab is of, as in "TrainingPanel of a network": it follows the name."""
        return f": {self.title}" if self.title else ""

    def before_steps(self, updates: int) -> None:
        """Make ready for a number of updates that is to be kept exactly."""

    def run_epoch(self) -> None:
        """Start what the Epoch button starts."""

    def hear(self, message: dict) -> None:
        """Obey a message from a view: {"command": …} and what belongs to it."""
        pacing, engine = self._pacing, self._engine
        pacing.heard()
        command = message.get("command")
        self._presses = {**self._presses, **message.get("press", {})}
        if command == "seen":
            frame, got, drawn = (int(message.get(name, 0)) for name in ("frame", "got", "drawn"))
            pacing.take_report(frame, got, drawn)
            engine.frames = pacing.frames
        elif command == "hello":
            pacing.greet(bool(message.get("calm")))
            engine.frames = pacing.frames
            self.send_frame()
        elif command in ("step", "epoch") and self.problem:
            self.send_frame()
        elif command in ("step", "epoch"):
            # Who presses Step faster than a step is made gets every one of them.
            owed = engine.owed if engine.running and self._stepping else 0
            self._stepping = command == "step"
            engine.pause()
            if self._stepping:
                self.before_steps(1 + owed)
                engine.run(1 + owed)
            else:
                self.run_epoch()
        elif command in ("run", "pause", "reset"):
            getattr(self, command)()

    # What a subclass calls.

    @property
    def how_to_start(self) -> str:
        """Which button to press now: what is wrong must first be put away by Reset."""
        return "press Reset first" if self.problem else "press Run, or Step"

    @property
    def engine(self) -> Engine:
        """What drives the work, in bursts between which controls are heard."""
        return self._engine

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self._engine.running

    def on_change(self, act, *traits: str) -> None:
        """Call `act()` whenever one of these traits was changed, by a view or from a cell."""
        self.observe(lambda change: self._engine.call(act), list(traits))

    def send_frame(self) -> None:
        """Send a frame to the views."""
        pacing, running = self._pacing, self._engine.running
        self.state = "stopped" if self.problem else "running" if running else "paused"
        if running and pacing.abandoned:
            self._engine.pause()
            return
        if running and pacing.behind:
            return
        try:
            # On several threads a small product waits longer for them than it takes.
            with blas_threads(1):
                values, arrays = self.frame()
        except FAILURES as error:
            # There is nothing new to be seen, so it is said, and what is there stays.
            self._engine.stop()
            self.fail(error)
            self.state = "stopped"
            self.send({"answered": True, "heard": self._presses})
            return
        # Pictures may come in float32; what is read off a curve keeps all its digits.
        arrays = {
            name: np.ascontiguousarray(a, np.float32 if _is_float32(a) else np.float64)
            for name, a in arrays.items()
        }
        shapes = [{"name": name, "rows": len(a), "bytes": a.itemsize} for name, a in arrays.items()]
        buffers = [array.data for array in arrays.values()]
        message = {"frame": pacing.next_frame(), "values": values, "arrays": shapes}
        self.send({**message, "heard": self._presses}, buffers)

    def fail(self, error: BaseException) -> None:
        """Say in words what stopped the lab."""
        self.problem = _in_words(error) + _where(error)

    # What a reader can do, with a button or from a cell.

    def run(self) -> None:
        """Train until paused."""
        self._pacing.heard()
        if self.problem:
            self.send_frame()
        else:
            self._engine.run()

    def pause(self) -> None:
        """Stop where it is; `run` goes on from there."""
        self._engine.pause()

    def step(self, updates: int = 1) -> None:
        """Make this many updates before returning (one by default)."""
        updates = as_whole("updates", updates, at_least=0)
        if not self.problem:
            self._engine.pause()
            self.before_steps(updates)
            self._engine.step(updates)

    def reset(self) -> None:
        """Go back to the start, keeping the settings."""
        self._engine.pause()
        self.restart()
        self.problem = ""
        self.send_frame()

    # How it is displayed.

    _from_start = False

    def at_start(self):
        """Return the lab; the picture that stands in for it shows the start, not what comes of it.

        For a page that asks its readers to predict: a saved copy then does not give it away.
        """
        self._from_start = True
        return self

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}{self.described().rstrip('.')}. It is live in JupyterLab: run "
            "this cell there. Where no kernel runs, a picture stands in for it."
        )

    def _ipython_display_(self) -> None:
        """Show the lab, and above it the words that are read only where it is not alive."""
        from IPython.display import display

        display({"text/html": ASLEEP, "text/plain": ""}, raw=True)
        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, **kwargs):
        """Return the live widget, and beside it the picture and the text that stand in for it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        assert bundle is not None  # as it is for a widget without a view: a lab has one
        data, metadata = bundle
        picture = self.preview()
        if picture is None:
            return data, metadata
        picture.alt = f"{picture.alt.rstrip('. ')}. {STANDS_IN}"
        still, still_metadata = picture._repr_mimebundle_()
        return {**still, **data}, {**still_metadata, **metadata}


def _is_float32(array) -> bool:
    return getattr(array, "dtype", None) == np.float32


def _in_words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted while your code was running; Reset, or run its cell again"
    if isinstance(error, SystemExit):
        return "Your code called sys.exit(); nnlib's labs go on without it"
    text = str(error) or type(error).__name__
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]} …"


def _where(error: BaseException) -> str:
    """Say which line of the learner's own cells raised the error, if one did."""
    line = whose_line(error, is_cell)
    if line is None or not line.raised_here:
        return ""
    return f" ({type(error).__name__} in line {line.number} of your cell: {line.text})"
