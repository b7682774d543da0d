"""`make bench`: it goes on where it was stopped, and docs/speed.md says what it measured."""

import json
import re
import statistics
from dataclasses import replace

import pytest

from benchmarks import report, speed, speed_page

RECORD = json.loads(speed_page.RECORD.read_text(encoding="utf-8"))

TINY = speed.Plan(
    rows=(((784, 5, 10), 20),),
    inference=((784, 5, 10),),
    many=50,
    goal=((784, 5, 10), 20, 0.3),
    accuracy=0.0,
    most_epochs=1,
    threads=(1,),
    contenders=("products", "nnlib", "loop"),
    rounds=3,
    turn=0.002,
    busy_rounds=1,
    tries=1,
    imports=1,
    samples=200,
)


def test_the_page_says_what_was_measured():
    assert report.shown("bench") == speed_page.render(RECORD)


@pytest.mark.skipif(not speed_page.curves(RECORD)[0], reason="not measured yet: no plot")
def test_the_plot_is_of_what_was_measured():
    drawn = re.sub(r"\s+", " ", speed_page.PLOT.read_text(encoding="utf-8"))
    assert speed_page.alt_text(RECORD) in drawn


@pytest.mark.nightly
def test_a_benchmark_that_was_stopped_goes_on_and_its_page_can_be_written(tmp_path, monkeypatch):
    file = tmp_path / "speed.json"

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(speed.Plan, "predict", stop)
        speed.measure(TINY, file)
    before = json.loads(file.read_text(encoding="utf-8"))["parts"]
    assert list(before) == ["agreement", "784-5-10, batch 20, threads 1"]

    record = speed.measure(TINY, file)
    assert {name: record["parts"][name] for name in before} == before  # not measured again
    assert json.loads(file.read_text(encoding="utf-8")) == record
    row = record["parts"]["784-5-10, batch 20, threads 1"]
    for name in TINY.contenders:
        assert len(row["seconds"][name]) == 3 and min(row["seconds"][name]) > 0
    assert set(row["busy"]) == {"products", "nnlib"}

    page = speed_page.render(record)
    median = 1e6 * statistics.median(row["seconds"]["nnlib"])
    assert f"{median:,.0f}" in page and "784-5-10, batch 20" in page

    # With another plan nothing of it is kept.
    assert not speed.saved(replace(TINY, rounds=4), file)["parts"]


def made_up(nnlib, jax, products):
    """Return a record of one row, with 1 and 2 threads."""
    parts = {
        str(threads): {
            "layers": [784, 128, 10],
            "batch_size": 64,
            "threads": threads,
            "seconds": {
                "products": [products[threads - 1]] * 3,
                "nnlib": [9.0, nnlib[threads - 1], 0.0],  # the median is the one in between
                "JAX": [jax[threads - 1]] * 3,
            },
        }
        for threads in (1, 2)
    }
    return {"parts": parts, "plan": {"accuracy": 0.98}}


def test_wins_and_losses_and_the_floor_are_worked_out_from_the_medians():
    words = speed_page.verdict(made_up(nnlib=(2.0, 1.5), jax=(3.0, 1.2), products=(1.0, 1.4)))
    # Two threads make the products slower: the floor is one thread's, 1.0.
    assert words == (
        "With 2 threads nnlib is the fastest on 0 of 1 rows; behind JAX at 784-128-10, batch 64 "
        "(1.25 times its time). With 1 thread nnlib is the fastest on all 1 rows."
    )
    imports = {"numpy": [1.0, 2.0, 4.0], "nnlib": [0.5, 0.5, 4.0], speed.READY: [3.0, 4.0, 4.0]}
    assert speed_page.cost_of_import(imports) == (
        "Importing nnlib takes 0.50 times as long as importing numpy alone, and 2.00 times with "
        "numpy and the modules of `nnlib.train`."
    )
    record = made_up(nnlib=(2.0, 1.5), jax=(3.0, 1.2), products=(1.0, 1.4))
    assert speed_page.curves(record) == ([64], {"nnlib": [1.5], "JAX": [1.2]})
