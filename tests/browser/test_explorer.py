"""The explorer in a real JupyterLab: the keyboard moves a slider, and curve and map follow."""

import json

import pytest
from playwright.sync_api import expect

CELL = """
import numpy as np, nnlib
from nnlib.lab import Explorer
x = np.linspace(-6, 6, 121)
X, y = nnlib.datasets.blobs(60, n_classes=2, seed=1)
f_of = nnlib.activations.get_activation
lab = Explorer(
    {"w1": (-5, 5, 1.0), "b": (-5, 5, 0.0), "alpha": (1e-3, 1.0, 0.1, "log"),
     "f": ["sigmoid", "tanh"]},
    curves=lambda w1, b, alpha, f: {f: (x, f_of(f)(w1 * x + b)), "zero": (x, 0 * x)},
    points=lambda w1, b, alpha, f: {"where it turns": ([-b / w1], [0.0])},
    plane=lambda X, w1, b, alpha, f: nnlib.sigmoid(4 * (w1 * X[:, 0] + X[:, 1]) + b),
    paths=lambda w1, b, alpha, f: {"w": ([0, w1 / 2], [0, 0.5])},
    data=(X, y), words=lambda w1, b, alpha, f: f"It turns at {-b / w1:.2f}.",
    title="Curve and map", alt="A curve and a map.",
)
lab
"""


@pytest.fixture
def open_explorer(lab):
    def open_it(**options):
        root = lab.show(CELL, height=1000, **options)
        until(lab, "d.moves !== undefined")
        return root

    return open_it


def until(lab, condition):
    lab.wait_for_function(
        "() => { const d = document.querySelector('.nnlib-lab').dataset;"
        f" const s = JSON.parse(d.settings ?? '{{}}'); return {condition}; }}"
    )


def pictures(root) -> list[str]:
    return root.locator("canvas").evaluate_all("all => all.map(c => c.toDataURL())")


def test_curve_map_and_words_follow_the_sliders(lab, open_explorer):
    root = open_explorer()
    before = pictures(root)
    assert len(before) == 2
    slider = root.get_by_role("slider", name="w₁")
    slider.focus()
    slider.press("ArrowRight")
    until(lab, "s.w1 === 1.1")
    root.get_by_role("slider", name="b", exact=True).press("ArrowLeft")
    until(lab, "s.b === -0.1")
    expect(root.locator(".nnlib-words")).to_have_text("It turns at 0.09.")
    assert lab.kernel_eval("lab.settings")["w1"] == 1.1
    after = pictures(root)
    assert all(a != b for a, b in zip(before, after, strict=True))
    lab.screenshot("explorer")

    for element in (root.locator(".nnlib-chart"), root.locator(".nnlib-explorer-map")):
        assert "It turns at 0.09." in element.get_attribute("aria-label")
    assert root.get_by_role("button").all_inner_texts() == ["Reset controls"]
    root.get_by_role("button", name="Reset controls").press("Enter")
    until(lab, "s.w1 === 1 && s.b === 0")


def test_other_curves_typed_values_errors_and_a_change_of_theme(lab, open_explorer):
    root = open_explorer(width=800)
    root.get_by_label("f", exact=True).select_option("tanh")
    until(lab, "d.curves === 'tanh|zero'")
    expect(root.locator(".u-legend")).to_contain_text("tanh")
    typed = root.get_by_label("alpha, typed")
    typed.fill("0.02")
    typed.press("Enter")
    until(lab, "s.alpha === 0.02")
    alert = root.get_by_role("alert")
    slider = root.get_by_role("slider", name="w₁")
    for _ in range(10):
        slider.press("ArrowLeft")
    expect(alert).to_contain_text("division by zero")
    until(lab, "d.state === 'stopped'")
    slider.press("ArrowLeft")
    until(lab, "s.w1 === -0.1 && d.state !== 'stopped'")
    expect(alert).to_be_empty()
    before = pictures(root)
    lab.set_theme("dark")
    lab.wait_for_function(
        "before => { const all = [...document.querySelectorAll('.nnlib-lab canvas')];"
        " return all.length === 2 && all.every((c, i) => c.toDataURL() !== before[i]); }",
        before,
    )
    # Nothing sticks out at 800 pixels, even beside the file browser.
    assert root.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert json.loads(root.get_attribute("data-settings")) == lab.kernel_eval("lab.settings")
