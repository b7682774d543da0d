"""What every lab shares: its front-end, the messages to it, the picture that stands in for it."""

import json
import time
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from ..support import colours
from ..support.blas import blas_threads
from ..support.whose_line import is_cell, whose_line
from .engine import CALM_FRAMES, FRAMES, Engine

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

# Without a sign of life from any view for so long, training stops: nobody is looking.
ABANDONED = 30.0

# Views say five times a second which frame they have drawn. If none has drawn the latest so
# many, they are given time, not more frames.
AHEAD = 12
# The fewest frames a second that are sent to views that cannot draw all they get.
FEWEST = 8

# Beside the live view, for where it is not alive. The style sheet of a lab hides it where one
# is. (JupyterLab itself would only say "model not found" in a copy that was saved and reopened.)
ASLEEP = (
    '<p class="nnlib-asleep">This is a live lab. If no buttons and sliders show below, '
    "it has no kernel: <strong>run this cell again</strong> in JupyterLab (Shift + Enter).</p>"
)

# What the words of that picture end with.
STANDS_IN = "It stands in for a live lab: run this cell in JupyterLab."


def _read(names) -> str:
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


def front_end(*own: str) -> str:
    """Return one JavaScript module: what all labs share, then the files of one lab.

    A file may use what an earlier one defines; the last exports `default { render }`.
    """
    return f"const COLOURS = {json.dumps(colours.for_pages())};\n{_read(_SCRIPTS + own)}"


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


class Lab(anywidget.AnyWidget):
    """A widget on an `Engine`: it sends frames to its views and hears their commands.

    A subclass defines `_esm = front_end("its.js")`, `_work`, `_frame`, `_restart` and `_preview`;
    and, if it has more commands than these, extends `_hear`.
    """

    _css = style_sheet()

    title = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    # The buttons, in this order; "epoch" may be added.
    commands = traitlets.List(["run", "pause", "step", "reset"]).tag(sync=True)
    # Updates a second at most; 0 is as fast as it goes.
    speed = traitlets.Float(0.0).tag(sync=True)
    state = traitlets.Unicode("ready").tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self._sent, self._seen = 0, 0  # frames sent, and the latest that a view has drawn
        self._stepping = False  # True if what was started last was a step
        self._calm = False  # True if the reader has asked for little motion
        self._sent_at = self._heard_at = time.monotonic()
        self._engine = Engine(self._work, self._show, self._fail)
        self._engine.speed = self.speed
        self.observe(lambda change: setattr(self._engine, "speed", change["new"]), "speed")
        self.on_msg(lambda _, message, buffers: self._engine.call(self._hear, message))

    # What a subclass fills in.

    def _work(self) -> bool:
        """Do a few milliseconds of work; return True if that completed an update."""
        raise NotImplementedError

    def _before_step(self, updates: int) -> None:
        """Make ready for a number of updates that is to be kept exactly."""

    def _run_epoch(self) -> None:
        """Start what the Epoch button starts."""

    def _frame(self) -> tuple[dict, dict[str, np.ndarray]]:
        """Return what the views show now: plain values, and arrays by name."""
        raise NotImplementedError

    def _restart(self) -> None:
        """Go back to the start."""
        raise NotImplementedError

    def _preview(self):
        """Return the Picture that stands in for the lab where no kernel runs."""
        raise NotImplementedError

    # What a reader can do, with a button or from a cell.

    def run(self) -> None:
        """Train until paused."""
        self._heard_at = time.monotonic()
        if not self.problem:
            self._engine.run()

    def pause(self) -> None:
        """Stop where it is; `run` goes on from there."""
        self._engine.pause()

    def step(self, updates: int = 1) -> None:
        """Make so many updates before returning (one by default)."""
        if not self.problem:
            self._engine.pause()
            self._before_step(updates)
            self._engine.step(updates)

    def reset(self) -> None:
        """Go back to the start, keeping the settings."""
        self._engine.pause()
        self._restart()
        self.problem = ""
        self._show()

    # Messages.

    def _hear(self, message: dict) -> None:
        """Obey a message from a view."""
        self._heard_at = time.monotonic()
        command = message.get("command")
        if command == "seen":
            self._seen = max(self._seen, int(message["frame"]))
            self._suit(int(message.get("got", 0)), int(message.get("drawn", 0)))
        elif command == "hello":
            self._seen = self._sent
            self._calm = bool(message.get("calm"))
            self._suit(0, 0)
            self._show()
        elif command in ("step", "epoch") and not self.problem:
            # Who presses Step faster than a step is made gets every one of them.
            owed = self._engine.owed if self._engine.running and self._stepping else 0
            self._stepping = command == "step"
            self._engine.pause()
            if self._stepping:
                self._before_step(1 + owed)
                self._engine.run(1 + owed)
            else:
                self._run_epoch()
        elif command in ("run", "pause", "reset"):
            getattr(self, command)()

    def _suit(self, got: int, drawn: int) -> None:
        """Send fewer frames to a view that got more of them than it could draw."""
        if self._calm:
            self._engine.frames = CALM_FRAMES
        elif drawn < 0.75 * got:
            self._engine.frames = max(FEWEST, 0.9 * self._engine.frames)
        else:
            self._engine.frames = min(FRAMES, 1.05 * max(FEWEST, self._engine.frames))

    def _show(self) -> None:
        """Send a frame to the views."""
        self.state = "stopped" if self.problem else "running" if self._engine.running else "paused"
        now = time.monotonic()
        if self._engine.running:
            if now - self._heard_at > ABANDONED:
                self._engine.pause()
                return
            if self._sent - self._seen >= AHEAD and now - self._sent_at < 1.0:
                return
        # On several threads a small product waits longer for them than it takes.
        with blas_threads(1):
            values, arrays = self._frame()
        self._sent, self._sent_at = self._sent + 1, now
        # Pictures may come in float32; what is read off a curve keeps all its digits.
        arrays = {
            name: np.ascontiguousarray(a, np.float32 if _is_float32(a) else np.float64)
            for name, a in arrays.items()
        }
        shapes = [{"name": name, "rows": len(a), "bytes": a.itemsize} for name, a in arrays.items()]
        buffers = [array.data for array in arrays.values()]
        self.send({"frame": self._sent, "values": values, "arrays": shapes}, buffers)

    def _fail(self, error: Exception) -> None:
        """Say in words what stopped the lab."""
        self.problem = (str(error) or type(error).__name__) + _where(error)

    # How it is displayed.

    def _ipython_display_(self) -> None:
        """Show the lab, and above it the words that are read only where it is not alive."""
        from IPython.display import display

        display({"text/html": ASLEEP, "text/plain": ""}, raw=True)
        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, **kwargs):
        """Return the live widget, and beside it the picture and the text that stand in for it."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        picture = self._preview()
        picture.alt = f"{picture.alt.rstrip('. ')}. {STANDS_IN}"
        picture, picture_metadata = picture._repr_mimebundle_()
        return {**picture, **data}, {**picture_metadata, **metadata}


def _is_float32(array) -> bool:
    return getattr(array, "dtype", None) == np.float32


def _where(error: Exception) -> str:
    """Say which line of the learner's own cells raised the error, if one did."""
    line = whose_line(error, is_cell)
    if line is None or not line.raised_here:
        return ""
    return f" ({type(error).__name__} in line {line.number} of your cell: {line.text})"
