"""Time the live labs in a real JupyterLab and browser: frames, sliders, Pause, updates a second.

    python -m benchmarks.lab                 # about four minutes
    python -m benchmarks.lab --minutes 10    # let a lab run that long, and watch the memory

Times are taken by the clock of the machine, which page and kernel share: a key's by
the page, when the browser hands it to the slider or the button; its effect's by
the kernel, where the work is done, and once more by the page, where it is seen.
"""

import argparse
import contextlib
import json
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from nnlib.recipes.machine import machine
from tests.browser.jupyterlab import CHROMIUM_FLAGS, Lab, Server, find_browser

from . import report

CHANGES, PAUSES, ROUNDS, ROUND = 50, 20, 5, 4.0  # how often; and how long, in seconds
HAND = 60  # moves of a hand a second: no page hears of more than its screen shows frames

TARGETS = {
    "frames": 20,  # a second, at least
    "slider": (80, 150),  # ms: the median and the 95th percentile, at most
    "pause": 150,  # ms, every time
    "panel pause": 200,
    "share": 0.55,  # of the bare loop's updates a second, at least
    "growth": 50,  # MB in ten minutes, kernel and page each, at most
}

PLAYGROUND = """from nnlib.lab import Playground
lab = Playground(dataset="spirals", hidden=[16, 16], mode="Mini-batch", batch_size=10,
                 learning_rate=0.03, noise=0.1)
lab"""

PANEL = """import nnlib
from nnlib.lab import TrainingPanel
mnist = nnlib.load_mnist()
network = nnlib.NeuralNetwork([784, 32, 16, 10], hidden="sigmoid", output="softmax", seed=0)
lab = TrainingPanel(network, mnist.X_train, mnist.y_train, learning_rate=0.1,
                    validation=(mnist.X_validation, mnist.y_validation), batch_size=20)
lab"""

BLAME = """import nnlib
from nnlib.lab import BlameLens
network = nnlib.NeuralNetwork([784, 128, 10], hidden="relu", init="he", seed=0)
lab = BlameLens(network)
lab"""

# In the kernel: when an update first uses a learning rate, and when the engine has stopped.
WATCH_KERNEL = """
import time as _time
_used, _stopped, _costs = [], [], []
def _watch(lab):
    run = type(lab.training)  # its class, since a Reset makes another
    take_in, pause, show = run.take_in, lab.engine.pause, lab.engine._show
    last = [None]
    def taken_in(self, record):
        if record.learning_rate != last[0]:
            last[0] = record.learning_rate
            _used.append([1000 * _time.time(), record.learning_rate])
        take_in(self, record)
    def paused():
        ran = lab.running
        pause()
        if ran:
            _stopped.append(1000 * _time.time())
    def shown():
        begin = _time.thread_time()  # not what others took from the processor
        show()
        _costs.append(1000 * (_time.thread_time() - begin))
        del _costs[:-500]
    run.take_in, lab.engine.pause, lab.engine._show = taken_in, paused, shown
_watch(lab)
del _watch
"""

# In the page: when keys arrive, when frames reach the screen, when the lab is seen to stop.
WATCH_PAGE = """() => {
    const root = document.querySelector('.nnlib-lab');
    const log = window.nnlibLog = {changes: [], seen: [], presses: [], stopped: [], frames: 0};
    root.querySelector('[data-trait="learning_rate"]').addEventListener('input', () =>
        log.changes.push(Date.now()), true);
    root.addEventListener('click', ({target}) => {
        if (target.closest('[data-command="pause"]')) log.presses.push(Date.now());
    }, true);
    let {frame, state, usedLearningRate: rate} = root.dataset;
    const look = () => {
        const now = root.dataset;
        if (now.frame !== frame) { frame = now.frame; log.frames += 1; }
        if (now.state !== state && now.state === 'paused') log.stopped.push(Date.now());
        if (now.usedLearningRate !== rate) {
            rate = now.usedLearningRate;
            log.seen.push([Date.now(), Number(rate)]);
        }
        state = now.state;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""

BARE = """
import nnlib
_t = lab.trainer
_bare = nnlib.Trainer(_t.network.copy(), _t.X, _t.y, loss=_t.loss,
                      optimizer=nnlib.GradientDescent(lab.learning_rate), batch_size=10, seed=0)
def _race(seconds):
    done, begin = 0, _time.perf_counter()
    for _ in _bare:
        done += 1
        if not done % 50 and _time.perf_counter() - begin > seconds:
            return done / (_time.perf_counter() - begin)
"""


class Bench:
    """One lab in one browser window, watched from both sides."""

    def __init__(self, lab: Lab, server: Server, cell: str, trains: bool = True):
        self.lab = lab
        self.root = lab.show(cell, width=1280, height=1500)
        self.page = lab.page
        if trains:
            lab.kernel_exec(WATCH_KERNEL)
        lab.evaluate(WATCH_PAGE)

    def press(self, command: str) -> None:
        """Press a button of the lab with the keyboard."""
        self.root.locator(f'[data-command="{command}"]').press("Enter")

    def wait_for(self, state: str) -> None:
        self.lab.wait_for_function(
            "state => document.querySelector('.nnlib-lab').dataset.state === state", state
        )

    def wait(self, seconds: float) -> None:
        self.page.wait_for_timeout(1000 * seconds)

    def log(self, name: str):
        return self.lab.evaluate(f"() => window.nnlibLog.{name}")

    def frames(self, seconds: float) -> float:
        """Return the frames a second that reach the screen."""
        count, begin = self.log("frames"), time.perf_counter()
        self.wait(seconds)
        return (self.log("frames") - count) / (time.perf_counter() - begin)

    def frames_while_drawing(self, seconds: float) -> float:
        """Draw on the pad, with the loss back at the pixels; return the frames a second seen.

        Each carries strokes to the kernel, and the answer and all of its blame back.
        """
        self.press("clear")
        self.lab.wait_for_kernel("not lab.strokes")
        box = self.root.locator(".nnlib-pad").bounding_box()
        radius = 0.3 * box["width"]
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x + radius, y)
        self.page.mouse.down()
        self.page.mouse.move(x + radius, y + 20)
        self.lab.wait_for_kernel("lab.strokes")
        self.lab.kernel_exec("lab.truth, lab.stage = '3', lab.last_stage")
        count, moves, begin = self.log("frames"), 0, time.perf_counter()
        while (now := time.perf_counter() - begin) < seconds:
            angle = 2.5 * now  # radians: a digit is drawn in about so long
            self.page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
            moves += 1
            if (ahead := moves / HAND - (time.perf_counter() - begin)) > 0:
                self.wait(ahead)
        drawn = (self.log("frames") - count) / (time.perf_counter() - begin)
        self.page.mouse.up()
        return drawn

    def slider(self) -> dict:
        """Press arrow keys on the slider; return ms until used by an update, and until seen."""
        slider = self.root.locator('input[type="range"][data-trait="learning_rate"]')
        used, seen = [], []
        for i in range(CHANGES):
            self.lab.kernel_exec("_used.clear()")
            self.lab.evaluate("() => { nnlibLog.changes.length = nnlibLog.seen.length = 0; }")
            slider.press("ArrowRight" if i % 2 else "ArrowLeft")
            self.lab.wait_for_function("() => nnlibLog.seen.length")
            at = self.log("changes")[0]
            used.append(self.lab.kernel_eval("_used[0][0]") - at)
            seen.append(self.log("seen")[0][0] - at)
            self.wait(0.03 + 0.017 * (i % 7))  # not always at the same place of a frame
        return {"used": used, "seen": seen}

    def pause(self, times: int = PAUSES) -> dict:
        """Press Run and Pause; return ms until the kernel has stopped, and until it is seen."""
        stopped, seen = [], []
        for i in range(times):
            self.press("run")
            self.wait_for("running")
            self.wait(0.3 + 0.031 * (i % 7))
            self.lab.kernel_exec("_stopped.clear()")
            self.lab.evaluate("() => { nnlibLog.presses.length = nnlibLog.stopped.length = 0; }")
            self.press("pause")
            self.lab.wait_for_function("() => nnlibLog.stopped.length")
            at = self.log("presses")[0]
            stopped.append(self.lab.kernel_eval("_stopped[0]") - at)
            seen.append(self.log("stopped")[0] - at)
        return {"stopped": stopped, "seen": seen}

    def throughput(self) -> dict:
        """Return the updates a second in the lab and of the bare loop, in turn."""
        self.lab.kernel_exec(BARE)
        inside, bare = [], []
        for _ in range(ROUNDS):
            self.press("run")
            self.wait_for("running")
            self.wait(0.5)
            before = self.lab.kernel_eval("[_time.perf_counter(), lab.updates]")
            self.wait(ROUND)
            after = self.lab.kernel_eval("[_time.perf_counter(), lab.updates]")
            inside.append((after[1] - before[1]) / (after[0] - before[0]))
            self.press("pause")
            self.wait_for("paused")
            bare.append(self.lab.kernel_eval(f"_race({ROUND})"))
        return {"lab": inside, "bare": bare}

    def memory(self) -> dict:
        """Return MB: what the kernel holds, and the page's JavaScript after collecting."""
        kernel = self.lab.kernel_eval(
            "[__import__('gc').collect(), __import__('psutil').Process().memory_info().rss][1]"
        )
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        heap = session.send("Runtime.getHeapUsage")["usedSize"]
        session.detach()
        return {"kernel": kernel / 1e6, "page": heap / 1e6}

    def costs(self) -> dict:
        """Return the latest frames' median cost in ms: in the kernel, and drawn by the page."""
        page = self.lab.evaluate(
            """() => new Promise((done) => {
                const root = document.querySelector('.nnlib-lab'), costs = [];
                let frame = root.dataset.frame;
                const look = () => {
                    if (root.dataset.frame !== frame) {
                        frame = root.dataset.frame;
                        costs.push(Number(root.dataset.drawingTook));
                    }
                    if (costs.length < 50) requestAnimationFrame(look); else done(costs);
                };
                look();
            })"""
        )
        kernel = self.lab.kernel_eval("_costs[-50:]")
        return {"kernel": statistics.median(kernel), "page": statistics.median(page)}


@contextlib.contextmanager
def browser_lab():
    """Yield a window and its server, both stopped afterwards."""
    program = find_browser()
    if program is None:
        sys.exit("error: no Chromium, Chrome or Edge was found; set NNLIB_BROWSER to its program")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        empty = Path(folder) / "notebooks"
        empty.mkdir()
        with Server(Path(folder) / "jupyterlab", empty) as server:
            lab = Lab(browser, server)
            try:
                yield lab, server
            finally:
                lab.close()
        browser.close()


def measure(options: argparse.Namespace) -> dict:
    """Run the labs; return every number. What is not measured now is kept from before."""
    file = report.HERE / "lab.json"
    numbers = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    with browser_lab() as (lab, server):
        if options.minutes:
            bench = Bench(lab, server, PLAYGROUND)
            numbers["long"] = measure_long(bench, options.minutes)
            return {"machine": machine(), **numbers}
        numbers["machine"] = machine()
        bench = Bench(lab, server, PLAYGROUND)
        result = {"layers": bench.lab.kernel_eval("list(lab.network.layers)")}
        bench.press("run")
        bench.wait_for("running")
        bench.wait(2)
        result["frames"] = [bench.frames(ROUND) for _ in range(ROUNDS)]
        result["cost"] = bench.costs()
        result["slider"] = bench.slider()
        bench.press("pause")
        bench.wait_for("paused")
        result["pause"] = bench.pause()
        result["updates"] = bench.throughput()
        numbers["playground"] = result
        bench = Bench(lab, server, PANEL)
        numbers["panel"] = {}
        for mode in ("Mini-batch", "Batch"):
            bench.lab.kernel_exec(f"lab.mode = {mode!r}")
            numbers["panel"][mode] = bench.pause()
        bench = Bench(lab, server, BLAME, trains=False)
        numbers["blame"] = [bench.frames_while_drawing(ROUND) for _ in range(ROUNDS)]
    return numbers


def measure_long(bench: Bench, minutes: float) -> dict:
    """Let the lab run; return memory and the cost of a frame, early and late."""
    bench.press("run")
    bench.wait_for("running")
    bench.wait(20)  # the first seconds fill what is bounded: the curve, the caches
    early = stand(bench)
    end = time.perf_counter() + 60 * minutes
    while (left := end - time.perf_counter()) > 0:
        bench.wait(min(30, left))
        now = bench.memory()
        print(f"  {left / 60:4.1f} min left: {now}", flush=True)
    late = stand(bench)
    print(f"  a frame's cost in ms: {early['cost']} early, {late['cost']} late", flush=True)
    if bench.root.get_attribute("data-state") != "running":
        sys.exit("error: the lab did not run to the end")
    return {"minutes": minutes, "early": early, "late": late}


def stand(bench: Bench) -> dict:
    """Return how things stand: memory, what a frame costs, how many updates were made."""
    updates = bench.lab.kernel_eval("lab.updates")
    return {**bench.memory(), "cost": bench.costs(), "updates": updates}


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def ms(values: list[float]) -> str:
    """Return median, 95th percentile and largest, in milliseconds."""
    return (
        f"{statistics.median(values):.0f} / {percentile(values, 0.95):.0f} / {max(values):.0f} ms"
    )


def _frames(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} (lowest {min(values):.1f})"


def render(numbers: dict) -> str:
    """Return the numbers of `measure` as markdown."""
    rows = []
    if "playground" in numbers:
        rows += _rows(numbers["playground"], numbers["panel"])
    if "blame" in numbers:
        rows.append(
            [
                "blame lens, 784-128-10, while a digit is drawn: frames a second",
                f"at least {TARGETS['frames']}",
                _frames(numbers["blame"]),
            ]
        )
    if "long" in numbers:
        rows += _long_rows(numbers["long"])
    return (
        f"{report.markdown_table(['while it trains at full speed', 'aim', 'measured'], rows)}\n\n"
        "A `Playground` on spirals, network 2-16-16-2, batches of 10, in JupyterLab and headless "
        "Chromium on the same machine. Three times are median / 95th percentile / largest. "
        f"{report.describe(numbers['machine'])}"
    )


def _rows(p: dict, panel: dict) -> list[list[str]]:
    """Return what was measured of the playground and of the panel."""
    shares = [a / b for a, b in zip(p["updates"]["lab"], p["updates"]["bare"], strict=True)]
    median, high = TARGETS["slider"]
    return [
        [
            "frames a second on the screen",
            f"at least {TARGETS['frames']}",
            _frames(p["frames"]),
        ],
        [
            f"slider to the update that uses it, {len(p['slider']['used'])} times",
            f"{median} / {high} ms",
            ms(p["slider"]["used"]),
        ],
        ["slider until that is seen", "", ms(p["slider"]["seen"])],
        [
            f"Pause until stopped, {len(p['pause']['stopped'])} times",
            f"at most {TARGETS['pause']} ms",
            ms(p["pause"]["stopped"]),
        ],
        ["Pause until that is seen", "", ms(p["pause"]["seen"])],
        ["updates a second, in the lab", "", f"{statistics.median(p['updates']['lab']):,.0f}"],
        [
            "share of the bare loop",
            f"at least {TARGETS['share']:.0%}",
            f"{statistics.median(shares):.0%} ({min(shares):.0%} – {max(shares):.0%})",
        ],
        *(
            [
                f"MNIST panel, {mode.lower()}: Pause until stopped",
                f"at most {TARGETS['panel pause']} ms",
                ms(times["stopped"]),
            ]
            for mode, times in panel.items()
        ),
    ]


def _long_rows(long: dict) -> list[list[str]]:
    """Return what was measured while a lab ran for minutes."""
    early, late = long["early"], long["late"]
    return [
        [
            f"growth in {long['minutes']:g} minutes, {what}",
            f"at most {TARGETS['growth']} MB",
            f"{late[key] - early[key]:+.1f} MB",
        ]
        for what, key in (("kernel", "kernel"), ("JavaScript of the page", "page"))
    ]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--minutes",
        type=float,
        default=0,
        help="only let a playground run for so long, and measure how memory grows",
    )


if __name__ == "__main__":
    report.main("lab", "lab", __doc__.splitlines()[0], measure, render, _arguments)
