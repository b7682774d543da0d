"""Lesson 1 in a real JupyterLab: it runs, every lab answers, a wrong answer is told why."""

from playwright.sync_api import expect

NOTEBOOK = "01_forward.ipynb"
LABS = 7  # explorers; the playground comes after them


def cells_with_a_lab(lab) -> list[int]:
    """Return the indices of the cells whose output is a widget."""
    return lab.evaluate(
        """() => codeCells().filter(({model}) => {
            for (let i = 0; i < model.outputs.length; i++)
                if ('application/vnd.jupyter.widget-view+json' in model.outputs.get(i).data)
                    return true;
            return false;
        }).map(({index}) => index)"""
    )


def stub(lab, name: str) -> int:
    """Return the index of the cell that is the stub of an exercise."""
    return lab.evaluate(
        "name => codeCells().find(({model}) =>"
        " (model.sharedModel.metadata.tags ?? []).includes(`stub:${name}`)).index",
        name,
    )


def write(lab, index: int, source: str) -> None:
    lab.evaluate(
        "([i, source]) => panel.content.widgets[i].model.sharedModel.setSource(source)",
        [index, source],
    )
    lab.run_cell(index)


def test_the_lesson_runs_and_every_lab_answers_to_its_controls(lab):
    lab.open(NOTEBOOK, height=1000)
    lab.run_all(timeout=120)
    labs = cells_with_a_lab(lab)
    assert len(labs) == LABS + 1
    for index in labs[:LABS]:
        root = lab.cell(index).locator(".nnlib-lab")
        expect(root).to_have_attribute("data-moves", "0")
        pictures = "e => [...e.querySelectorAll('canvas')].map(c => c.toDataURL()).join()"
        before = root.evaluate(pictures)
        slider = root.get_by_role("slider").first
        slider.focus()
        for _ in range(8):
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
        lab.wait_for_function(
            "([i, before]) => { const root ="
            " document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`);"
            f" return ({pictures})(root) !== before; }}",
            [index, before],
        )
        expect(root.locator(".nnlib-words")).not_to_be_empty()
        expect(root.get_by_role("alert")).to_be_empty()

    playground = lab.cell(labs[-1]).locator(".nnlib-lab")
    playground.get_by_role("button", name="Step", exact=True).press("Enter")
    expect(playground).to_have_attribute("data-update", "1")


def test_a_wrong_forward_is_told_why_and_a_right_one_trains_the_playground(lab):
    lab.open(NOTEBOOK, height=1000)
    lab.run_all(timeout=120)
    here = stub(lab, "forward")
    right = (
        "def forward(X, weights, biases, activations):\n"
        "    z, a = [None], [X]\n"
        "    for W, b, f in zip(weights, biases, activations):\n"
        "        z.append(a[-1] @ W + b)\n"
        "        a.append(f(z[-1]))\n"
        "    return z, a\n"
    )
    write(lab, here, right.replace(" + b", ""))
    lab.run_cell(here + 1)
    verdict = lab.cell(here + 1).locator("[role=status]").first
    expect(verdict).to_contain_text("the bias is missing")

    write(lab, here, right)
    lab.run_cell(here + 1)
    expect(lab.cell(here + 1).locator("[role=status]").first).to_contain_text("correct")
    playground = cells_with_a_lab(lab)[-1]
    lab.run_cell(playground)
    root = lab.cell(playground).locator(".nnlib-lab")
    expect(root.locator(".nnlib-whose")).to_contain_text("your forward")
    root.get_by_role("button", name="Step", exact=True).press("Enter")
    expect(root).to_have_attribute("data-update", "1")
