"""Faults that no test can notice, as nothing that nnlib promises depends on them, and why.

`tests/mutation.py` plants them and looks them up here: {module: {where and what: why}}.
"""

SYMMETRIC = "the two arguments may change places"

EQUIVALENT: dict[str, dict[str, str]] = {
    "losses": {
        "CrossEntropy.value: np.logaddexp(0, z) → np.logaddexp(z, 0)": SYMMETRIC,
    },
}
