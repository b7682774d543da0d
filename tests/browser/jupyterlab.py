"""Drive a real JupyterLab in a headless Chromium, as a learner would use it.

`Server` is one JupyterLab with its own settings and a copy of the notebooks;
`Lab` is one browser window on it, with one notebook open. The fixtures that hand
them to a test are in conftest.py.
"""

import ast
import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Error, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from nnlib.command.jupyterlab import environment
from tests.notebooks.slices import LIVE_ALONE

SCREENSHOTS = Path(__file__).parent / "screenshots"

CHROMIUM_FLAGS = [
    "--no-sandbox",  # the sandbox does not start for root, nor in most containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other machine is found, whether by its name or by its number. (Playwright's own routes do
    # that too, but they switch the cache off and ask us about each of JupyterLab's files.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

# Everything but this machine, and what a page makes for itself.
FOREIGN = re.compile(r"^(?!(?:https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:)")

# JupyterLab's debugger asks each kernel for its state, and complains if the connection is replaced
# before the answer, as happens when a kernel is slow to start (github.com/jupyterlab/debugger,
# issue 76). No lesson uses the debugger.
DEBUGGER = re.compile(r"debugger state|requestDebug")

# What a test waits for comes within a second; a machine that is busy with other things may take
# longer, and only a test that fails waits to the end.
PATIENCE = 60

# A page is given as long to open a notebook and start its kernel. Rarely a kernel stalls while it
# starts; loading the page anew then helps.
OPEN_SECONDS = PATIENCE
OPEN_ATTEMPTS = 3


class CellError(AssertionError):
    """A cell of the notebook raised; the message is its traceback."""


def find_browser() -> str | None:
    """Return the path of a Chromium-like browser: $NNLIB_BROWSER, or the first one found."""
    chosen = os.environ.get("NNLIB_BROWSER")
    if chosen:
        found = shutil.which(chosen)
        if not found:
            raise FileNotFoundError(f"NNLIB_BROWSER names {chosen!r}, and there is no such program")
        return found
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge"]
    names += [
        f"/Applications/{name}.app/Contents/MacOS/{name}"
        for name in ("Chromium", "Google Chrome", "Microsoft Edge")
    ]
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        folder = os.environ.get(variable)
        if folder:
            names.append(f"{folder}/Google/Chrome/Application/chrome.exe")
            names.append(f"{folder}/Microsoft/Edge/Application/msedge.exe")
    return next(filter(None, map(shutil.which, names)), None)


def write_notebook(path: Path, *cells) -> Path:
    """Write a notebook of these cells, or of the source of code cells, and return its path."""
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}
    cells = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


class Server:
    """A JupyterLab of the running interpreter, which sees nothing of the user's own settings.

    `root` is the folder it serves: a copy of `notebooks`, so that no test writes to
    the original. `program` is "jupyterlab", or "notebook" for Notebook 7. Use it as a context
    manager; leaving it ends every kernel.
    """

    def __init__(self, folder: Path, notebooks: Path, program: str = "jupyterlab"):
        self.folder, self.program = folder, program
        self.root = folder / "notebooks"
        self.log = folder / "server.log"
        self.settings = folder / "settings"
        self.token = secrets.token_hex(16)
        shutil.copytree(
            notebooks, self.root, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        )
        # Tests write the notebook's file themselves, and no timer may write it too.
        self.write_settings("plugin", {"autosave": False}, "docmanager-extension")

    def __enter__(self) -> "Server":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            # What a test solves is solved nowhere else.
            "NNLIB_PROGRESS": "progress.json",
        }
        isolation = {name: str(self.folder / place) for name, place in places.items()}
        # The kernel named python3 is the one of this interpreter, whatever else is installed.
        isolation["JUPYTER_PREFER_ENV_PATH"] = "1"
        command = [
            *(sys.executable, "-m", self.program, "--no-browser", "--expose-app-in-browser"),
            f"--ServerApp.root_dir={self.root}",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=os.environ | environment() | isolation,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_it_answers(deadline=time.monotonic() + 60)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._stop()

    def _wait_until_it_answers(self, deadline: float) -> None:
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"JupyterLab ended while it started:\n{self.log_tail()}")
            try:
                self.api("status")
                return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"JupyterLab does not answer:\n{self.log_tail()}") from None
                time.sleep(0.1)

    def address(self, notebook: str) -> str:
        """Return where a notebook of the folder is opened, in a workspace that is empty."""
        if self.program == "notebook":
            return f"{self.url}/notebooks/{quote(notebook)}?token={self.token}"
        # A name without dots: JupyterLab takes what follows a dot for something else.
        workspace = f"test-{secrets.token_hex(4)}"
        return (
            f"{self.url}/lab/workspaces/{workspace}/tree/{quote(notebook)}?reset&token={self.token}"
        )

    def _stop(self) -> None:
        # A kernel leads a process group of its own, so it would outlive a server that is killed.
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            for process in psutil.wait_procs(family, timeout=5)[1]:
                process.kill()

    def api(self, path: str, method: str = "GET"):
        """Return the answer of the server's REST interface, parsed."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or "null")

    def end_sessions(self) -> None:
        """Shut down every kernel."""
        for session in self.api("sessions"):
            self.api(f"sessions/{session['id']}", "DELETE")

    def write_settings(
        self, plugin: str, settings: dict, extension: str = "apputils-extension"
    ) -> None:
        """Set a learner's settings of one of JupyterLab's extensions."""
        path = self.settings / "@jupyterlab" / extension / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the server's log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


# JavaScript that runs in the page. `panel` is the notebook that is open.
_PREAMBLE = """
    const panel = window.jupyterapp?.shell?.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    const codeCells = () => panel.content.widgets
        .map((cell, index) => ({cell, index, model: cell.model}))
        .filter(({model}) => model.type === 'code' && model.sharedModel.source.trim());
    const errors = () => {
        const found = [];
        for (const {model, index} of codeCells())
            for (let i = 0; i < model.outputs.length; i++)
                if (model.outputs.get(i).type === 'error')
                    found.push({index, ...model.outputs.get(i).toJSON()});
        return found;
    };
    const within = (seconds, promise, what) => Promise.race([promise, new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`${what} took over ${seconds} s`)), 1000 * seconds))]);
"""

_READY = """path => panel?.context?.path === path && panel.context.isReady
    && kernel?.connectionStatus === 'connected' && kernel.status === 'idle'"""

# The command's promise is not awaited here, so that a wait with a deadline can watch it.
_START = """([command, index]) => {
    if (index !== null) {
        panel.content.deselectAll();
        panel.content.activeCellIndex = index;
    }
    const run = window.nnlibRun = {settled: false, refused: null};
    // A kernel that dies is restarted at once: only the signal tells.
    const listen = (_, status) => {
        if (['dead', 'autorestarting', 'terminating'].includes(status))
            run.refused ??= `the kernel died (${status})`;
    };
    kernel.statusChanged.connect(listen);
    jupyterapp.commands.execute(command)
        .catch(reason => { run.refused ??= String(reason); })
        .finally(() => { run.settled = true; kernel.statusChanged.disconnect(listen); });
}"""

_PROGRESS = """indices => {
    const failed = errors().filter(({index}) => indices.includes(index));
    if (failed.length) return {failed};
    if (window.nnlibRun.refused) return {refused: window.nnlibRun.refused};
    const waiting = codeCells()
        .filter(({index, model}) => indices.includes(index) && model.executionCount === null);
    return window.nnlibRun.settled && !waiting.length && kernel.status === 'idle' && {done: true};
}"""

_FILLED = """async sources => {
    await panel.context.revert();
    const found = panel.content.widgets.map(({model}) => model.sharedModel.source);
    if (JSON.stringify(found) !== JSON.stringify(sources))
        throw new Error(`the notebook holds ${JSON.stringify(found)}`);
}"""

# What earlier tests defined, displayed or left running is gone; only imported modules stay.
_FORGET = """
import sys
if "nnlib.lab.engine" in sys.modules:
    for engine in list(sys.modules["nnlib.lab.engine"]._engines):
        engine.pause()
if "ipywidgets" in sys.modules:
    sys.modules["ipywidgets"].Widget.close_all()
if "nnlib.training.train" in sys.modules:  # a slice of a lesson has shortened it
    sys.modules["nnlib"].train = sys.modules["nnlib.training.train"].train
if "nnlib.lab.widget" in sys.modules:
    getattr(sys.modules["nnlib.lab.widget"].Lab, "whole", lambda: None)()
get_ipython().reset(new_session=False)
"""

_EXECUTE = """([code, expression, seconds]) => within(seconds, (async () => {
    const future = kernel.requestExecute({
        code, silent: true, store_history: false, stop_on_error: false,
        user_expressions: expression === null ? {} : {value: expression},
    });
    return (await future.done).content;
})(), `the kernel's answer to ${expression ?? code}`)"""


class Lab:
    """A browser window with one notebook open in JupyterLab.

    One window is all that most tests need: `fill` gives it other cells. `problems` collects
    what must never happen: an error on the console, an exception in the page, a request to
    another machine. The fixture asserts at the end of a test that there were none.
    """

    def __init__(self, browser: Browser, server: Server):
        self.server = server
        self.problems: list[str] = []
        # By a test that failed, or has ended the kernel: the next one to fill the window gets a
        # new page and a new kernel.
        self.spoiled = False
        self._browser = browser
        self._context = None

    # -- opening and closing ---------------------------------------------------------

    def open(
        self,
        notebook: str,
        theme: str = "light",
        *,
        width: int = 1280,
        height: int = 900,
        reduced_motion: bool = False,
    ) -> Page:
        """Open a notebook of the server's folder in a fresh window and wait for its kernel."""
        self.close()
        self.spoiled = False
        self.notebook = notebook
        self.server.write_settings("themes", {"theme": _theme_name(theme)})
        self._context = self._browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce" if reduced_motion else "no-preference",
            service_workers="block",  # its requests would pass the guard unseen
        )
        self._context.set_default_timeout(1000 * PATIENCE)
        self._context.on("request", self._watch_request)
        self.theme = theme
        return self.come_back()

    def fill(
        self,
        *cells,
        theme: str = "light",
        width: int = 1280,
        height: int = 900,
        reduced_motion: bool = False,
    ) -> Page:
        """Put these cells into the window, where neither page nor kernel knows of earlier ones.

        The first time a window is opened. Later the open page gets the new cells and its kernel
        forgets the old ones, which takes a tenth of the time of a new page and a new kernel.
        """
        options = {"width": width, "height": height, "reduced_motion": reduced_motion}
        path = self.server.root / "window.ipynb"
        if self.spoiled or self._context is None or self.notebook != path.name:
            write_notebook(path, *cells)
            return self.open(path.name, theme, **options)
        self.wait_for_function(_READY, self.notebook)
        self.kernel_exec(_FORGET)
        notebook = nbformat.read(write_notebook(path, *cells), 4)
        self.evaluate(_FILLED, [cell.source for cell in notebook.cells])
        self.page.mouse.move(0, 0)
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(reduced_motion="reduce" if reduced_motion else "no-preference")
        self.set_theme(theme)
        return self.page

    def show(self, source: str, theme: str = "light", *, height: int = 1700, **options) -> Locator:
        """Fill the window with one code cell, run it, and return the live lab that it shows.

        The lab comes without the picture that would stand in for it.
        """
        self.fill(source, theme=theme, height=height, **options)
        self.live_alone()
        self.run_all()
        root = self.cell(0).locator(".nnlib-lab")
        expect(root).to_be_visible()
        return root

    def live_alone(self) -> None:
        """Let labs come without the picture that stands in for them, until the next cells."""
        self.kernel_exec(LIVE_ALONE)

    def leave(self) -> None:
        """Save the notebook and close the page, as one closes a tab; the kernel goes on living."""
        self.evaluate("() => panel.context.save()")
        self.flush_events()
        self.page.close()

    def come_back(self) -> Page:
        """Open the notebook in a new page, and wait for its kernel."""
        self.page = self._context.new_page()
        self.page.on("websocket", self._watch_socket)
        self.page.on("pageerror", self._watch_exception)
        self.page.on("console", self._watch_console)
        self._load(lambda: self.page.goto(self.server.address(self.notebook)))
        self._wait_for_theme(self.theme)
        return self.page

    def reload(self) -> None:
        """Save the notebook and load the page anew; the kernel goes on living."""
        self.evaluate("() => panel.context.save()")
        self._load(self.page.reload)

    def close(self) -> None:
        """Close the window and shut the kernel down."""
        if self._context is not None:
            self.flush_events()
            # The page first: it would complain of a kernel that vanishes.
            self._context.close()
            self._context = None
            self.server.end_sessions()

    def _load(self, load) -> None:
        for attempt in range(OPEN_ATTEMPTS):
            try:
                load() if attempt == 0 else self.page.reload()
                self.wait_for_function(_READY, self.notebook, timeout=OPEN_SECONDS)
                return
            except PlaywrightTimeout:
                continue
        raise AssertionError(
            f"{self.notebook} did not open with a kernel in {OPEN_ATTEMPTS} attempts of "
            f"{OPEN_SECONDS} s; the server's log ends:\n{self.server.log_tail()}"
        )

    # -- running cells ---------------------------------------------------------------

    def run_all(self, timeout: float = 120) -> None:
        """Run all cells and wait until the kernel is idle again, at most `timeout` seconds.

        Raises CellError, with the traceback, as soon as a cell raises.
        """
        # The saved notebook holds outputs already; without them every one seen is new.
        self.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        indices = self.evaluate("() => codeCells().map(({index}) => index)")
        self._run("notebook:run-all-cells", None, indices, timeout)

    def run_cell(self, index: int, timeout: float = PATIENCE) -> None:
        """Run the cell with this index (markdown cells count too) and wait for its end."""
        self.evaluate(
            "i => { if (panel.content.widgets[i].model.type !== 'code')"
            " throw new Error(`cell ${i} holds no code`);"
            " panel.content.widgets[i].model.clearExecution(); }",
            index,
        )
        self._run("notebook:run-cell", index, [index], timeout)

    def _run(self, command: str, index: int | None, indices: list[int], timeout: float) -> None:
        self.evaluate(_START, [command, index])
        try:
            end = self.wait_for_function(_PROGRESS, indices, timeout=timeout)
        except PlaywrightTimeout:
            unfinished = self.evaluate(
                "() => codeCells().filter(({model}) => model.executionCount === null)"
                ".map(({model}) => model.sharedModel.source)"
            )
            raise AssertionError(
                f"not done after {timeout} s; cells that have not ended:\n"
                + "\n---\n".join(unfinished)
            ) from None
        if end.get("failed"):
            raise CellError("\n".join(map(_traceback, end["failed"])))
        if end.get("refused"):
            raise AssertionError(f"the cells could not be run: {end['refused']}")

    def cell_errors(self) -> list[str]:
        """Return the tracebacks that the notebook shows."""
        return [_traceback(error) for error in self.evaluate("() => errors()")]

    def cell_outputs(self, index: int) -> list[dict]:
        """Return a code cell's outputs as the notebook's file would hold them."""
        return self.evaluate("i => panel.content.widgets[i].model.outputs.toJSON()", index)

    def cell(self, index: int) -> Locator:
        """Scroll to a cell and return its element; JupyterLab draws only cells in sight."""
        self.evaluate(
            "async i => { await panel.content.scrollToItem(i);"
            " panel.content.widgets[i].node.dataset.testCell = i; }",
            index,
        )
        return self.page.locator(f'[data-test-cell="{index}"]')

    # -- the kernel ------------------------------------------------------------------

    def kernel_eval(self, expression: str, timeout: float = PATIENCE):
        """Return the value of an expression in the notebook's kernel, carried over as JSON.

        Arrays come as lists, numpy's numbers as numbers.
        """
        to_json = f"__import__('json').dumps(({expression}), default=lambda x: x.tolist())"
        answer = self._execute("", to_json, timeout)["user_expressions"]["value"]
        if answer["status"] != "ok":
            raise CellError(_traceback(answer))
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def kernel_exec(self, code: str, timeout: float = PATIENCE) -> None:
        """Execute statements in the notebook's kernel."""
        self._execute(code, None, timeout)

    def wait_for_kernel(self, expression: str, timeout: float = PATIENCE):
        """Wait until an expression is true in the kernel, and return its value."""
        deadline = time.monotonic() + timeout
        while not (value := self.kernel_eval(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not true after {timeout} s: {expression}")
            self.page.wait_for_timeout(50)
        return value

    def _execute(self, code: str, expression: str | None, timeout: float) -> dict:
        # After a cell that raised, a kernel refuses for a moment whatever comes, unread.
        deadline = time.monotonic() + timeout
        while True:
            reply = self.evaluate(_EXECUTE, [code, expression, timeout])
            if reply["status"] != "aborted" or time.monotonic() > deadline:
                break
        if reply["status"] != "ok":
            raise CellError(_traceback(reply))
        return reply

    # -- the page --------------------------------------------------------------------

    def evaluate(self, function: str, argument=None):
        """Call a JavaScript function in the page; it may use `panel`, `kernel`, `codeCells()`."""
        call = f"argument => {{ {_PREAMBLE} return window.nnlibAnswer = ({function})(argument); }}"
        try:
            return self.page.evaluate(call, argument)
        except Error as error:
            # Now and then Chromium forgets that somebody waits for a promise, even one that is
            # still to be kept (github.com/browserbase/stagehand, issue 2745). The function is not
            # called again, but its promise is waited for again.
            if "garbage collected" not in error.message:
                raise
            return self.page.evaluate("() => window.nnlibAnswer")

    def wait_for_function(self, function: str, argument=None, timeout: float = PATIENCE):
        """Wait until a JavaScript function returns something true, and return that."""
        return self.page.wait_for_function(
            f"argument => {{ {_PREAMBLE} return ({function})(argument); }}",
            arg=argument,
            timeout=1000 * timeout,
            polling=50,
        ).json_value()

    def set_theme(self, theme: str) -> None:
        """Change the theme while the notebook is open, as the Settings menu does.

        JupyterLab shows a splash screen meanwhile, and raises an error if the next change
        comes before it has gone; so wait for that.
        """
        if theme == self.theme:
            return
        self.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})",
            _theme_name(theme),
        )
        self.theme = theme
        self._wait_for_theme(theme)

    def _wait_for_theme(self, theme: str) -> None:
        self.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light",
            "true" if theme == "light" else "false",
        )
        self.wait_for_function("() => !document.querySelector('#jupyterlab-splash')")

    def screenshot(self, name: str) -> None:
        """Save what the window shows, for people to look at, if $NNLIB_SCREENSHOTS is set."""
        if os.environ.get("NNLIB_SCREENSHOTS"):
            self.save_screenshot(name)

    def save_screenshot(self, name: str) -> Path:
        """Save what the window shows under screenshots/ and return the file's path."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    # -- what must not happen --------------------------------------------------------

    def assert_no_problems(self) -> None:
        """Fail if the page wrote an error to the console or called another machine."""
        self.flush_events()
        assert not self.problems, "\n".join(self.problems)

    def flush_events(self) -> None:
        """Let the events that are on their way arrive: they come before any later answer."""
        if self._context is not None and not self.page.is_closed():
            with contextlib.suppress(Error):
                self.page.evaluate("0")

    def report(self) -> str:
        """Describe the state of the window, for the message of a test that failed."""
        lines = [*self.problems]
        if self._context is not None:
            with contextlib.suppress(Error):
                lines += self.cell_errors()
        return "\n".join([*lines, "The server's log ends:", self.server.log_tail(15)])

    def _note(self, problem: str) -> None:
        # No other exceptions: JupyterLab itself writes no error when nothing is wrong.
        if not DEBUGGER.search(problem):
            self.problems.append(problem)

    def _watch_request(self, request) -> None:
        if FOREIGN.match(request.url):
            self._note(f"request to another machine: {request.url}")

    def _watch_socket(self, socket) -> None:
        if urlsplit(socket.url).hostname != "127.0.0.1":
            self._note(f"WebSocket to another machine: {socket.url}")

    def _watch_exception(self, error) -> None:
        self._note(f"exception in the page: {error.stack or error}")

    def _watch_console(self, message) -> None:
        if message.type == "error":
            self._note(f"error on the console: {message.text} ({message.location.get('url', '')})")


def until(lab: Lab, condition: str, argument=None, timeout: float = PATIENCE) -> None:
    """Wait until a condition on the data set, `d`, of the first live lab on the page holds."""
    lab.wait_for_function(
        "argument => { const d = document.querySelector('.nnlib-lab').dataset;"
        f" return {condition}; }}",
        argument,
        timeout,
    )


def place(element: Locator) -> dict:
    """Scroll to an element, wait until it stands still, and return its box in the window.

    A page glides on after a finger, and a lab grows by the words it says: a box that is read
    while they do is that of another place.
    """
    element.scroll_into_view_if_needed()
    return element.evaluate(
        """e => new Promise((done) => {
            let last, same = 0;
            const look = () => {
                const {x, y, width, height} = e.getBoundingClientRect();
                const now = JSON.stringify({x, y, width, height});
                same = now === last ? same + 1 : 0;
                last = now;
                if (same === 3) done({x, y, width, height});
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )


def press(root: Locator, name: str) -> None:
    """Press a button of a live lab with the keyboard."""
    root.get_by_role("button", name=name, exact=True).press("Enter")


def unfold(root: Locator) -> None:
    """Open the settings of a live lab that are seldom changed, with the keyboard."""
    root.locator(".nnlib-group > summary").press("Enter")


def _theme_name(theme: str) -> str:
    return {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme]


def _traceback(error: dict) -> str:
    """Return the text of an error that a kernel reported, without its colours."""
    if error.get("status") == "aborted":
        return "the kernel would not execute anything"
    text = "\n".join(error.get("traceback") or [f"{error['ename']}: {error['evalue']}"])
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
