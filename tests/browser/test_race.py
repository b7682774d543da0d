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
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until("d.points > 20")
    diverging = root.locator(".nnlib-race tr", has_text="diverging (α = 1000)")
    expect(diverging).to_contain_text("diverged at update")
    expect(root.get_by_label("Learning rate α", exact=True)).to_be_disabled()  # each has its own
    root.locator("select[data-trait=against]").select_option("seconds")
    until("d.against === 'seconds'")
    lab.screenshot(f"race-{theme}")

    root.locator("select[data-trait=race]").select_option("batch modes")
    until("d.names.startsWith('Batch|') && d.points === '1'")
    five = root.get_by_label("Five seeds")
    five.focus()
    five.press("Space")
    lab.wait_for_kernel("len(lab.contest.contestants[0].trainers) == 5")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until("d.points > 5")
    expect(root.locator(".nnlib-words")).to_contain_text("leads")
    root.get_by_role("button", name="Reset", exact=True).press("Enter")
    until("d.points === '1' && d.state === 'paused'")
    if theme == "light":
        return

    # Your own update rule is let in if it is right, and refused in words if it is not.
    lab.kernel_exec("lab.band = False")
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x + learning_rate * g)")
    expect(root.get_by_role("alert")).to_contain_text("your update cannot compete")
    lab.screenshot("race-refused")
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x - learning_rate * g)")
    until("d.names.endsWith('|your update')")
    expect(root.get_by_role("alert")).to_be_empty()
    rate = root.get_by_label("Learning rate α, typed")
    rate.fill("0.5")
    rate.press("Enter")
    lab.wait_for_kernel("lab.contest.contestants[-1].trainers[0].optimizer.learning_rate == 0.5")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until("d.points > 10")
    mine = root.locator(".nnlib-race tr", has_text="your update")
    expect(mine.locator("td").nth(1)).not_to_have_text("0")
