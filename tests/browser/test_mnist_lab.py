"""All of MNIST under the labs, in a real JupyterLab: the panel, and a race over several seeds."""

import pytest
from playwright.sync_api import expect

from .jupyterlab import press, until

DATA = "import nnlib\nfrom nnlib.lab import RaceLab, TrainingPanel\nmnist = nnlib.load_mnist()\n"
PANEL = DATA + """network = nnlib.NeuralNetwork([784, 32, 10], hidden="relu", init="he", seed=0)
lab = TrainingPanel(network, mnist.X_train, mnist.y_train, batch_size=500, learning_rate=0.3,
                    validation=(mnist.X_validation, mnist.y_validation), momentum=0.8)
lab"""


def images(root):
    return root.locator("canvas.nnlib-images").evaluate("c => c.toDataURL()")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_is_a_lab_like_the_others(lab, theme):
    root = lab.show(PANEL, theme)
    until(lab, "d.update === '0'")
    untrained = images(root)

    # An epoch is all 50,000 images, once, and ends with a look at the validation data.
    press(root, "Epoch")
    until(lab, "d.update === '100' && d.state === 'paused'")
    assert lab.kernel_eval("[lab._trainer.samples_seen, lab._latest['epoch']]") == [50_000, 1]
    assert float(root.get_attribute("data-accuracy")) > 0.8
    assert images(root) != untrained
    lab.kernel_exec("after = lab.network.parameters.copy()")

    # It is kept, looked back at, and comes out the same if it is repeated from the start.
    press(root, "Keep this run")
    until(lab, "d.kept === 'α 0.3, batches of 500, gradient descent; 100 updates'")
    rewind = root.get_by_label("Rewind", exact=True)
    rewind.press("Home")
    until(lab, "d.rewound === '0'")
    assert lab.kernel_eval("lab.updates") == 0 and images(root) == untrained
    press(root, "Epoch")
    until(lab, "d.update === '100' && d.state === 'paused' && d.rewound === ''")
    assert lab.kernel_eval("bool((lab.network.parameters == after).all())")

    # Another optimizer is taken on the way, and in slow motion.
    root.get_by_label("Optimizer").select_option("Momentum")
    root.get_by_label("Speed").select_option("20 updates a second")
    lab.wait_for_kernel("lab._engine.speed == 20 and lab._trainer.optimizer.beta == 0.8")
    press(root, "Run")
    until(lab, "d.update > 102")
    press(root, "Pause")
    until(lab, "d.state === 'paused'")
    lab.screenshot(f"mnist-panel-{theme}")
    if theme == "light":
        return

    # Functions of the learner's own are diagnosed, and those that are right train it all.
    lab.kernel_exec("lab.pace = 'full speed'; lab.use(update=lambda x, g, rate: x + rate * g)")
    expect(root.get_by_role("alert")).to_contain_text("Your update cannot drive the lab yet")
    lab.kernel_exec("lab.use(update=lambda x, g, rate: x - rate * g)")
    expect(root.locator(".nnlib-whose")).to_have_text("The code at work: your update.")
    press(root, "Epoch")
    until(lab, "d.update === '100' && d.state === 'paused'")
    assert lab.kernel_eval("bool(abs(lab.network.parameters - after).max() < 1e-4)")
