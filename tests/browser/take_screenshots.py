"""Take the pictures of the playground from the real thing: `make screenshots`.

    python -m tests.browser.take_screenshots          # the moving one and the still one
    python -m tests.browser.take_screenshots --all    # every lab, in both themes, four widths

The second puts its pictures into tests/browser/screenshots/, which git ignores.

The moving picture is a film of the page, taken frame by frame: between two frames the pointer
moves a little and the network makes a fixed number of updates. So it shows the same, however
fast the machine is that takes it.
"""

import argparse
import io
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, sync_playwright

from .jupyterlab import (
    CHROMIUM_FLAGS,
    SCREENSHOTS,
    Lab,
    Server,
    find_browser,
    place,
    until,
    write_notebook,
)

IMG = Path(__file__).parents[2] / "img"
CELL = """from nnlib.lab import Playground
lab = Playground(dataset="spirals", hidden=[8, 6], learning_rate=0.3, noise=0.03, batch_size=20)
lab"""

# The film: where the learning rate is dragged to, in how many frames, in how many it then stays
# there, and how many updates are made from one frame to the next.
FILM = [
    (0.003, 1, 9, 40),  # too small, and the curve is flat
    (0.3, 9, 34, 110),  # right, and the spirals are told apart
    (3.0, 7, 14, 50),  # too large, and the loss leaps
]
DRAGGED = 10  # updates a frame while the slider moves
FILM_WIDTH = 640  # pixels
FRAME_MS, LAST_FRAME_MS = 100, 2500
THUMB = 16  # pixels: the knob of a slider, whose middle stays that far inside

# A screenshot shows no pointer, so the page draws one, and hides what would make the film tall.
POINTER = """() => {
    const pointer = document.createElement('div');
    pointer.innerHTML = `<svg width="26" height="26" viewBox="0 0 26 26"><path fill="#000"
        stroke="#fff" stroke-width="1.5" d="M3 2v18l5-4 3.5 7.5 3.5-1.5-3.5-7.5H18z"/></svg>`;
    pointer.style.cssText = 'position:fixed;z-index:9999;pointer-events:none';
    document.body.append(pointer);
    document.addEventListener('mousemove', event => {
        pointer.style.left = `${event.clientX - 3}px`;
        pointer.style.top = `${event.clientY - 2}px`;
    }, true);
}"""
TRIMMED = """
    .nnlib-lab .nnlib-layers, .nnlib-lab details:not([open]) { display: none !important; }
"""

LABS = {
    "panel": """import nnlib
from nnlib.lab import BackpropLens, DescentLab, DigitPad, Playground, RaceLab, TrainingPanel
X, y = nnlib.datasets.moons(200, seed=0)
lab = TrainingPanel(nnlib.NeuralNetwork([2, 6, 2], seed=0), X, y, validation=(X, y))
lab.step(500)
lab.learning_rate = 0.5
lab.step(1500)
lab""",
    "playground": CELL.replace("from nnlib.lab import Playground", "").removesuffix("lab")
    + "lab.step(3000)\nlab",
    "race": "lab = RaceLab()\nlab.step(4000)\nlab",
    "descent": "lab = DescentLab('Narrow valley')\nlab.step(40)\nlab",
    "lens": "lab = BackpropLens()\nlab.step(3)\nlab",
    "pad": "lab = DigitPad()\nlab.put(8, rotation=20)\nlab.add(5)\nlab",
    "mnist": """mnist = nnlib.load_mnist()
watched = (mnist.X_validation, mnist.y_validation)
lab = TrainingPanel(nnlib.NeuralNetwork([784, 32, 10], "relu", init="he", seed=0), mnist.X_train,
                    mnist.y_train, validation=watched)
lab.step(500)
lab""",
    "mnist-race": """lab = RaceLab(race="optimizers", X=mnist.X_train, y=mnist.y_train,
              validation=watched,
              network=nnlib.NeuralNetwork([784, 32, 10], "relu", init="he", seed=0))
lab.step(300)
lab""",
    "confusion": """from nnlib.lab import ConfusionLab, DistortionLab
from nnlib.recipes import pretrained
lab = ConfusionLab(pretrained("quick"), mnist.X_test, mnist.y_test)
lab""",
    "distortion": "lab = DistortionLab(mnist.X_train[:8], mnist.y_train[:8], "
    "network=pretrained('quick'))\nlab",
    "layers": """from nnlib.lab import BlameLens, Explorer, LayerMap, predict
lab = LayerMap(points=200)
lab.step(300)
lab""",
    "blame": "lab = BlameLens()\nlab.put(247)\nlab.stage = 3\nlab.learn()\nlab",
    "explorer": """lab = Explorer(
    {"w": (1, 5, 1.0), "b": (-5, 5, 0.5)},
    curves=lambda w, b: {"z": ([-2, 2], [b - 2 * w, b + 2 * w]), "zero": ([-2, 2], [0, 0])},
    plane=lambda X, w, b: w * X[:, 0] + b, data=(X, y),
    words=lambda w, b: f"z is 0 at x = {-b / w:.2f}.",
    title="A neuron", alt="A curve and a map")
lab""",
    "predict": """predict("What will the loss do if `learning_rate` is a hundred times as large?",
        ["It falls faster.", "It falls as before.", "It leaps, and does not fall."],
        "It leaps, and does not fall.", "Each step goes far beyond the valley.")""",
}

# The widths of the window, and whether the side bar is open; so high that no lab is cut off.
SIZES = {1366: True, 1920: True, 800: False, 400: False}
TALL = 2200
# The theme, and whether the reader has chosen the colours (high contrast).
THEMES = {"light": ("light", "none"), "dark": ("dark", "none"), "forced": ("dark", "active")}


def take(lab: Lab, server: Server) -> Path:
    """Train a playground for a few thousand updates and save how it looks; return the file."""
    lab.show(CELL, width=1280, height=1800)
    lab.kernel_exec("lab.step(5000)")
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.update === '5000'")
    path = IMG / "playground.png"
    lab.cell(0).locator(".nnlib-lab").screenshot(path=path)
    return path


def film(lab: Lab, server: Server) -> Path:
    """Drag the playground's learning rate while it trains, and save what that looks like."""
    root = lab.show(CELL.replace("learning_rate=0.3", "learning_rate=0.003"), width=1700)
    lab.page.add_style_tag(content=TRIMMED)
    lab.evaluate(POINTER)
    frames = list(_frames(lab, root))
    # One palette for all frames: their differences are then small, and so is the file.
    palette = _side_by_side(frames[:: len(frames) // 6]).quantize(160)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    path = IMG / "playground.gif"
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=[FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS],
        loop=0,
        optimize=True,
    )
    return path


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    width, height = pictures[0].size
    sheet = Image.new("RGB", (width * len(pictures), height))
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i * width, 0))
    return sheet


def _frames(lab: Lab, root: Locator) -> Iterator[Image.Image]:
    """Drag, train and take a picture, again and again, as `FILM` says."""
    slider = root.get_by_role("slider", name="Learning rate")
    box, low, high = slider.bounding_box(), *_range(slider)
    y = box["y"] + box["height"] / 2
    # What comes below plane, network and curves is left out of the picture.
    bottom = root.locator(".nnlib-runs").bounding_box()["y"] - root.bounding_box()["y"]

    def x_of(rate: float) -> float:
        share = (math.log10(rate) - low) / (high - low)
        return box["x"] + THUMB / 2 + share * (box["width"] - THUMB)

    stops = [x_of(rate) for rate, *_ in FILM]
    lab.page.mouse.move(stops[0], y)
    lab.page.mouse.down()
    done = 0
    for before, stop, (_, moving, staying, updates) in zip(
        [stops[0], *stops], stops, FILM, strict=False
    ):
        for i in range(1, moving + staying + 1):
            lab.page.mouse.move(before + (stop - before) * min(i / moving, 1), y)
            steps = DRAGGED if i < moving else updates
            lab.kernel_exec(f"lab.step({steps})")
            done += steps
            until(lab, "d.update === argument", str(done))
            lab.evaluate(
                "() => new Promise(drawn => requestAnimationFrame(() => "
                "requestAnimationFrame(drawn)))"
            )
            picture = Image.open(io.BytesIO(root.screenshot())).convert("RGB")
            picture = picture.crop((0, 0, picture.width, bottom))
            height = round(picture.height * FILM_WIDTH / picture.width)
            yield picture.resize((FILM_WIDTH, height), Image.Resampling.LANCZOS)
    lab.page.mouse.up()


def _range(slider: Locator) -> tuple[float, float]:
    """Return the least and the greatest value of a slider."""
    return float(slider.get_attribute("min")), float(slider.get_attribute("max"))


def take_all(lab: Lab, server: Server) -> list[Path]:
    """Save how every lab looks: at four widths, in the light, the dark and forced colours."""
    write_notebook(server.root / "labs.ipynb", *LABS.values())
    SCREENSHOTS.mkdir(exist_ok=True)
    paths = []
    lab.open("labs.ipynb", width=1366, height=TALL)
    lab.run_all()
    for width, side_bar in SIZES.items():
        lab.page.set_viewport_size({"width": width, "height": TALL})
        lab.evaluate(f"() => jupyterapp.shell.{'expand' if side_bar else 'collapse'}Left()")
        for name, (theme, forced) in THEMES.items():
            lab.set_theme(theme)
            lab.page.emulate_media(forced_colors=forced)
            for i, called in enumerate(LABS):
                root = lab.cell(i).locator(".nnlib-lab")
                root.scroll_into_view_if_needed()
                if called != "predict":
                    lab.wait_for_function(
                        "i => document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`)"
                        "?.dataset.frame > 0",
                        i,
                    )
                place(root)  # until it stands still
                paths.append(SCREENSHOTS / f"{called}-{name}-{width}.png")
                root.screenshot(path=paths[-1])
            lab.page.emulate_media(forced_colors="none")
    return paths


def main() -> None:
    """Start JupyterLab and a browser, take the pictures, and stop both."""
    parser = argparse.ArgumentParser(description="Take pictures of the labs in a real browser.")
    parser.add_argument("--all", action="store_true", help="of every lab, to be looked at")
    options = parser.parse_args()
    program = find_browser()
    if program is None:
        raise SystemExit("no Chromium, Chrome or Edge was found; set NNLIB_BROWSER to its program")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        empty = Path(folder) / "notebooks"
        empty.mkdir()
        with Server(Path(folder) / "jupyterlab", empty) as server:
            lab = Lab(browser, server)
            for path in (
                take_all(lab, server) if options.all else [film(lab, server), take(lab, server)]
            ):
                print(path.relative_to(IMG.parent))
            lab.close()
        browser.close()


if __name__ == "__main__":
    main()
