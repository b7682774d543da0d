"""The lab that the first lines of `nnlib.lab.widget` show is a lab."""

import asyncio
import textwrap

import pytest

import nnlib.lab.widget as widget
from nnlib.lab import DescentLab, Playground, RaceLab
from nnlib.lab.widget import Lab


def make() -> Lab:
    """Return the lab that the docstring shows, as it stands there."""
    (indented,) = (part for part in widget.__doc__.split("\n\n") if part.startswith("    class"))
    names = {"Lab": Lab}
    exec(textwrap.dedent(indented), names)
    return names["Halving"](title="Halving")


def test_it_steps_resets_and_says_how_it_stands():
    lab = make()
    lab.step(3)
    assert (lab.x, lab.frame()[0]["summary"]) == (0.125, "x is 0.125")
    lab.reset()
    assert lab.x == 1.0


def test_it_runs_until_it_is_paused_and_sends_what_it_shows():
    async def scene():
        lab = make()
        sent = []
        lab.send = lambda content, buffers=None: sent.append(content["values"]["summary"])
        lab.hear({"command": "run"})
        while lab.x == 1.0:
            await asyncio.sleep(0)
        lab.hear({"command": "pause"})
        x = lab.x
        await asyncio.sleep(0)
        return lab, x, sent[-1]

    lab, x, shown = asyncio.run(scene())
    assert lab.x == x < 1 and not lab.running
    assert shown == f"x is {x:g}"


def test_it_is_shown_and_has_words_where_no_kernel_runs():
    data, _ = make()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith("Halving: Halving. It is live in JupyterLab")


@pytest.mark.parametrize("kind", [DescentLab, Playground, RaceLab])
def test_what_went_wrong_is_put_away_before_anything_is_run(kind):
    lab = kind()
    assert "press Run, or Step" in lab.frame()[0]["summary"]
    lab.fail(ValueError("my own mistake"))
    assert "press Reset first" in lab.frame()[0]["summary"]
    lab.reset()
    assert "press Run, or Step" in lab.frame()[0]["summary"]
