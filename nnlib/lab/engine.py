"""The engine under every lab: it works in bursts, and between two bursts it listens.

A slider's message reaches Python only while no cell runs and nothing else holds
the kernel's event loop. So training is one asyncio task on that loop: a burst of
a few milliseconds, then a pause in which messages are handled, and so on.

Two rules keep this sound whichever version of ipykernel runs it. The loop is the
one that was running when the lab was made; and since a widget's callback may
come from another thread, every callback is handed over to that loop (`call`).
"""

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from ..support.blas import blas_threads
from ..support.interrupts import Interruption
from ..support.whose_line import is_cell, whose_line
from .pacing import CALM_FRAMES, FRAMES

# How long a burst may keep the kernel from hearing a control, in seconds.
BURST = 0.015
# What is done beside all else runs in pieces of PIECE seconds, PIECES_APART seconds apart.
PIECE, PIECES_APART = 0.008, 0.002

# How long it sleeps at once in slow motion, in seconds: then it hears of another speed.
NAP = 0.05

# What a learner's function may raise without ending the kernel: sys.exit() is a mistake here.
FAILURES = (Exception, SystemExit)

_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


class _Interrupts(Interruption):
    """Interrupt waits for the end of an update, but not for that of a learner's function.

    For that may never come; what nnlib does always ends, and would be left half done.
    """

    def _handle(self, signal_number: int, frame: Any) -> None:
        while frame is not None and frame.f_code not in _WORKING:
            if is_cell(frame.f_code.co_filename):
                raise KeyboardInterrupt
            frame = frame.f_back
        super()._handle(signal_number, frame)


class Engine:
    """Drives a lab's work.

    work     () → bool: do a few milliseconds of work; True if it completed an update
    show     () → None: let the reader see how things stand
    failed   (exception) → None: tell the reader; the engine has stopped

    Interrupt, in Jupyter's menu, is a pause; it also ends a learner's function that does not end.

    Making an engine, or starting one, pauses all others: a lab whose cell was run again
    does not go on training unseen, and two labs do not fight for the processor.
    """

    def __init__(
        self,
        work: Callable[[], bool],
        show: Callable[[], None],
        failed: Callable[[BaseException], None],
    ):
        self._work, self._show, self._failed = work, show, failed
        self.speed = 0.0  # updates a second at most; 0 is as fast as it goes
        self.frames: float = FRAMES  # pictures a second at most
        self.owed = 0  # updates still to be made, of a run of a given number
        self.task: asyncio.Task | None = None
        self._interrupted = False  # by the reader, in the latest burst
        self._pieces: Iterator | None = None
        self._at_work = threading.Lock()  # held for an update at a time, or a few
        self.move_here()
        self._pause_others()
        _engines.add(self)

    @property
    def on_a_loop(self) -> bool:
        """True if it works between other things, on an event loop; False in plain Python."""
        return self._loop is not None

    @property
    def running(self) -> bool:
        """True while a task is at work."""
        return self.task is not None

    def move_here(self) -> None:
        """Work from now on in the thread, and on the event loop, that this is called in."""
        self._home = threading.get_ident()
        self._loop: asyncio.AbstractEventLoop | None
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # plain Python: there is no loop, and nobody to press a button
            self._loop = None

    def call(self, function: Callable, *arguments) -> None:
        """Call `function` in the engine's own thread, at once if this is it."""
        if self._loop is None or threading.get_ident() == self._home:
            function(*arguments)
        else:
            self._loop.call_soon_threadsafe(function, *arguments)

    def run(self, updates: int | None = None, until: Callable[[], bool] | None = None) -> None:
        """Start working, for this many updates, until `until()`, or until paused.

        If it runs already and no end is given, it goes on.
        """
        if self._loop is None:
            raise RuntimeError(
                "a lab runs inside Jupyter, where an event loop is running; "
                "in a script use step(n), or a Trainer directly"
            )
        if self.running and updates is None and until is None:
            return
        self.pause()
        self._pause_others()
        self.owed = updates or 0
        self.task = self._loop.create_task(self._run(updates, until or (lambda: False)))
        self._show()

    def pause(self) -> None:
        """Stop after the burst under way; nothing is lost, and run() goes on from here."""
        if self.task is not None:
            self.stop()
            self._show()

    def stop(self) -> None:
        """Pause, and show nothing."""
        if self.task is not None:
            task, self.task = self.task, None
            task.cancel()

    def step(self, updates: int = 1) -> None:
        """Make this many updates now, before returning.

        Raises KeyboardInterrupt, after the update under way, if the reader interrupts it, and
        RuntimeError if updates are being made already: in another thread, or because one of these
        has called a function of one's own, which calls this.
        """
        self.pause()
        if not self._at_work.acquire(blocking=False):
            raise RuntimeError(
                "the lab is making updates already, in another thread or for the function that "
                "calls step: one after the other, please"
            )
        interrupted = False
        try:
            with blas_threads(1), _Interrupts() as interrupts:
                for _ in range(updates):
                    while not interrupts.asked and not self._work():
                        pass
                    if interrupts.asked:
                        interrupted = True
                        break
        except KeyboardInterrupt as error:
            interrupted = True
            self._say_whose(error)
        except FAILURES as error:
            self._failed(error)
        finally:  # what was done before an interrupt is done
            self._at_work.release()
            self._show()
        if interrupted:
            raise KeyboardInterrupt

    def in_pieces(self, pieces: Iterator, done: Callable) -> None:
        """Work through `pieces` beside all else, and hand the last of them to `done`.

        Controls are heard in between. Where no event loop runs it is done at once. What is
        asked for later takes the place of what is still under way.
        """
        self._pieces = pieces
        self._go_on_in_pieces(pieces, done, None)

    def drop_pieces(self) -> None:
        """Forget what is still under way in pieces."""
        self._pieces = None

    def _go_on_in_pieces(self, pieces: Iterator, done: Callable, last) -> None:
        if self._pieces is not pieces:
            return
        end = time.perf_counter() + PIECE
        while self._loop is None or time.perf_counter() < end:
            try:
                last = next(pieces)
            except StopIteration:
                self._pieces = None
                done(last)
                return
        self._loop.call_later(PIECES_APART, self._go_on_in_pieces, pieces, done, last)

    def _pause_others(self) -> None:
        for other in list(_engines):
            if other is not self:
                other.call(other.pause)

    async def _run(self, updates: int | None, until: Callable[[], bool]) -> None:
        frame, self._interrupted = 0.0, False
        try:
            while (updates is None or updates > 0) and not (until() or self._interrupted):
                done = self._burst(updates, until)
                if updates is not None:
                    self.owed = updates = updates - done
                now = time.perf_counter()
                if now >= frame or (self.speed and self.frames > CALM_FRAMES):
                    # From when it was due: bursts do not end when a frame is, and their
                    # delays must not add up.
                    frame = max(frame + 1 / self.frames, now)
                    self._show()
                # A message passes through several callbacks of the loop before it
                # reaches its handler: let the loop turn more than once.
                for _ in range(4):
                    await asyncio.sleep(0)
                await self._rest()
        except KeyboardInterrupt as error:
            self.task = None
            self._say_whose(error)
        except FAILURES as error:
            self.task = None
            self._failed(error)
        else:
            self.task = None
        self._show()

    def _say_whose(self, interrupt: KeyboardInterrupt) -> None:
        """Tell the reader if it was a learner's function that was interrupted."""
        if whose_line(interrupt, is_cell):
            self._failed(interrupt)

    async def _rest(self) -> None:
        """Let others work; in slow motion, until the next update is due."""
        begin = time.perf_counter()
        await asyncio.sleep(min(NAP, 1 / self.speed) if self.speed else 0.0005)
        while self.speed and (left := begin + 1 / self.speed - time.perf_counter()) > 0:
            await asyncio.sleep(min(NAP, left))

    def _burst(self, updates: int | None, until: Callable[[], bool]) -> int:
        """Work for BURST seconds, or until `updates` are made, or `until()`; return how many were.

        In slow motion a burst is a single update.
        """
        if self.speed:
            updates = 1
        done, end = 0, time.perf_counter() + BURST
        if self._at_work.locked():  # by step, in another thread
            return 0
        with self._at_work, blas_threads(1), _Interrupts() as interrupts:
            while time.perf_counter() < end and (updates is None or done < updates):
                done += self._work()
                if interrupts.asked or until():
                    break
        self._interrupted = interrupts.asked
        return done


# Where the work is done: what is called from there, in a cell, is a learner's own function.
_WORKING = (Engine.step.__code__, Engine._burst.__code__)
