"""pyproject.toml, requirements.lock and environment.yml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import nnlib
from tests import matrix

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK_LINES = [
    line
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.lstrip().startswith("#")
]


def direct_requirements():
    """Return the direct dependencies of pyproject.toml: {name: requirement}."""
    lines = list(PROJECT["dependencies"])
    for extra in ("lab", "test"):
        lines += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def locked_versions():
    """Return {name: version} of the lock, for this system."""
    requirements = [Requirement(line) for line in LOCK_LINES]
    here = default_environment()
    return {
        canonicalize_name(r.name): Version(next(iter(r.specifier)).version)
        for r in requirements
        if r.marker is None or r.marker.evaluate(here)
    }


def conda_specs():
    """Return {name: versions} of environment.yml's conda packages; `=1.2.*` becomes `==1.2.*`."""
    specs = {}
    for line in ENVIRONMENT["dependencies"]:
        if isinstance(line, str):
            name, operator, version = re.fullmatch(r"([\w.-]+)\s*(=|==|>=)?\s*(.*)", line).groups()
            operator = "==" if operator == "=" else operator or ""
            specs[canonicalize_name(name)] = SpecifierSet(operator + version)
    return specs


def pip_lines():
    [section] = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]
    assert list(section) == ["pip"]
    assert ENVIRONMENT["dependencies"][-1] is section
    return section["pip"]


def environment_specs():
    """Return {name: versions} of all of environment.yml but Python, pip and nnlib itself."""
    specs = {name: spec for name, spec in conda_specs().items() if name not in ("python", "pip")}
    for requirement in (Requirement(line) for line in pip_lines() if not line.startswith("-")):
        specs[canonicalize_name(requirement.name)] = requirement.specifier
    return specs


DIRECT = sorted(direct_requirements())


def test_environment_and_project_name_the_same_packages():
    assert sorted(environment_specs()) == DIRECT


@pytest.mark.parametrize("name", DIRECT)
def test_the_locked_version_suits_the_project_and_the_environment(name):
    locked = locked_versions()[name]
    assert locked in direct_requirements()[name].specifier
    assert locked in environment_specs()[name]


def test_the_lock_suits_the_extra_that_brings_dask():
    for requirement in map(Requirement, PROJECT["optional-dependencies"]["cluster"]):
        assert locked_versions()[requirement.name] in requirement.specifier


@pytest.mark.parametrize("name", DIRECT)
def test_the_environment_holds_each_package_to_the_locked_minor_version(name):
    locked = locked_versions()[name]
    spec = environment_specs()[name]
    assert f"{locked.major}.{locked.minor + 1}.0" not in spec
    assert f"{locked.major + 1}.0.0" not in spec


def test_python_is_bounded_alike():
    assert conda_specs()["python"] == SpecifierSet(PROJECT["requires-python"])


def test_the_environment_comes_from_conda_forge_alone_and_installs_nnlib_itself():
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    assert ENVIRONMENT["name"] == "nnlib"
    assert [line for line in pip_lines() if line.startswith("-")] == ["-e ."]


def test_the_lock_pins_every_line_exactly_and_names_no_host():
    assert len(LOCK_LINES) > len(DIRECT)
    names = []
    for line in LOCK_LINES:
        requirement = Requirement(line)  # an option such as --index-url is no requirement
        assert requirement.url is None
        [pin] = requirement.specifier
        assert pin.operator == "==" and "*" not in pin.version
        names.append(canonicalize_name(requirement.name))
    assert len(names) == len(set(names))
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text and "@" not in text


def test_the_lock_covers_what_building_the_package_needs():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    for requirement in map(Requirement, build["requires"]):
        assert locked_versions()[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert nnlib.__version__ == version
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest.group(1) == version


def test_the_wheel_says_that_it_is_typed_and_brings_data_and_front_end():
    wheel = pytest.importorskip("hatchling.builders.wheel")
    files = {
        Path(file.distribution_path).as_posix()
        for file in wheel.WheelBuilder(str(ROOT)).recurse_included_files()
    }
    assert "nnlib/py.typed" in files and "nnlib/lab/static/shell.js" in files
    assert any(name.startswith("nnlib/datasets/data/") for name in files)
    assert all(name.startswith("nnlib/") for name in files)


def test_every_hook_runs_what_is_installed_and_downloads_nothing():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["id"] for hook in hooks} == {"ruff-check", "ruff-format", "spelling", "notebooks"}
    for hook in hooks:
        assert hook["language"] == "system" and hook["entry"].startswith(".venv/bin/")
        for script in re.findall(r"tests/\S+\.py", hook["entry"]):
            assert (ROOT / script).is_file(), script


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml")), ids=lambda p: p.name
)
def test_an_issue_template_has_what_github_asks_for(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"] and form["body"]
    for field in form["body"]:
        assert field["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        assert field["attributes"]["label"]


def test_the_hosted_workflow_runs_every_cell_of_the_matrix():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["matrix"]
    assert job["steps"][-1]["run"].startswith(
        "python -m tests.matrix ${{ matrix.packages }}-${{ matrix.python }}"
    )
    settings = job["strategy"]["matrix"]
    (packages,) = settings["packages"]
    run = {f"{packages}-{python}" for python in settings["python"]}
    run |= {f"{also['packages']}-{also['python']}" for also in settings["include"]}
    assert run == {*matrix.cells()}
    systems = {also["system"] for also in settings["include"]}
    assert systems == {*settings["system"]} and len(systems) == 3


def test_the_oldest_cell_has_every_package_at_its_lower_bound():
    needed = [Requirement(line) for line in PROJECT["dependencies"]]
    needed += [Requirement(line) for line in PROJECT["optional-dependencies"]["lab"]]
    bounds = {r.name: str(r.specifier).removeprefix(">=") for r in needed}
    assert len(bounds) > 6 and matrix.packages() == bounds
