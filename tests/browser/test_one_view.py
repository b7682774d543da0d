"""What belongs together is seen together: on a laptop, without scrolling.

A laptop of 1366 × 768 leaves a lab in JupyterLab, beside its side bar, 934 pixels of width and
about 650 of height. What a lab must show there at once carries the attribute data-essential.
"""

import pytest
from playwright.sync_api import expect

LAPTOP = {"width": 1366, "height": 768}
HEIGHT = 640  # pixels from the top of a lab

# The least width and height of what must be large enough to be read.
LEAST = {"curve": (260, 130), "picture": (240, 240), "network": (280, 200)}
TRAINING = {"commands", "rate", "mode", "words", "curve"}

START = "import nnlib\nfrom nnlib.lab import Playground, TrainingPanel\n"
PLAYGROUND = (
    "lab = Playground(hidden=[16, 16, 8, 4, 4], goal={'training_loss': 0.01, 'updates': 900})"
)
PANEL = """X, y = nnlib.moons(200)
network = nnlib.NeuralNetwork([2, 6, 2], seed=0)
lab = TrainingPanel(network, X[:150], y[:150], validation=(X[150:], y[150:]))"""
LABS = {
    "playground": (PLAYGROUND, TRAINING | {"picture", "network", "data"}),
    "panel": (PANEL, TRAINING),
}

KEEP_FIVE = """
for i in range(5):
    lab.learning_rate = 0.1 + i / 10
    lab.step(40)
    lab.keep()
    lab.reset()
lab.step(20)
"""
DIVERGE = "lab.learning_rate, lab.l2 = 100, 0.1\nlab.step(500)"
# A mistake of the learner's own, and all that is to be said of it.
MISTAKE = """
def update(x, g, learning_rate):
    return x + learning_rate * g
lab.reset()
lab.use(update=update)
"""

MEASURE = """root => {
    const top = root.getBoundingClientRect().top;
    return Object.fromEntries([...root.querySelectorAll('[data-essential]')].map((e) => {
        const {width, height, bottom} = e.getBoundingClientRect();
        return [e.dataset.essential, {width, height, bottom: bottom - top}];
    }));
}"""


def assert_in_one_view(root, wanted):
    found = root.evaluate(MEASURE)
    assert wanted <= set(found)
    too_low = {name: box["bottom"] for name, box in found.items() if box["bottom"] > HEIGHT}
    assert too_low == {}
    for name, box in found.items():
        width, height = LEAST.get(name, (20, 12))
        assert box["width"] >= width and box["height"] >= height, (name, box)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LABS)
def test_what_belongs_together_is_seen_at_once_whatever_is_said(lab, name, theme):
    cell, essential = LABS[name]
    root = lab.show(f"{START}{cell}\nlab", theme, **LAPTOP)
    assert root.evaluate("e => e.clientWidth") < 940  # the side bar is open
    assert_in_one_view(root, essential)
    lab.kernel_exec(KEEP_FIVE)
    expect(root.locator(".nnlib-kept > li")).to_have_count(5)
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.update === '20'")
    assert_in_one_view(root, essential)
    lab.kernel_exec(DIVERGE)
    expect(root.get_by_role("alert").first).to_contain_text("diverged")
    assert_in_one_view(root, essential)
    lab.kernel_exec(MISTAKE)
    expect(root.get_by_role("alert").first).to_contain_text("up the loss")
    assert_in_one_view(root, essential)


def test_what_is_folded_away_says_its_values(lab):
    root = lab.show(f"{START}lab = Playground(seed=3, activation='relu')\nlab", **LAPTOP)
    fold = root.locator(".nnlib-group > summary")
    expect(fold).to_contain_text("relu · xavier · Cross-entropy · seed 3")
    expect(root.get_by_label("Activation", exact=True)).to_be_hidden()
    lab.kernel_exec("lab.activation, lab.l2 = 'tanh', 0.05")
    expect(fold).to_contain_text("λ₂ 0.05 · full speed · tanh")
    fold.press("Enter")
    expect(root.get_by_label("Activation", exact=True)).to_be_visible()


def test_one_button_and_the_space_bar_run_and_pause(lab):
    root = lab.show(f"{START}lab = Playground()\nlab", **LAPTOP)
    run = root.locator(".nnlib-run")
    expect(run).to_have_text("Run")
    run.click()
    expect(run).to_have_text("Pause")
    lab.wait_for_kernel("lab.running and lab.updates > 50")
    # Two presses, the second before the kernel can have answered the first.
    run.evaluate("button => { button.click(); button.click(); button.click(); }")
    expect(root).to_have_attribute("data-state", "paused")
    expect(run).to_have_text("Run")
    lab.wait_for_kernel("not lab.running")
    # The Space bar, wherever in the lab the keyboard is, but where it has a meaning of its own.
    for place in (root.locator(".nnlib-words"), root.get_by_role("slider", name="Learning rate")):
        place.click()
        lab.page.keyboard.press("Space")
        expect(root).to_have_attribute("data-state", "running")
        root.locator("canvas.nnlib-plane").focus()
        lab.page.keyboard.press("Space")
        expect(root).to_have_attribute("data-state", "paused")
    typed = root.get_by_label("Learning rate α, typed")
    typed.press("Space")
    root.get_by_role("radio", name="Stochastic").press("Space")
    lab.wait_for_kernel("lab.mode == 'Stochastic'")
    assert lab.kernel_eval("lab.running") is False
