"""The layer map in a real JupyterLab: planes that move while it trains, and what they show."""

import re

import pytest
from playwright.sync_api import expect

from .jupyterlab import press, until

CELL = """import nnlib
from nnlib.lab import LayerMap
data = nnlib.load_mnist()
network = nnlib.NeuralNetwork([784, 16, 10], hidden="relu", init="he", seed=0)
lab = LayerMap(network, data.X_train[:2000], data.y_train[:2000], points=100,
               validation=(data.X_validation[:500], data.y_validation[:500]))
lab"""
PICTURES = (
    "() => [...document.querySelectorAll('.nnlib-layer-plane canvas')].map(c => c.toDataURL())"
)


@pytest.fixture
def root(lab):
    root = lab.show(CELL, width=1366)
    until(lab, "d.mapsOf === '0'")
    return root


def test_the_planes_move_while_it_trains_and_go_back_with_the_slider(lab, root):
    before = lab.evaluate(PICTURES)
    press(root, "Run")
    seen = set()
    while len(seen) < 5:  # maps of five moments, while it runs
        until(lab, "!argument.includes(d.mapsOf)", list(seen))
        seen.add(root.get_attribute("data-maps-of"))
    press(root, "Pause")
    lab.wait_for_kernel("not lab.running")
    until(lab, "Number(d.mapsOf) === argument", lab.kernel_eval("lab.updates"))
    after = lab.evaluate(PICTURES)
    # The pixels stay where they are but for the rings of what is misread; the layers do not.
    assert after[1] != before[1] and after[2] != before[2]

    slider = root.locator('[data-view="rewind"]')
    slider.press("Home")
    until(lab, "d.mapsOf === '0' && d.rewound === '0'")
    assert lab.evaluate(PICTURES) == before
    slider.press("End")
    until(lab, "d.rewound === ''")
    assert lab.evaluate(PICTURES) == after


def test_a_digit_that_is_pointed_at_is_shown_and_marked_in_every_layer(lab, root):
    lab.kernel_exec("lab.step(100)")
    until(lab, "d.mapsOf === '100'")
    before = lab.evaluate(PICTURES)
    plane = root.locator(".nnlib-layer-plane canvas").nth(1)
    plane.scroll_into_view_if_needed()
    # Where the lab drew the digit that lies farthest to the right.
    i, x, y = lab.kernel_eval(
        "(lambda p: (int(p[:, 0].argmax()), *((p[p[:, 0].argmax()] - (p.min(0) + p.max(0)) / 2)"
        " / (0.54 * (p.max(0) - p.min(0)).max()))))(lab.maps.layers[1].points)"
    )
    box = plane.bounding_box()
    half = box["width"] / 2
    plane.hover(position={"x": half + x * half, "y": half - y * half})
    until(lab, "d.chosen === String(argument)", i)
    label, read = lab.kernel_eval(f"[int(lab.labels[{i}]), int(lab.maps.predicted[{i}])]")
    said = root.locator(".nnlib-looked-at [role=status]")
    right = "read correctly" if label == read else f"read as {read}"
    expect(said).to_contain_text(f"A {label}, {right}. Row ")
    row = int(re.search(r"Row ([\d,]+)", said.inner_text())[1].replace(",", ""))
    assert lab.kernel_eval(f"data.y_validation[{row}]") == label
    expect(root.locator(".nnlib-looked-at canvas")).to_have_attribute(
        "aria-label", f"The image of a {label}"
    )
    assert all(a != b for a, b in zip(lab.evaluate(PICTURES), before, strict=True))


def test_by_keyboard_from_digit_to_digit_and_from_class_to_class(lab, root):
    labels = lab.kernel_eval("lab.labels")
    root.locator(".nnlib-layer-maps").focus()
    keyboard = lab.page.keyboard
    keyboard.press("ArrowRight")
    until(lab, "d.chosen === '0'")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowDown")
    until(lab, "d.chosen === String(argument)", labels.index(1))
    keyboard.press("ArrowUp")
    until(lab, "d.chosen === '0'")
    keyboard.press("ArrowLeft")
    until(lab, "d.chosen === String(argument)", len(labels) - 1)
    expect(root.locator(".nnlib-looked-at [role=status]")).to_contain_text("A 9, ")
