"""A network as a web page: what is in the file, and what cannot be exported."""

import base64
import json
import re

import numpy as np
import pytest

import nnlib
from nnlib.export import web_page

MNIST = nnlib.load_mnist()
TEST = MNIST.X_test[:300], MNIST.y_test[:300]


class Swish(nnlib.Activation):
    name = "swish"


def network(layers=(784, 128, 10), **settings):
    return nnlib.NeuralNetwork(list(layers), seed=0, **settings)


def part(text, name):
    """Return what is in the script of this id."""
    return re.search(rf'<script type="[a-z/]+" id="{name}">(.*?)</script>', text, re.S)[1]


def test_the_page_holds_the_whole_network_in_600_kilobytes(tmp_path):
    net = network(hidden="relu")
    path = web_page(net, str(tmp_path / "page.html"), test=TEST)
    assert path == tmp_path / "page.html"
    assert path.stat().st_size <= 600_000
    text = path.read_text(encoding="utf-8")
    weights = np.frombuffer(base64.b64decode(part(text, "weights"), validate=True), "<f4")
    np.testing.assert_array_equal(weights, net.parameters)
    data = json.loads(part(text, "data"))
    assert (data["layers"], data["activations"]) == ([784, 128, 10], ["relu", "softmax"])
    assert not re.search(r"https?://|\bsrc=|@import|url\(|fetch\(|\{\{", text)


def test_the_accuracy_is_measured_on_the_images_given_or_on_mnist(tmp_path):
    net = network((784, 10))
    text = web_page(net, tmp_path / "a.html", test=TEST).read_text(encoding="utf-8")
    assert f"<strong>{100 * (net.predict(TEST[0]) == TEST[1]).mean():.2f} %</strong>" in text
    assert "300 test images" in text
    text = web_page(net, tmp_path / "a.html").read_text(encoding="utf-8")
    right = (net.predict(MNIST.X_test) == MNIST.y_test).mean()
    assert f"<strong>{100 * right:.2f} %</strong>" in text
    assert "MNIST’s 10,000 test images" in text


def test_a_name_is_text_and_never_a_part_of_the_page(tmp_path):
    name = "</title><script>alert(1)</script> & {{weights}}\n  Ada"
    text = web_page(network((784, 10)), tmp_path / "a.html", name=name, test=TEST).read_text(
        "utf-8"
    )
    shown = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{weights}} Ada"
    assert text.count(f"{shown}’s neural network") == 2  # in the title and in the heading
    assert f"{shown} trained it" in text
    assert "alert(1)</script>" not in text
    nobody = web_page(network((784, 10)), tmp_path / "a.html", test=TEST).read_text("utf-8")
    assert "<h1>A neural network that reads digits</h1>" in nobody


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (network((784, 20, 3)), "784 inputs, the pixels, and 10 outputs"),
        (network((100, 10)), "784 inputs, the pixels, and 10 outputs"),
        (
            network((784, 8, 9, 10), hidden=["relu", Swish()]),
            "layer 2 uses an activation of your own ('swish'), which is Python",
        ),
        ("digits.npz", "must be a NeuralNetwork, not str"),
    ],
)
def test_what_cannot_be_exported_is_said(tmp_path, net, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        web_page(net, tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_parameters_that_are_not_numbers_are_counted(tmp_path):
    net = network((784, 10), dtype="float64")
    net.parameters[5], net.parameters[7] = np.nan, 1e300
    with pytest.raises(ValueError, match="2 of the network's 7,850 parameters are NaN"):
        web_page(net, tmp_path / "a.html")


def test_paths_and_names_that_cannot_be_used(tmp_path):
    net = network((784, 10))
    with pytest.raises(ValueError, match=r"must end in \.html"):
        web_page(net, tmp_path / "page")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        web_page(net, tmp_path / "nowhere" / "page.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        web_page(net, tmp_path / "folder.html")
    with pytest.raises(ValueError, match="has 81 characters, but the heading has room for 80"):
        web_page(net, tmp_path / "a.html", name="a" * 81)
    with pytest.raises(ValueError, match="name=7 must be a text"):
        web_page(net, tmp_path / "a.html", name=7)
    with pytest.raises(ValueError, match=r"name=.* holds half a character"):
        web_page(net, tmp_path / "a.html", name="Ada \ud83d", test=TEST)
