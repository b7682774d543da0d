"""Data that have been found to fit a network and a loss, checked and encoded once.

Whatever trains or judges a network needs the same four things: the network, the inputs X in
its own dtype, the target as y (see `nnlib.targets`), and the loss. They are prepared here, so
that many trainers can share one copy of the data and none of them checks it again.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..activations import same_activation
from ..losses import Loss, default_loss, get_loss
from ..network import NeuralNetwork, as_network, says_class
from ..support.arrays import check_order
from ..support.checks import as_input
from ..support.takes import data as a_pair
from ..targets import encode_target


@dataclass(frozen=True, eq=False)
class PreparedData:
    """What `prepare` returns.

    network   the network it was prepared for
    X         shape (n_samples, n_0), in the network's dtype
    y         the encoded target, shape (n_samples, n_L), in the network's dtype
    loss      the loss that X and y are used with
    """

    network: NeuralNetwork
    X: np.ndarray
    y: np.ndarray
    loss: Loss

    def __len__(self) -> int:
        return len(self.X)

    @cached_property
    def labels(self) -> np.ndarray | None:
        """The class of each row of y, shape (n_samples,), or None if the target is not one.

        One output says yes or no after sigmoid alone; others say a number, be it 0 or 1.
        """
        if not ((self.y == 0) | (self.y == 1)).all() or not says_class(self.network):
            return None
        if self.y.shape[1] == 1:
            return self.y[:, 0] == 1
        return self.y.argmax(axis=1) if (self.y.sum(axis=1) == 1).all() else None

    def on(self, network: NeuralNetwork) -> "PreparedData":
        """Return the same data for another network of the same layers, dtype and output.

        Nothing is copied. Raises ValueError if `network` differs in one of these.
        """
        for name in ("layers", "dtype"):
            here, there = getattr(self.network, name), getattr(network, name)
            if here != there:
                raise ValueError(
                    f"the data were prepared for a network with {name} {here}, but this one has "
                    f"{there}: prepare them for it"
                )
        output = network.activations[-1]
        if not same_activation(output, self.network.activations[-1]):
            raise ValueError(
                f"the data were prepared for the output {self.network.activations[-1]}, but this "
                f"network's is {output}: prepare them for it"
            )
        return replace(self, network=network)


def prepare(
    network: NeuralNetwork,
    X: "npt.ArrayLike | PreparedData",
    target: npt.ArrayLike | None = None,
    loss: "str | Loss | type[Loss] | None" = None,
) -> PreparedData:
    """Return network, X, target and loss, checked and encoded.

    X        shape (n_samples, n_0), or data already prepared: then `target` and `loss` are
             left out, and the data are shared
    target   labels (n_samples,) or values (n_samples, n_L)
    loss     by default cross-entropy for softmax and sigmoid outputs, MSE for all others

    Raises ValueError if anything does not fit the network.
    """
    as_network(network)
    if isinstance(X, PreparedData):
        if target is not None or loss is not None:
            raise ValueError("prepared data have their own target and loss: leave both out")
        return X.on(network)
    chosen = default_loss(network.activations[-1]) if loss is None else get_loss(loss)
    inputs = as_input(X, network.layers[0], network.dtype)
    if target is None:
        raise ValueError("target is missing: each sample of X needs one")
    check_order("X", X, "target", target)
    y = encode_target(target, len(inputs), network, chosen)
    # Views of the network's own parameters would change as it learns.
    inputs, y = (
        part.copy() if np.may_share_memory(part, network.parameters) else part
        for part in (inputs, y)
    )
    return PreparedData(network, inputs, y, chosen)


def prepare_validation(network: NeuralNetwork, validation: Any, loss: Loss) -> PreparedData:
    """Return the pair (X, target) of `validation`, prepared.

    Raises ValueError or TypeError that says whose X or target does not fit.
    """
    X, target = a_pair("validation", validation)
    try:
        return prepare(network, X, target, loss)
    except (ValueError, TypeError) as error:
        raise type(error)(f"in validation, {error}") from None
