"""How good is a finite difference? That hangs on its step h, and the smallest is not the best.

    one-sided   (C(x + h) − C(x)) / h        = C'(x) + h/2 C''(x) + …       cut off: about h
    centred     (C(x + h) − C(x − h)) / 2h   = C'(x) + h²/6 C'''(x) + …     cut off: about h²
    both        C is known to ε|C| only, so the quotient is off by about ε|C|/h as well

ε is 1.1e-16 in float64 and 6e-8 in float32. What is cut off shrinks with h and what is rounded
off grows, so the sum is smallest in between: near ∛ε for the centred difference, and near √ε
for the one-sided.

Source: Nocedal and Wright, *Numerical Optimization* (2006), section 8.1.
"""

import numpy as np

from ..backprop import backward
from ..forward import forward_pass
from ..losses import get_loss
from ..network import as_network
from ..support.checks import as_input, is_number
from ..support.words import shown
from ..targets import encode_target


def difference_error(
    network, X, target, loss, h: float, *, dtype="float64", centred: bool = True
) -> float:
    """Return ‖numeric − exact‖ / ‖exact‖ of the gradient over all parameters, for a step of h.

    X has shape (n_samples, n_0), and `target` and `loss` are as for `backward`. `exact` is
    backpropagation in float64; the differences are taken in `dtype`, with the same parameters.
    The network is not touched. Raises ValueError for input that does not fit it, and where the
    gradient is 0.
    """
    if not is_number(h) or h <= 0:
        raise ValueError(f"h={shown(h)}, the step, must be a positive number")
    loss, exact = get_loss(loss), as_network(network).copy("float64")
    gradient = backward(exact, exact.forward(X), target, loss).vector
    network = network.copy(dtype)
    X = as_input(X, network.layers[0], network.dtype)
    y = encode_target(target, len(X), network, loss)
    x = network.parameters

    def value() -> float:
        trace = forward_pass(network.weights, network.biases, network.activations, X)
        return loss.value(trace, y)

    numeric, here = np.empty(x.size), value()
    for i, before in enumerate(x):
        x[i] = before + h
        above = value()
        if centred:
            x[i] = before - h
            numeric[i] = (above - value()) / (2 * h)
        else:
            numeric[i] = (above - here) / h
        x[i] = before
    size = np.linalg.norm(gradient)
    if not size > 0:
        raise ValueError("the gradient is 0 here, so that no error can be relative to it")
    return float(np.linalg.norm(numeric - gradient) / size)
