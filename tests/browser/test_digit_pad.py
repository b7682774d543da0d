"""The digit pad in a real JupyterLab: digits drawn by mouse, finger and pen, and without any.

`strokes.json` holds 20 drawings, two of each digit: {"digit": 7, "strokes": [[[x, y], …], …]}, x to
the right and y downwards, 0 to 1 over the pad. The first of each two stands in the middle, the
second is smaller and somewhere else.
"""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .jupyterlab import place, unfold
from .pointers import Pointers

DRAWINGS = json.loads((Path(__file__).parent / "strokes.json").read_text(encoding="utf-8"))
CELL = """from nnlib.images.handwriting import paste, prepare
from nnlib.lab import DigitPad
pad = DigitPad()
pad"""


class PadPage:
    """The pad on the page."""

    def __init__(self, lab):
        self.lab = lab
        self.root = lab.cell(0).locator(".nnlib-lab")
        self.canvas = self.root.locator(".nnlib-pad")
        self.words = self.root.locator(".nnlib-words")
        self.pointers = Pointers(lab.page)
        self.canvas.evaluate(
            "e => { const types = window.pointerTypes = new Set();"
            " e.addEventListener('pointermove', ({pointerType}) => types.add(pointerType)); }"
        )

    def draw(self, strokes, pointer="mouse"):
        """Draw strokes with a mouse, a pen or a finger, and wait until the kernel has them all."""
        for stroke in strokes:
            box = place(self.canvas)  # it may have moved with the words above it
            points = [
                (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke
            ]
            getattr(self.pointers, pointer)(points)
        self.wait_until_heard()

    def wait_until_heard(self):
        self.lab.wait_for_function(
            "() => document.querySelector('.nnlib-lab').dataset.heard === 'true'"
        )

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).press("Enter")

    def wait_for(self, condition):
        data = "document.querySelector('.nnlib-lab').dataset"
        self.lab.wait_for_function(f"() => {{ const d = {data}; return {condition}; }}")


@pytest.fixture(scope="module")
def pad(window):
    """The pad in the window, for all tests of this file; a second cell shows it once more."""
    window.fill(CELL, "pad", height=1800)  # JupyterLab draws only the cells in sight
    window.live_alone()
    window.run_cell(0)
    window.cell(0)
    window.wait_for_function("() => document.querySelector('.nnlib-lab')?.dataset.frame > 0")
    pad = PadPage(window)
    yield pad
    pad.pointers.leave()


@pytest.fixture
def page(lab, pad):
    """The pad, empty, with all as it came."""
    lab.kernel_exec("pad.crop = pad.scale = pad.centre = True; pad.reset(); pad.clear()")
    pad.wait_for("d.strokes === '0' && d.reads === '' && d.added === '0'")
    return pad


def test_digits_drawn_by_mouse_pen_and_finger_are_read(lab, page):
    pointers = {2: "mouse", 14: "pen", 15: "finger"}
    for i, pointer in pointers.items():
        strokes = DRAWINGS[i]["strokes"]
        page.draw(strokes, pointer)
        expect(page.root).to_have_attribute("data-strokes", str(len(strokes)))
        expect(page.root).to_have_attribute("data-reads", str(DRAWINGS[i]["digit"]))
        page.press("Clear")
        page.wait_for("d.strokes === '0'")
    assert lab.evaluate("() => [...window.pointerTypes].sort()") == ["mouse", "pen", "touch"]


def test_what_reaches_the_kernel_is_what_was_drawn(lab, page):
    strokes = DRAWINGS[8]["strokes"]
    page.draw(strokes)
    got = lab.kernel_eval("pad.strokes")
    assert len(got) == len(strokes)
    for mine, theirs in zip(strokes, got, strict=True):
        # To half a pixel of the pad, every point but those that were nearly on the one before.
        assert max(min(abs(x - u) + abs(y - v) for u, v in theirs) for x, y in mine) < 0.012
        assert 2 <= len(theirs) <= len(mine)
    page.press("Undo")
    page.wait_for("d.strokes === '1'")
    assert lab.kernel_eval("len(pad.strokes)") == 1


def test_a_second_finger_does_not_draw(lab, page):
    box = place(page.canvas)
    at = [(box["x"] + x * box["width"], box["y"] + 0.5 * box["height"]) for x in (0.2, 0.8)]
    page.pointers.touch("touchStart", at[0])
    page.pointers.touch("touchStart", *at)
    page.pointers.touch("touchMove", (at[0][0], at[0][1] + 40), (at[1][0], at[1][1] + 40))
    page.pointers.touch("touchEnd")
    page.wait_until_heard()
    assert lab.kernel_eval("[[x for x, y in s] for s in pad.strokes]")[0][0] < 0.3
    assert lab.kernel_eval("max(x for s in pad.strokes for x, y in s)") < 0.3


def test_a_misread_digit_is_added_and_then_read(lab, page):
    # Drawn small and in a corner, and not centred: that is how it comes to be misread.
    page.root.get_by_role("checkbox", name="Centre").click()
    for drawing in DRAWINGS[1::2]:
        page.draw(drawing["strokes"])
        if page.root.get_attribute("data-reads") != str(drawing["digit"]):
            break
        page.press("Clear")
        page.wait_for("d.strokes === '0'")
    misread = page.root.get_attribute("data-reads")
    assert misread != str(drawing["digit"])

    add = page.root.get_by_role("button", name="Wrong! Add it to my training set")
    add.click()
    expect(page.root.locator(".nnlib-pad-refused")).to_contain_text("choose the correct answer")
    page.root.get_by_label("It is a").select_option(str(drawing["digit"]))
    add.click()
    expect(page.root).to_have_attribute("data-reads", str(drawing["digit"]))
    expect(page.words).to_contain_text(
        "1 digit is added to the training set; 1 of 1 now read correctly"
    )
    expect(page.root.get_by_role("listitem")).to_have_text(
        f"{drawing['digit']}: read as {misread} before, as {drawing['digit']} now"
    )
    page.press("Reset")
    expect(page.root).to_have_attribute("data-added", "0")
    expect(page.root).to_have_attribute("data-reads", misread)


def test_without_a_pointer_a_digit_is_chosen_moved_and_turned(lab, page):
    keyboard = lab.page.keyboard
    unfold(page.root)
    page.root.get_by_role("spinbutton", name="Digit").focus()
    keyboard.press("ControlOrMeta+A")
    keyboard.type("33")
    keyboard.press("Enter")
    page.wait_for("d.source === 'digit' && d.reads !== ''")
    for name, key, times in [
        ("Across", "ArrowRight", 3),
        ("Down", "ArrowLeft", 2),
        ("Turn", "ArrowRight", 5),
    ]:
        slider = page.root.get_by_role("slider", name=name, exact=True)
        slider.focus()
        for _ in range(times):
            keyboard.press(key)
    lab.wait_for_kernel("(pad.digit, pad.across, pad.down, pad.rotation) == (33, 3, -2, 5)")
    same = "prepare(paste(pad.digits[0][33], across=3, down=-2, degrees=5)).image"
    assert lab.kernel_eval(f"bool((pad.prepared.image == {same}).all())")
    # The words for who cannot see it are those on the page.
    expect(page.words).to_contain_text("Test digit 33, a 4. Reads ")
    spoken = page.root.locator("[aria-live=polite]").first
    expect(spoken).to_have_text(page.words.inner_text())
    expect(page.root.get_by_label("It is a")).to_have_value("4")


def test_without_a_pointer_a_digit_is_drawn(lab, page):
    keyboard = lab.page.keyboard
    page.canvas.focus()
    for _ in range(7):
        keyboard.press("ArrowUp")
    keyboard.press("Enter")
    for _ in range(14):
        keyboard.press("ArrowDown")
    expect(page.root.get_by_text("50 % across, 78 % down, drawing.")).to_be_attached()
    keyboard.press("Enter")
    keyboard.press("ArrowLeft")  # the pen is up again
    page.wait_until_heard()
    assert lab.kernel_eval("[len(s) for s in pad.strokes]") == [15]
    expect(page.root).to_have_attribute("data-reads", "1")
    keyboard.press("Backspace")
    page.wait_for("d.strokes === '0'")


def test_pictures_and_words_follow_the_switches_and_the_theme(lab, page):
    page.draw(DRAWINGS[1]["strokes"])
    pictures = "all => all.map(c => c.toDataURL())"
    scale = page.root.get_by_role("checkbox", name="Scale")
    stage = page.root.locator('[data-stage="scaled"]')
    # Off and on: the pad is drawn with no pen on it, and the keyboard's focus stays where it is.
    scale.press("Space")
    expect(stage).to_have_attribute("aria-label", re.compile("^Not scaled: "))
    scale.press("Space")
    expect(stage).to_have_attribute("aria-label", re.compile("^Scaled to "))
    before = page.root.locator("canvas").evaluate_all(pictures)
    assert len(before) == 5  # the pad, three stages, one hidden layer
    scale.press("Space")
    expect(stage).to_have_attribute("aria-label", re.compile("^Not scaled: .* as the pad shrunk"))
    after = page.root.locator("canvas").evaluate_all(pictures)
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, False, False]
    lab.set_theme("dark")
    lab.wait_for_function(
        "before => [...document.querySelectorAll('.nnlib-lab canvas')]"
        ".every((c, i) => c.toDataURL() !== before[i])",
        after,
    )
    lab.set_theme("light")


def test_a_second_view_shows_the_same_pad(lab, page):
    page.draw(DRAWINGS[5]["strokes"])
    lab.run_cell(1)
    second = lab.cell(1).locator(".nnlib-lab")
    expect(second).to_have_attribute("data-strokes", "1")
    expect(second).to_have_attribute("data-outputs", page.root.get_attribute("data-outputs"))
    # What is drawn on one is seen on the other.
    second.locator(".nnlib-pad").click(position={"x": 20, "y": 20})
    expect(page.root).to_have_attribute("data-strokes", "2")
    expect(second).to_have_attribute("data-outputs", page.root.get_attribute("data-outputs"))
