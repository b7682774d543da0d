"""The driver itself: what it reports did happen, and what it must catch it catches."""

import nbformat
import psutil
import pytest
from nbformat.v4 import new_markdown_cell
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


@pytest.fixture
def scratch(server, request):
    """Return a function that saves a notebook of these cells where the server sees it."""
    paths = []

    def save(*cells):
        path = server.root / f"scratch-{len(paths)}-{request.node.name.split('[')[0]}.ipynb"
        paths.append(write_notebook(path, *cells))
        return paths[-1].name

    # They are left to the server's folder, which is temporary: a page may still ask for one.
    yield save


def test_cells_run_in_one_kernel_and_their_outputs_are_seen(lab, scratch):
    lab.open(scratch(new_markdown_cell("# Title"), "x = 6", "print(7 * x)\n2 * x"))
    lab.run_all()
    stream, result = lab.cell_outputs(2)
    assert (stream["output_type"], stream["text"]) == ("stream", "42\n")
    assert result["data"]["text/plain"] == "12"
    expect(lab.cell(2).locator(".jp-OutputArea-output").first).to_have_text("42")


def test_run_all_waits_for_new_results_where_old_ones_are_saved(lab, scratch, server):
    name = scratch("import time; time.sleep(1)", "value = 'new'; value")
    notebook = nbformat.read(server.root / name, 4)
    for count, cell in enumerate(notebook.cells, start=1):
        cell.execution_count = count
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "'old'"}, execution_count=2)
    ]
    nbformat.write(notebook, server.root / name)
    lab.open(name)
    assert lab.cell_outputs(1)[0]["data"]["text/plain"] == "'old'"
    lab.run_all()
    assert lab.cell_outputs(1)[0]["data"]["text/plain"] == "'new'"


def test_one_cell_runs_alone(lab, scratch):
    lab.open(scratch("first = 1", "second = 2"))
    lab.run_cell(1)
    assert lab.kernel_eval("['first' in globals(), 'second' in globals()]") == [False, True]


def test_kernel_eval_returns_the_values_of_the_notebooks_own_kernel(lab, scratch):
    lab.open(scratch("import numpy as np\nv = np.arange(3) / 2\ntext = 'é \"\\n'"))
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


def test_kernels_import_this_nnlib_with_this_interpreter(lab, scratch):
    import sys

    import nnlib

    lab.open(scratch("import nnlib, sys"))
    lab.run_all()
    assert lab.kernel_eval("[nnlib.__file__, sys.prefix]") == [nnlib.__file__, sys.prefix]


def test_run_all_fails_with_the_traceback_of_a_cell_that_raises(lab, scratch):
    lab.open(scratch("def f():\n    raise ValueError('no such layer')", "f()", "after = 1"))
    with pytest.raises(CellError, match=r"(?s)f\(\).*raise ValueError.*no such layer"):
        lab.run_all()
    assert lab.kernel_eval("'after' in globals()") is False
    assert "no such layer" in lab.report()


def test_run_all_fails_at_its_deadline(lab, scratch):
    lab.open(scratch("import threading; threading.Event().wait()"))
    with pytest.raises(AssertionError, match=r"not done after 1 s(?s:.*)Event\(\)"):
        lab.run_all(timeout=1)


def test_run_all_fails_at_once_if_the_kernel_dies(lab, scratch):
    lab.open(scratch("import os; os._exit(1)"))
    with pytest.raises(AssertionError, match="the kernel died"):
        lab.run_all()
    lab.problems.clear()  # JupyterLab complains too, and rightly


@pytest.mark.parametrize(
    "script, problem",
    [
        ("console.error('curve lost')", "error on the console: curve lost"),
        ("setTimeout(() => { throw new Error('burst') })", "exception in the page: Error: burst"),
        ("Promise.reject(new Error('unheard'))", "exception in the page: Error: unheard"),
    ],
)
def test_an_error_in_the_page_is_a_problem(lab, scratch, script, problem):
    page = lab.open(scratch("1"))
    lab.assert_no_problems()
    # The event arrives after the script's end: wait for it, not for a time.
    event = "console" if "console" in script else "pageerror"
    with page.expect_event(event):
        page.evaluate(f"() => {{ {script} }}")
    with pytest.raises(AssertionError, match=problem):
        lab.assert_no_problems()
    lab.problems.clear()


def test_a_request_to_another_machine_is_refused_and_a_problem(lab, scratch):
    page = lab.open(scratch("1"))
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate("() => fetch('https://cdn.invalid/library.js')")
    with pytest.raises(AssertionError, match=r"another machine: https://cdn\.invalid/library\.js"):
        lab.assert_no_problems()
    lab.problems.clear()
    with page.expect_event("websocket"):
        page.evaluate("() => { new WebSocket('wss://cdn.invalid/') }")
    with pytest.raises(AssertionError, match=r"WebSocket to another machine: wss://cdn\.invalid/"):
        lab.assert_no_problems()
    lab.problems.clear()


def test_a_key_pressed_on_a_slider_reaches_the_kernel(lab, scratch):
    lab.open(scratch(SLIDER))
    lab.run_all()
    slider = lab.cell(0).get_by_role("slider")
    expect(slider).to_have_value("3")
    slider.press("ArrowRight")
    lab.wait_for_kernel("knob.value == 4")


def test_a_widget_survives_a_reload_with_its_kernel(lab, scratch):
    lab.open(scratch(SLIDER))
    lab.run_all()
    lab.kernel_exec("knob.value = 77")
    lab.reload()
    expect(lab.cell(0).get_by_role("slider")).to_have_value("77")


def test_both_themes_open_and_switch(lab, scratch):
    name = scratch("1")
    background = "() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color0')"
    page = lab.open(name, theme="dark")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"
    dark = page.evaluate(background)
    lab.set_theme("light")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "true"
    assert page.evaluate(background) != dark


def test_the_window_has_the_size_and_the_motion_asked_for(lab, scratch):
    name = scratch("1")
    reduced = "() => matchMedia('(prefers-reduced-motion: reduce)').matches"
    page = lab.open(name, width=700, height=500, reduced_motion=True)
    assert page.evaluate("[innerWidth, innerHeight]") == [700, 500]
    assert page.evaluate(reduced) is True
    assert lab.open(name).evaluate(reduced) is False


def test_closing_a_window_ends_its_kernel(lab, scratch, server):
    lab.open(scratch("import os"))
    lab.run_all()
    kernel = psutil.Process(lab.kernel_eval("os.getpid()"))
    lab.close()
    psutil.wait_procs([kernel], timeout=10)
    assert not kernel.is_running()
    assert server.api("sessions") == []


def test_a_server_leaves_no_process_behind(tmp_path):
    with Server(tmp_path / "other", conftest.NOTEBOOKS) as other:
        server = psutil.Process(other.process.pid)
        assert other.root != conftest.NOTEBOOKS
    assert not server.is_running()


def test_a_browser_that_was_chosen_but_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setenv("NNLIB_BROWSER", "no-such-browser")
    with pytest.raises(FileNotFoundError, match="no-such-browser"):
        find_browser()
