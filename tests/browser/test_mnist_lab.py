"""All of MNIST under the labs, in a real JupyterLab: the panel, and a race over several seeds."""

import pytest
from playwright.sync_api import expect

from .jupyterlab import press, unfold, until

DATA = "import nnlib\nfrom nnlib.lab import RaceLab, TrainingPanel\nmnist = nnlib.load_mnist()\n"
PANEL = (
    DATA
    + """network = nnlib.NeuralNetwork([784, 32, 10], hidden="relu", init="he", seed=0)
lab = TrainingPanel(network, mnist.X_train[:10_000], mnist.y_train[:10_000], batch_size=100,
                    learning_rate=0.3,
                    validation=(mnist.X_validation, mnist.y_validation), momentum=0.8)
lab"""
)


def images(root):
    return root.locator("canvas.nnlib-images").evaluate("c => c.toDataURL()")


def test_the_panel_is_a_lab_like_the_others(lab):
    root = lab.show(PANEL, "dark")
    until(lab, "d.update === '0'")
    untrained = images(root)

    # An epoch is all 10,000 images, once, and ends with a look at the validation data.
    press(root, "Epoch")
    until(lab, "d.update === '100' && d.state === 'paused'")
    done = lab.kernel_eval("[lab.trainer.samples_seen, lab.training.latest['epoch']]")
    assert done == [10_000, 1]
    assert float(root.get_attribute("data-accuracy")) > 0.8
    assert images(root) != untrained
    lab.kernel_exec("after = lab.network.parameters.copy()")

    # It is kept, looked back at, and comes out the same if it is repeated from the start.
    press(root, "Keep this run")
    until(lab, "d.kept === 'α 0.3, batches of 100, gradient descent; 100 updates'")
    rewind = root.get_by_label("Rewind", exact=True)
    rewind.press("Home")
    until(lab, "d.rewound === '0'")
    assert lab.kernel_eval("lab.updates") == 0 and images(root) == untrained
    press(root, "Epoch")
    until(lab, "d.update === '100' && d.state === 'paused' && d.rewound === ''")
    assert lab.kernel_eval("bool((lab.network.parameters == after).all())")

    # Another optimizer is taken on the way, and in slow motion.
    unfold(root)
    root.get_by_label("Optimizer").select_option("Momentum")
    root.get_by_label("Speed").select_option("20 updates a second")
    lab.wait_for_kernel("lab.engine.speed == 20 and lab.trainer.optimizer.beta == 0.8")
    press(root, "Run")
    until(lab, "d.update > 102")
    press(root, "Pause")
    until(lab, "d.state === 'paused'")
    lab.screenshot("mnist-panel")

    # Functions of the learner's own are diagnosed, and those that are right train it all.
    lab.kernel_exec("lab.pace = 'full speed'; lab.use(update=lambda x, g, rate: x + rate * g)")
    expect(root.get_by_role("alert")).to_contain_text("Your update cannot drive the lab yet")
    lab.kernel_exec("lab.use(update=lambda x, g, rate: x - rate * g)")
    expect(root.locator(".nnlib-whose")).to_have_text("Code in use: your update.")
    press(root, "Epoch")
    until(lab, "d.update === '100' && d.state === 'paused'")
    assert lab.kernel_eval("bool(abs(lab.network.parameters - after).max() < 1e-4)")


RACE = (
    DATA
    + """from nnlib.landscapes.race import Settings
mine = {"plain": Settings(lambda: nnlib.GradientDescent(0.1), 64),
        "momentum": Settings(lambda: nnlib.Momentum(0.05), 64),
        "Adam": Settings(lambda: nnlib.Adam(0.001), 64)}
network = nnlib.NeuralNetwork([784, 128, 10], hidden="relu", init="he", seed=0)
lab = RaceLab(mine, network=network, X=mnist.X_train, y=mnist.y_train, band=True, seeds=3,
              validation=(mnist.X_validation, mnist.y_validation))
lab"""
)


# By day tests/browser/test_race.py runs a race with seeds, on less.
@pytest.mark.nightly
def test_three_ways_with_three_seeds_race_on_all_of_mnist(lab):
    root = lab.show(RACE, "dark")
    until(lab, "d.names === 'plain|momentum|Adam'")
    # The first look costs more than an answer may take: it comes with the first pieces of work.
    expect(root.locator(".nnlib-race tbody tr").first.locator("td").first).to_have_text("–")
    press(root, "Run")
    until(lab, "d.points > 2", timeout=120)
    press(root, "Pause")
    until(lab, "d.state === 'paused'")
    expect(root.locator(".nnlib-words")).to_contain_text("each is a mean over 3 seeds")
    assert (
        lab.kernel_eval(
            "len({t.X.ctypes.data for c in lab.contest.contestants for t in c.trainers})"
        )
        == 1
    )
    rows = root.locator(".nnlib-race tbody tr")
    shares = [row.locator("td").nth(1).inner_text() for row in rows.all()]
    assert all(50 < float(share.removesuffix(" %")) <= 100 for share in shares), shares
    expect(root.locator(".nnlib-chart")).to_have_count(2)
    root.get_by_label("Plotted against").select_option("gradient evaluations")
    until(lab, "d.against === 'gradient evaluations'")
    expect(root.locator(".nnlib-table summary").nth(1)).to_have_text(
        "table: accuracy over gradient evaluations"
    )
    lab.screenshot("mnist-race")
    root.get_by_label("Three seeds").press("Space")
    lab.wait_for_kernel("len(lab.contest.contestants[0].trainers) == 1")
    press(root, "Step")
    until(lab, "d.update === '1' && d.state === 'paused'")
