"""How many frames a lab sends: as many as its views can draw, and none that nobody will see."""

import time

# Pictures sent a second. More is not seen, and each takes a few milliseconds from the work.
FRAMES = 25
# As many for a reader who has asked for little motion.
CALM_FRAMES = 2
# The fewest for views that cannot draw all they get.
FEWEST = 8

# Views say five times a second which frame they have drawn. If none has drawn the latest so
# many, they are given time, not more frames.
AHEAD = 12

# Without a sign of life from any view for this many seconds, training stops: nobody is looking.
ABANDONED = 30.0


class Pacing:
    """Counts the frames that were sent and drawn, and says when the next one may go.

    frames   how many a second the views can draw
    """

    def __init__(self):
        self.frames: float = FRAMES
        self._sent = self._drawn = 0  # frames sent, and the latest that a view has drawn
        self._calm = False
        self._sent_at = self._heard_at = time.monotonic()

    @property
    def abandoned(self) -> bool:
        """Whether no view has been heard of for so long that nobody can be looking."""
        return time.monotonic() - self._heard_at > ABANDONED

    @property
    def behind(self) -> bool:
        """Whether the views still have to draw so much that they should not get more."""
        late = time.monotonic() - self._sent_at >= 1.0  # perhaps a message was lost
        return self._sent - self._drawn >= AHEAD and not late

    def heard(self) -> None:
        """Note a sign of life."""
        self._heard_at = time.monotonic()

    def greet(self, calm: bool) -> None:
        """Take in a new view, whose reader may have asked for little motion."""
        self._drawn, self._calm = self._sent, calm
        self._adapt(0, 0)

    def take_report(self, frame: int, got: int, drawn: int) -> None:
        """Take in what a view says: the latest frame it drew, and of how many it drew how many."""
        self._drawn = max(self._drawn, frame)
        self._adapt(got, drawn)

    def next_frame(self) -> int:
        """Count a frame that is about to be sent, and return its number."""
        self._sent, self._sent_at = self._sent + 1, time.monotonic()
        return self._sent

    def _adapt(self, got: int, drawn: int) -> None:
        """Send fewer frames to a view that got more of them than it could draw."""
        if self._calm:
            self.frames = CALM_FRAMES
        elif drawn < 0.75 * got:
            self.frames = max(FEWEST, 0.9 * self.frames)
        else:
            self.frames = min(FRAMES, 1.05 * max(FEWEST, self.frames))
