"""Take the README's picture of the playground from the real thing: `make screenshots`.

    python -m tests.browser.take_screenshots          # that one picture
    python -m tests.browser.take_screenshots --all    # every lab, in both themes, two widths

The second puts its pictures into tests/browser/screenshots/, which git ignores.
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from .jupyterlab import CHROMIUM_FLAGS, SCREENSHOTS, Lab, Server, find_browser, write_notebook

IMG = Path(__file__).parents[2] / "img"
CELL = """from nnlib.lab import Playground
lab = Playground(dataset="spirals", hidden=[8, 6], learning_rate=0.3, noise=0.03, batch_size=20)
lab"""

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
}


def take(lab: Lab, server: Server) -> Path:
    """Train a playground for a few thousand updates and save how it looks; return the file."""
    lab.show(CELL, width=1280, height=1800)
    lab.kernel_exec("lab.step(5000)")
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.update === '5000'")
    path = IMG / "playground.png"
    lab.cell(0).locator(".nnlib-lab").screenshot(path=path)
    return path


def take_all(lab: Lab, server: Server) -> list[Path]:
    """Save how every lab looks, in the light and the dark theme, at 1200 and 800 pixels."""
    write_notebook(server.root / "labs.ipynb", *LABS.values())
    SCREENSHOTS.mkdir(exist_ok=True)
    paths = []
    for width in (1200, 800):
        lab.open("labs.ipynb", width=width, height=2000)
        lab.run_all()
        for theme in ("light", "dark"):
            lab.set_theme(theme)
            for i, name in enumerate(LABS):
                root = lab.cell(i).locator(".nnlib-lab")
                root.scroll_into_view_if_needed()
                lab.wait_for_function(
                    "i => document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`)"
                    "?.dataset.frame > 0 && !document.querySelector('#jupyterlab-splash')",
                    i,
                )
                paths.append(SCREENSHOTS / f"{name}-{theme}-{width}.png")
                root.screenshot(path=paths[-1])
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
            for path in take_all(lab, server) if options.all else [take(lab, server)]:
                print(path.relative_to(IMG.parent))
            lab.close()
        browser.close()


if __name__ == "__main__":
    main()
