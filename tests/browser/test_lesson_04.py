"""Lesson 4 as it is used: a rate beyond the threshold, a race, momentum, own code, the goal."""

import pytest
from playwright.sync_api import expect

INDEX = """text => codeCells().find(
    ({model}) => model.sharedModel.source.includes(text)).index"""


@pytest.fixture
def root_of(lab):
    """Open the lesson, run it, and return a function: text of a cell → the lab that it shows."""
    lab.open("04_descent.ipynb", height=1400)
    lab.run_all(timeout=300)
    return lambda text: lab.cell(lab.evaluate(INDEX, text)).locator(".nnlib-lab")


def test_the_lesson_can_be_played_and_solved(lab, root_of):
    # Beyond the threshold the walk on the parabola diverges, and the lab says what it was.
    parabola = root_of("Parabola in one parameter")
    parabola.locator("input[data-trait=learning_rate]").first.press("End")
    parabola.get_by_role("button", name="Run", exact=True).press("Enter")
    expect(parabola.locator(".nnlib-words")).to_contain_text("diverged at step")
    expect(parabola.locator(".nnlib-words")).to_contain_text("below 0.5")

    race = root_of('RaceLab(race="batch modes"')
    race.locator("select[data-trait=against]").select_option("gradient evaluations")
    race.get_by_role("button", name="Run", exact=True).press("Enter")
    expect(race.locator(".nnlib-words")).to_contain_text("leads")
    race.get_by_role("button", name="Pause", exact=True).press("Enter")

    momentum = root_of("Momentum in a valley")
    words = momentum.locator(".nnlib-words")
    expect(words).to_contain_text("0.970")  # 1 − αλ for λ = 1 and α = 0.03
    momentum.locator("input[data-trait=beta]").press("End")
    expect(words).to_contain_text("0.990")  # √β for β = 0.98, whatever λ is

    # What is solved drives the lab; the goal is reached, and the check says so.
    playground = root_of("playground.use")
    lab.kernel_exec(
        "def update(x, g, learning_rate):\n    return x - learning_rate * g\n"
        "updates_right = exercises.update.check(update)\n"
        "playground.use(update=update if updates_right else None)"
    )
    expect(playground).to_contain_text("your update")
    assert lab.kernel_eval("exercises.tuned.check(lab).outcome") == "not attempted"
    goal = root_of("lab = Playground(")
    expect(goal.locator("[data-trait=dataset]")).to_have_count(0)
    goal.get_by_role("radio", name="Batch", exact=True).check()
    lab.kernel_exec("lab.learning_rate = 1.0; lab.step(1500)")
    assert lab.kernel_eval("exercises.tuned.check(lab).outcome") == "correct"
    expect(goal).to_contain_text("reached")
