"""Keeping runs, rewinding them and reading them as a table, in a real JupyterLab."""

import pytest
from playwright.sync_api import expect

from .jupyterlab import press, unfold, until

PLAYGROUND = "from nnlib.lab import Playground\nlab = Playground(dataset='moons')\nlab"
PANEL = (
    "import nnlib\nfrom nnlib.lab import TrainingPanel\nX, y = nnlib.moons(200)\n"
    "network = nnlib.NeuralNetwork([2, 6, 2], seed=0)\n"
    "lab = TrainingPanel(network, X[:150], y[:150], validation=(X[150:], y[150:]))\nlab"
)
REGRESSION = (
    "import nnlib\nfrom nnlib.lab import TrainingPanel\nx, y = nnlib.noisy_sine(40)\n"
    "network = nnlib.NeuralNetwork([1, 8, 1], hidden='relu', output='identity', seed=0)\n"
    "lab = TrainingPanel(network, x, y, validation=(x, y), mode='Batch')\nlab"
)
RACE = "from nnlib.lab import RaceLab\nlab = RaceLab()\nlab"
DESCENT = "from nnlib.lab import DescentLab\nlab = DescentLab()\nlab"


def train(lab, root, updates):
    press(root, "Run")
    until(lab, "d.update > argument", updates)
    press(root, "Pause")
    until(lab, "d.state === 'paused'")


def picture(root, selector, i=0):
    return root.locator(selector).nth(i).evaluate("c => c.toDataURL()")


def pixels_like(root, colour):
    """Count the pixels of the loss chart that are nearly of this colour."""
    return root.locator(".nnlib-chart canvas").first.evaluate(
        """(canvas, hex) => {
            const wanted = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            let count = 0;
            for (let i = 0; i < data.length; i += 4) {
              const near = wanted.every((v, k) => Math.abs(v - data[i + k]) < 12);
              if (near && data[i + 3] > 200) count += 1;
            }
            return count;
        }""",
        colour,
    )


@pytest.mark.parametrize(
    ("theme", "colour"),
    [("light", "#009E73"), pytest.param("dark", "#2BD9A8", marks=pytest.mark.nightly)],
)
def test_a_kept_run_stays_after_reset_and_the_next_is_drawn_over_it(lab, theme, colour):
    root = lab.show(PLAYGROUND, theme)
    expect(root.get_by_role("button", name="Keep this run")).to_be_disabled()
    train(lab, root, 600)
    assert pixels_like(root, colour) == 0
    press(root, "Keep this run")
    until(lab, "d.kept.startsWith('α 0.1, batches of 10, gradient descent; ')")
    name = lab.kernel_eval("[run.name for run in lab.kept]")[0]
    press(root, "Reset")
    until(lab, "d.update === '0'")
    assert pixels_like(root, colour) > 100
    unfold(root)
    root.get_by_label("Optimizer").select_option("Adam")
    lab.wait_for_kernel("lab.optimizer == 'Adam'")
    train(lab, root, 300)
    legend = root.get_by_role("list", name="Kept runs")
    expect(legend.get_by_role("textbox")).to_have_value(name)
    expect(root.locator(".u-legend").first).to_contain_text("training loss")
    assert pixels_like(root, colour) > 100
    expect(root.locator(".nnlib-words")).to_contain_text("1 run kept, the best with")
    press(root, "Keep this run")
    until(lab, "d.kept.includes('Adam')")
    lab.screenshot(f"kept-{theme}")


def test_kept_runs_are_renamed_and_removed_by_the_keyboard(lab):
    root = lab.show(PANEL)
    lab.kernel_exec("lab.step(5)")
    until(lab, "d.update === '5'")
    for n in (1, 2, 3):
        press(root, "Keep this run")
        until(lab, "d.kept.split('|').filter(Boolean).length === argument", n)
    name = root.get_by_label("Name of kept run 1")
    name.fill("first")
    name.press("Enter")
    lab.wait_for_kernel("lab.kept[0].name == 'first'")
    expect(name).to_be_focused()
    root.get_by_role("button", name="Remove kept run first").press("Enter")
    lab.wait_for_kernel("len(lab.kept) == 2")
    expect(root.locator("[data-remove='0']")).to_be_focused()  # now the second one's
    press(root, "Remove all kept runs")
    lab.wait_for_kernel("lab.kept == []")
    expect(root.get_by_role("list", name="Kept runs")).to_be_hidden()
    expect(root.get_by_role("button", name="Keep this run")).to_be_focused()


@pytest.mark.parametrize(
    ("rate", "says"),
    [(100, "diverged at update"), pytest.param(1.2, "validation loss", marks=pytest.mark.nightly)],
)
def test_a_kept_run_that_climbs_or_diverges_leaves_the_axis_alone(lab, rate, says):
    root = lab.show(REGRESSION)
    lab.kernel_exec(f"lab.learning_rate = {rate}; lab.step(12)")
    highest = lab.kernel_eval("float(lab.training.curves['training loss'].points()[1].max())")
    assert highest > 50
    press(root, "Keep this run")
    expect(root.get_by_role("list", name="Kept runs")).to_contain_text(says)
    lab.kernel_exec("lab.learning_rate = 0.01; lab.reset(); lab.step(400)")
    until(lab, "d.update === '400'")
    lab.screenshot(f"kept-diverged-{rate}")
    start = lab.kernel_eval("float(lab.training.curves['training loss'].points()[1][0])")
    top = root.locator(".nnlib-chart").first.evaluate("box => box.chart.plot.scales.y.max")
    assert start <= top < 5 * start


def test_the_slider_rewinds_and_training_goes_on_from_there(lab):
    root = lab.show(PLAYGROUND)
    train(lab, root, 800)
    latest = lab.kernel_eval("lab.updates")
    slider = root.get_by_role("slider", name="Rewind")
    plane, chart = picture(root, "canvas.nnlib-plane"), picture(root, ".nnlib-chart canvas")
    end = lab.kernel_eval("lab.network.parameters.tolist()")
    expect(slider).to_have_attribute("aria-valuetext", f"update {latest:,} of {latest:,}")

    slider.press("Home")
    until(lab, "d.rewound === '0'")
    until(lab, "d.update === '0'")
    expect(root.locator(".nnlib-words")).to_contain_text("Rewound to the start")
    for _ in range(5):
        slider.press("ArrowRight")
    until(lab, "d.rewound !== '0' && Number(d.rewound) < argument", latest)
    moment = lab.kernel_eval("lab.moments[5]")
    until(lab, "Number(d.rewound) === argument", moment)
    assert lab.kernel_eval("lab.updates") == moment
    expect(slider).to_have_attribute("aria-valuetext", f"update {moment:,} of {latest:,}")
    assert lab.kernel_eval("lab.network.parameters.tolist()") != end
    assert picture(root, "canvas.nnlib-plane") != plane
    assert picture(root, ".nnlib-chart canvas") != chart
    lab.screenshot("rewound-light")

    slider.press("End")
    until(lab, "d.rewound === '' && Number(d.update) === argument", latest)
    assert lab.kernel_eval("lab.network.parameters.tolist()") == end
    assert picture(root, "canvas.nnlib-plane") == plane

    slider.press("Home")
    until(lab, "d.rewound === '0'")
    press(root, "Step")
    until(lab, "d.rewound === '' && d.update === '1' && d.length === '1'")
    assert lab.kernel_eval("lab.moments") == [0, 1]


def test_rewinding_pauses_a_training_that_runs(lab):
    root = lab.show(PANEL, "dark", width=800)
    press(root, "Run")
    until(lab, "d.update > 500")
    slider = root.get_by_role("slider", name="Rewind")
    slider.press("PageDown")
    until(lab, "d.state === 'paused' && d.rewound !== ''")
    lab.screenshot("rewound-dark-800")
    at = lab.kernel_eval("lab.updates")
    until(lab, "Number(d.length) > argument", at)
    press(root, "Run")
    until(lab, "d.rewound === '' && d.state === 'running'")
    press(root, "Pause")
    until(lab, "d.state === 'paused'")
    sticking_out = root.evaluate(
        "e => [...e.querySelectorAll('*')].filter(c => c.getBoundingClientRect().right >"
        " e.getBoundingClientRect().right + 1 && getComputedStyle(c).position !== 'absolute')"
        ".map(c => c.outerHTML.slice(0, 120))"
    )
    assert sticking_out == []


def test_a_table_stands_behind_each_curve(lab):
    root = lab.show(PLAYGROUND)
    train(lab, root, 300)
    press(root, "Keep this run")
    until(lab, "d.kept !== ''")
    table = root.locator(".nnlib-table").first
    expect(table.get_by_role("table")).to_be_hidden()
    table.locator("summary").press("Enter")
    expect(table.get_by_role("table")).to_be_visible()
    expect(table.get_by_role("columnheader").nth(1)).to_have_text("training loss")
    expect(table.get_by_role("columnheader")).to_have_count(5)  # two of the kept run
    rows = table.locator("tbody tr")
    assert 15 <= rows.count() <= 20
    last = [float(text) for text in rows.last.locator("td").all_inner_texts()]
    assert last[1] == pytest.approx(last[3], rel=0.3)  # the kept run is this very run
    x = [float(text.replace(",", "")) for text in rows.locator("th").all_inner_texts()]
    assert x == sorted(x) and x[-1] == pytest.approx(lab.kernel_eval("lab.updates"), abs=1)
    expect(root.locator(".nnlib-table")).to_have_count(2)


@pytest.mark.parametrize("cell", [RACE, pytest.param(DESCENT, marks=pytest.mark.nightly)])
def test_races_and_descents_have_their_table_too(lab, cell):
    root = lab.show(cell)
    press(root, "Step")
    until(lab, "d.update > 0 || d.step > 0")
    tables = root.locator(".nnlib-table").all()  # a race has one of the loss and one of accuracy
    assert tables
    for table in tables:
        table.locator("summary").press("Enter")
        expect(table.locator("tbody tr").first).to_be_visible()
        assert table.get_by_role("columnheader").count() > 1


@pytest.mark.nightly
def test_small_losses_have_labels_on_a_log_scale(lab):
    root = lab.show(PLAYGROUND)
    lab.kernel_exec(
        "lab.dataset = 'blobs'; lab.noise = 0.0; lab.optimizer = 'Adam'; lab.step(3000)"
    )
    until(lab, "d.update === '3000'")
    root.get_by_label("loss on a log scale").check()
    labels = root.locator(".nnlib-chart").first.evaluate(
        "box => { const p = box.chart.plot; const axis = p.axes[1];"
        " return axis.values(p, [1e-5, 0.0001, 0.01, 1, null]); }"
    )
    assert labels == ["1e−5", "1e−4", "0.01", "1", ""]
