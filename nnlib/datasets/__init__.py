"""Data to learn from: MNIST, complete and offline, and small sets that can be seen."""

from .mnist import MNIST, load_mnist
from .toys import blobs, circles, moons, noisy_sine, spirals, xor

__all__ = ["MNIST", "blobs", "circles", "load_mnist", "moons", "noisy_sine", "spirals", "xor"]
