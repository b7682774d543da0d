"""What does a gradient cost? The multiplications of its matrix products, whatever the machine.

    forward     Z = A W             n Σ nₗ₋₁ nₗ         one for each sample and weight
    backward    ∂C/∂W = Aᵀ δ        n Σ nₗ₋₁ nₗ         the same number again, and
                δ Wᵀ                n Σ nₗ₋₁ nₗ, l > 1   once more, but not for layer 1

So a gradient costs less than three forward passes, however many parameters there are. Finite
differences need two forward passes for *each* parameter.

Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, "In what sense is
backpropagation a fast algorithm?".
"""

from ..network import NeuralNetwork, as_network
from ..support.takes import of, takes, whole


@takes(network=of(as_network), n=whole(1))
def count_passes(network: NeuralNetwork, n: int = 1) -> tuple[int, int]:
    """Return the multiplications of one forward and of one backward pass for n samples."""
    sizes = [W.size for W in network.weights]
    forward = n * sum(sizes)
    gradients = n * sum(sizes)  # Aᵀ δ
    deltas = n * sum(sizes[1:])  # δ Wᵀ
    return forward, gradients + deltas
