"""The confusion and the distortion lab in a real JupyterLab: by keyboard, by mouse, in words."""

import json

import pytest
from playwright.sync_api import expect

CELLS = [
    """
import numpy as np, nnlib
from nnlib.lab import ConfusionLab, DistortionLab
data = nnlib.load_mnist()
X, y = data.X_validation[:600], data.y_validation[:600]
# The class whose mean image is nearest, as a network: quick to make, and often wrong.
means = nnlib.analysis.samples.class_means(data.X_train[:5000], data.y_train[:5000])
network = nnlib.NeuralNetwork([784, 10])
network.weights[0], network.biases[0] = means.T, -(means**2).sum(axis=1) / 2
confusion = ConfusionLab(network, X, y)
confusion
""",
    "distortion = DistortionLab(X[:10], y[:10], network)\ndistortion",
]
CONFUSION, DISTORTION = 0, 1


@pytest.fixture(scope="module", autouse=True)
def both(window):
    """Both labs in the window, for all tests of this file."""
    window.fill(*CELLS, width=1000, height=1700)
    window.live_alone()
    window.run_all()


def shown(lab, cell):
    root = lab.cell(cell).locator(".nnlib-lab")
    root.scroll_into_view_if_needed()
    until(lab, cell, "d.frame > 0")
    return root


def until(lab, cell, condition):
    lab.wait_for_function(
        f"() => {{ const d = document.querySelector(\"[data-test-cell='{cell}'] .nnlib-lab\")"
        f"?.dataset ?? {{}}; const s = JSON.parse(d.settings ?? '{{}}'); return {condition}; }}"
    )


def pictures(root) -> list[str]:
    return root.locator("canvas").evaluate_all("all => all.map(c => c.toDataURL())")


def test_a_cell_opens_its_images_by_click_and_by_keyboard(lab):
    root = shown(lab, CONFUSION)
    counts = lab.kernel_eval("confusion.matrix.tolist()")
    grid = root.get_by_role("grid")
    assert grid.get_by_role("columnheader").count() == 12
    assert grid.get_by_role("rowheader").all_inner_texts() == [str(c) for c in range(10)]
    cells = grid.get_by_role("button")
    written = [int(n.replace(",", "")) for n in cells.all_inner_texts()]
    assert written == [n for row in counts for n in row]

    grid.get_by_role("button", name=f"4 mistaken for 9: {counts[4][9]} ").click()
    until(lab, CONFUSION, "d.cell === '4-9'")
    assert lab.kernel_eval("confusion.cell") == [4, 9]
    wanted = lab.kernel_eval("confusion.indices.tolist()")
    assert root.get_attribute("data-images") == "|".join(map(str, wanted))
    images = root.get_by_role("img")
    assert images.count() == min(len(wanted), 24) == min(counts[4][9], 24) > 0
    assert images.first.get_attribute("aria-label").startswith(f"Image {wanted[0]}, a 4, read as 9")
    words = f"{counts[4][9]} of {sum(counts[4])} of class 4 are classified as 9"
    expect(root.locator(".nnlib-words")).to_contain_text(words)
    expect(root.locator("[aria-live=polite]").first).to_contain_text(words)

    # The arrows go from cell to cell, over the edges not, and Enter opens.
    for key in ("ArrowDown", "ArrowLeft", "End", "ArrowRight", "Home"):
        lab.page.keyboard.press(key)
    expect(grid.locator("button:focus")).to_have_attribute("data-true", "5")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("Enter")
    until(lab, CONFUSION, "d.cell === '5-3'")
    pressed = grid.locator("[aria-pressed=true]")
    expect(pressed).to_have_count(1)
    expect(pressed).to_have_attribute("aria-label", f"5 mistaken for 3: {counts[5][3]} images")
    assert grid.locator("[tabindex='0']").count() == 1


def test_a_cell_that_a_program_opens_more_images_and_none(lab):
    root = shown(lab, CONFUSION)
    lab.kernel_exec("confusion.cell = [0, 0]")
    until(lab, CONFUSION, "d.cell === '0-0'")
    expect(root.get_by_role("img")).to_have_count(24)
    root.get_by_role("button", name="Show more").press("Enter")
    n = lab.kernel_eval("len(confusion.indices)")
    assert n > 24
    expect(root.get_by_role("img")).to_have_count(min(n, 48))
    i, j = lab.kernel_eval("np.argwhere(confusion.matrix == 0)[0].tolist()")
    lab.kernel_exec(f"confusion.cell = [{i}, {j}]")
    expect(root).to_contain_text("There are no images in this cell.")
    expect(root.get_by_role("button", name="Show more")).to_be_hidden()


def test_sliders_bend_the_digits_and_the_grid(lab):
    root = shown(lab, DISTORTION)
    before = pictures(root)
    assert len(before) == 2 + 20
    slider = root.get_by_role("slider", name="Elastic α")
    slider.press("End")
    until(lab, DISTORTION, "s.alpha === 100")
    assert lab.kernel_eval("distortion.distortion.alpha") == 100
    after = pictures(root)
    # The originals stay; the grid over the large one, and every copy, are others.
    same = [a == b for a, b in zip(before, after, strict=True)]
    assert same == [False, False] + [True, False] * 10
    label = root.get_by_role("img").first.get_attribute("aria-label")
    far = lab.kernel_eval("distortion._words()")
    assert far in label and root.locator(".nnlib-words").inner_text() == far

    root.get_by_role("slider", name="Image").press("ArrowRight")
    until(lab, DISTORTION, "s.image === 2")
    root.locator(".nnlib-gallery > li").nth(4).click()
    until(lab, DISTORTION, "s.image === 5")
    root.get_by_label("Show", exact=True).select_option("arrows")
    until(lab, DISTORTION, "s.field === 'arrows'")
    expect(root).to_contain_text("each arrow points from a pixel")
    root.get_by_role("button", name="Draw again").press("Enter")
    until(lab, DISTORTION, "s.seed === 1")
    said = root.locator(".nnlib-gallery canvas").nth(1).get_attribute("aria-label")
    read = lab.kernel_eval("distortion.frame()[0]['read'][1][0]")
    assert said.endswith(f"after, read as {read['class']} with {read['percent']}")
    root.get_by_role("button", name="Reset controls").press("Enter")
    until(lab, DISTORTION, "s.alpha === 34 && s.seed === 0 && s.image === 1")
    assert pictures(root) == before
    assert json.loads(root.get_attribute("data-settings")) == lab.kernel_eval(
        "{name: getattr(distortion, name) for name in distortion._start}"
    )


def test_both_are_drawn_anew_in_the_dark(lab):
    before = [pictures(shown(lab, cell)) for cell in (CONFUSION, DISTORTION)]
    lab.kernel_exec("confusion.cell = [4, 9]")
    lab.set_theme("dark")
    for cell, old in zip((CONFUSION, DISTORTION), before, strict=True):
        root = shown(lab, cell)
        lab.wait_for_function(
            "([i, old]) => { const all = document.querySelectorAll("
            "`[data-test-cell='${i}'] .nnlib-lab canvas`);"
            " return all.length && [...all].every((c) => !old.includes(c.toDataURL())); }",
            [cell, old],
        )
        assert root.evaluate("e => e.scrollWidth <= e.clientWidth")
