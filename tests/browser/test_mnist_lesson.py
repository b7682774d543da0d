"""The panel of the MNIST lesson as a learner plays with it.

That the whole lesson is alive, and the learner's own code in it, is in test_every_lesson.
"""

import nbformat
import pytest
from playwright.sync_api import expect

from tests.notebooks.slices import part

from .conftest import NOTEBOOKS


class Panel:
    """The panel on the page: its controls, and what it says it has drawn."""

    def __init__(self, lab):
        self.lab = lab
        self.cell = lab.evaluate(
            "() => panel.content.widgets.findIndex("
            "w => w.model.sharedModel.source.includes('TrainingPanel('))"
        )
        self.root = lab.cell(self.cell).locator(".nnlib-lab")
        expect(self.root).to_be_visible()
        self.slider = self.root.get_by_role("slider", name="Learning rate α")

    def press(self, command: str) -> None:
        """Press a button with the keyboard."""
        button = self.root.get_by_role("button", name=command, exact=True)
        button.focus()
        button.press("Enter")

    def shown(self, name: str) -> str:
        return self.root.get_attribute(f"data-{name}")

    def wait_until(self, condition: str, argument=None) -> None:
        """Wait until a condition on the panel's data set, `d`, holds."""
        self.lab.wait_for_function(
            "argument => { const d = document.querySelector('.nnlib-lab').dataset;"
            f" return {condition}; }}",
            argument,
        )

    def drawn(self) -> int:
        """Count the pixels of the loss chart that are not background."""
        return self.root.locator("canvas").first.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
            ".reduce((n, v, i) => n + (i % 4 === 3 && v > 0), 0)"
        )


def play(lab, panel: Panel) -> None:
    """Run, move the slider, change the mode, pause, step, reset: each is seen and is true."""
    empty = panel.drawn()
    panel.press("Run")
    panel.wait_until("d.state === 'running' && d.update > 200 && d.points > 50")
    assert panel.drawn() > empty

    before = float(panel.shown("used-learning-rate"))
    panel.slider.focus()
    for _ in range(4):
        panel.slider.press("ArrowRight")
    panel.wait_until("Number(d.usedLearningRate) > 1.5 * argument", before)
    wanted = lab.kernel_eval("panel.learning_rate")
    panel.wait_until("Math.abs(d.usedLearningRate - argument) < 1e-9", wanted)
    expect(panel.root.locator("input.nnlib-typed")).to_have_value(f"{wanted:g}")

    for mode, size in (("Stochastic", 1), ("Batch", None), ("Mini-batch", 20)):
        panel.root.get_by_role("radio", name=mode, exact=True).check()
        assert lab.wait_for_kernel(f"panel.mode == {mode!r}")
        assert lab.kernel_eval("panel.trainer.batch_size") == size

    panel.press("Pause")
    panel.wait_until("d.state === 'paused'")
    paused_at = lab.kernel_eval("panel.updates")
    panel.press("Step")
    panel.wait_until("d.update === String(argument)", paused_at + 1)
    assert lab.kernel_eval("panel.updates") == paused_at + 1

    panel.press("Reset")
    panel.wait_until("d.update === '0' && d.points === '0'")
    assert lab.kernel_eval("bool((panel.network.parameters == panel.start).all())")
    # The learner's settings survive a Reset; put them back for the next round.
    panel.slider.focus()
    for _ in range(4):
        panel.slider.press("ArrowLeft")
    lab.wait_for_kernel("panel.learning_rate < 0.55")


# By day test_every_lesson trains it with the learner's code, test_mnist_lab presses each button.
@pytest.mark.nightly
def test_the_panel_answers_and_is_read_in_either_theme(lab):
    panel = open_panel(lab)
    play(lab, panel)  # ends with Reset

    panel.press("Run")
    panel.wait_until("d.update > 2000")
    panel.press("Pause")
    panel.wait_until("d.state === 'paused'")
    accuracy = float(panel.shown("accuracy"))
    assert accuracy > 0.8  # it really learns
    colours = []
    for theme in ("light", "dark"):
        lab.set_theme(theme)
        lab.screenshot(f"panel-{theme}")
        ink = panel.root.evaluate("e => getComputedStyle(e).color")
        paper = panel.root.evaluate("e => getComputedStyle(e).backgroundColor")
        assert contrast(ink, paper) > 7
        colours.append(ink)
    assert colours[0] != colours[1]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two CSS colours (Web Content Accessibility Guidelines 2.2)."""

    def luminance(colour):
        channels = [float(c) / 255 for c in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted([luminance(first), luminance(second)])
    return (light + 0.05) / (dark + 0.05)


def open_panel(lab, theme="light") -> Panel:
    """Show the lesson's panel, with the cells that it needs."""
    notebook = nbformat.read(NOTEBOOKS / "05_mnist.ipynb", 4)
    last = next(i for i, c in enumerate(notebook.cells) if "TrainingPanel(" in c.source)
    lab.fill(*part(notebook, [last]).cells, theme=theme, height=1100)
    lab.live_alone()
    lab.run_all()
    return Panel(lab)


@pytest.fixture
def panel(lab):
    """The panel of the lesson, in a notebook that ends with it."""
    return open_panel(lab)


def test_a_typed_learning_rate_is_taken_and_a_wrong_one_is_refused(lab, panel):
    typed = panel.root.get_by_label("Learning rate α, typed")
    typed.fill("0.037")
    typed.press("Enter")
    lab.wait_for_kernel("panel.learning_rate == 0.037")
    typed.fill("-1")
    typed.press("Enter")
    expect(typed).to_have_attribute("aria-invalid", "true")
    assert lab.kernel_eval("panel.learning_rate") == 0.037


def test_a_run_that_diverges_says_so_and_reset_helps(lab, panel):
    lab.kernel_exec("panel.learning_rate = 1e300")
    panel.press("Run")
    problem = panel.root.get_by_role("alert")
    expect(problem).to_contain_text("training diverged: at update")
    panel.wait_until("d.state === 'stopped'")
    lab.kernel_exec("panel.learning_rate = 0.5")
    panel.press("Reset")
    expect(problem).to_be_empty()
    panel.press("Step")
    panel.wait_until("d.update === '1'")
