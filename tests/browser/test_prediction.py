"""A prediction in a real JupyterLab: commit by the keyboard, then read; and without a kernel."""

import pytest
from playwright.sync_api import expect

CELL = """
import os, tempfile
os.environ["NNLIB_PROGRESS"] = os.path.join(tempfile.mkdtemp(dir="."), "progress.json")
from nnlib.exercises import predictions
from nnlib.lab import predict
asked = predict(
    "A tenth of the learning rate. What becomes of the curve?",
    ["it falls more slowly", "it falls faster", "it leaps"],
    answer="it falls more slowly",
    why="Each step of `x - alpha * gradient` is a tenth as long.",
)
asked
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_by_the_keyboard_one_commits_and_reads_the_answer_only_then(lab, theme):
    root = lab.show(CELL, theme)
    status, commit = root.get_by_role("status"), root.get_by_role("button", name="Commit")
    expect(commit).to_be_disabled()
    expect(status).to_be_empty()
    expect(lab.page.locator(".jp-OutputArea").get_by_text("a tenth as long")).to_be_hidden()
    root.get_by_role("radio").first.focus()
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    expect(status).to_contain_text("Not this time: it falls more slowly.")
    expect(status.locator("code")).to_have_text("x - alpha * gradient")
    expect(status).to_be_focused()
    expect(root.get_by_role("radio", name="it falls faster")).to_be_disabled()
    expect(commit).to_be_hidden()
    lab.wait_for_kernel("repr(predictions()) == '0 of 1 predictions right'")


def test_the_folded_answer_is_shown_where_there_is_no_kernel_and_only_there(lab):
    root = lab.show(CELL)
    asleep = lab.page.locator(".nnlib-asleep")
    folded, why = asleep.get_by_text("The answer"), asleep.get_by_text("a tenth as long")
    expect(folded).to_be_hidden()
    root.evaluate("view => view.remove()")
    expect(folded).to_be_visible()
    expect(why).to_be_hidden()
    folded.click()
    expect(why).to_be_visible()
