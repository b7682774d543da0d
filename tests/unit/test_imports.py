"""Importing nnlib costs numpy and nothing else."""

import json
import subprocess
import sys

PROGRAM = """
import json, sys
import numpy, numpy.random
before = set(sys.modules)
import nnlib
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def test_importing_nnlib_imports_no_other_package_than_numpy():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    imported = set(json.loads(done.stdout))
    assert "nnlib" in imported
    assert imported - set(sys.stdlib_module_names) - {"numpy", "nnlib"} == set()


def test_every_public_name_exists():
    import nnlib

    assert sorted(nnlib.__all__) == sorted(set(nnlib.__all__))
    assert all(hasattr(nnlib, name) for name in nnlib.__all__)
