"""A finger on a lab: real touch events, as Chromium makes them for a touch screen."""

from playwright.sync_api import expect

from .jupyterlab import until

CELL = "from nnlib.lab import Playground\nlab = Playground(dataset='moons')\nlab"


class Finger:
    """One finger on the page, by Chromium's own touch events."""

    def __init__(self, page):
        self.page, self.cdp = page, page.context.new_cdp_session(page)
        self.cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swipe(self, start, end, steps: int = 12) -> None:
        """Put the finger down at `start`, move it to `end`, and lift it."""
        self._touch("touchStart", start)
        for i in range(1, steps + 1):
            self._touch(
                "touchMove", [a + (b - a) * i / steps for a, b in zip(start, end, strict=True)]
            )
        self._touch("touchEnd")

    def tap(self, element) -> None:
        """Touch the middle of an element."""
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        self._touch("touchStart", (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        self._touch("touchEnd")

    def _touch(self, kind: str, at=None) -> None:
        points = [] if at is None else [{"x": at[0], "y": at[1]}]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def leave(self) -> None:
        self.cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        self.cdp.detach()


def test_a_finger_scrolls_drags_and_paints(lab):
    # Low, so that there is something to scroll.
    root = lab.show(CELL, width=1366, height=500)
    root.scroll_into_view_if_needed()
    finger = Finger(lab.page)
    try:
        slider = root.get_by_role("slider", name="Learning rate")
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        far, y = box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2
        finger.swipe((far, y), (far, y - 150))  # upwards: the page is to scroll
        lab.wait_for_function(
            "y => document.querySelector('.nnlib-lab input[type=range]')"
            ".getBoundingClientRect().y < y - 40",
            box["y"],
        )
        assert slider.evaluate("e => 10 ** e.valueAsNumber") < 0.12
        lab.wait_for_kernel("lab.learning_rate == 0.1")

        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        finger.swipe((box["x"] + box["width"] / 2, y), (box["x"] + 0.8 * box["width"], y))
        lab.wait_for_kernel("lab.learning_rate > 1")

        finger.tap(root.get_by_role("button", name="Paint class 2"))
        plane = root.locator("canvas.nnlib-plane")
        plane.scroll_into_view_if_needed()
        box = plane.bounding_box()
        finger.swipe((box["x"] + 80, box["y"] + 200), (box["x"] + 280, box["y"] + 200))
        until(lab, "d.layers === '2-6-4-3'")
        lab.wait_for_kernel("lab.points[1].tolist().count(2) >= 5")
        finger.tap(root.get_by_role("button", name="Run", exact=True))
        expect(root).to_have_attribute("data-state", "running")
        finger.tap(root.get_by_role("button", name="Pause", exact=True))
        expect(root).to_have_attribute("data-state", "paused")
    finally:
        finger.leave()
