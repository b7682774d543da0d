"""A finger on a lab: real touch events, as Chromium makes them for a touch screen."""

import contextlib

import pytest
from playwright.sync_api import expect

from .jupyterlab import place, until
from .pointers import Pointers

CELL = "from nnlib.lab import Playground\nlab = Playground(dataset='moons')\nlab"


@pytest.fixture
def root(lab):
    """The playground, in a low window: there is something to scroll."""
    return lab.show(CELL, width=1366, height=500)


@pytest.fixture
def finger(lab, root):
    """The pointers of the page, with a touch screen for this test alone."""
    pointers = Pointers(lab.page)
    yield pointers
    pointers.leave()


def swipe(finger, start, end, steps: int = 12) -> None:
    """Put the finger down at `start`, move it to `end`, and lift it."""
    finger.finger(
        [[a + (b - a) * i / steps for a, b in zip(start, end, strict=True)] for i in range(steps)]
        + [end]
    )


def tap(finger, button, name: str, state: str) -> None:
    """Touch the middle of a button and wait until an attribute says that it has heard it.

    The browser makes a click of a touch some time later, and only then hears the next one right.
    Now and then, soon after a swipe, it makes none, though the button had both start and end of the
    touch: then the finger comes again, as a person's would.
    """
    for _ in range(3):
        box = place(button)
        finger.finger([(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)])
        with contextlib.suppress(AssertionError):
            expect(button).to_have_attribute(name, state, timeout=20_000)
            return
    expect(button).to_have_attribute(name, state)


def test_a_finger_scrolls_drags_and_paints(lab, root, finger):
    slider = root.get_by_role("slider", name="Learning rate")
    box = place(slider)
    far, y = box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2
    swipe(finger, (far, y), (far, y - 150))  # upwards: the page is to scroll
    lab.wait_for_function(
        "y => document.querySelector('.nnlib-lab input[type=range]')"
        ".getBoundingClientRect().y < y - 40",
        box["y"],
    )
    assert slider.evaluate("e => 10 ** e.valueAsNumber") < 0.12
    lab.wait_for_kernel("lab.learning_rate == 0.1")

    box = place(slider)  # the page may glide on for a while
    y = box["y"] + box["height"] / 2
    swipe(finger, (box["x"] + box["width"] / 2, y), (box["x"] + 0.6 * box["width"], y))
    lab.wait_for_kernel("0.2 < lab.learning_rate < 1")

    tap(finger, root.get_by_role("button", name="Paint class 2"), "aria-pressed", "true")
    box = place(root.locator("canvas.nnlib-plane"))
    swipe(finger, (box["x"] + 80, box["y"] + 200), (box["x"] + 280, box["y"] + 200))
    until(lab, "d.layers === '2-6-4-3'")
    lab.wait_for_kernel("lab.points[1].tolist().count(2) >= 5")
    run = root.locator(".nnlib-run")
    tap(finger, run, "data-command", "pause")
    expect(root).to_have_attribute("data-state", "running")
    tap(finger, run, "data-command", "run")
    expect(root).to_have_attribute("data-state", "paused")
