"""The race in a real JupyterLab."""

from playwright.sync_api import expect

from .jupyterlab import press, until

CELL = "from nnlib.lab import RaceLab\nlab = RaceLab()\nlab"


def test_a_race_is_run_and_read_and_a_rule_of_ones_own_takes_part(lab):
    root = lab.show(CELL, "dark", height=1100)
    until(lab, "d.names?.split('|').length === 4")
    press(root, "Run")
    until(lab, "d.points > 20")
    diverging = root.locator(".nnlib-race tr", has_text="diverging (α = 1000)")
    expect(diverging).to_contain_text("diverged at update")
    expect(root.get_by_label("Learning rate α", exact=True)).to_be_disabled()  # each has its own
    root.locator("select[data-trait=against]").select_option("seconds")
    until(lab, "d.against === 'seconds'")
    lab.screenshot("race")

    root.locator("select[data-trait=race]").select_option("batch modes")
    until(lab, "d.names.startsWith('Batch|') && d.points === '1'")
    five = root.get_by_label("Five seeds")
    five.focus()
    five.press("Space")
    lab.wait_for_kernel("len(lab.contest.contestants[0].trainers) == 5")
    press(root, "Run")
    until(lab, "d.points > 5")
    expect(root.locator(".nnlib-words")).to_contain_text("leads")
    press(root, "Reset")
    until(lab, "d.points === '1' && d.state === 'paused'")

    # Your own update rule is let in if it is right, and refused in words if it is not.
    lab.kernel_exec("lab.band = False")
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x + learning_rate * g)")
    expect(root.get_by_role("alert")).to_contain_text("your update cannot compete")
    lab.screenshot("race-refused")
    lab.kernel_exec("lab.use(update=lambda x, g, learning_rate: x - learning_rate * g)")
    until(lab, "d.names.endsWith('|your update')")
    expect(root.get_by_role("alert")).to_be_empty()
    rate = root.get_by_label("Learning rate α, typed")
    rate.fill("0.5")
    rate.press("Enter")
    lab.wait_for_kernel("lab.contest.contestants[-1].trainers[0].optimizer.learning_rate == 0.5")
    press(root, "Run")
    until(lab, "d.points > 10")
    mine = root.locator(".nnlib-race tr", has_text="your update")
    expect(mine.locator("td").nth(2)).not_to_have_text("0")
