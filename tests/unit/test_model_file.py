"""Model files: whole or refused, never half, and never executed."""

import copy
import functools
import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.files.model_file
from nnlib import Activation, ModelFileError, NeuralNetwork


def same(one, other):
    """Are two networks the same to the last bit?"""
    return (
        one.layers == other.layers
        and one.activations == other.activations
        and one.dtype == other.dtype
        and one.parameters.tobytes() == other.parameters.tobytes()
    )


@pytest.fixture
def network():
    return NeuralNetwork([3, 4, 2], ["tanh"], "softmax", "he", seed=1)


@pytest.fixture
def saved(network, tmp_path):
    """The path of the saved network."""
    path = tmp_path / "network.npz"
    network.save(path)
    return path


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(
    layers=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    names=st.lists(
        st.sampled_from(["sigmoid", "tanh", "relu", "leaky_relu", "identity", "softmax"]),
        min_size=4,
        max_size=4,
    ),
    seed=st.integers(0, 1000),
)
def test_what_is_loaded_is_what_was_saved_to_the_last_bit(
    tmp_path_factory, dtype, layers, names, seed
):
    network = NeuralNetwork(
        layers, names[: len(layers) - 2], names[-1], "normal", seed=seed, dtype=dtype
    )
    path = tmp_path_factory.getbasetemp() / "round-trip"
    network.save(path)
    assert same(NeuralNetwork.load(path), network)


def test_a_loaded_network_starts_anew_as_the_saved_one_would(network, saved):
    loaded = NeuralNetwork.load(saved)
    loaded.initialize(1)
    assert same(loaded, network)
    loaded.weights[0] += 1  # and it can be trained
    assert loaded.parameters[0] == network.parameters[0] + 1


def test_a_file_cut_short_anywhere_is_refused(saved):
    contents = saved.read_bytes()
    size = len(contents)
    for length in {*range(0, size, 5), *range(size - 60, size)}:
        saved.write_bytes(contents[:length])
        with pytest.raises(ModelFileError, match="damaged"):
            NeuralNetwork.load(saved)


def flip(saved, network, position, change):
    """Change a byte: is it noticed? If not, it said nothing: the file loads as it was."""
    contents = bytearray(saved.read_bytes())
    contents[position] ^= change
    damaged = saved.with_name("damaged.npz")
    damaged.write_bytes(contents)
    try:
        loaded = NeuralNetwork.load(damaged)
    except ModelFileError:
        return True
    assert same(loaded, network)
    return False


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_flipped_bit_in_any_byte_is_noticed_or_harmless(saved, network):
    noticed = [flip(saved, network, position, 1) for position in range(saved.stat().st_size)]
    assert np.mean(noticed) > 0.5  # most bytes do say something


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(data=st.data())
def test_a_changed_byte_anywhere_is_noticed_or_harmless(tmp_path_factory, data):
    network = NeuralNetwork([3, 4, 2], seed=1)
    path = tmp_path_factory.getbasetemp() / "changed"
    network.save(path)
    position = data.draw(st.integers(0, path.stat().st_size - 1))
    flip(path, network, position, data.draw(st.integers(1, 255)))


def write_archive(path, header, parameters, **others):
    if not isinstance(header, str):
        header = json.dumps(header)
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(header), parameters=parameters, **others)
    path.write_bytes(buffer.getvalue())


GOOD = {
    "format": nnlib.files.model_file.FORMAT,
    "layers": [2, 1],
    "activations": ["sigmoid"],
    "init": "xavier",
    "dtype": "float32",
}
THREE = np.ones(3, np.float32)


def test_the_header_of_the_following_tests_is_a_good_one(tmp_path):
    write_archive(tmp_path / "m", GOOD, THREE)
    assert (NeuralNetwork.load(tmp_path / "m").parameters == 1).all()


BAD_HEADERS = {
    "another format": {**GOOD, "format": "something else, version 7"},
    "no layers": {k: v for k, v in GOOD.items() if k != "layers"},
    "a layer of width 0": {**GOOD, "layers": [3, 0]},
    "layers that are no list": {**GOOD, "layers": "two"},
    "fractional layers": {**GOOD, "layers": [2.0, 1]},
    "infinite layers": '{"format": "nnlib network, version 1", "layers": [Infinity, 1]}',
    "huge layers": {**GOOD, "layers": [10**9, 10**9]},
    "an unknown activation": {**GOOD, "activations": ["os.system"]},
    "an activation that is no name": {**GOOD, "activations": [["sigmoid"]]},
    "too many activations": {**GOOD, "activations": ["sigmoid", "sigmoid"]},
    "activations that are no list": {**GOOD, "activations": 3},
    "another dtype": {**GOOD, "dtype": "float64"},
    "an impossible dtype": {**GOOD, "dtype": "object"},
    "a list": [1, 2],
    "no JSON": "{",
    "a number": "3",
    "empty": "",
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_wrong_header_is_refused(tmp_path, header):
    write_archive(tmp_path / "m", header, THREE)
    with pytest.raises(ModelFileError):
        NeuralNetwork.load(tmp_path / "m")


BAD_PARAMETERS = {
    "NaN": np.array([1, np.nan, 1], np.float32),
    "infinity": np.array([1, 1, -np.inf], np.float32),
    "too few": THREE[:2],
    "too many": np.ones(4, np.float32),
    "a matrix": THREE[:, None],
    "float64": np.ones(3),
    "big-endian": THREE.astype(">f4"),
    "complex": THREE.astype(complex),
    "text": np.array(["a", "b", "c"]),
}


@pytest.mark.parametrize("parameters", BAD_PARAMETERS.values(), ids=BAD_PARAMETERS)
def test_wrong_parameters_are_refused(tmp_path, parameters):
    write_archive(tmp_path / "m", GOOD, parameters)
    with pytest.raises(ModelFileError, match="damaged"):
        NeuralNetwork.load(tmp_path / "m")


@pytest.mark.parametrize("dtype", ["float16", "int32", "bool"])
def test_a_dtype_that_no_network_has_is_refused(tmp_path, dtype):
    write_archive(tmp_path / "m", {**GOOD, "dtype": dtype}, THREE.astype(dtype))
    with pytest.raises(ModelFileError, match=f"dtype {dtype}"):
        NeuralNetwork.load(tmp_path / "m")


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, contents in members.items():
            archive.writestr(name.replace("_", "."), contents)
    return buffer.getvalue()


FOREIGN = {
    "empty": b"",
    "text": b"Dear reader,\nthis is no network.\n",
    "one array": npy(np.ones(3)),
    "another zip": zipped(readme_txt=b"hello"),
    "an empty zip": zipped(),
    "an npz of something else": zipped(arr_npy=npy(np.ones(3))),
    "only a header": zipped(header_npy=npy(np.array(json.dumps(GOOD)))),
    "only the start of a zip": b"PK\x03\x04",
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(100),
}


@pytest.mark.parametrize("contents", FOREIGN.values(), ids=FOREIGN)
def test_a_file_of_something_else_is_refused(tmp_path, contents):
    (tmp_path / "m").write_bytes(contents)
    with pytest.raises(ModelFileError, match="not a model file"):
        NeuralNetwork.load(tmp_path / "m")


def big_claim():
    """Return an .npy file that says it holds a million million numbers, and holds three."""
    return npy(THREE).replace(b"(3,), }" + b" " * 12, b"(1000000000000,), }")


HOSTILE = {
    "an initializer that is no name": zipped(
        header_npy=npy(np.array(json.dumps({**GOOD, "init": []}))), parameters_npy=npy(THREE)
    ),
    "parameters that are no array": zipped(
        header_npy=npy(np.array(json.dumps(GOOD))), parameters=b"123"
    ),
    "a header nested too deeply": zipped(
        header_npy=npy(np.array("[" * 100_000)), parameters_npy=npy(THREE)
    ),
    "a claim of terabytes": zipped(
        header_npy=npy(np.array(json.dumps(GOOD))), parameters_npy=big_claim()
    ),
}


@pytest.mark.parametrize("contents", HOSTILE.values(), ids=HOSTILE)
def test_a_file_made_to_mislead_is_refused(tmp_path, contents):
    (tmp_path / "m").write_bytes(contents)
    with pytest.raises(ModelFileError):
        NeuralNetwork.load(tmp_path / "m")


class Trap:
    """When unpickled it makes a directory."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("place", ["the file", "the header", "the parameters"])
def test_a_pickle_is_refused_and_not_executed(tmp_path, place):
    sprung, path = tmp_path / "sprung", tmp_path / "m"
    trap = np.array([Trap(sprung)], dtype=object)
    if place == "the file":
        path.write_bytes(pickle.dumps(Trap(sprung)))
    else:
        header = trap if place == "the header" else np.array(json.dumps(GOOD))
        parameters = trap if place == "the parameters" else THREE
        np.savez(path.open("wb"), header=header, parameters=parameters)
    with pytest.raises(ModelFileError):
        NeuralNetwork.load(path)
    assert not sprung.exists()
    if place == "the file":  # the trap does work
        pickle.loads(path.read_bytes())
        assert sprung.exists()


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        NeuralNetwork.load(tmp_path / "nowhere")


def test_a_directory_is_no_model_file(tmp_path):
    with pytest.raises(OSError):
        NeuralNetwork.load(tmp_path)


class Full(OSError):
    """No space left on device."""


@pytest.mark.parametrize("step", ["savez", "fsync", "replace"])
@pytest.mark.parametrize("error", [Full, KeyboardInterrupt])
def test_if_saving_fails_the_old_file_is_whole_and_nothing_is_left_behind(
    saved, network, monkeypatch, step, error
):
    def fail(file, *args, **kwargs):
        if step == "savez":
            file.write(b"half a file")
        raise error

    target = nnlib.files.model_file.np if step == "savez" else os
    changed = network.copy()
    changed.parameters[...] = 0
    with monkeypatch.context() as patch:
        patch.setattr(target, step, fail)
        with pytest.raises(error):
            changed.save(saved)
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]
    assert same(NeuralNetwork.load(saved), network)
    changed.save(saved)
    assert same(NeuralNetwork.load(saved), changed)


def test_the_old_file_is_replaced_only_by_a_finished_one(saved, network, monkeypatch):
    seen = []
    replace = os.replace

    def watch(temporary, path):
        seen.append(same(NeuralNetwork.load(temporary), network))
        replace(temporary, path)

    monkeypatch.setattr(os, "replace", watch)
    network.parameters[...] = 5
    network.save(saved)
    assert seen == [True]


def test_the_file_has_the_permissions_of_any_other(saved):
    ordinary = saved.with_name("ordinary")
    ordinary.touch()
    assert saved.stat().st_mode == ordinary.stat().st_mode


def test_an_activation_of_ones_own_cannot_be_saved_and_the_old_file_stays(saved, network):
    class Swish(Activation):
        name = "swish"

        def __call__(self, z):
            return z / (1 + np.exp(-z))

    with pytest.raises(ValueError, match="layer 1 uses an activation of your own \\('swish'\\)"):
        NeuralNetwork([2, 2, 2], Swish()).save(saved)
    assert same(NeuralNetwork.load(saved), network)


def test_what_a_file_cannot_hold_is_refused_and_the_old_file_stays(tmp_path):
    class Other(Activation):
        name = "tanh"  # which it is not

        def __call__(self, z):
            return z**3

        def derivative(self, z):
            return 3 * z**2

    path, good = tmp_path / "net.npz", NeuralNetwork([2, 3], seed=0)
    good.save(path)
    before = path.read_bytes()
    bad = good.copy()
    bad.parameters[4] = np.nan
    with pytest.raises(ValueError, match="1 parameters of the network are NaN or infinite"):
        bad.save(path)
    with pytest.raises(ValueError, match=r"layer 1 uses an activation of your own \('tanh'\)"):
        NeuralNetwork([2, 3, 2], Other(), seed=0).save(path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["net.npz"]


def test_an_initializer_of_ones_own_is_missed_and_not_replaced(tmp_path):
    def he(rng, n_in, n_out):  # called like one of nnlib's
        return np.ones((n_in, n_out)), np.zeros(n_out)

    path = tmp_path / "net.npz"
    for init, name in ((he, "he"), (functools.partial(he), "partial")):
        network = NeuralNetwork([3, 4, 2], init=init)
        network.save(path)
        for _ in range(2):  # what was read is written again, and a copy is made
            loaded = copy.deepcopy(NeuralNetwork.load(path))
            assert same(loaded, network)
            with pytest.raises(ValueError, match=f"not nnlib.s, {name} .of one.s own., and"):
                loaded.initialize(0)
            loaded.save(path)
