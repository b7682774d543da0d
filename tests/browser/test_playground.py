"""The playground in a real JupyterLab."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

CELL = "from nnlib.lab import Playground\nlab = Playground(dataset='moons')\nlab"


@pytest.fixture
def open_playground(lab, server):
    """Return a function that opens a notebook with a playground and returns its element."""

    def open_it(theme="light", width=1280):
        kernel = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}
        notebook = new_notebook(cells=[new_code_cell(CELL)], metadata={"kernelspec": kernel})
        nbformat.write(notebook, server.root / "playground.ipynb")
        lab.open("playground.ipynb", theme, width=width, height=1400)
        lab.run_all()
        root = lab.cell(0).locator(".nnlib-lab")
        expect(root).to_be_visible()
        return root

    return open_it


def until(lab, condition, argument=None):
    lab.wait_for_function(
        "argument => { const d = document.querySelector('.nnlib-lab').dataset;"
        f" return {condition}; }}",
        argument,
    )


def picture(root, name):
    return root.locator(f"canvas.nnlib-{name}").evaluate("c => c.toDataURL()")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_boundary_and_neurons_follow_the_training(lab, open_playground, theme):
    root = open_playground(theme)
    plane, network = picture(root, "plane"), picture(root, "network")
    root.get_by_role("button", name="Run").press("Enter")
    until(lab, "d.update > 500")
    root.get_by_role("button", name="Pause").press("Enter")
    until(lab, "d.state === 'paused'")
    assert picture(root, "plane") != plane
    assert picture(root, "network") != network
    lab.screenshot(f"playground-{theme}")


def test_every_control_reaches_the_kernel_by_the_keyboard(lab, open_playground):
    root = open_playground(width=800)
    root.get_by_role("button", name="Add a layer").press("Enter")
    until(lab, "d.layers === '2-6-4-4-2'")
    root.get_by_role("button", name="Remove a neuron of layer 1").press("Enter")
    until(lab, "d.layers === '2-5-4-4-2'")
    assert lab.kernel_eval("lab.hidden") == [5, 4, 4]
    root.get_by_label("Optimizer").select_option("Adam")
    lab.wait_for_kernel("type(lab._trainer.optimizer).__name__ == 'Adam'")
    root.get_by_label("Data").select_option("blobs")
    until(lab, "d.layers === '2-5-4-4-3'")
    noise = root.get_by_role("slider", name="Noise")
    noise.focus()
    noise.press("ArrowRight")
    lab.wait_for_kernel("abs(lab.noise - 0.06) < 1e-9")
    root.get_by_role("button", name="Epoch").press("Enter")
    lab.wait_for_kernel("lab.updates == 28 and not lab._engine.running")
    # Nothing sticks out at 800 pixels, even beside the file browser.
    sticking_out = root.evaluate(
        "e => [...e.querySelectorAll('*')].filter(c => c.getBoundingClientRect().right >"
        " e.getBoundingClientRect().right + 1 && getComputedStyle(c).position !== 'absolute')"
        ".map(c => c.outerHTML.slice(0, 120))"
    )
    assert sticking_out == []


def test_slow_motion_shows_every_update(lab, open_playground):
    root = open_playground()
    root.get_by_label("Speed").select_option("20 updates a second")
    lab.wait_for_kernel("lab.speed == 20")
    root.get_by_role("button", name="Run").press("Enter")
    until(lab, "d.update >= 5")
    before = lab.kernel_eval("lab.updates")
    assert before < 200  # at full speed there would be thousands by now
    root.get_by_role("button", name="Pause").press("Enter")


def test_an_impossible_setting_is_said_in_words(lab, open_playground):
    root = open_playground()
    lab.kernel_exec("lab.dataset = 'my data'")
    expect(root.get_by_role("alert")).to_contain_text("make a Playground(X, y)")
    root.get_by_label("Data").select_option("circles")
    expect(root.get_by_role("alert")).to_be_empty()


def test_a_wrong_function_turns_the_lab_red_and_a_right_one_drives_it(lab, open_playground):
    root = open_playground()
    lab.kernel_exec(
        "import numpy as np\n"
        "def climb(x, g, learning_rate): return x + learning_rate * g\n"
        "def descend(x, g, learning_rate): return x - learning_rate * g\n"
        "lab.use(update=climb)"
    )
    alert = root.get_by_role("alert")
    expect(alert).to_contain_text("update")
    assert "Traceback" not in alert.inner_text()
    until(lab, "d.state === 'stopped'")
    lab.kernel_exec("lab.use(update=descend)")
    expect(alert).to_be_empty()
    expect(root.locator(".nnlib-whose")).to_contain_text("your update")
    root.get_by_role("button", name="Run").press("Enter")
    until(lab, "d.update > 100")
