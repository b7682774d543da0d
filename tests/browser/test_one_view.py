"""What belongs together is seen together: on a laptop, without scrolling.

A laptop of 1366 × 768 leaves a lab in JupyterLab, beside its side bar, 934 pixels of width and
about 650 of height. What a lab must show there at once carries the attribute data-essential.
"""

import pytest
from playwright.sync_api import expect

LAPTOP = {"width": 1366, "height": 768}
HEIGHT = 640  # pixels from the top of a lab

# The least width and height of what must be large enough to be read.
LEAST = {
    "curve": (260, 130),
    "accuracy": (260, 130),
    "picture": (240, 240),
    "pad": (240, 240),
    "network": (280, 200),
}
SAID = {"commands", "words"}
TRAINING = SAID | {"rate", "mode", "curve"}

START = """import nnlib
from nnlib.lab import *
from nnlib.recipes import pretrained
"""
PLAYGROUND = """lab = Playground(
    hidden=[16, 16, 8, 4, 4], goal={"training_loss": 0.01, "updates": 900}
)"""
PANEL = """X, y = nnlib.moons(200)
network = nnlib.NeuralNetwork([2, 6, 2], seed=0)
lab = TrainingPanel(network, X[:150], y[:150], validation=(X[150:], y[150:]))"""
DESCENT = """lab = DescentLab("Narrow valley")
for name in ("nesterov", "rmsprop"):
    setattr(lab, name, True)"""
IMAGES = """mnist = nnlib.load_mnist()
network = pretrained("quick")
images, labels = mnist.X_test[:200], mnist.y_test[:200]
"""
EXPLORER = """lab = Explorer(
    {"w": (-5, 5, 1.0), "h": (1e-3, 1.0, 0.1, "log"), "on": True},
    curves=lambda w, h, on: {"one": ([0, 1, 2], [w, h, 0])},
    plane=lambda X, w, h, on: X[:, 0] + h, data=nnlib.moons(100),
    words=lambda w, h, on: f"The line crosses the axis at {-h:g}. " * 5,
    title="Two pictures", alt="A curve and a map")"""

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
LONG = "lab.problem = 'A mistake of the length of a long line in words. ' * 9"

# The lab, what must be seen of it at once, and what happens to it: what is run in the kernel,
# and what is then said.
TRAINED = [(KEEP_FIVE, "runs kept"), (DIVERGE, "diverged"), (MISTAKE, "up the loss")]
LABS = {
    "playground": (PLAYGROUND, TRAINING | {"picture", "network", "data"}, TRAINED),
    "panel": (PANEL, TRAINING, TRAINED),
    "descent": (
        DESCENT,
        SAID | {"rate", "data", "picture", "curve"},
        [("lab.learning_rate = 10\nlab.step(400)", "iverged"), (MISTAKE, "up the loss")],
    ),
    "race": (
        "lab = RaceLab(race='optimizers')",
        SAID | {"rate", "data", "curve", "accuracy", "standing"},
        [("lab.race = 'learning rates'\nlab.step(400)", "diverged"), (MISTAKE, "up the loss")],
    ),
    "pad": (
        "lab = DigitPad()\nlab.put(8, rotation=20)",
        SAID | {"pad", "stages", "probabilities"},
        [("lab.add(5)", "added"), (LONG, "mistake")],
    ),
    "lens": (
        "lab = BackpropLens()",
        SAID | {"rate", "network", "formula"},
        [("lab.step(8)", "Stage 8"), (LONG, "mistake")],
    ),
    "layers": (
        "lab = LayerMap(points=100)",
        TRAINING | {"picture"},
        [("lab.step(40)", "Update 40"), (DIVERGE, "diverged"), (MISTAKE, "up the loss")],
    ),
    "blame": (
        "lab = BlameLens()\nlab.put(247)\nlab.stage = 3",
        SAID | {"rate", "pad", "network", "formula"},
        [("lab.learn()", "Step 1"), (LONG, "mistake")],
    ),
    "explorer": (EXPLORER, {"words", "curve", "picture"}, [(LONG, "mistake")]),
    "confusion": (
        IMAGES + "lab = ConfusionLab(network, images, labels)",
        {"words", "picture"},
        [(LONG, "mistake")],
    ),
    "distortion": (
        IMAGES + "lab = DistortionLab(images[:8], labels[:8], network=network)",
        {"words", "picture"},
        [(LONG, "mistake")],
    ),
}

MEASURE = """root => {
    const top = root.getBoundingClientRect().top;
    const seen = [...root.querySelectorAll('[data-essential]')].filter((e) => e.checkVisibility());
    return Object.fromEntries(seen.map((e) => {
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


# By day each lab in one of the themes, the first half in the light and the others in the dark.
NAMES = list(LABS)
IN_THEMES = [
    pytest.param(
        name,
        theme,
        marks=() if (theme == "light") == (i < len(NAMES) // 2) else pytest.mark.nightly,
    )
    for theme in ("light", "dark")
    for i, name in enumerate(NAMES)
]


@pytest.mark.parametrize(("name", "theme"), IN_THEMES)
def test_what_belongs_together_is_seen_at_once_whatever_is_said(lab, name, theme):
    cell, essential, events = LABS[name]
    root = lab.show(f"{START}{cell}\nlab", theme, **LAPTOP)
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.frame > 0")
    assert root.evaluate("e => e.clientWidth") < 940  # the side bar is open
    assert_in_one_view(root, essential)
    for done, said in events:
        lab.kernel_exec(done)
        expect(root).to_contain_text(said)
        assert_in_one_view(root, essential)
    lab.screenshot(f"one-view-{name}-{theme}")


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


STICKING_OUT = """root => root.scrollWidth <= root.clientWidth ? [] :
    [...root.querySelectorAll('*')]
        .filter((e) => e.getBoundingClientRect().right > root.getBoundingClientRect().right)
        .map((e) => e.outerHTML.slice(0, 100))"""


def test_on_a_phone_the_curve_comes_first_and_nothing_sticks_out(lab):
    root = lab.show(f"{START}lab = Playground()\nlab.step(50)\nlab", width=400, height=800)
    lab.evaluate("() => jupyterapp.shell.collapseLeft()")
    try:
        lab.wait_for_function(
            "() => { const {width} = document.querySelector('.nnlib-lab').getBoundingClientRect();"
            " return width > 250 && width < 400; }"
        )
        found = root.evaluate(MEASURE)
        assert found["curve"]["bottom"] < found["picture"]["bottom"] < found["network"]["bottom"]
        assert root.evaluate(STICKING_OUT) == []
        lab.kernel_exec("lab.problem = 'x' * 100_000")
        assert root.evaluate(STICKING_OUT) == []
    finally:
        lab.evaluate("() => jupyterapp.shell.expandLeft()")


def test_a_wide_window_is_used(lab):
    root = lab.show(f"{START}{PLAYGROUND}\nlab", width=1920, height=1080)
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').clientWidth > 1400")
    lab.wait_for_function("() => document.querySelector('.nnlib-plane').dataset.side >= 380")
    found = root.evaluate(MEASURE)
    assert found["curve"]["width"] > 400 and found["network"]["width"] > 400
    assert all(box["bottom"] < 900 for box in found.values())
