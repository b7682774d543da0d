"""Take the README's picture of the playground from the real thing: `make screenshots`.

    python -m tests.browser.take_screenshots
"""

import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

from .jupyterlab import CHROMIUM_FLAGS, Lab, Server, find_browser

IMG = Path(__file__).parents[2] / "img"
CELL = """from nnlib.lab import Playground
lab = Playground(dataset="spirals", hidden=[8, 6], learning_rate=0.3, noise=0.03, batch_size=20)
lab"""


def take(lab: Lab, server: Server) -> Path:
    """Train a playground for a few thousand updates and save how it looks; return the file."""
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}
    notebook = new_notebook(cells=[new_code_cell(CELL)], metadata={"kernelspec": kernel})
    nbformat.write(notebook, server.root / "screenshot.ipynb")
    lab.open("screenshot.ipynb", width=1280, height=1800)
    lab.run_all()
    lab.kernel_exec("lab.step(5000)")
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.update === '5000'")
    path = IMG / "playground.png"
    lab.cell(0).locator(".nnlib-lab").screenshot(path=path)
    return path


def main() -> None:
    """Start JupyterLab and a browser, take the picture, and stop both."""
    program = find_browser()
    if program is None:
        raise SystemExit("no Chromium, Chrome or Edge was found; set NNLIB_BROWSER to its program")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        empty = Path(folder) / "notebooks"
        empty.mkdir()
        with Server(Path(folder) / "jupyterlab", empty) as server:
            lab = Lab(browser, server)
            print(take(lab, server).relative_to(IMG.parent))
            lab.close()
        browser.close()


if __name__ == "__main__":
    main()
