"""The blame lens in a real JupyterLab: a drawn digit, the way back to its pixels, and a step."""

import json
from pathlib import Path

from playwright.sync_api import expect

from .jupyterlab import until
from .pointers import Pointers

DRAWINGS = json.loads((Path(__file__).parent / "strokes.json").read_text(encoding="utf-8"))
CELL = """import nnlib
from nnlib.lab import BlameLens
data = nnlib.load_mnist()
network = nnlib.NeuralNetwork([784, 128, 10], hidden="relu", init="he", seed=0)
nnlib.train(network, data.X_train[:2000], data.y_train[:2000], optimizer=nnlib.GradientDescent(0.1),
            batch_size=20, epochs=1, seed=0, progress=False)
lab = BlameLens(network)
lab"""


def show(lab):
    root = lab.show(CELL, width=1366, height=1000)
    until(lab, "d.frame > 0 && d.target !== ''")
    return root


def test_a_drawn_digit_is_judged_and_the_loss_flows_back_to_its_pixels(lab):
    root = show(lab)
    pad = root.locator(".nnlib-pad")
    root.get_by_role("button", name="Clear").click()
    until(lab, "d.strokes === '0' && d.target === ''")
    asked = []
    lab.page.on("request", lambda request: asked.append(request.url))
    pointers, box = Pointers(lab.page), pad.bounding_box()
    for stroke in DRAWINGS[14]["strokes"]:
        pointers.mouse(
            [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        )
    until(lab, "d.heard === 'true' && d.reads !== ''")
    # The kernel was busy and idle again many times, and the tab has kept its icon.
    assert not [url for url in asked if "favicon" in url]
    root.get_by_role("button", name="Why?").click()
    expect(root.locator(".nnlib-pad-refused")).to_contain_text("choose the correct answer")

    root.get_by_label("It is really a").select_option("7")
    until(lab, "d.target === '7'")
    picture = "() => document.querySelector('.nnlib-blame').toDataURL()"
    pictures = [lab.evaluate(picture)]
    root.get_by_role("button", name="Why?").click()
    until(lab, "d.stage === '3'")
    assert lab.kernel_eval("[lab.stage, lab.running]") == [3, False]
    pictures.append(lab.evaluate(picture))
    assert root.get_attribute("data-edges") == "80"
    expect(root.locator(".nnlib-blame-right > .nnlib-caption")).to_contain_text(
        "40 of 1,280 weights into the outputs, 40 of 100,352 weights into layer 1"
    )

    learn = root.get_by_role("button", name="One step of gradient descent")
    before = lab.kernel_eval("lab.blame.value")
    learn.click()
    expect(root.locator(".nnlib-words")).to_contain_text("Step 1: ")
    assert lab.kernel_eval("lab.blame.value") < before
    pictures.append(lab.evaluate(picture))
    assert len(set(pictures)) == 3


def test_hover_and_keyboard_show_the_formula_of_pixels_neurons_and_edges(lab):
    root = show(lab)
    lab.kernel_exec("lab.stage = lab.last_stage")
    until(lab, "d.stage === '3'")
    canvas, panel = root.locator(".nnlib-blame"), root.locator(".nnlib-blame-panel p")
    # Pixel (10, 14): eight CSS pixels each, 17 below the top; all a little larger in a wide room.
    scale = float(canvas.get_attribute("data-scale"))
    canvas.hover(position={"x": scale * (1 + 14.5 * 8), "y": scale * (17 + 10.5 * 8)})
    until(lab, "d.looked === 'n-0-294'")
    assert panel.all_inner_texts() == lab.kernel_eval("lab.blame.explain(0, 294)")

    lab.page.mouse.move(0, 0)
    canvas.focus()
    lab.page.keyboard.press("ArrowRight")  # from where the mouse was: the edges of layer 1
    edge = lab.kernel_eval("[int(k[0]) for k in lab.blame.strongest(1, 1)]")
    until(lab, "d.looked === argument", f"w-1-{edge[0]}-{edge[1]}")
    assert panel.all_inner_texts() == lab.kernel_eval(f"lab.blame.explain(1, *{edge})")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowDown")
    second = lab.kernel_eval("int(abs(lab.blame.delta[1]).argsort(kind='stable')[-2])")
    until(lab, "d.looked === argument", f"n-1-{second}")
    for _ in range(2):
        lab.page.keyboard.press("ArrowRight")
    most = lab.kernel_eval("int(abs(lab.blame.delta[2]).argmax())")
    until(lab, "d.looked === argument", f"n-2-{most}")
