"""Your own code in nnlib's place: plain functions, called by the same trainer.

Everything is a numpy array and a batch is rows. Four functions, any of which may be left to nnlib:

    forward(X, weights, biases, activations) -> (z, a)
        lists numbered by layer: a[0] is X, z[0] is None (or the list z starts at layer 1);
        weights[i], biases[i] and activations[i] belong to layer i + 1
    loss(output, y) -> number
        a mean over the samples; output and y have shape (n_samples, n_outputs)
    backward(weights, z, a, y, activations) -> (dW, db)
        the gradient of the network's loss, lists shaped as weights and biases; z and a are
        exactly what forward returned
    update(x, g, learning_rate) -> x
        the new parameters, or change x in place and return nothing; any shape

Tuples, lists of rows, generators, float32 and float64 are all welcome. What your functions
raise, or return in a form that cannot be used, comes back as an `OwnCodeError` in words.
Whether they are *right* is the business of `nnlib.diagnosis`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ..backprop import backpropagate
from ..forward import Trace, forward_pass
from ..optimizers import Optimizer
from ..support.whose_line import is_file_of, whose_line
from ..training.trainer import Trainer


class OwnCodeError(Exception):
    """A function of yours raised an error, or returned what cannot be used.

    name       what kind of trouble: 'raised', 'not_a_pair', 'wrong_length', 'not_numbers',
               'wrong_shape' or 'input_missing'
    function   'forward', 'loss', 'backward' or 'update'
    where      the function and, if it is about one array, that array: 'backward, dW2'
    line       the line of your code that raised, if one did
    """

    def __init__(self, message: str, name: str, where: str, line: int | None = None):
        super().__init__(message)
        self.name, self.where, self.line = name, where, line
        self.function = where.partition(",")[0]

    def __reduce__(self):
        return type(self), (str(self), self.name, self.where, self.line)


@dataclass(frozen=True)
class OwnCode:
    """Your functions; None leaves that part to nnlib."""

    forward: Callable | None = None
    loss: Callable | None = None
    backward: Callable | None = None
    update: Callable | None = None

    def __post_init__(self):
        for name in ("forward", "loss", "backward", "update"):
            function = getattr(self, name)
            if function is not None and not callable(function):
                raise TypeError(
                    f"{name}={describe(function)} must be a function: pass its name without "
                    f"brackets, OwnCode({name}={name})"
                )

    def __repr__(self) -> str:
        own = [name for name in ("forward", "loss", "backward", "update") if getattr(self, name)]
        return f"OwnCode({', '.join(own)})"


class OwnTrainer(Trainer):
    """A `Trainer` that calls your functions instead of nnlib's own.

    own_code   an `OwnCode`; all other arguments are the Trainer's. If it has an `update`,
               that takes the place of the optimizer and keeps only its learning rate.

    Raises OwnCodeError if a function of yours fails; the network is then as it was
    before the update. Your functions may look at the parameters and the data, not change
    them: these arrays are read-only.
    """

    own_code = OwnCode()

    def __init__(self, network, X, target, own_code: OwnCode, **settings):
        if any(settings.get(name) for name in ("dropout", "distortion", "adversarial")):
            raise ValueError(
                "dropout, distortion and adversarial images are nnlib's own; in code of yours they "
                "stand in your forward: leave dropout=, distortion= and adversarial= out"
            )
        self.own_code = own_code
        super().__init__(network, X, target, **settings)

    @property
    def optimizer(self) -> Optimizer:
        """What moves the parameters: your `update` if you wrote one."""
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer) -> None:
        if self.own_code.update is not None and isinstance(optimizer, Optimizer):
            optimizer = OwnUpdate(self.own_code.update, optimizer.learning_rate)
        self._optimizer = optimizer

    def loss_and_gradient(self, rows, into, first) -> float:
        own, network = self.own_code, self.network
        X, y = _read_only(self.X[rows]), _read_only(self.y[rows])
        weights = [_read_only(W) for W in network.weights]
        biases = [_read_only(b) for b in network.biases]
        f = network.activations
        # An overflow shows in the loss, and is reported there in words.
        with np.errstate(all="ignore"):
            if own.forward is None:
                trace = forward_pass(weights, biases, f, X)
                z, a = trace.z, trace.a
            else:
                z, a = value = call_forward(own.forward, X, weights, biases, f)
                trace = Trace(*read_forward(value, network.layers, len(X)), f)
            if own.loss is None:
                loss = self.loss.value(trace, y)
            else:
                loss = read_loss(call_loss(own.loss, trace.output, y))
            # nnlib's `backpropagate` leaves δ in `into` too; your function need not know it.
            into.delta = [None] * len(network.layers)
            if own.backward is None:
                backpropagate(weights, trace, y, self.loss, into)
            else:
                value = call_backward(own.backward, weights, z, a, y, f)
                into.weights[:], into.biases[:] = read_backward(value, network.layers)
        return loss


class OwnUpdate(Optimizer):
    """Your `update(x, g, learning_rate)` wrapped as an optimizer."""

    def __init__(self, function: Callable, learning_rate=0.1):
        super().__init__(learning_rate)
        self._function = function

    def _move(self, x, g, alpha):
        # On copies, so that an error half-way leaves the parameters whole.
        new = x.copy()
        new[...] = call_update(self._function, x.copy(), g.copy(), alpha)
        if not np.isfinite(new).all():
            return False
        x[...] = new
        return True

    def __repr__(self) -> str:
        return f"OwnUpdate(learning_rate={self.learning_rate!r})"


# Calling: an error inside comes out as an OwnCodeError that says where and with what.


def call(name: str, function: Callable, **arguments):
    """Return function(*arguments), the error it may raise turned into an OwnCodeError."""
    try:
        return function(*arguments.values())
    except (Exception, SystemExit) as error:  # exit() ends the function, not the check
        line = whose_line(error, is_file_of(function))
        number = line.number if line else None
        at = f"{name}, line {number}" if number else name
        code = f" in `{line.text}`" if line and line.text else ""
        shapes = "; ".join(f"{k}: {describe(v)}" for k, v in arguments.items())
        message = f"{at}: {type(error).__name__}{code}: {_text(error)}. It was called with {shapes}"
        raise OwnCodeError(message + _hint(error), "raised", name, number) from error


def call_forward(function, X, weights, biases, activations):
    """Return what your forward returned: a pair, as yet unread."""
    value = call("forward", function, X=X, weights=weights, biases=biases, activations=activations)
    return _pair(value, "forward", ("z", "a"))


def call_loss(function, output, y):
    """Return what your loss returned, as yet unread."""
    return call("loss", function, output=output, y=y)


def call_backward(function, weights, z, a, y, activations):
    """Return what your backward returned: a pair, as yet unread."""
    value = call("backward", function, weights=weights, z=z, a=a, y=y, activations=activations)
    return _pair(value, "backward", ("dW", "db"))


def call_update(function, x, g, learning_rate) -> np.ndarray:
    """Return the new x, whether your update returned it or wrote it into x."""
    value = call("update", function, x=x, g=g, learning_rate=learning_rate)
    new = x if value is None else as_numbers(value, "update", "x")
    _check_shape(new, x.shape, "update", "x")
    return new


# Reading: what was returned becomes arrays, or is refused with a reason.


def read_forward(value, layers, n_samples: int) -> tuple[list, list]:
    """Return (z, a) as nnlib numbers them: z[0] is None, a[0] is X, the rest arrays."""
    z, a = unpack_forward(value, len(layers) - 1)
    for l, width in enumerate(layers):
        if l > 0:
            _check_shape(z[l], (n_samples, width), "forward", f"z{l}")
        _check_shape(a[l], (n_samples, width), "forward", f"a{l}")
    return z, a


def unpack_forward(value, n_layers: int) -> tuple[list, list]:
    """Return (z, a) as lists of arrays whose shapes may still be wrong."""
    z, a = value
    z = _items(z, "forward", "z", (n_layers, n_layers + 1))
    z = z[1:] if len(z) > n_layers else z  # z[0] is nothing, whatever was put there
    z = [None] + [as_numbers(v, "forward", f"z{i + 1}") for i, v in enumerate(z)]
    a = _items(a, "forward", "a", (n_layers, n_layers + 1))
    if len(a) == n_layers:
        raise OwnCodeError(
            f"forward: the list a has {n_layers} items, but with the input there are "
            f"{n_layers + 1}: a[0] must be X, which backward needs for the first layer",
            "input_missing",
            "forward, a0",
        )
    return z, [as_numbers(v, "forward", f"a{i}") for i, v in enumerate(a)]


def read_backward(value, layers) -> tuple[list, list]:
    """Return (dW, db) as lists of arrays of the shapes of weights and biases."""
    dW, db = unpack_backward(value, len(layers) - 1)
    for i, x in enumerate(dW):
        _check_shape(x, tuple(layers[i : i + 2]), "backward", f"dW{i + 1}")
        _check_shape(db[i], (layers[i + 1],), "backward", f"db{i + 1}")
    return dW, db


def unpack_backward(value, n_layers: int) -> tuple[list, list]:
    """Return (dW, db) as lists of arrays whose shapes may still be wrong."""
    lists = []
    for symbol, part in zip(("dW", "db"), value, strict=True):
        items = _items(part, "backward", symbol, (n_layers, n_layers + 1))
        if len(items) > n_layers:
            if items[0] is not None:
                raise _length_error("backward", symbol, (n_layers,), f"{len(items)} items")
            items = items[1:]  # numbered by layer, with nothing for the input
        lists.append([as_numbers(v, "backward", f"{symbol}{i + 1}") for i, v in enumerate(items)])
    dW, db = lists
    return dW, db


def read_loss(value) -> float:
    """Return a loss as a float."""
    value = as_numbers(value, "loss", "value")
    if value.size != 1:
        raise OwnCodeError(
            f"loss: it returned an array of shape {value.shape}, but a loss is one number, "
            "the mean over the samples",
            "wrong_shape",
            "loss, value",
        )
    return float(value.reshape(()))


def as_numbers(value, function: str, name: str) -> np.ndarray:
    """Return `value` as an array of numbers, or raise OwnCodeError."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
        return array if array.dtype.kind == "f" else array.astype(np.float64)
    except Exception:
        raise OwnCodeError(
            f"{function}: {name} is {describe(value)}, where an array of numbers was expected"
            + (": has the function come to its `return`?" if value is None else ""),
            "not_numbers",
            f"{function}, {name}",
        ) from None


def describe(value) -> str:
    """Return what `value` is in a few words, arrays by their shapes."""
    if value is None:
        return "None"
    if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) > 0:
        return f"array {value.shape}"
    if isinstance(value, (float, np.floating)):
        return f"the number {float(value):g}"
    if isinstance(value, str):
        return f"the text {value[:20]!r}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(
            str(v.shape) if isinstance(v, np.ndarray) else type(v).__name__ for v in value[:8]
        )
        more = ", …" if len(value) > 8 else ""
        return f"{type(value).__name__} of {len(value)} ({inside}{more})"
    return f"an object of type {type(value).__name__}"


def _pair(value, function: str, names: tuple[str, str]) -> tuple:
    """Return `value` if it is two things, or raise OwnCodeError.

    What can be gone through only once, such as `reversed(dW)` or a generator, is kept as a list.
    """
    if isinstance(value, Iterator):
        value = _kept(value, function)
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return tuple(_kept(v, function) if isinstance(v, Iterator) else v for v in value)
    raise OwnCodeError(
        f"{function}: it must return two lists, `return {', '.join(names)}`, but returned "
        + describe(value)
        + (": the function has no `return`, or ended before it" if value is None else ""),
        "not_a_pair",
        function,
    )


def _kept(iterator: Iterator, function: str) -> list:
    """Return what an iterator gives, as a list; its code runs only now, and may fail."""
    # More than any network has layers: an endless one is seen to be too long.
    return call(function, lambda: list(islice(iterator, 1000)))


def _items(value, function: str, symbol: str, lengths: tuple[int, ...]) -> list:
    """Return the items of a list, if there are as many as one of `lengths`."""
    try:
        if isinstance(value, (str, bytes, dict, set)):
            raise TypeError
        items = list(islice(iter(value), max(lengths) + 1))
    except Exception:
        raise _length_error(function, symbol, lengths, describe(value)) from None
    if len(items) not in lengths:
        many = "more" if len(items) > max(lengths) else f"{len(items)} items"
        raise _length_error(function, symbol, lengths, many)
    return items


def _length_error(function, symbol, lengths, got) -> OwnCodeError:
    return OwnCodeError(
        f"{function}: {symbol} must be a list with one array for each of the {lengths[0]} layers "
        f"(the input is not a layer with weights), but it is {got}",
        "wrong_length",
        f"{function}, {symbol}",
    )


def _check_shape(array, shape, function: str, name: str) -> None:
    if array.shape != shape:
        raise OwnCodeError(
            f"{function}: {name} has shape {array.shape}, but must have shape {shape}",
            "wrong_shape",
            f"{function}, {name}",
        )


def _text(error: BaseException) -> str:
    """Return the error's own words; an error can fail even at saying what it is."""
    try:
        return str(error).rstrip(".") or "no message"
    except Exception:
        return "no message"


def _hint(error: BaseException) -> str:
    """Return what to look at, for the errors that are met most."""
    text = _text(error)
    if isinstance(error, IndexError):
        return ". Look at the numbering: z[l] and a[l] belong to layer l, weights[i] to layer i + 1"
    if "read-only" in text:
        return (
            ". The function tried to change an array that it was given: "
            "work on a copy, x = x.copy()"
        )
    if isinstance(error, ValueError) and ("matmul" in text or "broadcast" in text or "@" in text):
        return ". Write the shapes beside that line: the inner two of a product must agree"
    if isinstance(error, TypeError) and "positional argument" in text:
        return ". Compare the function's arguments with these"
    return ""


def _read_only(array: np.ndarray) -> np.ndarray:
    """Return a view of `array` that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view
