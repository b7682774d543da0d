"""Strokes on a page by mouse, pen and finger, as real events of the browser."""

from playwright.sync_api import Page


class Pointers:
    """The pointers of a page; a stroke is a list of points (x, y) in CSS pixels of the window."""

    def __init__(self, page: Page):
        self._mouse = page.mouse
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def mouse(self, points) -> None:
        self._mouse.move(*points[0])
        self._mouse.down()
        for x, y in points[1:]:
            self._mouse.move(x, y)
        self._mouse.up()

    def pen(self, points) -> None:
        for kind, (x, y), buttons in [
            ("mousePressed", points[0], 1),
            *(("mouseMoved", point, 1) for point in points[1:]),
            ("mouseReleased", points[-1], 0),
        ]:
            event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons}
            event |= {"clickCount": 1, "pointerType": "pen", "force": 0.5}
            self._cdp.send("Input.dispatchMouseEvent", event)

    def finger(self, points) -> None:
        self.touch("touchStart", points[0])
        for point in points[1:]:
            self.touch("touchMove", point)
        self.touch("touchEnd")

    def touch(self, kind: str, *points) -> None:
        """Dispatch one event of all fingers that are on the screen."""
        touches = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self._cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def leave(self) -> None:
        """Take the touch screen away again."""
        self._cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        self._cdp.detach()
