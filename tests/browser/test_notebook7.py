"""The labs in Notebook 7: one is shown there, its slider moves, and the curve answers.

It is the same server and the same parts of JupyterLab, in another shell; so one lab stands for all.
"""

import pytest
from playwright.sync_api import expect

from .conftest import NOTEBOOKS
from .jupyterlab import Lab, Server, press, until, write_notebook

CELL = "from nnlib.lab import Playground\nlab = Playground()\nlab"


@pytest.fixture
def classic(browser, tmp_path):
    """A window on a Notebook 7 of its own."""
    with Server(tmp_path / "notebook", NOTEBOOKS, program="notebook") as server:
        lab = Lab(browser, server)
        yield lab
        lab.close()


@pytest.mark.nightly
def test_a_lab_trains_and_hears_its_slider_in_notebook_7(classic):
    write_notebook(classic.server.root / "lab.ipynb", CELL)
    page = classic.open("lab.ipynb", width=1366, height=768)
    assert "/notebooks/lab.ipynb" in page.url
    classic.problems.clear()  # Notebook's own, of settings that JupyterLab alone has
    classic.run_all()
    root = classic.cell(0).locator(".nnlib-lab")
    expect(root).to_be_visible()
    press(root, "Run")
    until(classic, "d.update > 100")
    slider = root.get_by_role("slider", name="Learning rate")
    slider.press("ArrowRight")
    asked = slider.evaluate("e => Number((10 ** e.valueAsNumber).toPrecision(3))")
    assert asked > 0.1
    until(classic, "Number(d.usedLearningRate) === argument", asked)
    root.locator(".nnlib-words").click()
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-state", "paused")
    # The curve has come as far as the training has.
    ends = """() => {
        const {chart} = document.querySelector('[data-essential=curve]');
        return chart.plot.data[0].at(-1);
    }"""
    updates = classic.kernel_eval("lab.updates")
    until(classic, "Number(d.update) === argument", updates)
    assert 0.9 * updates <= classic.evaluate(ends) <= updates
    classic.screenshot("notebook7")
    classic.assert_no_problems()
