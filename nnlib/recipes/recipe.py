"""A recipe: all the settings of one training, by name.

Two trainings with the same recipe, seed, data and versions of numpy end with the same
weights, number for number.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields

import numpy as np

from ..activations import get_activation
from ..images.distortion import Distortion
from ..initializers import get_initializer
from ..losses import CrossEntropy, Loss, get_loss
from ..network import NeuralNetwork
from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp
from ..regularizers.adversarial import Adversarial
from ..regularizers.averaging import WeightAverage
from ..regularizers.dropout import Dropout
from ..regularizers.penalty import as_rate
from ..schedules import WarmupCosineSchedule, WarmupLinearSchedule
from ..support.checks import as_dtype, as_layers, is_number
from ..training.trainer import Trainer

OPTIMIZERS = {
    "gradient descent": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RMSProp,
    "adam": Adam,
}
SCHEDULES = {
    "constant": lambda rate, warmup, updates, final: rate,
    "linear": WarmupLinearSchedule,
    "cosine": WarmupCosineSchedule,
}


_TEXTS = ("name", "hidden", "output", "init", "loss", "optimizer", "schedule", "dtype")
_NUMBERS = ("learning_rate", "warmup", "final", "smoothing")
_DICTS = ("optimizer_settings", "dropout", "distortion", "adversarial", "average")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings of one training on MNIST; what is not named is off.

    name, purpose       what it is called, and in one line what it is for
    layers, hidden, output, init, dtype
                        of the `NeuralNetwork`
    loss, smoothing     'mse' or 'cross_entropy', and the ε of its label smoothing
    batch_size, epochs  samples in an update, and how often each sample is used
    optimizer           a name of OPTIMIZERS; `optimizer_settings` are its own, as {"beta": 0.9}
    learning_rate       α, at its highest
    schedule            'constant'; 'linear' or 'cosine' falls to `final` at the last update
    warmup              share of all updates, at their beginning, in which α rises to its height
    l2                  λ₂ of weight decay
    dropout             the settings of `nnlib.Dropout`, as {"input": 0.2, "hidden": 0.5}
    distortion          the settings of `nnlib.Distortion`, as {"alpha": 34, …}
    adversarial         the settings of `nnlib.Adversarial`, as {"epsilon": 0.08}
    average             {"begin": 0.5, "decay": 1.0}: after this share of all updates the weights
                        are averaged, see `nnlib.regularizers.averaging.WeightAverage`

    Raises ValueError, naming the recipe and the setting, if one of them cannot be.
    """

    name: str
    purpose: str
    layers: tuple[int, ...]
    hidden: str = "relu"
    output: str = "softmax"
    init: str = "he"
    loss: str = "cross_entropy"
    smoothing: float = 0.0
    batch_size: int
    epochs: int
    optimizer: str
    optimizer_settings: dict = field(default_factory=dict)
    learning_rate: float
    schedule: str = "constant"
    warmup: float = 0.0
    final: float = 0.0
    l2: float = 0.0
    dropout: dict = field(default_factory=dict)
    distortion: dict = field(default_factory=dict)
    adversarial: dict = field(default_factory=dict)
    average: dict = field(default_factory=dict)
    dtype: str = "float32"

    def __post_init__(self):
        for f in fields(self):  # as JSON has them
            value = getattr(self, f.name)
            if isinstance(value, np.generic):
                object.__setattr__(self, f.name, value.item())
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise self._wrong(name, "must be a text, a name that is not empty")
        for name in _NUMBERS:
            if not is_number(getattr(self, name)):
                raise self._wrong(name, "must be a finite number")
        for name in _DICTS:
            value = getattr(self, name)
            if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
                raise self._wrong(name, "must be a dict of settings by their names, {} for none")
        self._check("dtype", lambda: as_dtype(self.dtype))
        layers = self._check("layers", lambda: as_layers(self.layers))
        object.__setattr__(self, "layers", layers)  # a list, as JSON has it, becomes a tuple
        for name in ("batch_size", "epochs"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise self._wrong(name, "must be a whole number, 1 or more")
        if not 0 <= self.warmup < 1:
            raise self._wrong("warmup", "is a share of the run: at least 0 and less than 1")
        for name, known in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in known:
                raise self._wrong(name, f"is unknown: choose one of {', '.join(known)}")
        if self.schedule == "constant" and (self.warmup or self.final):
            raise self._wrong(
                "schedule", "keeps α as it is, but warmup or final is set: choose linear or cosine"
            )
        if self.smoothing and self.loss != "cross_entropy":
            raise self._wrong("smoothing", "is for labels under cross_entropy alone")
        self._check("hidden", lambda: get_activation(self.hidden))
        self._check("init", lambda: get_initializer(self.init))
        self._check("loss", lambda: self.loss_function().check(get_activation(self.output)))
        self._check("optimizer_settings", lambda: self.optimizer_for(self.batch_size * 1000))
        self._check("l2", lambda: as_rate("l2", self.l2))
        self._check("dropout", self._dropout)
        self._check("distortion", self._distortion)
        self._check("adversarial", self._adversarial)
        self._check("average", self.averaging)
        if self.average and not 0 <= self.average.get("begin", -1) < 1:
            raise self._wrong("average", "needs 'begin', a share of the run: 0 or more, below 1")

    def _check(self, name: str, attempt: Callable):
        """Return what `attempt` returns; its error names the setting."""
        try:
            return attempt()
        except (TypeError, ValueError) as error:
            raise self._wrong(name, f"cannot be used: {error}") from error

    def _wrong(self, name: str, what: str) -> ValueError:
        return ValueError(f"recipe {self.name!r}: {name}={getattr(self, name)!r} {what}")

    def as_settings(self) -> dict:
        """Return what decides the weights, as JSON knows it; what is off is left out."""
        settings = {}
        for f in fields(self):
            value = getattr(self, f.name)
            off = f.default if f.default_factory is MISSING else f.default_factory()
            always = f.name in ("hidden", "output", "init", "loss")
            if f.name not in ("name", "purpose") and (always or value != off):
                settings[f.name] = list(value) if isinstance(value, tuple) else value
        return settings

    def network(self, seed: int) -> NeuralNetwork:
        """Return the network as it is before training."""
        return NeuralNetwork(
            self.layers,
            hidden=self.hidden,
            output=self.output,
            init=self.init,
            seed=seed,
            dtype=self.dtype,
        )

    def loss_function(self) -> Loss:
        """Return the loss that is trained on."""
        return CrossEntropy(smoothing=self.smoothing) if self.smoothing else get_loss(self.loss)

    def updates(self, n_samples: int) -> int:
        """Return how many updates the whole training makes."""
        return self.epochs * -(-n_samples // min(self.batch_size, n_samples))

    def optimizer_for(self, n_samples: int) -> Optimizer:
        """Return the optimizer, its schedule as long as training on this many samples."""
        updates = self.updates(n_samples)
        rate = SCHEDULES[self.schedule](
            self.learning_rate, round(self.warmup * updates), updates, self.final
        )
        return OPTIMIZERS[self.optimizer](rate, **self.optimizer_settings)

    def averaging(self) -> WeightAverage | None:
        """Return the average of the weights, nothing added yet; None if the recipe has none."""
        settings = {name: value for name, value in self.average.items() if name != "begin"}
        return WeightAverage(**settings) if self.average else None

    def trainer(
        self, network: NeuralNetwork, X: np.ndarray, target, seed: int, threads: int | None = None
    ) -> Trainer:
        """Return the trainer of `network` on the samples X, shape (n, n_0), and their labels.

        `threads` is as for `nnlib.train`: how many share the work, by default one a core.
        """
        return Trainer(
            network,
            X,
            target,
            loss=self.loss_function(),
            optimizer=self.optimizer_for(len(X)),
            batch_size=min(self.batch_size, len(X)),
            seed=seed,
            l2=self.l2,
            distortion=self._distortion(),
            dropout=self._dropout(),
            adversarial=self._adversarial(),
            threads=threads,
        )

    def _dropout(self) -> Dropout | None:
        return Dropout(**self.dropout) if self.dropout else None

    def _adversarial(self) -> Adversarial | None:
        return Adversarial(**self.adversarial) if self.adversarial else None

    def _distortion(self) -> Distortion | None:
        return Distortion(**self.distortion) if self.distortion else None
