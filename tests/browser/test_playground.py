"""The playground in a real JupyterLab."""

import pytest
from playwright.sync_api import expect

from .jupyterlab import unfold, until

CELL = "from nnlib.lab import Playground\nlab = Playground(dataset='moons')\nlab"


@pytest.fixture
def open_playground(lab):
    """Return a function that opens a notebook with a playground and returns its element."""

    def open_it(theme="light", width=1280, cell=CELL):
        return lab.show(cell, theme, width=width)

    return open_it


def picture(root, name):
    return root.locator(f"canvas.nnlib-{name}").evaluate("c => c.toDataURL()")


def test_boundary_and_neurons_follow_the_training(lab, open_playground):
    root = open_playground()
    plane, network = picture(root, "plane"), picture(root, "network")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until(lab, "d.update > 500")
    root.get_by_role("button", name="Pause", exact=True).press("Enter")
    until(lab, "d.state === 'paused'")
    assert picture(root, "plane") != plane
    assert picture(root, "network") != network
    lab.screenshot("playground")


def test_every_control_reaches_the_kernel_by_the_keyboard(lab, open_playground):
    root = open_playground(width=800)
    root.get_by_role("button", name="Add a layer").press("Enter")
    until(lab, "d.layers === '2-6-4-4-2'")
    root.get_by_role("button", name="Remove a neuron of layer 1").press("Enter")
    until(lab, "d.layers === '2-5-4-4-2'")
    assert lab.kernel_eval("lab.hidden") == [5, 4, 4]
    unfold(root)
    root.get_by_label("Optimizer").select_option("Adam")
    lab.wait_for_kernel("type(lab.trainer.optimizer).__name__ == 'Adam'")
    root.get_by_label("Data", exact=True).select_option("blobs")
    until(lab, "d.layers === '2-5-4-4-3'")
    noise = root.get_by_role("slider", name="Noise")
    noise.focus()
    noise.press("ArrowRight")
    lab.wait_for_kernel("abs(lab.noise - 0.06) < 1e-9")
    root.get_by_role("button", name="Epoch", exact=True).press("Enter")
    lab.wait_for_kernel("lab.updates == 28 and not lab.running")
    # Nothing sticks out at 800 pixels, even beside the file browser.
    sticking_out = root.evaluate(
        "e => [...e.querySelectorAll('*')].filter(c => c.getBoundingClientRect().right >"
        " e.getBoundingClientRect().right + 1 && getComputedStyle(c).position !== 'absolute')"
        ".map(c => c.outerHTML.slice(0, 120))"
    )
    assert sticking_out == []


def test_slow_motion_shows_every_update(lab, open_playground):
    root = open_playground()
    unfold(root)
    root.get_by_label("Speed").select_option("20 updates a second")
    lab.wait_for_kernel("lab.speed == 20")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until(lab, "d.update >= 5")
    before = lab.kernel_eval("lab.updates")
    assert before < 200  # at full speed there would be thousands by now
    root.get_by_role("button", name="Pause", exact=True).press("Enter")


def test_an_impossible_setting_is_said_in_words(lab, open_playground):
    root = open_playground()
    lab.kernel_exec("lab.dataset = 'my data'")
    expect(root.get_by_role("alert")).to_contain_text("make a Playground(X, y)")
    root.get_by_label("Data", exact=True).select_option("circles")
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
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until(lab, "d.update > 100")
    lab.kernel_exec(
        "def tired(x, g, learning_rate):\n"
        "    if lab.updates >= 500: raise RuntimeError('tired')\n"
        "    return x - learning_rate * g\n"
        "lab.reset(); lab.use(update=tired); lab.run()"
    )
    expect(alert).to_contain_text("tired")
    until(lab, "d.state === 'stopped'")
    assert lab.kernel_eval("[lab.updates, lab.running]") == [500, False]
    border = root.evaluate("e => getComputedStyle(e).borderColor")
    lab.screenshot("playground-stopped")
    root.get_by_role("button", name="Reset", exact=True).press("Enter")
    expect(alert).to_be_empty()
    until(lab, "d.state === 'paused' && d.update === '0'")
    assert root.evaluate("e => getComputedStyle(e).borderColor") != border


def plane(root):
    return root.locator("canvas.nnlib-plane")


def pixel(root, x, y):
    """Where on the page a place of the plane is, x and y from −1.2 to 1.2."""
    box = plane(root).bounding_box()
    half = float(plane(root).get_attribute("data-side")) / 2
    return box["x"] + 52 + (x / 1.2 + 1) * half, box["y"] + 10 + (1 - y / 1.2) * half


def test_points_painted_with_the_mouse_while_training_runs_are_learned(lab, open_playground):
    root = open_playground()
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until(lab, "d.update > 50")
    root.get_by_role("button", name="Paint class 2").click()
    plane(root).scroll_into_view_if_needed()
    lab.page.mouse.move(*pixel(root, -0.9, -0.9))
    lab.page.mouse.down()
    lab.page.mouse.move(*pixel(root, 0.9, -0.9), steps=20)
    lab.page.mouse.up()
    until(lab, "d.layers === '2-6-4-3'")
    lab.wait_for_kernel("lab.points[1].tolist().count(2) >= 10")
    assert lab.kernel_eval("lab.dataset") == "painted"
    before = lab.kernel_eval("lab.updates")
    until(lab, "d.update > argument", before + 500)
    lab.wait_for_kernel("lab.network.predict([[0.0, -0.9]])[0] == 2")
    lab.screenshot("playground-painted")
    root.get_by_role("button", name="Erase points").click()
    lab.page.mouse.click(*pixel(root, -0.9, -0.9))
    lab.wait_for_kernel("not (abs(lab.points[0] - [-0.9, -0.9]).max(axis=1) < 0.02).any()")
    root.get_by_role("button", name="Clear all points").press("Enter")
    lab.wait_for_kernel("len(lab.points[1]) == 0 and not lab.running")
    expect(root.locator(".nnlib-words")).to_contain_text("Paint points of at least two classes")


def test_points_are_painted_from_the_keyboard(lab, open_playground):
    root = open_playground("dark", cell=CELL.replace("dataset='moons'", "points=[]"))
    canvas = plane(root)
    canvas.focus()
    for key in ("1", "ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        canvas.press(key)
    expect(canvas).to_have_attribute("data-said", "x₁ 0.2, x₂ 0.02")
    canvas.press("Enter")
    lab.wait_for_kernel("[v.tolist() for v in lab.points] == [[[0.2, 0.02]], [1]]")
    for key in ("0", "ArrowLeft", "ArrowLeft", "ArrowLeft", "Enter"):
        canvas.press(key)
    lab.wait_for_kernel("lab.points[1].tolist() == [1, 0] and not lab.waiting")
    root.get_by_role("button", name="Step", exact=True).press("Enter")
    lab.wait_for_kernel("lab.updates == 1")
    canvas.focus()
    for key in ("ArrowLeft", "Delete"):
        canvas.press(key)
    expect(canvas).to_have_attribute("data-said", "Erased around −0.2, 0.02.")
    canvas.press("Enter")
    lab.wait_for_kernel("len(lab.points[1]) == 3")  # the eraser was too far from the other two
    for key in ("Delete", "ArrowRight", "Delete"):
        canvas.press(key)
    lab.wait_for_kernel("lab.points[1].tolist() == [1]")


def test_weights_are_read_out_and_a_neuron_is_shown_in_the_plane(lab, open_playground):
    root = open_playground(cell=CELL.replace("'moons'", "'xor', hidden=[3, 2]"))
    network = root.locator("canvas.nnlib-network")
    said = root.locator(".nnlib-reading")
    network.focus()
    network.press("PageDown")
    weight = lab.kernel_eval("float(lab.network.weights[0][0, 0])")
    expect(said).to_contain_text(f"Weight {weight:.3g}".replace("-", "−"))
    expect(said).to_contain_text("from input x₁ to neuron 1 of layer 1")
    network.press("ArrowRight")
    expect(said).to_contain_text("Neuron 1 of layer 2: bias 0; weights into it")
    before = picture(root, "plane")
    network.press("Enter")
    expect(plane(root)).to_have_attribute("data-shown", "2-0")
    lab.wait_for_kernel("lab.shown == [2, 0]")
    lab.screenshot("playground-neuron")
    network.press("Enter")
    expect(plane(root)).to_have_attribute("data-shown", "")
    assert picture(root, "plane") == before
    # The pointer: half-way between an input and a neuron runs an edge.
    box = network.bounding_box()
    network.click(position={"x": 34 + (box["width"] - 68) / 3, "y": box["height"] / 2})
    lab.wait_for_kernel("lab.shown == [1, 1]")


# By day: the goal of lesson 4, in test_every_lesson.
@pytest.mark.nightly
def test_a_goal_is_followed_in_words_and_bars_until_it_is_reached(lab, open_playground):
    goal = "'circles', learning_rate=0.3, goal={'validation_accuracy': 0.9, 'updates': 20000}"
    root = open_playground(cell=CELL.replace("'moons'", goal))
    box = root.get_by_role("group", name="goal")
    expect(box).to_contain_text("Goal still possible: validation accuracy at least 90.0%")
    bars = box.get_by_role("progressbar")
    expect(bars).to_have_count(2)
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    expect(box).to_contain_text("Goal reached after")
    expect(bars.first).to_have_attribute("aria-valuenow", "100")
    assert lab.kernel_eval("lab.goal_reached") is True
    expect(root.locator("[aria-live=polite]").first).to_contain_text("Goal reached")
    root.get_by_role("button", name="Pause", exact=True).press("Enter")
    lab.screenshot("playground-goal")
    lab.kernel_exec("lab.goal = {'validation_accuracy': 1, 'neurons': 3}")
    expect(box).to_contain_text("Goal out of reach: the network has 10 hidden neurons")


def test_what_is_locked_a_view_cannot_set(lab, open_playground):
    root = open_playground(cell=CELL.replace("'moons'", "'moons', locked=['noise', 'points']"))
    assert root.get_by_label("Noise").count() == 0
    expect(root.get_by_role("button", name="Paint class 0")).to_be_hidden()
    plane(root).press("Enter")
    lab.kernel_exec(
        "lab._handle_msg({'content': {'data': {'method': 'update', 'state':"
        " {'noise': 0.4, 'seed': 5, 'locked': []}}}})"
    )
    lab.wait_for_kernel("lab.seed == 5")
    assert lab.kernel_eval("[lab.noise, lab.locked, lab.dataset]") == [
        0.05,
        ["noise", "points"],
        "moons",
    ]
    lab.kernel_exec("lab.noise = 0.4")
    assert lab.kernel_eval("lab.noise") == 0.4


def test_own_functions_drive_the_training_panel_too(lab, open_playground):
    cell = (
        "import nnlib\nfrom nnlib.lab import TrainingPanel\n"
        "X, y = nnlib.moons(100)\nnetwork = nnlib.NeuralNetwork([2, 4, 2], seed=0)\n"
        "lab = TrainingPanel(network, X, y, validation=(X, y))\nlab"
    )
    root = open_playground(cell=cell)
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x + learning_rate * g)")
    expect(root.get_by_role("alert")).to_contain_text("Your update cannot drive the lab yet")
    until(lab, "d.state === 'stopped'")
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x - learning_rate * g)")
    expect(root.locator(".nnlib-whose")).to_have_text("Code in use: your update.")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    until(lab, "d.update > 100")


def test_the_settings_are_copied_or_else_shown_to_be_copied(lab, open_playground):
    settings = "'moons', seed=8, goal={'training_loss': 1}"
    root = open_playground(cell=CELL.replace("'moons'", settings))
    lab._context.grant_permissions(["clipboard-read", "clipboard-write"])
    root.get_by_role("button", name="Copy settings").click()
    expect(root.get_by_role("button", name="Copied")).to_be_visible()
    text = lab.page.evaluate("navigator.clipboard.readText()")
    assert lab.kernel_eval(f"Playground.from_settings({text!r}).settings() == lab.settings()")
    lab.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject('denied'); }")
    root.get_by_role("button", name="Copy settings").click()
    expect(root.get_by_label("the settings as text")).to_have_value(text)
    lab.page.evaluate("() => { delete navigator.clipboard.writeText; }")
