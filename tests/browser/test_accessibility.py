"""The labs for everyone: axe-core's rules, the keyboard, words, little motion, a narrow window.

axe-core (Mozilla Public License 2.0, Deque Systems) is the one that comes within the
package axe-playwright-python.
"""

from importlib.resources import files

import pytest
from playwright.sync_api import expect

from .jupyterlab import place
from .test_one_view import HEIGHT, MEASURE

# Each lab with what has happened to it, so that what appears while it runs is audited too.
LABS = {
    "TrainingPanel": """import nnlib
from nnlib.lab import BackpropLens, DescentLab, DigitPad, Explorer
from nnlib.lab import Playground, RaceLab, TrainingPanel
X, y = nnlib.datasets.moons(200, seed=0)
lab = TrainingPanel(nnlib.NeuralNetwork([2, 6, 2], seed=0), X, y, validation=(X, y))
lab.step(50)
lab""",
    "Playground": "lab = Playground(dataset='spirals')\nlab.step(50)\nlab",
    "RaceLab": "lab = RaceLab()\nlab.step(400)\nlab",
    "DescentLab": "lab = DescentLab('Narrow valley')\nlab.step(20)\nlab",
    "BackpropLens": "lab = BackpropLens()\nlab.step(3)\nlab",
    "DigitPad": """lab = DigitPad()
lab.digit, lab.threshold = 8, 0.3
lab.add(5)
lab.hear({"command": "add", "label": None})
lab""",
    "Explorer": """lab = Explorer(
    {"w1": (-5, 5, 1.0), "h": (1e-3, 1.0, 0.1, "log"), "f": ["one", "two"], "on": True},
    curves=lambda w1, h, f, on: {f: ([0, 1, 2], [w1, h, 0]), "flat": ([0, 2], [1, 1])},
    plane=lambda X, w1, h, f, on: X[:, 0] + h, data=(X, y),
    words=lambda w1, h, f, on: f"The line crosses the axis at {-h:g}.",
    title="Two pictures", alt="A curve and a map")
lab.w1 = 2
lab""",
    "ConfusionLab": """from nnlib.lab import ConfusionLab, DistortionLab
data = nnlib.load_mnist()
images, labels = data.X_validation[:300], data.y_validation[:300]
network = nnlib.NeuralNetwork([784, 10], seed=0)
lab = ConfusionLab(network, images, labels)
lab""",
    "BlameLens": """from nnlib.lab import BlameLens
lab = BlameLens(nnlib.NeuralNetwork([784, 20, 10], seed=0), digits=(images, labels))
lab.stage = 3
lab.hear({"command": "look", "at": "w-2-0-3"})
lab""",
    "LayerMap": """from nnlib.lab import LayerMap
lab = LayerMap(network.copy(), images, labels, validation=(images, labels), points=50)
lab.step(20)
lab""",
    "DistortionLab": "lab = DistortionLab(images[:10], labels[:10], network)\nlab",
}
NAMES = list(LABS)
# What is no lab but shown in a lesson beside them: a prediction, verdicts of two kinds and a hint.
BESIDE = """from nnlib.exercises import start
from nnlib.lab import predict
start.double.check(None)
start.double.check(lambda x: 3 * x)
start.double.hint()
question = predict("What will it do?", ["fall", "rise"], "fall", "It is downhill.")
question"""
CONTROLS = "button, input, select, textarea, summary, a[href], [tabindex]:not([tabindex='-1'])"

# Every rule, whatever its weight, on everything within `root`. What JupyterLab cuts off axe takes
# for text that nobody can see, and does not look at its colours: all that is out of sight, and, as
# its <body> has no height, everything else too. So meanwhile nothing is cut off.
AUDIT = """async (root, rules) => {
    const cut = [];
    for (let e = root.parentElement; e; e = e.parentElement)
        if (getComputedStyle(e).overflow === 'hidden') cut.push(e);
    cut.forEach((e) => (e.style.overflow = 'visible'));
    const only = rules ? {runOnly: {type: 'rule', values: rules}} : {};
    const result = await axe.run(root, {resultTypes: ['violations'], ...only});
    cut.forEach((e) => (e.style.overflow = ''));
    return result.violations
        .map(({id, help, nodes}) => ({id, help, nodes: nodes.slice(0, 4).map(
            ({html, failureSummary: why}) => html.slice(0, 160) + ' | ' + why.slice(0, 300))}));
}"""


@pytest.fixture(scope="module", autouse=True)
def everyone(window):
    """Every lab once, for all tests of this file."""
    # At 800 pixels, and tall: JupyterLab draws only the cells in sight.
    window.fill(*LABS.values(), BESIDE, width=800, height=1600, reduced_motion=True)
    window.live_alone()
    window.run_all()
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    window.page.add_script_tag(content=axe)


def shown(lab, name):
    root = lab.cell(NAMES.index(name)).locator(".nnlib-lab")
    expect(root).to_be_visible()
    root.scroll_into_view_if_needed()
    lab.wait_for_function(
        "i => document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`)?.dataset.frame > 0",
        NAMES.index(name),
    )
    return root


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(lab, name):
    assert shown(lab, name).evaluate(AUDIT) == []


def audit_beside(lab):
    output = lab.cell(len(LABS)).locator(".jp-Cell-outputArea")
    expect(output.locator(".nnlib-prediction")).to_be_visible()
    return output.evaluate(AUDIT)


def test_axe_finds_nothing_in_predictions_and_verdicts(lab):
    assert audit_beside(lab) == []


# Of all rules only that on contrast can tell the themes apart, and all labs share their colours:
# those of text, of a matrix' cells, and of the lens, stand for the others by day.
BY_DAY = ("Playground", "ConfusionLab", "BackpropLens")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in BY_DAY else pytest.mark.nightly) for n in NAMES],
)
def test_contrast_is_enough_in_the_dark(lab, name):
    lab.set_theme("dark")
    assert shown(lab, name).evaluate(AUDIT, ["color-contrast"]) == []


@pytest.mark.nightly
def test_contrast_is_enough_in_the_dark_in_predictions_and_verdicts(lab):
    lab.set_theme("dark")
    assert audit_beside(lab) == []


def test_the_audit_sees_what_it_is_there_for(lab):
    root = shown(lab, "Playground")
    root.evaluate(
        """e => {
            e.append(Object.assign(document.createElement('input'), {id: 'bare'}));
            e.append(Object.assign(document.createElement('p'), {id: 'faint', innerText: 'pale'}));
            e.querySelector('#faint').style.cssText = 'color: #bbb; background: #fff';
        }"""
    )
    assert {found["id"] for found in root.evaluate(AUDIT)} == {"label", "color-contrast"}
    root.evaluate("e => e.querySelectorAll('#bare, #faint').forEach((part) => part.remove())")


@pytest.mark.parametrize("name", NAMES)
def test_tab_reaches_every_control_and_the_focus_is_seen(lab, name):
    root = shown(lab, name)
    wanted = root.evaluate(
        """(root, controls) => {
            const all = [...root.querySelectorAll(controls)].filter((e) =>
                !e.disabled && e.tabIndex >= 0 && e.checkVisibility());
            // Of a group of radio buttons Tab comes to the one that is chosen.
            const reached = all.filter((e) => e.type !== 'radio' || e.checked);
            reached.forEach((e, i) => (e.dataset.stop = i));
            reached[0].focus();
            return reached.length;
        }""",
        CONTROLS,
    )
    # Within a matrix the arrow keys go on from where Tab comes to it.
    assert wanted > (2 if name == "ConfusionLab" else 5)
    met, unseen = set(), []
    for _ in range(wanted):
        stop = lab.page.evaluate(
            """() => {
                const e = document.activeElement, style = getComputedStyle(e);
                const box = e.querySelector('.nnlib-lens-box, .nnlib-lens-halo');
                const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                const drawn = box && parseFloat(getComputedStyle(box).strokeWidth) >= 3;
                return {stop: e.dataset.stop ?? null, seen: ring || !!drawn,
                        html: e.outerHTML.slice(0, 120)};
            }"""
        )
        met.add(stop["stop"])
        if not stop["seen"] and stop["stop"] is not None:
            unseen.append(stop["html"])
        lab.page.keyboard.press("Tab")
    assert {str(i) for i in range(wanted)} <= met
    assert unseen == []


@pytest.mark.parametrize("name", NAMES)
def test_every_control_and_picture_has_a_name(lab, name):
    root = shown(lab, name)
    nameless = root.evaluate(
        """(root, controls) => [...root.querySelectorAll(controls + ', canvas, [role=img], svg')]
            .filter((e) => !e.closest('[aria-hidden=true]') && e.checkVisibility())
            .filter((e) => !e.closest('[role=img]') || e.matches('[role=img]'))
            .filter((e) => !(e.getAttribute('aria-label')?.trim() || e.labels?.length
                || e.textContent.trim() || e.title))
            .map((e) => e.outerHTML.slice(0, 160))""",
        CONTROLS,
    )
    assert nameless == []


STICKING_OUT = """root => root.scrollWidth <= root.clientWidth ? [] :
    [...root.querySelectorAll('*')]
        .filter((e) => e.getBoundingClientRect().right > root.getBoundingClientRect().right)
        .map((e) => e.outerHTML.slice(0, 120))"""


def assert_the_curve_stays_in_view(root):
    """While the learning rate is dragged, the curve is in sight."""
    found = root.evaluate(MEASURE)
    if {"rate", "curve"} <= set(found):
        rate, curve = found["rate"], found["curve"]
        assert curve["bottom"] - rate["bottom"] + rate["height"] < HEIGHT


# All labs stand on the same rows, which wrap: those with most in them stand for the others by day.
FULLEST = ("Playground", "BlameLens", "DigitPad")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in FULLEST else pytest.mark.nightly) for n in NAMES],
)
def test_at_800_pixels_and_on_a_phone_nothing_sticks_out_and_the_curve_is_near(lab, name):
    root = shown(lab, name)
    assert root.evaluate(STICKING_OUT) == []
    assert_the_curve_stays_in_view(root)
    assert root.evaluate("e => e.getBoundingClientRect().width") < 760
    lab.page.set_viewport_size({"width": 400, "height": 1600})
    lab.evaluate("() => jupyterapp.shell.collapseLeft()")
    try:
        lab.wait_for_function(
            "i => { const e = document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`);"
            " const {width} = e.getBoundingClientRect(); return width > 250 && width < 400; }",
            NAMES.index(name),
        )
        place(root)
        assert root.evaluate(STICKING_OUT) == []
        assert_the_curve_stays_in_view(root)
    finally:
        lab.evaluate("() => jupyterapp.shell.expandLeft()")
        lab.page.set_viewport_size({"width": 800, "height": 1600})


CUT_OFF = """root => [...root.querySelectorAll('button, input, select, output')].filter((e) => {
    const box = e.getBoundingClientRect();
    if (!e.checkVisibility() || !box.height) return false;
    for (let p = e.parentElement; p !== root; p = p.parentElement) {
      const {overflowY} = getComputedStyle(p), room = p.getBoundingClientRect();
      const sticksOut = box.bottom > room.bottom + 1 || box.top < room.top - 1;
      if (overflowY === 'hidden' && sticksOut) return true;
    }
    return false;
}).map((e) => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", NAMES)
def test_no_control_is_cut_off_by_what_it_stands_in(lab, name):
    assert shown(lab, name).evaluate(CUT_OFF) == []


def test_a_control_that_is_cut_off_is_seen(lab):
    root = shown(lab, "TrainingPanel")
    bar = root.locator(".nnlib-buttons").first
    bar.evaluate("e => Object.assign(e.style, {height: '9px', overflow: 'hidden'})")
    assert len(root.evaluate(CUT_OFF)) == 4
    bar.evaluate("e => e.removeAttribute('style')")


def test_help_is_shown_when_the_keyboard_comes_to_a_control(lab):
    root = shown(lab, "Playground")
    tip = root.locator(".nnlib-tip")
    root.get_by_role("button", name="Step", exact=True).focus()
    lab.page.keyboard.press("Tab")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("until every sample")  # of the button Epoch
    lab.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    root.get_by_role("slider", name="Learning rate").focus()
    expect(tip).to_contain_text("the very next update")


@pytest.mark.parametrize("name", NAMES)
def test_a_polite_region_says_in_words_how_it_stands(lab, name):
    root = shown(lab, name)
    spoken = root.locator("[aria-live=polite]").first
    expect(spoken).to_have_text(root.locator(".nnlib-words").inner_text())
    assert len(spoken.inner_text().split()) >= 5


def test_the_words_follow_the_training(lab):
    root = shown(lab, "TrainingPanel")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    lab.wait_for_function("() => document.querySelector('.nnlib-lab').dataset.update > 2000")
    root.get_by_role("button", name="Pause", exact=True).press("Enter")
    expect(root).to_have_attribute("data-state", "paused")
    spoken = root.locator("[aria-live=polite]").first
    expect(spoken).to_contain_text("training loss 0.")
    expect(spoken).to_contain_text("learning rate 0.1.")


def test_little_motion_means_two_pictures_a_second_and_no_animation(lab):
    root = shown(lab, "Playground")
    lab.kernel_exec("from nnlib.lab.engine import _engines")
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    expect(root).to_have_attribute("data-state", "running")
    assert lab.kernel_eval("[e.frames for e in _engines if e.running]") == [2]
    # Four more frames take two seconds; at full motion, a tenth of that.
    milliseconds = lab.evaluate(
        """(i) => new Promise((done) => {
            const root = document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`);
            let count = 0, begin;
            const observer = new MutationObserver(() => {
                count += 1;
                if (count === 1) begin = performance.now();
                if (count === 5) { observer.disconnect(); done(performance.now() - begin); }
            });
            observer.observe(root, {attributeFilter: ['data-frame']});
        })""",
        NAMES.index("Playground"),
    )
    assert milliseconds > 1000
    root.get_by_role("button", name="Pause", exact=True).press("Enter")
    moving = root.evaluate(
        "e => [...e.querySelectorAll('*')].filter(c => { const s = getComputedStyle(c);"
        " return parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none'; })"
        ".map(c => c.outerHTML.slice(0, 100))"
    )
    assert moving == []


def test_where_the_reader_has_chosen_the_colours_what_is_drawn_is_seen(lab):
    """Ink on the system's paper, whatever the theme: a dark theme's would be white on white."""
    lab.set_theme("dark")
    lab.page.emulate_media(forced_colors="active")
    root = shown(lab, "TrainingPanel")
    try:
        # Of the axis of the loss, left of the plot: how far its darkest pixel is from the paper.
        contrast = root.locator(".nnlib-chart canvas").first.evaluate(
            """canvas => {
                const probe = document.body.appendChild(document.createElement('span'));
                probe.style.color = 'Canvas';
                const paper = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
                probe.remove();
                const {data} = canvas.getContext('2d').getImageData(0, 0, 40, canvas.height / 2);
                let most = 0;
                for (let i = 0; i < data.length; i += 4)
                    if (data[i + 3] > 200)
                        most = Math.max(most, ...paper.map((v, k) => Math.abs(v - data[i + k])));
                return most;
            }"""
        )
        assert contrast > 150
        swatches = root.locator(".u-legend .u-marker").evaluate_all(
            "all => all.map((e) => getComputedStyle(e).borderTopColor)"
        )
        assert len({colour for colour in swatches if colour != "rgba(0, 0, 0, 0)"}) >= 2
        bar = shown(lab, "DigitPad").locator(".nnlib-pad-output .nnlib-bar").first
        filled, empty = bar.evaluate(
            "bar => [bar.firstChild, bar].map((part) => getComputedStyle(part).backgroundColor)"
        )
        assert filled != empty
    finally:
        lab.page.emulate_media(forced_colors="none")
