"""The command `nnlib` of the built wheel, with no checkout near: nobody's work is overwritten."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterlab_server import settings_utils

from nnlib.command import lessons
from nnlib.command.doctor import examine
from nnlib.command.jupyterlab import SETTINGS, environment
from nnlib.command.main import main

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as pip lays it out from the wheel; what it needs comes from this Python."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(folder / "site")]
    subprocess.run([*pip, str(ROOT)], check=True)
    return folder / "site"


@pytest.fixture
def run(wheel, tmp_path):
    """Run the command in an empty folder, and return what came of it."""

    def run(*arguments, before="", **environment):
        # -P: what lies where it is called from is not imported, as with the console script.
        start = f"{before}\nimport sys; from nnlib.command.main import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-P", "-c", start, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(wheel)} | environment,
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.slow
def test_the_wheel_brings_the_command_the_lessons_and_the_data(wheel):
    assert (wheel / "bin" / "nnlib").exists() or (wheel / "Scripts").exists()
    brought = {path.name for path in (wheel / "nnlib" / "command" / "lessons").glob("*.ipynb")}
    assert brought == set(LESSONS)
    assert {path.name for path in (wheel / "nnlib/command/jupyter/labconfig").iterdir()} == {
        path.name for path in (SETTINGS / "labconfig").iterdir()
    }


NOTIFICATION = "@jupyterlab/apputils-extension:notification"
# In place of JupyterLab: how it would have been called.
INSTEAD = (
    "import subprocess; subprocess.run = lambda command, env: "
    "print(command[1:], env['JUPYTER_CONFIG_PATH']) or subprocess.CompletedProcess(command, 0)"
)


@pytest.mark.slow
def test_start_lays_the_lessons_out_once_and_opens_the_first(run, tmp_path, wheel):
    mine = str(tmp_path / "my settings")
    done = run("start", "my course", "--", "--port=8999", before=INSTEAD, JUPYTER_CONFIG_PATH=mine)
    assert done.returncode == 0, done.stderr
    settings = wheel / "nnlib" / "command" / "jupyter"
    assert f"{settings}{os.pathsep}{mine}" in done.stdout
    folder = tmp_path / "my course"
    assert sorted(path.name for path in folder.glob("*.ipynb")) == LESSONS
    assert "-m" in done.stdout and "jupyterlab" in done.stdout and "--port=8999" in done.stdout
    assert "00_start.ipynb" in done.stdout and "--notebook-dir=my course" in done.stdout
    (folder / LESSONS[1]).write_text("my work")
    again = run("start", "my course", before=INSTEAD)
    assert "stay as they are" in again.stdout
    assert (folder / LESSONS[1]).read_text() == "my work"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_lab_opens_jupyterlab_with_the_same_settings():
    done = subprocess.run(["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and f'JUPYTER_CONFIG_PATH="{SETTINGS}' in done.stdout


def test_jupyterlab_started_so_fetches_no_news_and_looks_for_no_updates(tmp_path, monkeypatch):
    schemas = str(Path(sys.prefix, "share", "jupyter", "lab", "schemas"))

    def defaults():
        places = [str(tmp_path), schemas, str(tmp_path)]
        found, _ = settings_utils.get_settings(*places, schema_name=NOTIFICATION)
        properties = found["schema"]["properties"]
        return properties["fetchNews"]["default"], properties["checkForUpdates"]["default"]

    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    assert defaults() == ("none", True)
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    assert defaults() == ("false", False)


@pytest.mark.slow
def test_update_replaces_what_is_untouched_and_lays_the_rest_beside(run, tmp_path, wheel):
    folder = tmp_path / "neural-networks-from-scratch"
    done = run("start", "--", "--port=8999", before=INSTEAD)  # which is no folder
    assert "'--port=8999'" in done.stdout and [*tmp_path.iterdir()] == [folder]
    brought = wheel / "nnlib" / "command" / "lessons"
    untouched, worked_on, removed = LESSONS[1:4]
    (folder / worked_on).write_text("my work")
    (folder / removed).unlink()
    newer = {name: (brought / name).read_bytes() for name in (untouched, worked_on)}
    try:
        for name in newer:
            (brought / name).write_text(f"newer {name}")
        again = run("start", before=INSTEAD)  # opens what is there, and replaces nothing
        assert "1 lesson laid into" in again.stdout
        assert (folder / untouched).read_bytes() == newer[untouched]
        for _ in range(2):  # a second time changes nothing
            done = run("update")
            assert done.returncode == 0, done.stderr
            assert (folder / untouched).read_text() == f"newer {untouched}"
            assert (folder / worked_on).read_text() == "my work"
            [beside] = folder.glob(f"{Path(worked_on).stem} (*).ipynb")
            assert beside.read_text() == f"newer {worked_on}"
            assert (folder / removed).read_bytes() == (brought / removed).read_bytes()
            assert f"{worked_on} has your work in it and stays" in done.stdout
        beside.write_text("my work on the newer one")
        run("update")
        assert beside.read_text() == "my work on the newer one"
    finally:
        for name, content in newer.items():
            (brought / name).write_bytes(content)


def test_a_folder_whose_list_is_lost_is_treated_as_worked_on(tmp_path):
    lessons.lay_out(tmp_path)
    (tmp_path / lessons.LAID).write_text("no json")
    (tmp_path / LESSONS[2]).write_text("mine, perhaps")
    laid = lessons.lay_out(tmp_path, update=True)
    assert [old for old, _ in laid.beside] == [LESSONS[2]] and not laid.replaced
    assert (tmp_path / LESSONS[2]).read_text() == "mine, perhaps"


def test_a_file_where_the_folder_should_be_is_said_and_stays(run, tmp_path):
    (tmp_path / "course").write_text("mine")
    done = run("start", "course", before=INSTEAD)
    assert done.returncode == 1 and "course is a file" in done.stderr
    assert (tmp_path / "course").read_text() == "mine"


MISSING = """
import importlib.util, importlib.metadata as metadata
find, version = importlib.util.find_spec, metadata.version
def nowhere(name, *rest):
    return None if name in ("anywidget", "matplotlib", "jupyterlab") else find(name, *rest)
def unknown(name):
    if name in ("anywidget", "jupyterlab"):
        raise metadata.PackageNotFoundError(name)
    return version(name)
importlib.util.find_spec, metadata.version = nowhere, unknown
"""


@pytest.mark.parametrize("room, package", [("lab", "anywidget"), ("plots", "matplotlib")])
def test_a_room_without_its_packages_says_what_to_install(run, room, package):
    done = run(before=f"{MISSING}\nimport nnlib.{room}")
    assert done.returncode == 1
    assert f"nnlib.{room} needs {package}, which is not installed: pip install" in done.stderr


def test_start_without_jupyterlab_lays_the_lessons_out_and_says_what_is_missing(run, tmp_path):
    done = run("start", before=MISSING)
    assert done.returncode == 1 and "JupyterLab is missing: pip install" in done.stderr
    assert len(list(tmp_path.glob("*/*.ipynb"))) == len(LESSONS)


@pytest.mark.slow
def test_the_doctor_finds_what_is_missing_too_old_or_in_the_way(run, tmp_path):
    (tmp_path / "file").write_text("")
    old = "metadata.version = lambda name: '1.9' if name == 'numpy' else unknown(name)"
    progress = str(tmp_path / "file" / "progress.json")
    done = run("doctor", before=MISSING + old, NNLIB_PROGRESS=progress)
    assert done.returncode == 1
    for words in (
        "jupyterlab is missing: pip install",
        "numpy 1.9: pip install 'numpy>=2.0'",
        "progress cannot be kept",
    ):
        assert words in done.stdout, done.stdout


def test_the_doctor_is_content_with_what_the_tests_run_in(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "a" / "b" / "progress.json"))
    wrong = [point for point in examine() if point.remedy]
    assert not [point for point in wrong if "browser" not in point.what], wrong


@pytest.mark.slow
def test_recipes_are_the_command_of_the_recipes(run):
    assert "origin" in run("recipes", "--list").stdout


def test_without_a_command_its_help_is_shown(run):
    done = run()
    assert done.returncode == 2
    for command in ("start", "update", "doctor", "collect", "recipes"):
        assert command in done.stdout


@pytest.mark.parametrize("command", [["update", ""], ["update", "a\0b"], ["collect", ""]])
def test_a_path_that_is_none_is_said_and_nothing_is_written(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    assert "error: " in (said := capsys.readouterr().err) and "the path" in said
    assert not list(tmp_path.iterdir())


def test_a_lesson_that_nobody_has_touched_is_replaced_by_each_newer_one(tmp_path, monkeypatch):
    brought, folder = tmp_path / "brought", tmp_path / "course"
    brought.mkdir()
    monkeypatch.setattr(lessons, "source", lambda: brought)
    for version in "abc":
        (brought / "01_first.ipynb").write_text(version)
        assert not lessons.lay_out(folder, update=True).beside
        assert (folder / "01_first.ipynb").read_text() == version
