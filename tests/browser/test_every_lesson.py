"""Every notebook from top to bottom: no error, and every widget alive and answering."""

import pytest
from playwright.sync_api import expect

from .conftest import NOTEBOOKS

# The numbers of the code cells that show a live widget.
WIDGET_CELLS = """() => codeCells().filter(({model}) => model.outputs.toJSON().some(
    o => 'application/vnd.jupyter.widget-view+json' in (o.data ?? {}))).map(({index}) => index)"""

LATER_FRAME = """([i, frame]) => Number(
    document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`).dataset.frame) > frame"""


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_lesson_runs_from_top_to_bottom_and_its_labs_answer(lab, path):
    lab.open(path.name, height=1400)
    lab.run_all(timeout=300)
    shown = lab.evaluate(WIDGET_CELLS)
    assert shown
    for index in shown:
        root = lab.cell(index).locator(".nnlib-lab")
        expect(root).to_be_visible()
        frame = int(root.get_attribute("data-frame"))
        step = root.get_by_role("button", name="Step", exact=True)
        grid = root.get_by_role("grid")
        # A lab that trains makes an update; one that does not follows its table, or its slider.
        if step.count():
            step.press("Enter")
        elif grid.count():
            grid.locator("button[tabindex='-1']").first.press("Enter")
        else:
            # On the pad a chosen digit is turned: the pen's width would change nothing.
            turn, sliders = root.get_by_role("slider", name="Turn"), root.get_by_role("slider")
            (turn if turn.count() else sliders).first.press("ArrowRight")
        lab.wait_for_function(LATER_FRAME, [index, frame])
        for problem in root.locator(".nnlib-problem").all():  # the lens has a second, for your code
            expect(problem).to_be_empty()
        expect(root.locator(".nnlib-words")).not_to_be_empty()
