"""Neural networks from scratch: a feedforward network in plain numpy, one idea a file.

    dataset → network.forward → trace → loss → backward → gradients → optimizer → network

Notation: the input is a⁽⁰⁾; z⁽ˡ⁾ = (W⁽ˡ⁾)ᵀ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾; a⁽ˡ⁾ = f⁽ˡ⁾(z⁽ˡ⁾); δ⁽ˡ⁾ = ∂C/∂z⁽ˡ⁾;
x ← x − α∇Lₓ. A batch is rows: Z = A W + b, with X of shape (n_samples, n_features).

Importing nnlib imports numpy alone. `nnlib.plots` needs matplotlib and `nnlib.lab`,
the live widgets, needs Jupyter; import them by name.
"""

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
