"""Lesson 5 solved: the learner's four pieces train MNIST live, and read what is on the pad."""

import re

import nbformat
from playwright.sync_api import expect

from .conftest import NOTEBOOKS

INDEX = """text => codeCells().find(
    ({model}) => model.sharedModel.source.includes(text)).index"""


def short_lesson():
    """The lesson with the learner's pieces in it and without what takes long: two labs remain."""
    notebook = nbformat.read(NOTEBOOKS / "05_mnist.ipynb", 4)
    tagged = {tag: c for c in notebook.cells for tag in c.metadata.get("tags", [])}
    solution = re.search(r"```python\n(.*?)```", tagged["solution:pieces"].source, re.DOTALL)
    tagged["stub:pieces"].source = solution[1]
    pad = next(c for c in notebook.cells if "pad = DigitPad(" in c.source)
    # A small network in the place of the one that the lesson has trained by then.
    pad.source = "better = nnlib.NeuralNetwork([784, 10], seed=0)\n" + pad.source
    panel = next(c for c in notebook.cells if "panel = TrainingPanel(" in c.source)
    load = next(c for c in notebook.cells if "mnist = nnlib.load_mnist()" in c.source)
    setup = [c for c in notebook.cells if "setup" in c.metadata.get("tags", [])]
    notebook.cells = [
        *setup,
        load,
        tagged["stub:pieces"],
        tagged["check:pieces"],
        panel,
        pad,
    ]
    return notebook


def test_the_learners_own_code_trains_mnist_and_reads_a_digit(lab, server):
    nbformat.write(short_lesson(), server.root / "solved_05.ipynb")
    lab.open("solved_05.ipynb", height=1400)
    lab.run_all(timeout=120)
    assert lab.kernel_eval("pieces_right.outcome") == "correct"

    panel = lab.cell(lab.evaluate(INDEX, "TrainingPanel(")).locator(".nnlib-lab")
    expect(panel).to_contain_text("your forward, loss, backward, update")
    panel.get_by_role("button", name="Run", exact=True).press("Enter")
    assert lab.wait_for_kernel("panel.updates > 300 and (panel.accuracy or 0) > 0.6")
    panel.get_by_role("button", name="Pause", exact=True).press("Enter")
    lab.wait_for_kernel("not panel.running")

    pad = lab.cell(lab.evaluate(INDEX, "pad = DigitPad(")).locator(".nnlib-lab")
    expect(pad).to_contain_text("your forward")
    # What was learned a moment ago reads what is on the pad.
    lab.kernel_exec("pad = DigitPad(panel.network); pad.use(forward=forward); pad.put(0)")
    read = lab.kernel_eval("(pad.reads, int(panel.network.predict(pad.prepared.X)[0]))")
    assert read[0] == read[1]
