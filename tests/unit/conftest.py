"""What several files need and what takes a second to make: MNIST, and a network that reads it."""

import pytest

import nnlib


@pytest.fixture(scope="session")
def mnist():
    """MNIST: 50,000 images to train with, 10,000 to validate, 10,000 to test."""
    return nnlib.load_mnist()


@pytest.fixture(scope="session")
def _reader(mnist):
    network = nnlib.NeuralNetwork([784, 32, 10], hidden="relu", init="he", seed=0)
    trainer = nnlib.Trainer(
        network, mnist.X_train, mnist.y_train, optimizer=nnlib.Momentum(0.05), seed=0
    )
    for _ in range(1500):
        next(trainer)
    return network


@pytest.fixture(scope="module")
def reader(_reader):
    """A network that reads most digits, 784-32-10; each file has a copy of its own."""
    return _reader.copy()
