"""The driver itself: what it reports did happen, and what it must catch it catches."""

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import Error, expect

from . import conftest
from .jupyterlab import CellError, Server, find_browser, write_notebook

# In JupyterLab's command mode the arrow keys belong to the notebook, and a native slider never
# sees them, unless the focused element itself says that it wants its keys.
SLIDER = '''
import anywidget, traitlets

class Knob(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
        const input = document.createElement("input");
        input.type = "range";
        input.dataset.lmSuppressShortcuts = "true";
        input.value = model.get("value");
        input.addEventListener("input", () => {
            model.set("value", input.valueAsNumber);
            model.save_changes();
        });
        el.append(input);
    }
    export default { render };
    """
    value = traitlets.Int(3).tag(sync=True)

knob = Knob()
knob
'''


def test_cells_run_in_one_kernel_and_their_outputs_are_seen(lab):
    lab.fill(new_markdown_cell("# Title"), "x = 6", "print(7 * x)\n2 * x")
    lab.run_all()
    stream, result = lab.cell_outputs(2)
    assert (stream["output_type"], stream["text"]) == ("stream", "42\n")
    assert result["data"]["text/plain"] == "12"
    expect(lab.cell(2).locator(".jp-OutputArea-output").first).to_have_text("42")


def test_run_all_waits_for_new_results_where_old_ones_are_saved(lab):
    old = nbformat.v4.new_output("execute_result", {"text/plain": "'old'"}, execution_count=2)
    lab.fill(
        new_code_cell("import time; time.sleep(1)", execution_count=1),
        new_code_cell("value = 'new'; value", execution_count=2, outputs=[old]),
    )
    assert lab.cell_outputs(1)[0]["data"]["text/plain"] == "'old'"
    lab.run_all()
    assert lab.cell_outputs(1)[0]["data"]["text/plain"] == "'new'"


def test_one_cell_runs_alone_in_a_kernel_that_has_forgotten_earlier_cells(lab):
    lab.fill("earlier = 0")
    lab.run_all()
    lab.fill("first = 1", "second = 2")
    lab.run_cell(1)
    known = lab.kernel_eval("[name in globals() for name in ('earlier', 'first', 'second')]")
    assert known == [False, False, True]


def test_kernel_eval_returns_the_values_of_the_notebooks_own_kernel(lab):
    lab.fill("import numpy as np\nv = np.arange(3) / 2\ntext = 'é \"\\n'")
    lab.run_all()
    assert lab.kernel_eval("v") == [0.0, 0.5, 1.0]
    assert lab.kernel_eval("{'max': v.max(), 'text': text, 'none': None}") == {
        "max": 1.0,
        "text": 'é "\n',
        "none": None,
    }
    lab.kernel_exec("v[0] = 9")
    assert lab.wait_for_kernel("v[0]") == 9
    with pytest.raises(CellError, match="ZeroDivisionError"):
        lab.kernel_eval("1 / 0")
    with pytest.raises(CellError, match="NameError: name 'nowhere'"):
        lab.kernel_exec("nowhere")


def test_kernels_import_this_nnlib_with_this_interpreter(lab):
    import sys

    import nnlib

    lab.fill("import nnlib, sys")
    lab.run_all()
    assert lab.kernel_eval("[nnlib.__file__, sys.prefix]") == [nnlib.__file__, sys.prefix]


def test_run_all_fails_with_the_traceback_of_a_cell_that_raises(lab):
    lab.fill("def f():\n    raise ValueError('no such layer')", "f()", "after = 1")
    with pytest.raises(CellError, match=r"(?s)f\(\).*raise ValueError.*no such layer"):
        lab.run_all()
    assert lab.kernel_eval("'after' in globals()") is False
    assert "no such layer" in lab.report()


def test_what_a_kernel_turns_away_is_asked_again_and_not_for_ever(lab, monkeypatch):
    lab.fill("1")
    evaluate, turned_away = lab.evaluate, [{"status": "aborted"}] * 2
    with monkeypatch.context() as patch:
        patch.setattr(
            lab, "evaluate", lambda *call: turned_away.pop() if turned_away else evaluate(*call)
        )
        assert lab.kernel_eval("6 * 7") == 42 and not turned_away
        patch.setattr(lab, "evaluate", lambda *_: {"status": "aborted"})
        with pytest.raises(CellError, match="would not execute"):
            lab.kernel_exec("1", timeout=0)


@pytest.mark.nightly
def test_run_all_fails_at_its_deadline(lab):
    lab.fill("import threading; threading.Event().wait()")
    with pytest.raises(AssertionError, match=r"not done after 1 s(?s:.*)Event\(\)"):
        lab.run_all(timeout=1)
    lab.evaluate("() => kernel.interrupt()")


@pytest.mark.parametrize(
    "script, problem",
    [
        ("console.error('curve lost')", "error on the console: curve lost"),
        ("setTimeout(() => { throw new Error('burst') })", "exception in the page: Error: burst"),
        ("Promise.reject(new Error('unheard'))", "exception in the page: Error: unheard"),
    ],
)
def test_an_error_in_the_page_is_a_problem(lab, script, problem):
    page = lab.fill("1")
    lab.assert_no_problems()
    # The event arrives after the script's end: wait for it, not for a time.
    event = "console" if "console" in script else "pageerror"
    with page.expect_event(event):
        page.evaluate(f"() => {{ {script} }}")
    with pytest.raises(AssertionError, match=problem):
        lab.assert_no_problems()
    lab.problems.clear()


# 192.0.2.1 belongs to nobody: it is kept for examples (RFC 5737).
@pytest.mark.parametrize("machine", ["cdn.invalid", "192.0.2.1"])
def test_a_request_to_another_machine_is_refused_and_a_problem(lab, machine):
    page = lab.fill("1")
    fetch = f"() => fetch('https://{machine}/library.js')"
    with page.expect_event("requestfailed") as failed, pytest.raises(Error, match="to fetch"):
        page.evaluate(fetch)
    assert failed.value.failure == "net::ERR_NAME_NOT_RESOLVED"  # nobody was asked
    with pytest.raises(AssertionError, match=f"another machine: https://{machine}/library.js"):
        lab.assert_no_problems()
    lab.problems.clear()


def test_a_socket_to_another_machine_is_a_problem(lab):
    page = lab.fill("1")
    with page.expect_event("websocket"):
        page.evaluate("() => { new WebSocket('wss://cdn.invalid/') }")
    with pytest.raises(AssertionError, match=r"WebSocket to another machine: wss://cdn\.invalid/"):
        lab.assert_no_problems()
    lab.problems.clear()


def test_a_key_pressed_on_a_slider_reaches_the_kernel(lab):
    lab.fill(SLIDER)
    lab.run_all()
    slider = lab.cell(0).get_by_role("slider")
    expect(slider).to_have_value("3")
    slider.press("ArrowRight")
    lab.wait_for_kernel("knob.value == 4")


@pytest.mark.nightly
def test_run_all_fails_at_once_if_the_kernel_dies(lab):
    lab.fill("import os; os._exit(1)")
    with pytest.raises(AssertionError, match="the kernel died"):
        lab.run_all()
    # JupyterLab complains too, and rightly, and starts the kernel again.
    lab.page.locator(".jp-Dialog button").last.click()
    lab.problems.clear()


@pytest.mark.nightly
def test_a_window_is_opened_as_asked_changes_its_theme_and_is_closed_with_its_kernel(lab, server):
    write_notebook(server.root / "other.ipynb", "import os")
    page = lab.open("other.ipynb", "dark", width=700, height=500, reduced_motion=True)
    assert page.evaluate("[innerWidth, innerHeight]") == [700, 500]
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches") is True
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"
    background = "() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color0')"
    dark = page.evaluate(background)
    lab.set_theme("light")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "true"
    assert page.evaluate(background) != dark
    lab.run_all()
    kernel = psutil.Process(lab.kernel_eval("os.getpid()"))
    lab.close()
    psutil.wait_procs([kernel], timeout=10)
    assert not kernel.is_running()
    assert server.api("sessions") == []


@pytest.mark.nightly
def test_a_server_leaves_no_process_behind(tmp_path):
    with Server(tmp_path / "other", conftest.NOTEBOOKS) as other:
        server = psutil.Process(other.process.pid)
        assert other.root != conftest.NOTEBOOKS
    assert not server.is_running()


def test_a_browser_that_was_chosen_but_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setenv("NNLIB_BROWSER", "no-such-browser")
    with pytest.raises(FileNotFoundError, match="no-such-browser"):
        find_browser()
