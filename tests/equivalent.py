"""Faults that no test can notice, as nothing that nnlib promises depends on them, and why.

`tests/mutation.py` plants them and looks them up here: {module: {where: what: why}}.
"""

EQUIVALENT: dict[str, dict[str, str]] = {}
