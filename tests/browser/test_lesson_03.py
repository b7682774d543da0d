"""Lesson 3 in a real JupyterLab: it runs, every lab answers, and the learner's code is at work."""

import re

import nbformat
from playwright.sync_api import expect

from .test_lesson_01 import cells_with_a_lab, stub, write

NOTEBOOK = "03_backprop.ipynb"


def solution(server, name: str) -> str:
    """Return the code of an exercise's folded solution."""
    cells = nbformat.read(server.root / NOTEBOOK, 4).cells
    cell = next(c for c in cells if f"solution:{name}" in c.metadata.get("tags", []))
    return re.search(r"```python\n(.*?)```", cell.source, re.DOTALL)[1]


def test_it_runs_its_labs_answer_a_patient_is_cured_and_your_backward_trains(lab, server):
    lab.open(NOTEBOOK, height=1200)
    lab.run_all(timeout=180)
    slope, lens, playground, depth = cells_with_a_lab(lab)

    for index, trait in ((slope, "w"), (depth, "s")):
        root = lab.cell(index).locator(".nnlib-lab")
        pictures = "e => [...e.querySelectorAll('canvas')].map(c => c.toDataURL()).join()"
        before, words = root.evaluate(pictures), root.locator(".nnlib-words").inner_text()
        slider = root.get_by_role("slider").first
        expect(slider).to_have_attribute("data-trait", trait)
        slider.focus()
        for _ in range(6):
            slider.press("ArrowRight")
        expect(root.locator(".nnlib-words")).not_to_have_text(words)
        lab.wait_for_function(
            "([i, before]) => [...document.querySelectorAll(`[data-test-cell='${i}'] canvas`)]"
            ".map(c => c.toDataURL()).join() !== before",
            [index, before],
        )
        expect(root.get_by_role("alert")).to_be_empty()

    root = lab.cell(lens).locator(".nnlib-lab")
    for stage in range(1, 9):
        root.get_by_role("button", name="Step", exact=True).press("Enter")
        expect(root).to_have_attribute("data-stage", str(stage))
    expect(root).to_contain_text("9 of 9 gradients agree")

    # A patient as it was is told its diagnosis; mended, it is discharged.
    here = stub(lab, "patient_5")
    verdict = lab.cell(here + 1).locator("[role=status]").first
    expect(verdict).to_contain_text("not attempted")
    expect(verdict).to_contain_text("delta.sum(axis=0) instead of mean")
    write(lab, here, solution(server, "patient_5"))
    lab.run_cell(here + 1)
    expect(lab.cell(here + 1).locator("[role=status]").first).to_contain_text("patient_5: correct")

    # A wrong backward is told why; the right one trains the spirals.
    here, right = stub(lab, "backward"), solution(server, "backward")
    write(lab, here, right.replace(" * f.derivative(z[l - 1])", ""))
    lab.run_cell(here + 1)
    verdict = lab.cell(here + 1).locator("[role=status]").first
    expect(verdict).to_contain_text("The derivative f'(z) of the hidden activation is missing")
    write(lab, here, right)
    lab.run_cell(here + 1)
    lab.run_cell(playground)
    root = lab.cell(playground).locator(".nnlib-lab")
    expect(root.locator(".nnlib-whose")).to_contain_text("your backward")
    root.get_by_role("button", name="Step", exact=True).press("Enter")
    expect(root).to_have_attribute("data-update", "1")
    assert lab.kernel_eval("playground.code") == "your backward"
