"""The digit pad through its traits and methods: strokes in, a digit out, learning on the spot."""

import json
from pathlib import Path

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.images.handwriting import paste, prepare, rasterize
from nnlib.lab import DigitPad
from nnlib.lab.digit_pad import ALL_INK

BROWSER = Path(__file__).parents[1] / "browser"  # there they are drawn by a mouse

t = np.linspace(0, 2 * np.pi, 40)
RING = np.column_stack([0.5 + 0.2 * np.sin(t), 0.5 - 0.3 * np.cos(t)])
BAR = [[0.5, 0.2], [0.5, 0.8]]


@pytest.fixture(scope="module")
def network(reader):
    return reader


@pytest.fixture
def pad(network):
    return DigitPad(network)


def hear(pad, command, **more):
    pad.hear({"command": command, **more})


def stroke(pad, points, new=True, number=1):
    hear(pad, "stroke", points=np.asarray(points).tolist(), new=new, view="v", number=number)


def misread(pad, mnist):
    """Put a digit on the pad that is misread; return its label."""
    i = np.flatnonzero(pad.network.predict(mnist.X_test) != mnist.y_test)[0]
    pad.put(int(i))
    assert pad.reads != mnist.y_test[i]
    return int(mnist.y_test[i])


# Reading.


def test_what_is_drawn_is_prepared_and_read_by_the_network(pad, network):
    pad.draw([RING])
    image = prepare(rasterize([RING])).X
    np.testing.assert_array_equal(pad.prepared.X, image)
    np.testing.assert_allclose(pad.output, network.forward(image).output[0])
    assert pad.reads == 0
    values, arrays = pad.frame()
    assert values["summary"].startswith("Reads 0, ")
    np.testing.assert_allclose(arrays["layer 2"][0], pad.output, atol=1e-6)
    np.testing.assert_allclose(arrays["layer 1"], network.forward(image).a[1], atol=1e-5)
    np.testing.assert_allclose(arrays["image"], image.reshape(28, 28), atol=1e-6)


def test_drawn_digits_are_read_and_fewer_of_them_where_they_are_not_centred():
    drawings = json.loads((BROWSER / "strokes.json").read_text(encoding="utf-8"))
    digits = [drawing["digit"] for drawing in drawings]
    assert sorted(digits) == sorted(2 * list(range(10)))
    pad = DigitPad()

    def right(scale=1.0):
        reads = []
        for drawing in drawings:
            pad.draw([scale * np.array(points) for points in drawing["strokes"]])
            assert ("draw it larger" in pad.frame()[0]["summary"]) == (scale < 1)
            reads.append(pad.reads)
        return sum(a == b for a, b in zip(reads, digits, strict=True))

    centred = right()
    assert centred >= 18
    assert right(0.25) < 0.6 * centred  # the holes of digits so small are closed
    pad.centre = False
    assert right() < centred


def test_strokes_from_the_page_grow_as_they_are_drawn(pad):
    stroke(pad, RING[:10])
    stroke(pad, RING[10:], new=False, number=2)
    np.testing.assert_allclose(pad.strokes[0], RING)
    np.testing.assert_allclose(pad.ink, rasterize([RING]))
    stroke(pad, BAR, number=3)
    assert len(pad.strokes) == 2 and pad.frame()[0]["heard"] == {"v": 3}
    np.testing.assert_allclose(pad.ink, rasterize([RING, BAR]))
    hear(pad, "undo")
    np.testing.assert_allclose(pad.ink, rasterize([RING]))
    assert pad.reads == 0
    hear(pad, "clear")
    assert pad.reads is None and pad.output is None and pad.prepared is None
    assert "The pad is empty" in pad.frame()[0]["summary"]
    pad.undo()
    assert pad.strokes == []


def test_a_stroke_takes_the_place_of_a_chosen_digit(pad):
    assert pad.frame()[0]["source"] == "digit" and pad.strokes == []
    stroke(pad, BAR)
    assert pad.frame()[0]["source"] == "strokes"
    np.testing.assert_allclose(pad.ink, rasterize([BAR]))


@pytest.mark.parametrize("points", [[], [[0.1]], [[0, float("nan")]], None, "much"])
def test_a_stroke_that_is_none_is_refused_in_words(pad, points):
    pad.draw([BAR])
    hear(pad, "stroke", points=points, new=True, view="v", number=7)
    assert pad.frame()[0]["refused"] and len(pad.strokes) == 1
    # It was heard all the same, or the page would wait for it.
    assert pad.frame()[0]["heard"] == {"v": 7}
    with pytest.raises(ValueError, match=r"stroke|NaN"):
        pad.draw([points])


@pytest.mark.slow
def test_the_pad_holds_no_endless_drawing(pad):
    with pytest.raises(ValueError, match="the pad is full"):
        pad.draw([np.full((5001, 2), 0.5)])
    stroke(pad, np.full((4999, 2), 0.5))
    stroke(pad, BAR)
    assert "the pad is full" in pad.frame()[0]["refused"] and len(pad.strokes) == 1


def test_the_pen_draws_the_strokes_anew(pad):
    pad.draw([BAR])
    ink = pad.ink.sum()
    pad.pen = 0.16
    assert pad.ink.sum() > 1.8 * ink


@pytest.mark.parametrize("stage", ["crop", "scale", "centre"])
def test_every_stage_can_be_switched_off(pad, stage):
    corner = RING * 0.5
    pad.draw([corner])
    setattr(pad, stage, False)
    expected = prepare(rasterize([corner]), **{stage: False})
    np.testing.assert_array_equal(pad.prepared.image, expected.image)
    assert (pad.prepared.image != prepare(rasterize([corner])).image).any()
    words = dict(zip(["crop", "scale", "centre"], pad.frame()[0]["stages"], strict=True))
    assert words[stage][0].startswith("Not ")


# Choosing instead of drawing.


def test_a_chosen_digit_takes_the_same_way(pad, mnist):
    pad.draw([RING])
    pad.digit = 3
    assert pad.frame()[0]["source"] == "digit" and pad.strokes == []
    np.testing.assert_allclose(pad.prepared.X[0], mnist.X_test[3], atol=1e-6)
    pad.across, pad.down, pad.rotation, pad.zoom = 4, -3, 20, 0.8
    expected = paste(mnist.X_test[3], across=4, down=-3, degrees=20, zoom=0.8)
    np.testing.assert_array_equal(pad.prepared.image, prepare(expected).image)
    assert pad.frame()[0]["truth"] == mnist.y_test[3]
    hear(pad, "clear")
    hear(pad, "put")
    np.testing.assert_array_equal(pad.prepared.image, prepare(expected).image)


def test_digits_of_your_own_can_be_chosen_from(network, mnist):
    pad = DigitPad(network, digits=(mnist.X_validation[:7], mnist.y_validation[:7]))
    assert next(c for c in pad.controls if c["trait"] == "digit")["high"] == 6
    pad.digit = 6
    np.testing.assert_allclose(pad.prepared.X[0], mnist.X_validation[6], atol=1e-6)
    with pytest.raises(traitlets.TraitError, match="digit=7 must be from 0 to 6"):
        pad.digit = 7


@pytest.mark.parametrize(
    "trait, value",
    [("pen", 0), ("zoom", 0.0), ("across", 99), ("rotation", -91), ("threshold", 2), ("digit", -1)],
)
def test_a_value_outside_is_refused(pad, trait, value):
    before = getattr(pad, trait)
    with pytest.raises(traitlets.TraitError, match=f"{trait}="):
        setattr(pad, trait, value)
    assert getattr(pad, trait) == before


def test_the_images_are_not_copied_for_a_network_in_float64(mnist):
    network = nnlib.NeuralNetwork([784, 10], seed=0, dtype="float64")
    pad = DigitPad(network, digits=(mnist.X_validation, mnist.y_validation))
    assert np.shares_memory(pad.digits[0], mnist.X_validation)
    outputs = network.forward(pad.prepared.X.astype(float)).output
    np.testing.assert_allclose(pad.output, outputs[0], rtol=1e-6)


def test_below_the_threshold_it_does_not_know(pad):
    pad.draw([RING])
    best = float(pad.output.max())
    pad.draw([RING, [[0.2, 0.2], [0.8, 0.8]]])  # no digit at all
    assert pad.output.max() < best
    pad.threshold = round(float(pad.output.max() + 1) / 2, 2)
    assert pad.reads is None
    assert pad.frame()[0]["summary"].startswith("I don't know, no output reaches ")
    pad.threshold = 0.0
    assert pad.reads == pad.output.argmax()


def test_outputs_that_are_no_probabilities_are_not_called_so(mnist):
    network = nnlib.NeuralNetwork([784, 8, 10], output="sigmoid", seed=0)
    values, _ = DigitPad(network).frame()
    assert not values["probability"] and "output 0." in values["summary"]


# Teaching.


def test_a_misread_digit_is_learnt_and_reset_gives_the_first_weights_back(pad, network, mnist):
    first = network.parameters.copy()
    label = misread(pad, mnist)
    pad.add(label)
    assert pad.reads == label
    assert [one for _, one in pad.added] == [label]
    np.testing.assert_allclose(pad.added[0][0], pad.prepared.X[0], atol=1e-6)
    assert "1 of 1 now read correctly" in pad.frame()[0]["summary"]
    assert nnlib.accuracy(pad.network, mnist.X_validation, mnist.y_validation) > 0.9
    # The given network is left alone.
    np.testing.assert_array_equal(network.parameters, first)
    hear(pad, "reset")
    np.testing.assert_array_equal(pad.network.parameters, first)
    assert pad.added == [] and pad.reads != label


def test_in_place_the_given_network_learns(network, mnist):
    own = network.copy()
    pad = DigitPad(own, in_place=True)
    label = misread(pad, mnist)
    pad.add(label)
    assert own.predict(pad.prepared.X)[0] == label
    pad.reset()
    np.testing.assert_array_equal(own.parameters, network.parameters)


@pytest.mark.slow
def test_digits_added_earlier_are_learnt_again_with_the_later(pad, mnist):
    labels = []
    for _ in range(3):
        labels.append(misread(pad, mnist))
        pad.add(labels[-1])
    assert [one for _, one in pad.added] == labels
    assert len(pad.frame()[0]["added"]) == 3
    X = np.stack([x for x, _ in pad.added])
    np.testing.assert_array_equal(pad.network.predict(X), labels)


def test_the_same_picture_takes_another_label(pad):
    pad.draw([RING])
    pad.add(6)
    pad.add(0)
    assert [label for _, label in pad.added] == [0] and pad.reads == 0


@pytest.mark.parametrize("label", [None, 10, -1, "7", True, 2.5])
def test_a_label_that_is_no_digit_is_refused(pad, label):
    with pytest.raises(ValueError, match="choose the correct answer, 0 to 9"):
        pad.add(label)
    hear(pad, "add", label=label)
    assert "choose the correct answer" in pad.frame()[0]["refused"]
    assert pad.added == []


def test_an_empty_pad_has_nothing_to_add(pad):
    pad.clear()
    with pytest.raises(ValueError, match="the pad is empty"):
        pad.add(3)


# A forward pass of the learner's own.


def own_forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


def test_a_forward_of_your_own_reads(pad):
    called = []

    def forward(*arguments):
        called.append(arguments[0].shape)
        return own_forward(*arguments)

    pad.draw([RING])
    before = pad.output
    pad.use(forward=forward)
    assert pad.code == "your forward" and called[-1] == (1, 784) and pad.problem == ""
    np.testing.assert_allclose(pad.output, before, rtol=1e-6)
    pad.use()
    assert pad.code == "nnlib"


def test_a_wrong_forward_is_told_what_is_wrong_and_does_not_read(pad):
    pad.draw([RING])

    def forward(X, weights, biases, activations):
        z, a = own_forward(X, weights, [0 * b + 1 for b in biases], activations)
        return z, a

    pad.use(forward=forward)
    assert "Your forward cannot read yet; the pad goes on with nnlib." in pad.problem
    assert "forward" in pad.problem and pad.code == "nnlib" and pad.reads == 0
    pad.reset()
    assert pad.problem == ""


def test_what_your_forward_raises_later_is_said_in_the_lab(pad):
    def forward(X, *rest):
        if len(X) == 1 and X.sum() > 60 and X.shape[1] == 784:
            raise RuntimeError("enough")
        return own_forward(X, *rest)

    pad.draw([BAR])
    pad.use(forward=forward)
    assert pad.problem == ""
    pad.draw([RING])
    assert "enough" in pad.problem and pad.state == "stopped" and pad.output is None
    pad.draw([BAR])
    assert pad.problem == "" and pad.output is not None


def test_a_pad_that_is_all_ink_says_what_to_do(pad):
    pad.pen = 0.2
    for n in (5, 8):  # with gaps, and with none
        pad.draw([[[x, 0], [x, 1]] for x in np.linspace(0, 1, n)])
        assert pad.problem == ALL_INK and pad.output is None
    pad.crop = False
    assert pad.problem == ALL_INK
    pad.draw([RING])
    assert pad.problem == "" and pad.output is not None


# How it is made and shown.


def test_what_does_not_fit_is_refused(network, mnist):
    with pytest.raises(ValueError, match="needs 784 inputs, the pixels, and 10 outputs"):
        DigitPad(nnlib.NeuralNetwork([2, 10]))
    with pytest.raises(ValueError, match="give both"):
        DigitPad(network, mnist.X_train)
    with pytest.raises(ValueError, match=r"labels must be integers of shape \(5,\)"):
        DigitPad(network, digits=(mnist.X_test[:5], mnist.y_test[:4]))


def test_without_a_network_the_one_that_comes_with_nnlib_reads():
    pad = DigitPad()
    pad.draw([RING])
    assert pad.reads == 0


@pytest.mark.slow
def test_where_no_kernel_runs_a_picture_and_words_stand_in(pad):
    pad.put(0)
    picture = pad.preview()
    assert "The network reads 7" in picture.alt and picture.png[:4] == b"\x89PNG"
    pad.clear()
    assert "A drawn digit" in pad.preview().alt
    assert repr(pad).startswith("DigitPad of NeuralNetwork([784, 32, 10]")
    data, _ = pad._repr_mimebundle_()
    assert {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(data)
