"""Every lesson in a real JupyterLab: its labs are alive, and it can be played and solved.

A page of each lesson holds its labs and exercises, with what these need (a slice, see
tests/notebooks/slices.py), and all that is claimed of the lesson is looked at on that page. The
lesson as a whole is executed by nbval.
"""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.notebooks.slices import holds_lab, is_exercise, part

from .conftest import NOTEBOOKS
from .jupyterlab import press, unfold

# Those with labs: in the others there is nothing that only a browser can tell.
LESSONS = sorted(
    path.stem
    for path in NOTEBOOKS.glob("*.ipynb")
    if any(map(holds_lab, nbformat.read(path, as_version=4).cells))
)

# The numbers of the code cells that show a live widget.
WIDGET_CELLS = """() => codeCells().filter(({model}) => model.outputs.toJSON().some(
    o => 'application/vnd.jupyter.widget-view+json' in (o.data ?? {}))).map(({index}) => index)"""

LATER_FRAME = """([i, frame]) => Number(
    document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`).dataset.frame) > frame"""

PICTURES = "e => [...e.querySelectorAll('canvas')].map(c => c.toDataURL()).join()"

OTHER_PICTURES = f"""([i, before]) => ({PICTURES})(
    document.querySelector(`[data-test-cell='${{i}}'] .nnlib-lab`)) !== before"""


class Lesson:
    """The page of one lesson."""

    def __init__(self, lab, name: str):
        self.lab = lab
        self.notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
        self.cells = self.notebook.cells

    def open(self) -> None:
        wanted = [
            i
            for i, cell in enumerate(self.cells)
            if cell.cell_type == "code" and (holds_lab(cell) or is_exercise(cell))
        ]
        self.lab.fill(*part(self.notebook, wanted).cells, height=1400)
        self.lab.live_alone()
        self.lab.run_all(timeout=300)

    @property
    def labs(self) -> list[int]:
        """The numbers of the cells that show a lab."""
        return self.lab.evaluate(WIDGET_CELLS)

    def root(self, cell: int):
        return self.lab.cell(cell).locator(".nnlib-lab")

    def cell_with(self, text: str) -> int:
        """Return the number of the first cell with this text."""
        return self.lab.evaluate(
            "text => codeCells().find(({model}) => model.sharedModel.source.includes(text)).index",
            text,
        )

    def lab_of(self, text: str):
        """Return the lab that is shown by the first cell with this text."""
        return self.root(self.cell_with(text))

    def tagged(self, tag: str) -> int:
        return self.lab.evaluate(
            "tag => codeCells().find(({model}) =>"
            " (model.sharedModel.metadata.tags ?? []).includes(tag)).index",
            tag,
        )

    def solution(self, name: str) -> str:
        """Return the code of an exercise's folded solution."""
        cell = next(c for c in self.cells if f"solution:{name}" in c.metadata.get("tags", []))
        return re.search(r"```python\n(.*?)```", cell.source, re.DOTALL)[1]

    def verdict(self, name: str):
        return self.lab.cell(self.tagged(f"check:{name}")).locator("[role=status]").first

    def answer(self, name: str, source: str):
        """Write this into the stub of an exercise, run it and its check; return the verdict."""
        stub = self.tagged(f"stub:{name}")
        self.lab.evaluate(
            "([i, source]) => panel.content.widgets[i].model.sharedModel.setSource(source)",
            [stub, source],
        )
        self.lab.run_cell(stub)
        self.lab.run_cell(self.tagged(f"check:{name}"))
        return self.verdict(name)


# The tour shows each kind of lab once, as test_accessibility does: by day that is enough.
TOUR = "90_labs_and_teachers"


@pytest.fixture(
    scope="module",
    params=[pytest.param(n, marks=pytest.mark.nightly if n == TOUR else ()) for n in LESSONS],
)
def lesson(request, window):
    """A lesson, in the window for all tests of it: they follow one another."""
    lesson = Lesson(window, request.param)
    lesson.open()
    return lesson


def only(*lessons):
    """Make a test one of these lessons alone."""
    return pytest.mark.parametrize("lesson", lessons, indirect=True)


# -- the start ---------------------------------------------------------------------------


@only("00_start")
def test_in_the_first_lab_the_learning_rate_can_be_moved_and_training_follows(lab, lesson):
    root = lesson.lab_of("Playground.from_settings(")
    root.get_by_role("slider", name="Learning rate").press("End")
    root.get_by_role("button", name="Step", exact=True).press("Enter")
    expect(root.locator(".nnlib-words")).to_contain_text("learning rate 100")


# -- lesson 1 ----------------------------------------------------------------------------


# By day: tests/browser/test_explorer.py, and that each lab is alive.
@pytest.mark.nightly
@only("01_forward")
def test_each_explorer_draws_for_the_value_that_its_slider_shows(lab, lesson):
    *explorers, playground = lesson.labs
    assert len(explorers) == 7
    for index in explorers:
        root = lesson.root(index)
        expect(root).to_have_attribute("data-moves", "0")
        before = root.evaluate(PICTURES)
        slider = root.get_by_role("slider").first
        slider.focus()
        for _ in range(4):
            slider.press("ArrowRight")
        choice = root.get_by_role("combobox")
        if choice.count():
            choice.select_option(index=1)
        # The kernel has drawn for the value that the slider shows, and something else than before.
        lab.wait_for_function(
            """i => {
                const root = document.querySelector(`[data-test-cell="${i}"] .nnlib-lab`);
                const slider = root.querySelector("input[type=range]"), of = slider.dataset.trait;
                const log = slider.closest(".nnlib-log-slider"), value = slider.valueAsNumber;
                const drawn = JSON.parse(root.dataset.settings)[of];
                return Math.abs((log ? Math.log10(drawn) : drawn) - value) < 0.01;
            }""",
            index,
        )
        lab.wait_for_function(OTHER_PICTURES, [index, before])
        expect(root.locator(".nnlib-words")).not_to_be_empty()
        expect(root.get_by_role("alert")).to_be_empty()
    root = lesson.root(playground)
    press(root, "Step")
    expect(root).to_have_attribute("data-update", "1")


@only("01_forward")
def test_a_wrong_forward_is_told_why_and_a_right_one_trains_the_playground(lab, lesson):
    right = (
        "def forward(X, weights, biases, activations):\n"
        "    z, a = [None], [X]\n"
        "    for W, b, f in zip(weights, biases, activations):\n"
        "        z.append(a[-1] @ W + b)\n"
        "        a.append(f(z[-1]))\n"
        "    return z, a\n"
    )
    wrong = lesson.answer("forward", right.replace(" + b", ""))
    expect(wrong).to_contain_text("the bias is missing")
    expect(lesson.answer("forward", right)).to_contain_text("correct")
    playground = lesson.labs[-1]
    lab.run_cell(playground)
    root = lesson.root(playground)
    expect(root.locator(".nnlib-whose")).to_contain_text("your forward")
    press(root, "Step")
    expect(root).to_have_attribute("data-update", "1")


# -- lesson 3 ----------------------------------------------------------------------------


@only("03_backprop")
def test_slope_and_depth_answer_and_the_lens_shows_that_all_gradients_agree(lab, lesson):
    slope, lens, _, depth = lesson.labs
    for index, trait in ((slope, "w"), (depth, "s")):
        root = lesson.root(index)
        before, words = root.evaluate(PICTURES), root.locator(".nnlib-words").inner_text()
        slider = root.get_by_role("slider").first
        expect(slider).to_have_attribute("data-trait", trait)
        slider.focus()
        for _ in range(6):
            slider.press("ArrowRight")
        expect(root.locator(".nnlib-words")).not_to_have_text(words)
        lab.wait_for_function(OTHER_PICTURES, [index, before])
        expect(root.get_by_role("alert")).to_be_empty()

    root = lesson.root(lens)
    for stage in range(1, 9):
        press(root, "Step")
        expect(root).to_have_attribute("data-stage", str(stage))
    expect(root).to_contain_text("9 of 9 gradients agree")


@only("03_backprop")
def test_a_patient_gives_nothing_away_is_diagnosed_after_an_attempt_and_discharged(lab, lesson):
    expect(lesson.verdict("patient_2")).to_contain_text("not attempted")
    expect(lesson.verdict("patient_2")).not_to_contain_text("mean")
    right = lesson.solution("patient_2")
    wrong = lesson.answer("patient_2", right.replace("delta.sum(axis=0)", "delta.sum()"))
    expect(wrong).to_contain_text("over samples and neurons alike")
    expect(lesson.answer("patient_2", right)).to_contain_text("patient_2: correct")


@only("03_backprop")
def test_a_wrong_backward_is_told_why_and_the_right_one_trains_the_spirals(lab, lesson):
    right = lesson.solution("backward")
    wrong = lesson.answer("backward", right.replace(" * f.derivative(z[l - 1])", ""))
    expect(wrong).to_contain_text("The derivative f'(z) of the hidden activation is missing")
    lesson.answer("backward", right)
    playground = lesson.labs[2]
    lab.run_cell(playground)
    root = lesson.root(playground)
    expect(root.locator(".nnlib-whose")).to_contain_text("your backward")
    press(root, "Step")
    expect(root).to_have_attribute("data-update", "1")
    assert lab.kernel_eval("playground.code") == "your backward"


# -- lesson 4 ----------------------------------------------------------------------------


@only("04_descent")
def test_beyond_the_threshold_the_walk_on_the_parabola_diverges_and_says_so(lab, lesson):
    parabola = lesson.lab_of("Parabola in one parameter")
    parabola.locator("input[data-trait=learning_rate]").first.press("End")
    press(parabola, "Run")
    expect(parabola.locator(".nnlib-words")).to_contain_text("diverged at step")
    expect(parabola.locator(".nnlib-words")).to_contain_text("below 0.5")


@only("04_descent")
def test_the_batch_modes_race_by_gradient_evaluations(lab, lesson):
    race = lesson.lab_of('RaceLab(race="batch modes"')
    race.locator("select[data-trait=against]").select_option("gradient evaluations")
    press(race, "Run")
    expect(race.locator(".nnlib-words")).to_contain_text("leads")
    press(race, "Pause")


@only("04_descent")
def test_the_words_on_momentum_tell_its_factor(lab, lesson):
    momentum = lesson.lab_of("momentum_in_a_valley")
    words = momentum.locator(".nnlib-words")
    expect(words).to_contain_text("0.970")  # 1 − αλ for λ = 1 and α = 0.03
    momentum.locator("input[data-trait=beta]").press("End")
    expect(words).to_contain_text("0.990")  # √β for β = 0.98, whatever λ is


@only("04_descent")
def test_the_learners_update_drives_the_playground_and_the_goal_is_reached(lab, lesson):
    playground = lesson.lab_of("playground.use")
    lab.kernel_exec(
        "def update(x, g, learning_rate):\n    return x - learning_rate * g\n"
        "updates_right = exercises.update.check(update)\n"
        "playground.use(update=update if updates_right else None)"
    )
    expect(playground).to_contain_text("your update")
    assert lab.kernel_eval("exercises.tuned.check(lab).outcome") == "not attempted"
    goal = lesson.lab_of("exercises.TO_TUNE")
    expect(goal.locator("[data-trait=dataset]")).to_have_count(0)
    lab.kernel_exec("lab.batch_size = 10; lab.learning_rate = 0.3; lab.step(5000)")
    assert lab.kernel_eval("exercises.tuned.check(lab).outcome") == "correct"
    expect(goal).to_contain_text("reached")


# -- lesson 5 ----------------------------------------------------------------------------


@only("05_mnist")
def test_the_learners_own_code_trains_mnist_and_reads_a_digit(lab, lesson):
    lesson.answer("pieces", lesson.solution("pieces"))
    assert lab.kernel_eval("pieces_right.outcome") == "correct"
    for text in ("panel = TrainingPanel(", "pad = DigitPad("):
        lab.run_cell(lesson.cell_with(text))
    panel = lesson.lab_of("panel = TrainingPanel(")
    expect(panel).to_contain_text("your forward, loss, backward, update")
    press(panel, "Run")
    assert lab.wait_for_kernel("panel.updates > 300 and (panel.accuracy or 0) > 0.6")
    press(panel, "Pause")
    expect(panel).to_have_attribute("data-state", "paused")

    expect(lesson.lab_of("pad = DigitPad(")).to_contain_text("your forward")
    # What was learned a moment ago reads what is on the pad.
    lab.kernel_exec("pad = DigitPad(panel.network); pad.use(forward=forward); pad.put(0)")
    read = lab.kernel_eval("(pad.reads, int(panel.network.predict(pad.prepared.X)[0]))")
    assert read[0] == read[1]


# -- all lessons, after what is special to each ------------------------------------------


def test_every_lab_of_a_lesson_is_alive_and_answers(lab, lesson):
    shown = lesson.labs
    assert len(shown) == sum(map(holds_lab, lesson.cells)) > 0
    for index in shown:
        root = lesson.root(index)
        expect(root).to_be_visible()
        frame = int(root.get_attribute("data-frame"))
        step = root.get_by_role("button", name="Step", exact=True)
        grid = root.get_by_role("grid")
        # A lab that trains makes an update; one that does not follows its table, or its slider.
        if step.count() and step.is_enabled():
            step.press("Enter")
        elif step.count():
            press(root, "Reset")  # one that has played to its end
        elif grid.count():
            grid.locator("button[tabindex='-1']").first.press("Enter")
        else:
            # On the pad a chosen digit is turned: the pen's width would change nothing.
            if root.locator(".nnlib-group").count():
                unfold(root)
            turn, sliders = root.get_by_role("slider", name="Turn"), root.get_by_role("slider")
            slider = (turn if turn.count() else sliders).first
            at_end = slider.evaluate("e => e.value === e.max")
            slider.press("ArrowLeft" if at_end else "ArrowRight")
        lab.wait_for_function(LATER_FRAME, [index, frame])
        for problem in root.locator(".nnlib-problem").all():  # the lens has a second, for your code
            expect(problem).to_be_empty()
        expect(root.locator(".nnlib-words")).not_to_be_empty()
