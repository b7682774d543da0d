"""What a learner does to a lab by accident leaves it alive, and is said in words."""

import numpy as np
import pytest

from nnlib.lab import Playground
from nnlib.lab.widget import Lab


def test_weights_near_the_largest_float_are_drawn_and_the_divergence_is_said():
    lab = Playground(
        dataset="moons",
        hidden=[],
        learning_rate=42.87,
        l2=0.1,
        loss="Mean squared error",
        init="he",
        mode="Batch",
    )
    lab.step(200)  # every value is within its slider's range
    assert "diverged" in lab.problem and lab.state == "stopped"
    assert np.abs(lab.network.parameters).max() > 1e37
    _, arrays = lab.frame()
    assert arrays["histogram1"][1].sum() == lab.network.weights[0].size


class Clumsy(Lab):
    """A lab whose picture fails."""

    def work(self):
        return True

    def frame(self):
        raise RuntimeError("no such neuron")

    def restart(self):
        pass


@pytest.mark.parametrize("command", ["hello", "step", "reset"])
def test_a_picture_that_fails_is_said_and_answers_the_view(command):
    lab, sent = Clumsy(), []
    lab.send = lambda content, buffers=None: sent.append(content)
    lab.hear({"command": "hello"})
    assert "no such neuron" in lab.problem and lab.state == "stopped"
    lab.hear({"command": command})
    assert sent == [{"answered": True}] * 2
