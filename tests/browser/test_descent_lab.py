"""The descent lab in a real browser: paths, cross-hair, surfaces, divergence, both themes."""

import json
import math

import pytest
from playwright.sync_api import expect

from nnlib.support import colours

from .jupyterlab import unfold

CELL = "from nnlib.lab.descent_lab import DescentLab\nlab = DescentLab()\nlab"


@pytest.fixture
def open_lab(lab):
    """Open a notebook that holds the lab alone, and return the lab's element."""

    def open_it(theme="light", **options):
        root = lab.show(CELL, theme, height=1000, **options)
        wait_until(lab, "d.maps === '1' && d.walkers")
        return root

    return open_it


def wait_until(lab, condition: str, argument=None) -> None:
    """Wait until a condition on what was drawn, `d`, holds; `w` are the walkers."""
    lab.wait_for_function(
        "argument => { const d = document.querySelector('.nnlib-lab').dataset;"
        f" const w = JSON.parse(d.walkers || '{{}}'); return {condition}; }}",
        argument,
    )


def walkers(root) -> dict:
    return json.loads(root.get_attribute("data-walkers"))


def press(root, command: str) -> None:
    button = root.get_by_role("button", name=command, exact=True)
    button.focus()
    button.press("Enter")


def the_map(root):
    return root.get_by_role("application")


def colours_on(canvas) -> set:
    """Return the colours that at least 20 pixels of a canvas have."""
    return set(
        canvas.evaluate(
            """c => {
                const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                const count = new Map();
                for (let i = 0; i < data.length; i += 4) {
                    const colour = data.slice(i, i + 4).join(',');
                    count.set(colour, (count.get(colour) ?? 0) + 1);
                }
                return [...count].filter(([, n]) => n >= 20).map(([colour]) => colour);
            }"""
        )
    )


def rgb(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


COLOURS = {
    theme: {
        key: colours.RUNS[run][i]
        for key, run in (("gradient_descent", 0), ("momentum", 1), ("adam", 4))
    }
    for i, theme in enumerate(("light", "dark"))
}


def test_optimizers_walk_and_are_drawn_each_in_its_colour_in_both_themes(lab, open_lab):
    root = open_lab()
    root.get_by_label("Surface").select_option("Rosenbrock")
    wait_until(lab, "d.surface === 'Rosenbrock' && d.maps === '2' && d.start === '-1.2,1'")
    unfold(root)
    root.get_by_label("Steps per second, typed").fill("500")
    root.get_by_label("Steps per second, typed").press("Enter")
    press(root, "Run")
    wait_until(lab, "d.update > 300")
    press(root, "Pause")
    wait_until(lab, "d.state === 'paused'")
    # The state may be seen before the last frame.
    last = lab.kernel_eval("max(walker.descent.steps for walker in lab.walkers.values())")
    wait_until(lab, "d.update === argument", str(last))
    shown = walkers(root)
    assert set(shown) == {"gradient_descent", "momentum", "adam"}
    for key, walker in shown.items():
        assert walker["position"] == lab.kernel_eval(f"lab.walkers[{key!r}].descent.position")
        assert walker["value"] < 24.2 and walker["points"] > 10
        assert rgb(COLOURS["light"][key]) in colours_on(the_map(root))
    assert shown["momentum"]["value"] < shown["gradient_descent"]["value"]
    row = root.locator("tr[data-optimizer=momentum]")
    expect(row).to_contain_text(str(shown["momentum"]["steps"]))
    expect(root.locator(".nnlib-words")).to_contain_text("Ahead is")
    # The map came once a surface, not with every frame.
    assert root.get_attribute("data-maps") == "2"
    lab.screenshot("descent-light")

    before = colours_on(the_map(root))
    ink = root.evaluate("e => getComputedStyle(e).color")
    lab.set_theme("dark")
    lab.wait_for_function(
        "ink => getComputedStyle(document.querySelector('.nnlib-lab')).color !== ink", ink
    )
    after = colours_on(the_map(root)) - before
    assert {rgb(colour) for colour in COLOURS["dark"].values()} <= after
    # Once the new theme has settled, nothing sticks out of the lab.
    lab.wait_for_function(
        """() => {
            const root = document.querySelector('.nnlib-lab');
            return !document.querySelector('#jupyterlab-splash')
                && root.scrollWidth <= root.clientWidth;
        }"""
    )
    lab.screenshot("descent-dark")


def test_the_start_is_set_by_keyboard_and_by_mouse_and_reset_returns_there(lab, open_lab):
    root = open_lab(width=800)
    canvas = the_map(root)
    canvas.focus()
    for _ in range(10):
        canvas.press("ArrowRight")
    for _ in range(5):
        canvas.press("ArrowUp")
    canvas.press("Enter")
    wait_until(lab, "d.start === '1,0.5'")  # 10 and 5 of 40 steps across a map 4 wide
    assert lab.kernel_eval("lab.start") == [1.0, 0.5]
    assert walkers(root)["adam"]["position"] == [1.0, 0.5]

    press(root, "Step")
    wait_until(lab, "d.update === '1'")
    # With α = 0.05 and λ = 10 gradient descent goes half of the way.
    assert walkers(root)["gradient_descent"]["position"] == pytest.approx([0.5, 0.25])
    gradient = [float(g) for g in root.get_attribute("data-arrow").split(",")]
    assert gradient == pytest.approx([5, 2.5])
    press(root, "Reset")
    wait_until(lab, "d.update === '0'")
    assert walkers(root)["gradient_descent"]["position"] == [1.0, 0.5]

    box = canvas.bounding_box()
    side = box["width"] - 64  # the margins of the map: 52 on the left, 12 on the right
    canvas.click(position={"x": 52 + side / 4, "y": 10 + side / 4})
    lab.wait_for_kernel("abs(lab.start[0] + 1) < 0.05 and abs(lab.start[1] - 1) < 0.05")
    wait_until(lab, "Math.abs(w.adam.position[0] + 1) < 0.05 && w.adam.steps === 0")
    lab.screenshot("descent-narrow")


# By day: lesson 4's parabola, in test_every_lesson.
@pytest.mark.nightly
def test_a_learning_rate_that_diverges_is_explained_and_leaves_the_others_readable(lab, open_lab):
    root = open_lab()
    root.get_by_label("Learning rate α, typed").fill("0.25")
    root.get_by_label("Learning rate α, typed").press("Enter")
    root.get_by_label("loss on a log scale").uncheck()
    press(root, "Run")
    wait_until(lab, "w.gradient_descent.state === 'diverged' && d.update > 15")
    press(root, "Pause")
    # Momentum's second step ends at the minimum to the last digit, a loss of about 1e-32.
    root.get_by_label("loss on a log scale").check()
    row = root.locator("tr[data-optimizer=gradient_descent]")
    expect(row).to_contain_text("here λ = 10, so α must stay below 0.2")
    assert walkers(root)["adam"]["state"] == "walking"
    expect(root.get_by_role("alert")).to_be_empty()  # the lab goes on

    root.get_by_label("Gradient descent", exact=True).uncheck()
    root.get_by_label("Nesterov", exact=True).check()
    wait_until(lab, "!w.gradient_descent && w.nesterov && w.nesterov.steps === 0")
    expect(row).to_be_hidden()
    expect(root.locator("tr[data-optimizer=nesterov]")).to_be_visible()
    lab.screenshot("descent-diverged")


def test_a_parabola_of_one_parameter_shows_its_limit_and_your_update(lab, open_lab):
    root = open_lab()
    root.get_by_label("Surface").select_option("Parabola in one parameter")
    wait_until(lab, "d.surface === 'Parabola in one parameter'")
    rate = root.get_by_label("Learning rate α, typed")
    rate.fill("0.55")
    rate.press("Enter")
    mark = root.locator(".nnlib-descent-limit[data-over=true]")
    expect(mark).to_have_count(1)
    expect(root.locator(".nnlib-words")).to_contain_text("below 2/λ = 0.5: α is above")
    # The mark stands where the slider's own thumb stands at 0.5.
    box = root.get_by_role("slider", name="Learning rate α").bounding_box()
    share = (math.log10(0.5) + 4) / 5
    assert mark.bounding_box()["x"] == pytest.approx(
        box["x"] + 8 + share * (box["width"] - 16), abs=3
    )
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x - learning_rate * g)")
    wait_until(lab, "w.own")
    press(root, "Step")
    wait_until(lab, "w.own.steps === 1")
    assert walkers(root)["own"]["position"] == pytest.approx([1.92, 0])  # (1 − αλ) = −1.2
    expect(root.locator("tr[data-optimizer=own]")).to_contain_text("x = 1.92")
    canvas = the_map(root)
    canvas.focus()
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        canvas.press(key)
    wait_until(lab, "d.start === '0.1,0'")
    lab.screenshot("descent-line")
