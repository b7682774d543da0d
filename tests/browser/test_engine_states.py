"""What a learner does at the wrong moment leaves every view of a lab in a clean state."""

import pytest
from playwright.sync_api import expect

from .jupyterlab import press

MAKE = "from nnlib.lab import Playground\nlab = Playground(dataset='moons')\nlab"
AGAIN = "lab"  # a second view of the same lab


@pytest.fixture(scope="module", autouse=True)
def twice(window):
    """One lab shown twice, for all tests of this file."""
    window.fill(MAKE, AGAIN, height=1800)  # both views in sight


@pytest.fixture
def views(lab):
    """Run both cells, so that there is a new lab, and return its two views."""
    # What earlier tests left would be restored with it after each reload of the page.
    lab.kernel_exec("import ipywidgets; ipywidgets.Widget.close_all()")
    lab.live_alone()
    # However long a page takes to load on a busy machine, nobody has closed it.
    lab.kernel_exec("import nnlib.lab.pacing as pacing; pacing.ABANDONED = 600.0")
    lab.run_all()
    return found(lab)


def found(lab):
    views = [lab.cell(i).locator(".nnlib-lab") for i in (0, 1)]
    for view in views:
        expect(view).to_be_visible()
    return views


def both(lab, condition, argument=None):
    """Wait until a condition on the data set, `d`, holds in every view."""
    lab.wait_for_function(
        "argument => { const views = [...document.querySelectorAll('.nnlib-lab')];"
        f" return views.length === 2 && views.every(({{dataset: d}}) => {condition}); }}",
        argument,
    )


def test_run_in_both_views_is_one_training_and_pause_in_either_ends_it(lab, views):
    first, second = views
    press(first, "Run")
    both(lab, "d.state === 'running' && d.update > 100")
    lab.kernel_exec("task = lab.engine.task")
    lab.kernel_exec("lab.run()")
    at = lab.kernel_eval("lab.updates")
    both(lab, "d.update > argument", at)
    assert lab.kernel_eval("task is lab.engine.task and not task.done()")
    press(second, "Pause")
    both(lab, "d.state === 'paused'")
    assert lab.kernel_eval("task.done() or task.cancelling() > 0")
    both(lab, "d.update === String(argument)", lab.kernel_eval("lab.updates"))


def test_reset_while_it_runs_goes_back_to_the_very_start(lab, views):
    lab.kernel_exec("start = lab.network.parameters.copy()")
    press(views[0], "Run")
    both(lab, "d.state === 'running' && d.update > 100")
    press(views[1], "Reset")
    both(lab, "d.state === 'paused' && d.update === '0' && d.points === '0'")
    assert lab.kernel_eval("bool((lab.network.parameters == start).all())")
    press(views[0], "Step")
    both(lab, "d.update === '1'")


def test_running_the_cell_again_while_it_trains_leaves_one_lab_at_work(lab, views):
    press(views[0], "Run")
    both(lab, "d.state === 'running'")
    lab.kernel_exec("before = lab")
    lab.run_cell(0)
    new, old = found(lab)
    assert lab.kernel_eval("lab is not before")
    expect(old).to_have_attribute("data-state", "paused")
    press(new, "Run")
    expect(new).to_have_attribute("data-state", "running")
    # The old view still belongs to the old lab, which works, but not at the same time.
    press(old, "Run")
    expect(old).to_have_attribute("data-state", "running")
    expect(new).to_have_attribute("data-state", "paused")
    assert lab.kernel_eval("[before.running, lab.running]") == [True, False]
    press(old, "Pause")


def test_an_error_in_the_learners_code_is_said_in_every_view_and_reset_helps(lab, views):
    lab.kernel_exec(
        "calls = 0\n"
        "def update(x, g, learning_rate):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    if calls == 400:\n"
        "        raise RuntimeError('my own mistake')\n"
        "    return x - learning_rate * g\n"
        "lab.use(update=update)"
    )
    press(views[0], "Run")
    both(lab, "d.state === 'stopped'")
    for view in views:
        alert = view.get_by_role("alert")
        expect(alert).to_contain_text("my own mistake")
        assert "Traceback" not in alert.inner_text()
    assert lab.kernel_eval("lab.running") is False
    press(views[1], "Run")  # a lab that has stopped for a mistake stays as it is
    press(views[1], "Reset")
    both(lab, "d.state === 'paused' && d.update === '0'")
    for view in views:
        expect(view.get_by_role("alert")).to_be_empty()
    press(views[0], "Run")  # the function now lets everything pass
    both(lab, "d.state === 'running' && d.update > 20")
    press(views[0], "Pause")


# By day: a page that is loaded anew when its kernel is gone, which is the harder case.
@pytest.mark.nightly
def test_a_reload_of_the_page_finds_both_views_at_work(lab, views):
    press(views[0], "Run")
    both(lab, "d.state === 'running'")
    lab.reload()
    first, _ = found(lab)
    both(lab, "d.state === 'running'")
    at = lab.kernel_eval("lab.updates")
    both(lab, "d.update > argument && d.points > 10", at)  # the curve is there too
    press(first, "Pause")
    both(lab, "d.state === 'paused'")


@pytest.mark.nightly
def test_a_closed_tab_stops_the_training_and_shows_it_on_return(lab, views):
    lab.kernel_exec("pacing.ABANDONED = 0.5")
    press(views[0], "Run")
    both(lab, "d.state === 'running'")
    lab.leave()
    lab.come_back()
    first, _ = found(lab)
    both(lab, "d.state === 'paused'")
    at = lab.kernel_eval("lab.updates")
    both(lab, "d.update === String(argument)", at)
    lab.kernel_exec("pacing.ABANDONED = 600.0")
    press(first, "Run")
    both(lab, "d.state === 'running' && d.update > argument", at)
    press(first, "Pause")


def assert_gone(lab, views):
    """Both views say at once, with no button pressed, that their kernel is gone."""
    both(lab, "d.state === 'gone'")
    for view in views:
        expect(view.get_by_role("alert")).to_contain_text("run this cell again")
        expect(view.get_by_role("button", name="Run", exact=True)).to_be_disabled()


def test_a_restarted_kernel_is_noticed_by_itself_and_a_new_run_helps(lab, views):
    press(views[0], "Run")
    both(lab, "d.state === 'running'")
    lab.evaluate("() => kernel.restart()")
    lab.wait_for_function("() => kernel.status === 'idle'")
    assert_gone(lab, views)
    lab.run_all()
    first, _ = found(lab)
    press(first, "Run")
    both(lab, "d.state === 'running' && d.update > 20")
    press(first, "Pause")


# By day: a kernel that is restarted.
@pytest.mark.nightly
def test_a_kernel_that_dies_is_noticed_by_itself(lab, views):
    lab.evaluate("() => { kernel.requestExecute({code: 'import os; os._exit(1)'}); }")
    assert_gone(lab, views)
    # JupyterLab says it too, in a window of its own, and starts the kernel again.
    lab.page.locator(".jp-Dialog button").last.click()
    lab.wait_for_function("() => kernel.status === 'idle'")
    lab.problems.clear()


def test_a_copy_reopened_without_its_kernel_says_that_the_cell_must_run_again(lab, views):
    """What a learner finds the next day: the notebook as it was saved, and no kernel of it."""
    lab.kernel_exec("from nnlib.lab.widget import Lab; Lab.whole()")
    lab.run_all()
    found(lab)
    asleep = lab.page.locator(".nnlib-asleep")
    expect(asleep).to_have_count(2)
    for i in (0, 1):
        expect(asleep.nth(i)).to_be_hidden()  # while the lab is alive
    lab.evaluate("() => panel.context.save()")
    lab.evaluate("() => panel.sessionContext.shutdown()")
    both(lab, "d.state === 'gone'")
    lab.reload()
    for i in (0, 1):
        lab.cell(i)
        expect(asleep.nth(i)).to_be_visible()
        expect(asleep.nth(i)).to_contain_text("run this cell again")
    # It takes ipywidgets two seconds to find that it has no model, and to log that.
    expect(lab.page.get_by_text("model not found")).to_have_count(2)
    lab.run_all()
    found(lab)
    for i in (0, 1):
        expect(asleep.nth(i)).to_be_hidden()
    lab.flush_events()
    lab.problems.clear()
