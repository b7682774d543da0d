"""The backpropagation lens in a real JupyterLab, with the keyboard alone."""

import json

import pytest
from playwright.sync_api import expect

DEFAULT = "BackpropLens()"
CROWDED = "BackpropLens(nnlib.NeuralNetwork([4, 6, 6, 3], seed=1), [1, -0.5, 0.2, 0], 2)"
SIGNS = ("w-1-0-0", "w-1-0-1")  # a positive and a negative weight of the default network
COLOURS = {
    "light": ("rgb(0, 114, 178)", "rgb(213, 94, 0)"),
    "dark": ("rgb(86, 180, 233)", "rgb(230, 159, 0)"),
}


class LensPage:
    """The lens on the page."""

    def __init__(self, lab):
        self.lab = lab
        self.root = lab.cell(0).locator(".nnlib-lab")
        expect(self.root).to_be_visible()
        self.picture = self.root.get_by_role("listbox")
        self.formulas = self.root.locator(".nnlib-lens-formulas")

    def item(self, key: str):
        return self.picture.locator(f'[data-key="{key}"]')

    def wait_for_stage(self, stage: int) -> None:
        expect(self.root).to_have_attribute("data-stage", str(stage))

    def numbers(self) -> dict:
        """Return all numbers that the picture shows, by symbol."""
        return json.loads(self.root.get_attribute("data-numbers"))

    def press(self, name: str) -> None:
        button = self.root.get_by_role("button", name=name, exact=True)
        button.focus()
        button.press("Enter")


@pytest.fixture
def open_lens(lab):
    """Return a function that opens a notebook with a lens."""

    def open_it(expression=DEFAULT, width=1280, height=1300):
        source = (
            "import nnlib\nfrom nnlib.lab.backprop_lens import BackpropLens\n"
            f"lens = {expression}\nlens"
        )
        lab.show(source, width=width, height=height)
        page = LensPage(lab)
        page.wait_for_stage(0)
        return page

    return open_it


def test_colour_and_dash_tell_the_sign_in_either_theme(lab, open_lens):
    page = open_lens()
    line = "e => [getComputedStyle(e).stroke, getComputedStyle(e).strokeDasharray !== 'none']"
    for theme, colours in COLOURS.items():
        lab.set_theme(theme)
        expect(page.item(SIGNS[0]).locator(".nnlib-lens-line")).to_have_css("stroke", colours[0])
        drawn = [page.item(key).locator(".nnlib-lens-line").evaluate(line) for key in SIGNS]
        assert drawn == [[colours[0], False], [colours[1], True]]


def test_all_stages_formulas_edits_and_a_step_by_the_keyboard_alone(lab, open_lens):
    page = open_lens()
    keyboard = lab.page.keyboard
    assert page.numbers()["z⁽¹⁾₁"] == "?"
    expect(page.formulas).to_contain_text("Input 1")

    for stage in range(1, 5):
        page.press("Step")
        page.wait_for_stage(stage)
    assert page.numbers()["C"] != "?" and page.numbers()["δ⁽¹⁾₁"] == "?"

    # Through the picture with the arrow keys: input 1, its first weight, the next, its neuron.
    page.item("n-0-0").focus()
    keyboard.press("ArrowRight")
    expect(page.item("w-1-0-0")).to_be_focused()
    keyboard.press("ArrowDown")
    expect(page.item("w-1-0-1")).to_be_focused()
    expect(page.formulas).to_contain_text("∂C/∂w⁽¹⁾₁₂ = a⁽⁰⁾₁ · δ⁽¹⁾₂ = ?")
    keyboard.press("ArrowRight")
    expect(page.item("n-1-1")).to_be_focused()
    expect(page.formulas).to_contain_text("(−0.4) · 1 + 0.8 · 0.5 + (−0.2) = −0.2")
    keyboard.press("End")
    expect(page.item("loss")).to_be_focused()

    # Hovering looks at another item without choosing it.
    page.item("n-2-0").hover()
    expect(page.formulas).to_contain_text("Output neuron 1")
    lab.page.mouse.move(2, 2)
    expect(page.formulas).to_contain_text("Loss, cross-entropy")

    slider = page.root.get_by_role("slider", name="Stage")
    slider.focus()
    keyboard.press("End")
    page.wait_for_stage(8)
    assert "?" not in page.numbers().values()
    keyboard.press("ArrowLeft")
    page.wait_for_stage(7)
    keyboard.press("ArrowRight")
    page.wait_for_stage(8)

    # Enter goes from a weight to its field; a number typed there reaches everything.
    page.item("w-1-0-1").focus()
    keyboard.press("Enter")
    before = page.numbers()
    keyboard.type("0.9")
    keyboard.press("Enter")
    lab.wait_for_kernel("lens.network.weights[0][0, 1] == 0.9")
    expect(page.formulas).to_contain_text("0.9")
    after = page.numbers()
    assert after["w⁽¹⁾₁₂"] == "0.9" and after["z⁽¹⁾₁"] == before["z⁽¹⁾₁"]
    assert after["z⁽¹⁾₂"] != before["z⁽¹⁾₂"] and after["C"] != before["C"]
    expect(page.formulas).to_contain_text("it agrees")
    lab.screenshot("lens")

    keyboard.press("ControlOrMeta+A")
    keyboard.type("much")
    keyboard.press("Enter")
    expect(page.root.get_by_role("alert").last).to_contain_text("'much' is not a number")
    assert lab.kernel_eval("float(lens.network.weights[0][0, 1])") == 0.9

    # A number that is being typed survives the stages that play meanwhile.
    keyboard.press("ControlOrMeta+A")
    keyboard.type("0.7")
    lab.kernel_exec("lens.stage = 4")
    page.wait_for_stage(4)
    keyboard.press("Enter")
    lab.wait_for_kernel("lens.network.weights[0][0, 1] == 0.7")

    loss = lab.kernel_eval("lens.explanation.loss")
    page.press("Take one step of gradient descent")
    lab.wait_for_kernel(f"lens.explanation.loss < {loss!r}")
    expect(page.root.locator(".nnlib-words")).to_contain_text("After step 1 of gradient descent")

    page.press("Reset")
    page.wait_for_stage(0)
    assert page.numbers()["w⁽¹⁾₁₂"] == "−0.4" and page.numbers()["C"] == "?"


def test_run_plays_the_stages_to_the_end_and_stops_there(lab, open_lens):
    page = open_lens()
    lab.kernel_exec("lens.speed = 20.0")
    page.press("Run")
    page.wait_for_stage(8)
    expect(page.root).to_have_attribute("data-state", "paused")


def test_a_crowded_network_shows_every_number_and_fits_into_800_pixels(lab, open_lens):
    page = open_lens(CROWDED, width=800)
    slider = page.root.get_by_role("slider", name="Stage")
    slider.focus()
    slider.press("End")
    page.wait_for_stage(11)
    # A label that found no room appears with its weight.
    hidden = page.picture.locator('.nnlib-lens-label[data-crowded="true"]').count()
    assert hidden > 0
    shown = page.picture.locator(".nnlib-lens-label:visible").count()
    assert shown + hidden >= 78
    page.item("w-2-3-3").focus()
    expect(page.formulas).to_contain_text("∂C/∂w⁽²⁾₄₄")
    lab.screenshot("lens-crowded")
    # Every weight and its gradient stand in the table too.
    page.root.locator("summary").focus()
    lab.page.keyboard.press("Enter")
    rows = page.root.locator("details tbody tr")
    expect(rows).to_have_count(4 + 6 + 6 + 3 + 1 + 24 + 36 + 18)
    expect(page.root.locator("details")).not_to_contain_text("= ?")
    room = page.root.evaluate("e => e.scrollWidth - e.clientWidth")
    assert room <= 1  # what is too wide scrolls within the picture


WRONG = """
def backward(weights, z, a, y, activations):
    d = (a[-1] - y) / len(y)
    dW, db = [None, None], [None, None]
    for i in (1, 0):
        dW[i], db[i] = a[i].T @ d, d.sum(axis=0)
        d = d @ weights[i].T
    return dW, db
lens.use(backward=backward)
lens.stage = 8
"""


def test_your_backward_stands_beside_nnlibs_and_what_differs_is_marked(lab, open_lens):
    page = open_lens(width=800)
    lab.kernel_exec(WRONG)
    page.wait_for_stage(8)
    expect(page.item("n-1-0")).to_have_attribute("data-own", "differs")
    expect(page.item("w-2-0-0")).to_have_attribute("data-own", "agrees")
    expect(page.root.locator(".nnlib-lens-diagnosis")).to_contain_text("activation is missing")
    page.item("w-1-0-1").focus()
    expect(page.formulas).to_contain_text("Your code: ∂C/∂w⁽¹⁾₁₂")
    expect(page.formulas).to_contain_text("but nnlib's is")
    lab.screenshot("lens-own")
    lab.kernel_exec("lens.use()")
    expect(page.item("n-1-0")).to_have_attribute("data-own", "")
    expect(page.root.locator(".nnlib-lens-diagnosis")).to_be_empty()
