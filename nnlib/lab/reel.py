"""A reel of snapshots: the whole training so far in a bounded number of moments.

A snapshot is kept at every `every`-th update. When the reel is full, every second one is
dropped and `every` doubles; so however long the training, the moments kept are spread
evenly over it, there are never more than `most` of them, and the longer it grows the
more rarely one is taken.
"""

from bisect import bisect_left, bisect_right
from typing import Any


class Reel:
    """Snapshots by their number of updates, thinned as they come.

    most    how many are kept, at most; at least two
    nbytes  how much memory they may take, all together; but the first is always kept, and
            a second
    least   how many may be kept even if they take more memory than that, up to `limit` bytes
    due     the number of updates from which on the next one is wanted
    """

    def __init__(self, most: int = 128, nbytes: int = 24_000_000, least: int = 2, limit: int = 0):
        self.most, self.nbytes = max(2, most), nbytes
        self.least, self.limit = least, limit
        self.every = 1
        self.due = 0
        self.updates: list[int] = []  # of each snapshot, rising
        self._items: list[tuple[Any, int]] = []  # each snapshot and its bytes

    def room(self, nbytes: int) -> int:
        """Return how many snapshots of this size there is room for."""
        allowed = max(self.nbytes, min(self.limit, self.least * nbytes))
        return max(2, min(self.most, allowed // max(1, nbytes)))

    def add(self, updates: int, item: Any, nbytes: int) -> None:
        """Keep `item`, taken after this many updates: more than any that is kept."""
        self.updates.append(updates)
        self._items.append((item, nbytes))
        while len(self.updates) > 2 and (
            len(self.updates) > self.room(max(n for _, n in self._items))
        ):
            self.every *= 2
            kept = [i for i, u in enumerate(self.updates) if u % self.every == 0 or i == 0]
            self.updates = [self.updates[i] for i in kept]
            self._items = [self._items[i] for i in kept]
        self.due = updates - updates % self.every + self.every

    def nearest(self, updates: int) -> Any:
        """Return the snapshot taken nearest to this number of updates."""
        i = bisect_left(self.updates, updates)
        if i == len(self.updates) or (
            i > 0 and updates - self.updates[i - 1] <= self.updates[i] - updates
        ):
            i -= 1
        return self._items[i][0]

    def cut(self, updates: int) -> None:
        """Forget all that were taken after this update, and go on from there."""
        end = bisect_right(self.updates, updates)
        del self.updates[end:], self._items[end:]
        # What was long is short again: keep moments of it more closely, but no more
        # closely than half the reel can hold.
        largest = max((n for _, n in self._items), default=0)
        room = self.room(largest) // 2
        while self.every > 1 and updates // (self.every // 2) <= room:
            self.every //= 2
        self.due = updates - updates % self.every + self.every

    def __len__(self) -> int:
        return len(self.updates)
