"""The page that `nnlib.export.web_page` writes, opened as a file and offline."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import nnlib
from nnlib.export import web_page
from nnlib.images.handwriting import prepare, rasterize
from nnlib.recipes import pretrained

from .pointers import Pointers

DRAWINGS = json.loads((Path(__file__).parent / "strokes.json").read_text(encoding="utf-8"))


class HomePage:
    """An exported page in a window of its own, which has no connection to anything."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(offline=True, **options)
        self.page = page = self.context.new_page()
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text))
        page.on("request", lambda request: self.problems.append(request.url))
        page.goto(path.as_uri())
        assert self.problems.pop(0) == path.as_uri()
        self.pad, self.said = page.locator("#pad"), page.locator("#said")
        self.pointers = Pointers(page)

    def draw(self, strokes, pointer="mouse"):
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        for stroke in strokes:
            getattr(self.pointers, pointer)(
                [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
            )

    def forward(self, images):
        """Return the activations of each layer, a⁽⁰⁾ … a⁽ᴸ⁾, as the page computes them."""
        layers = self.page.evaluate(
            "images => images.map(image => nnlib.forward(image).map(a => Array.from(a)))",
            images.tolist(),
        )
        return [np.array(a) for a in zip(*layers, strict=True)]

    def image(self):
        """Return what the page's network gets, from what is on its pad."""
        return np.array(
            self.page.evaluate(
                "() => Array.from(nnlib.prepare(nnlib.rasterize(nnlib.strokes)).values)"
            )
        )


@pytest.fixture(scope="module")
def images():
    return nnlib.load_mnist().X_test[:200]


@pytest.fixture
def export(browser, tmp_path):
    """A function that exports a network and opens its page."""
    opened = []

    def open_page(network, **options):
        path = web_page(network, tmp_path / "page.html", name="Ada")
        opened.append(HomePage(browser, path, **options))
        return opened[-1]

    yield open_page
    for home in opened:
        home.context.close()
        assert home.problems == []


@pytest.mark.parametrize(
    "network",
    [
        pretrained("quick"),
        # Every activation, each where it gets values of both signs and different sizes.
        nnlib.NeuralNetwork(
            [784, 40, 30, 20, 20, 10, 10],
            hidden=["tanh", "leaky_relu", "identity", "sigmoid", "softmax"],
            output="relu",
            dtype="float64",
            seed=3,
        ),
        nnlib.NeuralNetwork([784, 10], output="sigmoid", seed=1),
    ],
    ids=lambda network: "-".join(f.name for f in network.activations),
)
def test_outputs_are_those_of_nnlib(export, images, network):
    rng = np.random.default_rng(0)
    for b in network.biases:
        b += rng.normal(0, 0.3, b.shape)
    home = export(network)
    images = images if network.layers == [784, 256, 10] else images[:40]
    for ours, theirs in zip(network.forward(images).a, home.forward(images), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-4)


def test_a_drawing_is_prepared_as_by_nnlib(export):
    home = export(pretrained("quick"))
    rng = np.random.default_rng(0)
    dot, beyond = [[0.3, 0.8]], [[-0.1, 0.5], [1.2, 0.45]]
    drawings = [one["strokes"] for one in DRAWINGS] + [[dot], [beyond], [dot, beyond]]
    drawings += [rng.random((2, 3, 2)).tolist() for _ in range(20)]
    for strokes in drawings:
        image = home.page.evaluate(
            "strokes => Array.from(nnlib.prepare(nnlib.rasterize(strokes)).values)", strokes
        )
        np.testing.assert_allclose(image, prepare(rasterize(strokes)).X[0], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "pointer", ["mouse", *(pytest.param(p, marks=pytest.mark.nightly) for p in ("pen", "finger"))]
)
def test_what_is_drawn_is_read_and_said(export, pointer):
    network = pretrained("quick")
    home = export(network, has_touch=pointer == "finger")
    expect(home.page.locator("#digit")).to_have_text("?")
    for drawing in DRAWINGS[:6:2]:
        home.draw(drawing["strokes"], pointer)
        output = network.forward(home.image()[None]).output[0]
        first, second = np.argsort(-output)[:2]
        assert first == drawing["digit"]
        words = (
            f"Reads {first}, {100 * output[first]:.0f} %; "
            f"next {second}, {100 * output[second]:.0f} %."
        )
        expect(home.said).to_have_text(words)
        expect(home.page.locator("#words")).to_have_text(words)
        expect(home.page.locator("#digit")).to_have_text(str(first))
        best = home.page.locator("tr[data-best=true]")
        expect(best.get_by_role("rowheader")).to_have_text(str(first))
        expect(best.locator("td").last).to_have_text(f"{100 * output[first]:.1f} %")
        active = int((network.forward(home.image()[None]).a[1] > 0).sum())
        expect(home.page.locator("#layers p")).to_contain_text(f"256 neurons: {active} above 0")
        home.page.get_by_role("button", name="Clear").click()
        expect(home.said).to_have_text("The pad is empty.")
    home.draw([[(0.8 + x / 5, y / 5) for x, y in s] for s in DRAWINGS[0]["strokes"]], pointer)
    expect(home.said).to_contain_text("It is small for the pen: draw it larger.")


def test_while_the_pen_is_down_the_bars_follow_and_a_second_finger_does_not_draw(export):
    home = export(pretrained("quick"), has_touch=True)
    box = home.pad.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + 0.3 * box["height"]) for x in (0.3, 0.8)]
    touch = home.pointers.touch
    touch("touchStart", at[0])
    expect(home.page.locator("#digit")).not_to_have_text("?")
    touch("touchStart", *at)
    touch("touchMove", (at[0][0], at[0][1] + 90), (at[1][0], at[1][1] + 90))
    touch("touchEnd")
    expect(home.said).to_contain_text("Reads")
    strokes = home.page.evaluate("nnlib.strokes")
    assert len(strokes) == 1 and max(x for x, y in strokes[0]) < 0.4
    assert home.page.evaluate("scrollY") == 0  # the finger draws; it does not scroll


def test_by_keyboard_alone(export):
    home = export(pretrained("quick"))
    keyboard = home.page.keyboard
    keyboard.press("Tab")
    expect(home.pad).to_be_focused()
    for _ in range(7):
        keyboard.press("ArrowUp")
    keyboard.press("Enter")
    for _ in range(14):
        keyboard.press("ArrowDown")
    expect(home.said).to_have_text("50 % across, 78 % down, drawing.")
    keyboard.press("Enter")
    expect(home.said).to_contain_text("The pen is up. Reads 1,")
    keyboard.press("Backspace")
    expect(home.said).to_have_text("The pad is empty.")


@pytest.mark.parametrize(
    "width, theme",
    [(1366, "light"), pytest.param(800, "dark", marks=pytest.mark.nightly), (360, "dark")],
)
def test_it_is_for_everyone(export, theme, width):
    home = export(pretrained("quick"), color_scheme=theme, viewport={"width": width, "height": 740})
    home.draw(DRAWINGS[4]["strokes"])
    expect(home.said).to_contain_text("Reads 2")
    page = home.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The pad and all bars are in one view.
    bottom = page.locator("#outputs").bounding_box()
    assert page.evaluate("scrollY") == 0 and bottom["y"] + bottom["height"] <= 740
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (theme == "light")
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    violations = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.help]))")
    assert violations == []


def test_a_theme_that_changes_is_followed(export):
    home = export(pretrained("quick"), color_scheme="light")
    home.draw(DRAWINGS[4]["strokes"])
    expect(home.said).to_contain_text("Reads 2")
    pictures = "() => Array.from(document.querySelectorAll('canvas'), c => c.toDataURL())"
    before = home.page.evaluate(pictures)
    home.page.emulate_media(color_scheme="dark")
    home.page.wait_for_function(
        f"before => ({pictures})().every((c, i) => c !== before[i])", arg=before
    )
