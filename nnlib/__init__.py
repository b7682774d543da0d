"""Neural networks from scratch: a feedforward network in plain numpy, one idea a file.

    dataset → network.forward → trace → loss → backward → gradients → optimizer → network

Notation: the input is a⁽⁰⁾; z⁽ˡ⁾ = (W⁽ˡ⁾)ᵀ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾; a⁽ˡ⁾ = f⁽ˡ⁾(z⁽ˡ⁾); δ⁽ˡ⁾ = ∂C/∂z⁽ˡ⁾;
x ← x − α∇Lₓ. A batch is rows: Z = A W + b, with X of shape (n_samples, n_features).

Importing nnlib loads nothing else: each name loads the module that defines it, and numpy, when it
is first used. `nnlib.plots` needs matplotlib and `nnlib.lab`, the live widgets, needs Jupyter;
import them by name.
"""

from importlib import import_module
from typing import TYPE_CHECKING

# For type checkers and editors, which read the code and do not run it; what Python goes by is
# `_NAMES`, further down.
if TYPE_CHECKING:
    from .activations import Activation, identity, leaky_relu, relu, sigmoid, softmax, tanh
    from .analysis.gradient_check import GradientCheck, check_gradients
    from .backprop import Gradients, backward
    from .datasets import MNIST, blobs, circles, load_mnist, moons, noisy_sine, spirals, xor
    from .forward import Trace
    from .images.distortion import Distortion
    from .initializers import he, normal, xavier, zeros
    from .losses import MSE, CrossEntropy, Loss
    from .network import NeuralNetwork
    from .optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp
    from .regularizers.adversarial import Adversarial
    from .regularizers.dropout import Dropout
    from .schedules import (
        ConstantSchedule,
        CosineSchedule,
        StepSchedule,
        WarmupCosineSchedule,
        WarmupLinearSchedule,
    )
    from .support.blas import blas_threads
    from .support.errors import DataFileError, Diverged, ModelFileError
    from .targets import one_hot
    from .training.batches import Batches
    from .training.evaluation import Evaluator, Score, accuracy, confusion_matrix, evaluate
    from .training.record import History, Record
    from .training.snapshot import Snapshot
    from .training.train import train
    from .training.trainer import Trainer

__version__ = "0.2.0"

__all__ = [
    "MNIST",
    "MSE",
    "Activation",
    "Adam",
    "Adversarial",
    "Batches",
    "ConstantSchedule",
    "CosineSchedule",
    "CrossEntropy",
    "DataFileError",
    "Distortion",
    "Diverged",
    "Dropout",
    "Evaluator",
    "GradientCheck",
    "GradientDescent",
    "Gradients",
    "History",
    "Loss",
    "ModelFileError",
    "Momentum",
    "Nesterov",
    "NeuralNetwork",
    "Optimizer",
    "RMSProp",
    "Record",
    "Score",
    "Snapshot",
    "StepSchedule",
    "Trace",
    "Trainer",
    "WarmupCosineSchedule",
    "WarmupLinearSchedule",
    "accuracy",
    "backward",
    "blas_threads",
    "blobs",
    "check_gradients",
    "circles",
    "confusion_matrix",
    "evaluate",
    "he",
    "identity",
    "leaky_relu",
    "load_mnist",
    "moons",
    "noisy_sine",
    "normal",
    "one_hot",
    "relu",
    "sigmoid",
    "softmax",
    "spirals",
    "tanh",
    "train",
    "xavier",
    "xor",
    "zeros",
]

# The names that each module defines.
_NAMES = {
    "activations": "Activation identity leaky_relu relu sigmoid softmax tanh",
    "analysis.gradient_check": "GradientCheck check_gradients",
    "backprop": "Gradients backward",
    "datasets": "MNIST blobs circles load_mnist moons noisy_sine spirals xor",
    "forward": "Trace",
    "images.distortion": "Distortion",
    "initializers": "he normal xavier zeros",
    "losses": "MSE CrossEntropy Loss",
    "network": "NeuralNetwork",
    "optimizers": "Adam GradientDescent Momentum Nesterov Optimizer RMSProp",
    "regularizers.adversarial": "Adversarial",
    "regularizers.dropout": "Dropout",
    "schedules": "ConstantSchedule CosineSchedule StepSchedule WarmupCosineSchedule "
    "WarmupLinearSchedule",
    "support.blas": "blas_threads",
    "support.errors": "DataFileError Diverged ModelFileError",
    "targets": "one_hot",
    "training.batches": "Batches",
    "training.evaluation": "Evaluator Score accuracy confusion_matrix evaluate",
    "training.record": "History Record",
    "training.snapshot": "Snapshot",
    "training.train": "train",
    "training.trainer": "Trainer",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}
# Modules and folders that are found without an import of their own: `nnlib.optimizers`.
_SUBMODULES = {"files", "parameters", *(module.partition(".")[0] for module in _NAMES)}

if not TYPE_CHECKING:  # or a type checker would take any name for one of nnlib's

    def __getattr__(name):
        """Return one of nnlib's names, loaded when it is first asked for (PEP 562)."""
        if name in _MODULE_OF:
            value = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
        elif name in _SUBMODULES:
            value = import_module(f".{name}", __name__)
        else:
            raise AttributeError(_unknown(name), name=name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return all names, those that are not loaded yet among them."""
    return sorted({*globals(), *__all__, *_SUBMODULES} - {"TYPE_CHECKING", "import_module"})


def _unknown(name: str) -> str:
    """Say that there is no such name, and which one may be meant."""
    from difflib import get_close_matches

    close = get_close_matches(name, __all__, n=1)
    hint = f": did you mean {close[0]}?" if close else "; dir(nnlib) lists its names"
    return f"module 'nnlib' has no attribute {name!r}{hint}"
