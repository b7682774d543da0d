"""The race in a real JupyterLab."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_race_is_run_and_read(lab, server, theme):
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}
    cell = new_code_cell("from nnlib.lab import RaceLab\nlab = RaceLab()\nlab")
    notebook = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, server.root / "race.ipynb")
    lab.open("race.ipynb", theme, height=1100)
    lab.run_all()
    root = lab.cell(0).locator(".nnlib-lab")

    def until(condition):
        lab.wait_for_function(
            "() => { const d = document.querySelector('.nnlib-lab').dataset;"
            f" return {condition}; }}"
        )

    until("d.names?.split('|').length === 4")
    root.get_by_role("button", name="Run").press("Enter")
    until("d.points > 20")
    largest = root.locator(".nnlib-layers tr", has_text="α = 30")
    expect(largest).to_contain_text("worse than at the start")
    root.locator("select[data-trait=against]").select_option("seconds")
    until("d.against === 'seconds'")
    lab.screenshot(f"race-{theme}")

    root.locator("select[data-trait=race]").select_option("batch modes")
    until("d.names.startsWith('Batch|') && d.points === '1'")
    five = root.get_by_label("Five seeds")
    five.focus()
    five.press("Space")
    lab.wait_for_kernel("len(lab.contest.contestants[0].trainers) == 5")
    root.get_by_role("button", name="Run").press("Enter")
    until("d.points > 5")
    expect(root.locator(".nnlib-words")).to_contain_text("leads")
    root.get_by_role("button", name="Reset").press("Enter")
    until("d.points === '1' && d.state === 'paused'")
