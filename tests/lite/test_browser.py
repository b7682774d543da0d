"""The built page in a browser that reaches nothing but it: lesson, kernel, widgets, progress.

Without a whole Pyodide there is no numpy here, and so no network is trained: what is tried then is
all that stands below it. With one (NNLIB_PYODIDE names it) the course itself is tried too.
"""

import base64
import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import FOREIGN, PATIENCE
from tests.served import problems_of

from .conftest import WHOLE
from .test_files import COMPILED, NETWORK

pytestmark = pytest.mark.nightly

# Python itself, 10 MB to be compiled, takes its time on a busy machine.
START = 1000 * 4 * PATIENCE

PANEL = "window.jupyterapp?.shell?.currentWidget"
KERNEL = f"{PANEL}?.sessionContext?.session?.kernel"

EXECUTE = f"""async code => {{
    const shown = [], future = {KERNEL}.requestExecute({{code}});
    future.onIOPub = ({{content}}) =>
        shown.push(content.text ?? content.data?.['text/plain'] ?? content.traceback?.join('\\n'));
    await future.done;
    return shown.join('').replace(/\\x1b\\[[0-9;]*m/g, '');
}}"""

RUN_FIRST_CELL = f"""async code => {{
    const {{content}} = {PANEL};
    const i = content.widgets.findIndex(({{model}}) => model.type === 'code');
    content.widgets[i].model.sharedModel.setSource(code);
    content.deselectAll();
    content.activeCellIndex = i;
    await jupyterapp.commands.execute('notebook:run-cell');
    content.widgets[i].node.dataset.test = 'first';
}}"""

KEPT = """async path =>
    (await jupyterapp.serviceManager.contents.get(path, {content: true, format: 'base64'})).content
"""

# The parts of nnlib that are tried need no numpy, and those beside them, which do, stay unread; of
# the checks one is needed, here without what it checks.
ALONE = """
import sys, types
import nnlib
checks = sys.modules["nnlib.support.checks"] = types.ModuleType("nnlib.support.checks")
checks.as_whole = lambda name, value, *_, **__: value
for room in ("exercises", "lab"):
    package = types.ModuleType(f"nnlib.{room}")
    package.__path__ = [f"{nnlib.__path__[0]}/{room}"]
    sys.modules[package.__name__] = package
"""

COUNTER = """
import anywidget, ipywidgets, traitlets
from nnlib.lab.engine import Engine

class Counter(anywidget.AnyWidget):
    _esm = '''
    export default { render({ model, el }) {
        const button = document.createElement("button"), count = document.createElement("output");
        button.textContent = "Run or pause";
        button.onclick = () => model.send("pressed");
        model.on("change:count", () => { count.textContent = model.get("count"); });
        el.append(button, count);
    } };
    '''
    count = traitlets.Int(0).tag(sync=True)

    def __init__(self):
        super().__init__()
        self.done = 0
        self.engine = Engine(self.work, self.show, print)
        self.on_msg(lambda *_: (self.engine.pause if self.engine.running else self.engine.run)())

    def work(self):
        self.done += 1
        return True

    def show(self):
        self.count = self.done

counter, slider = Counter(), ipywidgets.IntSlider(7, description="heard")
ipywidgets.VBox([counter, slider])
"""


XOR = """
import nnlib
import numpy as np
X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
network = nnlib.NeuralNetwork([2, 4, 2], hidden="tanh", init="xavier", seed=0)
nnlib.train(network, X, y, optimizer=nnlib.Adam(0.05), batch_size=4, epochs=300, progress=False)
network.save("xor.npz")
nnlib.NeuralNetwork.load("xor.npz").predict(X).tolist()
"""


class Window:
    """A window on the page, and what went wrong in it."""

    def __init__(self, browser, lite):
        self.lite, self.asked = lite, set()
        self.context = browser.new_context(viewport={"width": 1366, "height": 768})
        self.context.set_default_timeout(1000 * PATIENCE)
        self.context.route(FOREIGN, self._refuse)
        self.context.route("**/jupyter-lite.json*", self._expose)
        self.page = self.context.new_page()
        self.problems = problems_of(self.page, but=NETWORK)

    def _refuse(self, route):
        self.asked.add(route.request.url)
        route.abort()

    def _expose(self, route):
        """Let the test speak to JupyterLab's own objects; nothing else is changed."""
        answer = route.fetch()
        settings = answer.json()
        settings["jupyter-config-data"]["exposeAppInBrowser"] = True
        route.fulfill(response=answer, json=settings)

    def open(self, lesson: str) -> None:
        self.page.goto(f"{self.lite.url}/lab/index.html?path={lesson}")
        self.page.wait_for_function(f"() => {KERNEL}?.status === 'idle'", timeout=START)

    def execute(self, code: str) -> str:
        """Execute code in the kernel; return all that it shows."""
        return self.page.evaluate(EXECUTE, code).strip()

    def wait_for(self, expression: str, value: str) -> None:
        """Wait until the kernel says that an expression has this value."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.execute(expression)) != value:
            assert time.monotonic() < deadline, f"{expression} is {found}, not {value}"
            self.page.wait_for_timeout(100)

    def run_first_cell(self, code: str):
        """Put code into the first cell of code, run it, and return the cell."""
        self.page.evaluate(RUN_FIRST_CELL, code)
        return self.page.locator('[data-test="first"]')


@pytest.fixture(scope="module")
def window(browser, lite):
    window = Window(browser, lite)
    window.open("00_start.ipynb")
    yield window
    window.context.close()


def test_the_first_page_leads_to_each_lesson_and_says_what_is_fetched(browser, lite):
    context = browser.new_context(viewport={"width": 400, "height": 800})
    context.route(FOREIGN, lambda route: route.abort())
    page = context.new_page()
    page.goto(lite.url)
    said = page.locator("main").inner_text()
    assert ("another server" if WHOLE else "fetched from cdn.jsdelivr.net") in said
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.get_by_role("link", name=re.compile("^Start here")).click()
    expect(page.locator(".jp-Notebook")).to_be_visible(timeout=START)
    context.close()


def test_a_lesson_is_shown_and_a_kernel_answers_without_another_server(window):
    expect(window.page.locator(".jp-Notebook")).to_contain_text("Start here: ten minutes")
    assert window.execute("1 + 1") == "2"
    assert window.execute("import sys; print(sys.platform)") == "emscripten"
    assert window.asked == set()
    assert window.problems == []


def test_importing_nnlib_asks_for_nothing_but_the_compiled_wheels(window):
    assert window.execute(ALONE if not WHOLE else "import nnlib") == ""
    if WHOLE:
        assert window.asked == set()
    else:
        names = {url.removeprefix(NETWORK).split("/")[-1].split("-")[0] for url in window.asked}
        assert all(url.startswith(NETWORK) for url in window.asked) and names == COMPILED
        said = re.compile(
            r"(The following error occurred while loading \w+:|Failed to fetch)( \(.*)?"
        )
        window.problems[:] = [p for p in window.problems if not said.fullmatch(p)]
    assert window.problems == []


def test_widgets_are_alive_and_the_engine_of_a_lab_runs_without_threads(window):
    thread = "import threading; threading.Thread(target=print).start()"
    assert "can't start new thread" in window.execute(thread)
    cell = window.run_first_cell(COUNTER)
    expect(cell.locator(".jp-OutputArea-output").first).to_contain_text("heard")
    button, count = cell.get_by_role("button", name="Run or pause"), cell.locator("output")
    button.click()
    expect(count).to_have_text(re.compile(r"[1-9]"))
    seen = int(count.inner_text())
    window.page.wait_for_function(
        "seen => Number(document.querySelector('[data-test=first] output').textContent) > seen",
        arg=seen,
    )
    # A control is heard while it runs.
    cell.locator(".noUi-handle").press("ArrowRight")
    window.wait_for("slider.value", "8")
    assert window.execute("counter.engine.running") == "True"
    button.click()
    window.wait_for("counter.engine.running", "False")
    done = window.execute("counter.done")
    expect(count).to_have_text(done)
    assert window.execute("counter.done") == done
    assert window.problems == []


def test_what_is_solved_is_kept_in_the_browser(window):
    solve = "from nnlib.exercises import solved; solved.add('01_forward', 'neuron')"
    assert window.execute(solve) == "''"
    assert window.execute("solved.read()") == "{'01_forward': ['neuron']}"
    kept = window.page.evaluate(KEPT, ".nnlib-progress.json")
    assert json.loads(base64.b64decode(kept)) == {"01_forward": ["neuron"]}
    assert window.problems == []


@pytest.mark.skipif(not WHOLE, reason="needs a whole Pyodide, which NNLIB_PYODIDE names")
def test_a_network_is_trained_and_a_lab_runs(window):
    assert window.execute(XOR) == "[0, 1, 1, 0]"
    cell = window.run_first_cell("from nnlib.lab import Playground\nlab = Playground(seed=0)\nlab")
    root = cell.locator(".nnlib-lab")
    root.get_by_role("button", name="Run", exact=True).click(timeout=START)
    window.wait_for("lab.updates > 50", "True")
    root.get_by_role("button", name="Pause", exact=True).click()
    window.wait_for("lab.running", "False")
    assert window.execute("lab.state, lab.problem") == "('paused', '')"
    same = "again = Playground(seed=0); again.step(lab.updates)\n"
    same += "bool((again.network.parameters == lab.network.parameters).all())"
    assert window.execute(same) == "True"
    assert window.asked == set()
    assert window.problems == []
