"""The reel: moments of a training of any length, bounded in number and memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnlib.lab.reel import Reel


def filled(updates, size=10, **bounds):
    """Return a reel as a training of so many updates leaves it, and how often one was taken."""
    reel, taken = Reel(**bounds), 0
    for update in range(updates + 1):
        if update >= reel.due:
            reel.add(update, f"at {update}", size)
            taken += 1
    return reel, taken


@given(updates=st.integers(0, 5000), most=st.integers(2, 40))
def test_never_more_than_the_most_and_spread_over_the_whole_training(updates, most):
    reel, _ = filled(updates, most=most)
    assert len(reel) <= most and reel.updates[0] == 0
    assert updates - reel.updates[-1] < reel.every
    if len(reel) > 1:
        assert set(np.diff(reel.updates)) == {reel.every}
        assert len(reel) >= min(updates + 1, most // 2)  # thinned, but not to nothing


def test_the_longer_the_training_the_more_rarely_a_snapshot_is_taken():
    _, short = filled(10_000)
    _, long = filled(80_000)
    assert long - short <= 3 * 64 + 3  # half a reel for each doubling


@given(updates=st.integers(1, 3000), room=st.integers(20, 1000))
def test_memory_is_bounded_too(updates, room):
    reel, _ = filled(updates, size=10, nbytes=room)
    assert 10 * len(reel) <= max(20, room)
    assert reel.updates[0] == 0


def test_a_snapshot_larger_than_all_the_room_still_leaves_the_start():
    reel, taken = filled(1000, size=100, nbytes=50)
    assert 1 <= len(reel) <= 2 and reel.updates[0] == 0
    assert taken < 15


def test_the_nearest_is_found():
    reel, _ = filled(1000, most=10)
    for update in (0, 1, 333, 999, 1000, 5000):
        nearest = min(reel.updates, key=lambda u: abs(u - update))
        found = int(reel.nearest(update).split()[1])
        assert abs(found - update) == abs(nearest - update)
    assert Reel().updates == []


@given(updates=st.integers(100, 5000), share=st.floats(0, 1))
def test_after_a_cut_it_goes_on_from_there_more_closely(updates, share):
    reel, _ = filled(updates, most=20)
    back = reel.updates[int(share * (len(reel) - 1))]
    before = [u for u in reel.updates if u <= back]
    reel.cut(back)
    assert reel.updates == before
    assert back < reel.due <= back + reel.every
    for update in range(back + 1, back + 2000):
        if update >= reel.due:
            reel.add(update, f"at {update}", 10)
        assert len(reel) <= 20 and reel.updates == sorted(set(reel.updates))
    assert reel.updates[0] == 0 and len(reel) >= 5


def test_large_snapshots_may_take_more_room_so_that_a_handful_is_kept():
    reel, _ = filled(1000, size=100, nbytes=50, least=8, limit=1000)
    assert 4 <= len(reel) <= 8 == reel.room(100)
    reel, _ = filled(1000, size=100, nbytes=50, least=8, limit=300)
    assert len(reel) <= 3 == reel.room(100)  # but not any room
    assert reel.room(1) == 50
