"""Faults that no test can notice, as nothing that nnlib promises depends on them, and why.

`tests/mutation.py` plants them and looks them up here: {module: {where and what: why}}.
"""

SYMMETRIC = "the two arguments may change places"

EQUIVALENT: dict[str, dict[str, str]] = {
    "backprop": {
        "backward: 1 → 2  (2)": "it says how many threads BLAS may take, not what comes out",
    },
    "optimizers": {
        "_not_negative: 0 <= value < math.inf → 0 <= value <= math.inf": "is_number refuses inf",
    },
    "training.gradient": {
        "BatchGradient.__init__: 3 → 4": "it says how much memory to take, not what comes out",
        "BatchGradient.begin: 0.0 → 1.0": "the first of several pieces sets it to 0 again",
    },
    "losses": {
        "Loss: True → False": "every loss is of a subclass, which sets its own",
        "Loss.__init_subclass__: super().__init_subclass__(**options) → pass": "does nothing",
        "Loss.__init_subclass__: 0 → 1": "nnlib's own would be copied and checked, too",
        "CrossEntropy.value: np.logaddexp(0, z) → np.logaddexp(z, 0)": SYMMETRIC,
    },
}
