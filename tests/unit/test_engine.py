"""The engine: one task on the loop it was made in, deaf to nothing for longer than a burst."""

import asyncio
import threading

import pytest

from nnlib.lab.engine import Engine


class Work:
    """Work to be driven: counts its updates, two pieces to each, and what it was told."""

    def __init__(self, fail_at=None):
        self.pieces, self.shown, self.failures = 0, 0, []
        self.fail_at, self.threads = fail_at, set()
        self.reached: dict[int, asyncio.Event] = {}

    def work(self) -> bool:
        self.threads.add(threading.get_ident())
        self.pieces += 1
        if self.pieces == self.fail_at:
            raise ArithmeticError("the loss is nan")
        for pieces, event in self.reached.items():
            if self.pieces >= pieces:
                event.set()
        return self.pieces % 2 == 0

    @property
    def updates(self) -> int:
        return self.pieces // 2

    def show(self) -> None:
        self.shown += 1

    def engine(self) -> Engine:
        return Engine(self.work, self.show, self.failures.append)

    async def until(self, pieces: int) -> None:
        event = self.reached.setdefault(pieces, asyncio.Event())
        await asyncio.wait_for(event.wait(), timeout=20)


async def finished(engine: Engine) -> None:
    await asyncio.wait_for(asyncio.shield(engine.task), timeout=20)


def test_run_works_until_paused_and_goes_on_from_there():
    async def scene():
        work = Work()
        engine = work.engine()
        engine.run()
        await work.until(100)
        engine.pause()
        assert not engine.running
        stopped_at = work.pieces
        for _ in range(20):
            await asyncio.sleep(0)
        assert work.pieces == stopped_at
        engine.run()
        await work.until(stopped_at + 1)
        engine.pause()

    asyncio.run(scene())


def test_run_twice_is_one_task():
    async def scene():
        work = Work()
        engine = work.engine()
        engine.run()
        task = engine.task
        engine.run()
        assert engine.task is task
        engine.pause()

    asyncio.run(scene())


def test_a_number_of_updates_is_kept_exactly():
    async def scene():
        work = Work()
        engine = work.engine()
        engine.run(updates=3)
        await finished(engine)
        assert work.updates == 3 and work.pieces == 6
        assert not engine.running

    asyncio.run(scene())


def test_other_tasks_of_the_loop_are_heard_while_it_runs():
    async def scene():
        work = Work()
        engine = work.engine()
        engine.run()
        for _ in range(10):  # hangs if the engine never gives the loop away
            await asyncio.wait_for(asyncio.sleep(0.001), timeout=20)
        assert engine.running
        engine.pause()

    asyncio.run(scene())


def test_a_failure_stops_the_engine_and_is_passed_on():
    async def scene():
        work = Work(fail_at=5)
        engine = work.engine()
        engine.run()
        await finished(engine)
        assert [str(error) for error in work.failures] == ["the loss is nan"]
        assert not engine.running
        shown = work.shown
        assert shown > 0

    asyncio.run(scene())


def test_starting_one_engine_pauses_the_others():
    async def scene():
        first, second = Work(), Work()
        a, b = first.engine(), second.engine()
        a.run()
        await first.until(2)
        b.run()
        assert not a.running and b.running
        b.pause()

    asyncio.run(scene())


def test_making_an_engine_pauses_the_others():
    async def scene():
        work = Work()
        engine = work.engine()
        engine.run()
        Work().engine()
        assert not engine.running

    asyncio.run(scene())


def test_a_call_from_another_thread_is_made_in_the_engines_own():
    async def scene():
        work = Work()
        engine = work.engine()
        called = asyncio.Event()
        where = []

        def note():
            where.append(threading.get_ident())
            called.set()

        thread = threading.Thread(target=engine.call, args=(note,))
        thread.start()
        thread.join()
        assert where == []  # not in that thread: only once the loop turns
        await asyncio.wait_for(called.wait(), timeout=20)
        assert where == [threading.get_ident()]

    asyncio.run(scene())


def test_step_works_without_a_loop_and_run_says_why_it_cannot():
    work = Work()
    engine = work.engine()
    engine.step(4)
    assert work.updates == 4 and work.shown == 1
    with pytest.raises(RuntimeError, match="runs inside Jupyter"):
        engine.run()
