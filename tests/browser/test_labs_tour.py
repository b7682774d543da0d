"""The tour of the labs: run from top to bottom, every widget of it is alive."""

from playwright.sync_api import expect


def test_every_lab_of_the_tour_answers_to_its_step_button(lab):
    lab.open("00_labs.ipynb", height=1400)
    lab.run_all()
    shown = lab.evaluate(
        "() => codeCells().filter(({model}) => model.outputs.toJSON().some("
        "o => 'application/vnd.jupyter.widget-view+json' in (o.data ?? {})))"
        ".map(({index}) => index)"
    )
    assert len(shown) == 5
    for index in shown:
        root = lab.cell(index).locator(".nnlib-lab")
        expect(root).to_be_visible()
        frame = int(root.get_attribute("data-frame"))
        root.get_by_role("button", name="Step", exact=True).press("Enter")
        lab.wait_for_function(
            "([i, frame]) => document.querySelector(`[data-test-cell='${i}'] .nnlib-lab`)"
            ".dataset.frame > frame",
            [index, frame],
        )
        expect(root.locator(".nnlib-problem")).to_be_empty()
