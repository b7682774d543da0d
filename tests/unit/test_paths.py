"""Files: the path that a user gives is the one that is written, and the one that errors name."""

import os
import re
import stat
import zipfile

import numpy as np
import pytest

from nnlib import DataFileError, ModelFileError, NeuralNetwork, load_mnist, plots
from nnlib.exercises import certificate, solved
from nnlib.export import web_page
from nnlib.support.atomic_write import UNFINISHED, atomic_write
from nnlib.support.paths import ordinary

NET = NeuralNetwork([2, 3], seed=0)


def test_home_is_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    NET.save("~/net.npz")
    assert (tmp_path / "net.npz").exists() and not os.path.exists("~")
    assert NeuralNetwork.load("~/net.npz").layers == (2, 3)
    monkeypatch.setenv("NNLIB_PROGRESS", "~/kept/progress.json")
    assert solved.add("lesson", "one") == "" and (tmp_path / "kept" / "progress.json").exists()


def test_a_link_is_followed_and_stays_one(tmp_path):
    (tmp_path / "shared.npz").write_bytes(b"old")
    (tmp_path / "latest.npz").symlink_to("shared.npz")
    (tmp_path / "new.npz").symlink_to("not there yet.npz")
    for name in ("latest", "new"):
        NET.save(tmp_path / f"{name}.npz")
        assert (tmp_path / f"{name}.npz").is_symlink()
    for name in ("shared", "latest", "not there yet"):
        assert NeuralNetwork.load(tmp_path / f"{name}.npz").layers == (2, 3)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_who_may_read_a_file_may_read_the_next_and_nobody_else(tmp_path):
    path, before = tmp_path / "net.npz", os.umask(0o027)
    try:
        for mode in (None, 0o600, 0o664, 0o444):
            if mode:
                path.chmod(mode)
            NET.save(path)
            assert path.stat().st_mode & 0o777 == (mode or 0o640) | 0o600
        assert os.umask(0o022) == 0o027
    finally:
        os.umask(before)


def test_all_bytes_are_on_the_disk_before_the_file_takes_its_name(tmp_path, monkeypatch):
    path, seen, replace = tmp_path / "net", [], os.replace
    path.write_bytes(b"old")

    def fsync(handle):
        found = os.fstat(handle)
        what = "folder" if stat.S_ISDIR(found.st_mode) else found.st_size
        seen.append((what, path.read_bytes()))

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", lambda *both: seen.append("renamed") or replace(*both))
    with atomic_write(path) as file:
        file.write(b"new!")
        (other,) = {*tmp_path.iterdir()} - {path}  # in the same folder: elsewhere is another disk
    assert other.name.startswith(".net.") and other.name.endswith(UNFINISHED)
    of_folder = [("folder", b"new!")] if os.name == "posix" else []
    assert seen == [(4, b"old"), "renamed", *of_folder]


def test_a_long_name_is_written_too_and_an_error_names_the_path_that_was_given(
    tmp_path, monkeypatch
):
    NET.save(tmp_path / ("a" * 250))
    (tmp_path / "link").symlink_to("elsewhere")

    def forbidden(**_):
        raise PermissionError(13, "not here", ".elsewhere.xyz.part")

    monkeypatch.setattr("tempfile.mkstemp", forbidden)
    with pytest.raises(PermissionError) as caught:
        NET.save(tmp_path / "link")
    assert caught.value.filename == str(tmp_path / "link")


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_whatever_ends_the_writing_the_old_file_stays_and_nothing_else(tmp_path, error):
    path = tmp_path / "net"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path) as file:
        file.write(b"half")
        file.flush()
        raise error
    assert [p.name for p in tmp_path.iterdir()] == ["net"] and path.read_bytes() == b"old"


BAD = {
    "a folder": ("models", IsADirectoryError, "this is a folder"),
    "a missing folder": ("nowhere/net.npz", FileNotFoundError, "there is no folder .*make it"),
    "a file as a folder": ("file/net.npz", FileNotFoundError, "there is no folder"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "words"), BAD.values(), ids=BAD)
def test_errors_name_the_path_that_was_given(tmp_path, name, kind, words):
    (tmp_path / "models").mkdir()
    (tmp_path / "file").write_text("")
    path = tmp_path / name
    with pytest.raises(kind, match=words) as caught:
        NET.save(path)
    assert caught.value.filename == str(path) and ".part" not in str(caught.value)
    with pytest.raises(OSError) as caught:
        NeuralNetwork.load(path)
    assert caught.value.filename == str(path) and "device" not in str(caught.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "models"]


def test_what_is_no_path_is_refused_in_words():
    for use in (NET.save, NeuralNetwork.load):
        with pytest.raises(FileNotFoundError, match="the path is empty"):
            use("")
        with pytest.raises(ValueError, match="NUL"):
            use("a\0b")
        with pytest.raises(ValueError, match="which no file name can here"):
            use("a\ud800")
        with pytest.raises(FileNotFoundError, match="nobody here is called ~nobody"):
            use("~nobody-here/net")
        for wrong in (None, 3, 2.5):
            with pytest.raises(TypeError, match="a path is a text"):
                use(wrong)


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError) as caught:
        NET.save(tmp_path / "net.npz")
    assert caught.value.filename == str(tmp_path / "net.npz")


def test_an_archive_that_unpacks_to_far_more_than_itself_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("parameters.npy", "w", force_zip64=True) as part:
            np.lib.format.write_array_header_1_0(
                part, {"descr": "<f4", "fortran_order": False, "shape": (2**24,)}
            )
            for _ in range(64):
                part.write(bytes(2**20))
    with pytest.raises(ModelFileError, match=r"unpacks to 67,10\d,\d+ bytes"):
        NeuralNetwork.load(path)


def test_home_is_home_for_everything_that_is_written_or_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    picture = plots.activations(["tanh"])
    picture.save("~/tanh.png")
    assert (tmp_path / "tanh.png").read_bytes() == picture.png
    assert certificate("Ada", "~/c.html") == tmp_path / "c.html"
    assert web_page(
        NeuralNetwork([784, 10], seed=0), "~/p.html", test=(np.zeros((1, 784)), [0])
    ) == (tmp_path / "p.html")
    for name in ("c.html", "p.html"):
        assert (tmp_path / name).stat().st_size > 500
    with pytest.raises(DataFileError, match=re.escape(str(tmp_path / "mnist"))):
        load_mnist(directory="~/mnist")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="directory: this is a file"):
        load_mnist(directory=tmp_path / "file")
    assert not os.path.exists("~")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_or_a_device_is_neither_read_nor_replaced(tmp_path, monkeypatch):
    """Read, /dev/zero has no end; replaced by whoever may, /dev/null is gone for all."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ordinary(tmp_path)  # of a folder others have more to say
    monkeypatch.setenv("NNLIB_PROGRESS", str(pipe))
    picture = plots.activations(["tanh"])
    for use in (NET.save, NeuralNetwork.load, picture.save, lambda p: certificate("Ada", p)):
        with pytest.raises(OSError, match="a device or a pipe"):
            use(pipe)
    assert solved.read() == {}
    assert "could not be saved: this is a device or a pipe" in solved.add("lesson", "one")
    assert pipe.is_fifo() and [p.name for p in tmp_path.glob("*pipe*")] == ["pipe"]
