"""`diagnose`: all checks, one function after another."""

import warnings
from dataclasses import replace

import numpy as np

from ..losses import default_loss, get_loss
from ..network import as_network
from ..support.checks import as_input
from ..support.takes import like, of, seed, takes
from ..targets import encode_target
from .check_backward import check_backward
from .check_forward import check_forward
from .check_loss import check_loss
from .check_update import check_update
from .finding import Diagnosis
from .own_code import (
    OwnCode,
    OwnCodeError,
    call_backward,
    call_forward,
    call_loss,
    read_backward,
    read_forward,
    read_loss,
)
from .probe import Probe, real_probe
from .watch import from_error

ROWS = 13  # of the learner's own data that are tried as well


@takes(network=of(as_network), own_code=like("backward", "an OwnCode"), seed=seed)
def diagnose(
    own_code: OwnCode, network, X=None, y=None, loss=None, *, seed: int = 0
) -> list[Diagnosis]:
    """Return what is wrong with the functions of `own_code`; an empty list: nothing.

    network   its depth and activations are what the functions are tried with, in float64 and
              with small, odd widths; it is not touched
    X, y      data and target as for training, or None; the first rows are tried as well
    loss      the loss of the network; by default the one that goes with the output
    seed      of the random numbers

    Each function is judged on its own, with right input, so that one mistake is
    reported once; but `backward` is given the z and a of your own `forward` if that is
    right. Raises ValueError only if X, y and loss do not fit the network.
    """
    loss = default_loss(network.activations[-1]) if loss is None else get_loss(loss)
    rows = None
    if X is not None:
        X = as_input(X, network.layers[0], network.dtype)
        rows = X[:ROWS], encode_target(y, len(X), network, loss)[:ROWS]
    loss.check(network.activations[-1])
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of shows in the numbers
        if own_code.forward is not None:
            found += check_forward(own_code, network, loss, seed)
        if own_code.loss is not None:
            found += check_loss(own_code, network, loss, seed)
        if own_code.backward is not None:
            own = replace(own_code, forward=None) if _about("forward", found) else own_code
            found += check_backward(own, network, loss, seed)
        if own_code.update is not None:
            found += check_update(own_code, seed)
        if rows is not None and not found:
            found += _on_real_data(own_code, real_probe(network, loss, *rows))
    return found


def _about(function: str, found: list[Diagnosis]) -> bool:
    return any(d.where.split(",")[0] == function for d in found)


def _on_real_data(own: OwnCode, p: Probe) -> list[Diagnosis]:
    """What is right on random numbers must at least run on the data it is for."""
    z, a = list(p.z), list(p.a)
    try:
        with np.errstate(all="ignore"):
            if own.forward is not None:
                weights, biases = [W.copy() for W in p.weights], [b.copy() for b in p.biases]
                z, a = value = call_forward(own.forward, p.X.copy(), weights, biases, p.activations)
                read_forward(value, p.layers, p.n)
            if own.loss is not None:
                read_loss(call_loss(own.loss, p.a[-1].copy(), p.y.copy()))
            if own.backward is not None:
                value = call_backward(own.backward, list(p.weights), z, a, p.y, p.activations)
                read_backward(value, p.layers)
    except OwnCodeError as error:
        found = from_error(error)
        return [replace(found, message=f"With your own data: {found.message}")]
    return []
