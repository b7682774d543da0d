"""A monkey at every lab: clumsy actions, after each of which page, kernel and lab are well.

What it does is drawn from a seed, so it can be done again:

    NNLIB_MONKEY=7 NNLIB_MONKEY_ACTIONS=300 python -m pytest tests/browser/test_monkey.py -m nightly
"""

import math
import os
import random

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from .jupyterlab import press, until
from .test_one_view import LABS, START

SEED = int(os.environ.get("NNLIB_MONKEY", "1"))
ACTIONS = int(os.environ.get("NNLIB_MONKEY_ACTIONS", "300"))
CHECK_EVERY = 10  # actions, between two looks at whether Run still works
LAST = 12  # of so many actions a failure tells
# Megabytes that page and kernel may grow by. A kernel may keep moments of a training: 240.
PAGE_GROWTH, KERNEL_GROWTH = 60, 400

# In the kernel: whatever is logged as an error, or shown as the traceback of a callback; and how
# many updates the lab has made.
WATCH_KERNEL = """
import gc, logging, sys, traceback
import psutil
class Said(logging.Handler):
    lines = []
    def emit(self, record):
        self.lines.append(self.format(record))
def _watch(lab):
    shell, handler = get_ipython(), Said(logging.ERROR)
    for log in (logging.getLogger(), shell.log, shell.kernel.log):
        log.addHandler(handler)
    shell.showtraceback = lambda *_, **__: Said.lines.append(traceback.format_exc())
    sys.unraisablehook = lambda what: Said.lines.append(f"unraisable: {what.exc_value!r}")
    Said.lines.clear()
    Said.updates = 0
    work = lab.engine._work
    def counted():
        try:
            done = work()
        except ArithmeticError:  # with α = 1e308 every update diverges
            Said.updates += 1
            raise
        Said.updates += done
        return done
    lab.engine._work = counted
_watch(lab)
"""
END_WATCH = """
del get_ipython().showtraceback
for log in (logging.getLogger(), get_ipython().log, get_ipython().kernel.log):
    log.handlers[:] = [handler for handler in log.handlers if type(handler).__name__ != "Said"]
sys.unraisablehook = sys.__unraisablehook__
"""

# What there is to be handled: all that is in sight, each with the middle and the size of its box.
TARGETS = """root => [...root.querySelectorAll(
        'button, input, select, textarea, summary, label, canvas, .nnlib-chart, [tabindex="0"]')]
    .filter((e) => !e.disabled && e.checkVisibility() && e.getBoundingClientRect().width > 0)
    .map((e, i) => {
        e.dataset.monkey = i;
        const name = e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent;
        return {i, tag: e.tagName.toLowerCase(), type: e.type ?? '', name: name.trim().slice(0, 40),
            options: e.tagName === 'SELECT' ? e.options.length : 0};
    })"""
# A place on one of them, given as shares of its box; null where something else would be hit: what
# lies outside of the lab is not to be clicked.
PLACE = """([root, i, across, down]) => {
    const e = root.querySelector(`[data-monkey="${i}"]`);
    if (!e?.isConnected) return null;
    e.scrollIntoView({block: 'nearest'});
    const {x, y, width, height} = e.getBoundingClientRect();
    const place = [x + across * width, y + down * height];
    return root.contains(document.elementFromPoint(...place)) ? place : null;
}"""
FOCUS = "([root, i]) => root.querySelector(`[data-monkey='${i}']`)?.focus()"
CHOOSE = """([root, i, n]) => {
    const e = root.querySelector(`[data-monkey="${i}"]`);
    if (!e) return;
    e.selectedIndex = n;
    e.dispatchEvent(new Event('change', {bubbles: true}));
}"""
SELECT_TEXT = "() => document.activeElement.select?.()"

KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]
KEYS += ["Enter", "Space", "Space", "Tab", "Shift+Tab", "Escape", "Backspace", "Delete"]
TEXTS = ["", "0", "-1", "1", "0.5", "2,5", "1e308", "1e-300", "9" * 30, "abc", "NaN", "−3", "7"]
WIDTHS = [(400, 800), (800, 700), (1366, 768), (1920, 1080)]


class Monkey:
    """Acts on one lab in the window, and remembers what it did."""

    def __init__(self, lab, root, seed: int):
        self.lab, self.root, self.page = lab, root, lab.page
        self.draw = random.Random(seed)
        self.handle = root.element_handle()
        self.did: list[str] = []

    def act(self) -> None:
        """Do one thing, whatever it is."""
        if self.draw.random() < 0.02:
            width, height = self.draw.choice(WIDTHS)
            self.did.append(f"resize to {width} x {height}")
            self.page.set_viewport_size({"width": width, "height": height})
            return
        target = self.draw.choice(self.root.evaluate(TARGETS))
        tag, kind = target["tag"], target["type"]
        ways = {"button": ["click", "click", "double", "keys"], "select": ["choose", "keys"]}
        if tag == "input" and kind not in ("checkbox", "radio"):
            usual = ["drag", "drag", "keys", "click"] if kind == "range" else ["write", "keys"]
        else:
            usual = ways.get(tag, ["click", "drag", "keys"])
        way = self.draw.choice(usual)
        self.did.append(f"{way} {tag} {kind} {target['name']!r}")
        getattr(self, way)(target)

    def _point(self, target):
        shares = self.draw.random(), self.draw.random()
        return self.page.evaluate(PLACE, [self.handle, target["i"], *shares])

    def click(self, target, count: int = 1) -> None:
        point = self._point(target)
        if point:
            self.page.mouse.click(*point, click_count=count)

    def double(self, target) -> None:
        self.click(target, 2)

    def drag(self, target) -> None:
        start, end = self._point(target), self._point(target)
        if not start or not end:
            return
        self.page.mouse.move(*start)
        self.page.mouse.down()
        angle = 2 * math.pi * self.draw.random()
        for t in range(1, 7):
            self.page.mouse.move(
                start[0] + (end[0] - start[0]) * t / 6 + 9 * math.sin(angle + t),
                start[1] + (end[1] - start[1]) * t / 6 + 9 * math.cos(angle + t),
            )
        self.page.mouse.up()

    def keys(self, target) -> None:
        self.page.evaluate(FOCUS, [self.handle, target["i"]])
        for key in self.draw.choices(KEYS, k=self.draw.randint(1, 4)):
            self.did[-1] += f" {key}"
            # What has no focus any more is not to be typed at: the notebook would hear it.
            if not self.page.evaluate("root => root.contains(document.activeElement)", self.handle):
                return
            self.page.keyboard.press(key)

    def write(self, target) -> None:
        text = self.draw.choice(TEXTS)
        self.did[-1] += f" {text!r}"
        self.page.evaluate(FOCUS, [self.handle, target["i"]])
        self.page.evaluate(SELECT_TEXT)
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")

    def choose(self, target) -> None:
        n = self.draw.randrange(target["options"])
        self.did[-1] += f" option {n}"
        self.page.evaluate(CHOOSE, [self.handle, target["i"], n])

    # How page, kernel and lab are.

    def assert_well(self) -> None:
        """Nothing was raised, neither in the page nor in the kernel, and the lab is not lost."""
        said, state = self.lab.kernel_eval("[Said.lines[:3], lab.state]")
        assert said == [], "the kernel says:\n" + "\n".join(said)
        self.lab.assert_no_problems()
        assert state in ("ready", "running", "paused", "stopped")
        assert self.root.get_attribute("data-state") != "gone"

    def assert_answers(self) -> None:
        """Run moves the count of updates, or whatever the lab answers to moves its picture."""
        run = self.root.locator(".nnlib-run")
        if not run.count():
            self._assert_another_frame()
            return
        if self.lab.kernel_eval("bool(getattr(lab, '_waiting', ''))"):
            self.lab.kernel_exec("lab.dataset = 'moons'")  # nothing was left to be learned
        if self.lab.kernel_eval("bool(lab.problem)"):
            press(self.root, "Reset")
            self.lab.wait_for_kernel("not lab.problem")
        for attempt in range(2):
            if self.lab.kernel_eval("lab.running"):
                run.press("Enter")
                self.lab.wait_for_kernel("not lab.running")
            before = self.lab.kernel_eval("Said.updates")
            run.press("Enter")
            try:
                self.lab.wait_for_kernel(f"Said.updates > {before}", 60 if attempt else 3)
                break
            except AssertionError:
                if attempt:
                    raise
                press(self.root, "Reset")  # it may have been at its end
        self._assert_well_drawn()

    def _assert_another_frame(self) -> None:
        before = self.root.get_attribute("data-frame")
        put = self.root.locator('[data-command="put"]')
        slider = self.root.locator("input[type=range]:enabled").first
        if put.count():
            put.press("Enter")
        elif slider.count():
            for key in ("ArrowLeft", "ArrowRight"):
                slider.press(key)
        else:
            for cell in (0, 1):
                self.root.locator(".nnlib-confusion button").nth(cell).press("Enter")
        until(self.lab, "d.frame !== argument", before)
        self._assert_well_drawn()

    def _assert_well_drawn(self) -> None:
        """The page has drawn what the kernel sent last."""
        self.lab.kernel_exec("lab.send_frame()")
        until(self.lab, "Number(d.frame) >= argument", self.lab.kernel_eval("lab._pacing._sent"))

    def memory(self) -> tuple[float, float]:
        """Return megabytes: of the page's JavaScript, and of the kernel."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        page = session.send("Runtime.getHeapUsage")["usedSize"]
        session.detach()
        kernel = self.lab.kernel_eval("[gc.collect(), psutil.Process().memory_info().rss][1]")
        return page / 1e6, kernel / 1e6


@pytest.mark.nightly
@pytest.mark.parametrize("name", LABS)
def test_whatever_a_monkey_does_the_lab_is_well(lab, name):
    root = lab.show(f"{START}{LABS[name][0]}\nlab", width=1366, height=768)
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.frame > 0")
    lab.kernel_exec(WATCH_KERNEL)
    monkey = Monkey(lab, root, SEED)
    early = None
    try:
        for i in range(ACTIONS):
            monkey.act()
            monkey.assert_well()
            if i % CHECK_EVERY == CHECK_EVERY - 1:
                monkey.assert_answers()
                monkey.assert_well()
            if i == ACTIONS // 5:
                early = monkey.memory()
        late = monkey.memory()
        grown = [b - a for a, b in zip(early, late, strict=True)]
        assert grown[0] < PAGE_GROWTH and grown[1] < KERNEL_GROWTH, grown
    except (AssertionError, PlaywrightTimeout) as error:
        said = f"{name}, seed {SEED}, after action {len(monkey.did)}: {error}\nThe last it did:\n"
        raise AssertionError(said + "\n".join(monkey.did[-LAST:])) from error
    lab.kernel_exec(END_WATCH)
