"""What `make lite` builds: every lesson, nnlib and all that it needs are among the served files."""

import hashlib
import io
import json
import subprocess
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .conftest import ROOT, WHOLE

pytestmark = pytest.mark.nightly

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NETWORK = "https://cdn.jsdelivr.net/pyodide/"
COMPILED = {"contourpy", "kiwisolver", "matplotlib", "numpy", "pillow"}
CORE = ROOT / ".venv-lite" / "python" / "node_modules" / "pyodide"

# What nnlib[lab] needs and the page is, or has in its front end.
PAGE = {"jupyterlab", "jupyterlab-widgets"}


def test_every_lesson_is_there_as_it_is(lite):
    listed = json.loads(lite.get("api/contents/all.json"))["content"]
    assert sorted(entry["name"] for entry in listed) == [path.name for path in LESSONS]
    for path in LESSONS:
        assert lite.get(f"files/{path.name}") == path.read_bytes()
    page = lite.get("index.html").decode()
    assert all(f'href="lab/index.html?path={path.name}"' in page for path in LESSONS)


def test_the_front_ends_of_the_widgets_are_there(lite):
    extensions = {entry["name"]: entry for entry in lite.settings()["federated_extensions"]}
    for name in ("anywidget", "@jupyter-widgets/jupyterlab-manager"):
        assert lite.get(f"extensions/{name}/{extensions[name]['load']}")


def test_what_python_is_told_of_each_wheel_is_so(lite):
    elsewhere, made_for_it = set(), json.loads((CORE / "pyodide-lock.json").read_text())["packages"]
    for name, entry in lite.packages().items():
        if entry["file_name"].startswith(NETWORK):
            elsewhere.add(name)
            continue
        wheel = lite.get(f"static/pyodide/{entry['file_name']}")
        assert hashlib.sha256(wheel).hexdigest() == entry["sha256"], name
        files = zipfile.ZipFile(io.BytesIO(wheel)).namelist()
        # (What Pyodide's own list says of its modules is not always so.)
        for module in entry["imports"] if name not in made_for_it else ():
            assert any(f.startswith((f"{module}/", f"{module}.py")) for f in files), (name, module)
    assert elsewhere == (set() if WHOLE else COMPILED)


def test_nnlib_comes_with_its_data_and_its_front_end(lite):
    wheel = lite.get(f"static/pyodide/{lite.packages()['nnlib']['file_name']}")
    inside = set(zipfile.ZipFile(io.BytesIO(wheel)).namelist())
    for path in (ROOT / "nnlib").rglob("*"):
        if path.is_file() and path.suffix in (".py", ".gz", ".js", ".css", ".npz"):
            assert path.relative_to(ROOT).as_posix() in inside


def test_whatever_a_wheel_needs_is_there_too_in_a_version_that_will_do(lite):
    packages = lite.packages()
    [index] = lite.settings()["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"][
        "pipliteUrls"
    ]
    kernel = json.loads(lite.get(index.partition("?")[0]))
    known = {canonicalize_name(name): entry for name, entry in packages.items()}
    there = {"platform_system": "Emscripten", "sys_platform": "emscripten", "os_name": "posix"}
    there |= {"python_version": "3.14", "python_full_version": "3.14.2"}
    needs: dict[str, set[str]] = {}
    for name, entry in packages.items():
        assert {canonicalize_name(n) for n in entry["depends"]} <= known.keys(), name
        if entry["file_name"].startswith(NETWORK):
            continue
        wheel = zipfile.ZipFile(io.BytesIO(lite.get(f"static/pyodide/{entry['file_name']}")))
        [path] = [p for p in wheel.namelist() if p.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(wheel.read(path).decode())
        needs[name] = set()
        for line in metadata.get_all("Requires-Dist", []):
            needed = Requirement(line)
            environment = (
                default_environment() | there | {"extra": "lab" if name == "nnlib" else ""}
            )
            if needed.marker and not needed.marker.evaluate(environment):
                continue
            need = canonicalize_name(needed.name)
            needs[name].add(need)
            if need in known:
                assert needed.specifier.contains(known[need]["version"]), (name, line)
            else:
                assert need in PAGE or need in kernel, (name, line)
    assert needs["nnlib"] > {"numpy", "matplotlib", "pillow", "anywidget", "ipywidgets"}


@pytest.fixture
def whole(tmp_path):
    """A whole distribution of Pyodide as it comes, and its core; the compiled wheels are empty."""
    lock = json.loads((CORE / "pyodide-lock.json").read_text())
    core, archive = tmp_path / "core", tmp_path / "pyodide.tar.bz2"
    core.mkdir()
    with tarfile.open(archive, "w:bz2") as file:
        for name in COMPILED:
            entry = lock["packages"][name]
            content = name.encode()
            entry["sha256"] = hashlib.sha256(content).hexdigest()
            member = tarfile.TarInfo(f"pyodide/{entry['file_name']}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    for path in CORE.iterdir():
        if path.is_file():
            (core / path.name).write_bytes(path.read_bytes())
    (core / "pyodide-lock.json").write_text(json.dumps(lock))
    return core, archive


def build(core: Path, output: Path, whole: Path) -> subprocess.CompletedProcess:
    [wheel] = (ROOT / "build" / "lite-wheel").glob("*.whl")
    python = ROOT / ".venv-lite" / "bin" / "python"
    command = [python, ROOT / "deploy" / "lite" / "build.py", wheel, core, output, whole]
    return subprocess.run(command, capture_output=True, text=True)


def test_with_a_whole_pyodide_nothing_comes_from_elsewhere(lite, whole, tmp_path):
    core, archive = whole
    made = build(core, tmp_path / "out", archive)
    assert made.returncode == 0, made.stdout + made.stderr
    python = tmp_path / "out" / "static" / "pyodide"
    packages = json.loads((python / "pyodide-lock.json").read_text())["packages"]
    for name in COMPILED:
        assert (python / packages[name]["file_name"]).read_text() == name
    assert NETWORK not in (python / "pyodide-lock.json").read_text()
    assert "Nothing is asked of another server" in (tmp_path / "out" / "index.html").read_text()


def test_a_pyodide_that_is_not_whole_or_not_this_one_is_refused(lite, whole, tmp_path):
    core, archive = whole
    refused = build(core, tmp_path / "out", core)
    assert refused.returncode != 0
    assert "lacks contourpy-" in refused.stderr and "the whole distribution" in refused.stderr
    refused = build(CORE, tmp_path / "out", archive)  # its wheels are not those of the list
    assert refused.returncode != 0
    assert "is not that of Pyodide" in refused.stderr
