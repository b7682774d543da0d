"""Importing nnlib costs next to nothing: each name is loaded when it is first used."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib

SHOW = "print(json.dumps(sorted(set(sys.modules) - before)))"


def loaded_by(program: str) -> set[str]:
    """Return the modules that a program loads in a fresh interpreter, beyond what it has anyway."""
    program = f"import json, sys, typing, importlib; before = set(sys.modules); {program}; {SHOW}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


def test_importing_nnlib_loads_itself_alone():
    assert loaded_by("import nnlib; dir(nnlib)") == {"nnlib"}


def test_all_names_together_need_no_other_package_than_numpy():
    packages = {name.partition(".")[0] for name in loaded_by("from nnlib import *")}
    assert {"nnlib", "numpy"} <= packages
    # numpy's random generators are compiled with Cython, which leaves modules of its own.
    extra = {p for p in packages if not p.startswith(("_cython", "cython"))}
    assert extra - set(sys.stdlib_module_names) == {"nnlib", "numpy"}


def test_a_name_loads_what_it_needs_and_no_more():
    loaded = loaded_by("from nnlib import NeuralNetwork")
    assert {"numpy", "nnlib.network", "nnlib.forward"} <= loaded
    assert not [m for m in loaded if m.startswith(("nnlib.training", "nnlib.datasets"))]
    assert not {"nnlib.files.model_file", "zipfile"} & loaded  # files are for `save` and `load`


def test_what_editors_read_is_what_python_finds():
    """Each name stands three times: for type checkers, in `__all__`, and beside its module."""
    tree = ast.parse(Path(nnlib.__file__).read_text(encoding="utf-8"))
    (block,) = [n for n in tree.body if isinstance(n, ast.If) and isinstance(n.test, ast.Name)]
    read = {alias.name: line.module for line in block.body for alias in line.names}
    assert read == nnlib._MODULE_OF
    assert sorted(read) == sorted(nnlib.__all__) and len(nnlib.__all__) == len(set(nnlib.__all__))
    for name, module in read.items():
        assert getattr(nnlib, name) is getattr(sys.modules[f"nnlib.{module}"], name)


def test_dir_lists_every_name_and_the_modules_and_all_of_them_are_there():
    names = dir(nnlib)
    assert {*nnlib.__all__, "__version__", "optimizers", "training", "parameters"} <= set(names)
    assert all(hasattr(nnlib, name) for name in names)


def test_a_star_import_brings_all_public_names():
    found: dict = {}
    exec("from nnlib import *", found)
    assert {*found} - {"__builtins__"} == {*nnlib.__all__}


def test_an_unknown_name_is_refused_and_the_one_that_may_be_meant_is_told():
    with pytest.raises(AttributeError, match="'Momentun': did you mean Momentum"):
        nnlib.Momentun  # noqa: B018
    with pytest.raises(AttributeError, match=r"'quux'; dir\(nnlib\) lists"):
        nnlib.quux  # noqa: B018
    assert not hasattr(nnlib, "_repr_html_")
    with pytest.raises(ImportError, match="cannot import name 'Momentun'"):
        exec("from nnlib import Momentun")
