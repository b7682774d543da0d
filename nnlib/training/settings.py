"""Which settings of a trainer may be changed between two updates, and which may not."""

from typing import ClassVar

from ..optimizers import as_optimizer
from ..regularizers.penalty import Rate
from ..support.settled import Settled
from ..support.whole_copy import CopiedWhole


class Settings(CopiedWhole, Settled):
    """What a `Trainer` checks whenever one of its settings is set.

    The optimizer, the size of the batches and the penalties act on the next update. All others
    have gone into what the trainer is made of, and to set them would change nothing.
    """

    l1, l2 = Rate(), Rate()
    checks: ClassVar = {"optimizer": lambda name, value: as_optimizer(value)}
    fixed: ClassVar = dict.fromkeys(
        "network X y target loss seed distortion dropout adversarial at_once".split(),
        "make another Trainer, of the same network if it is to go on from here",
    )
    elsewhere: ClassVar = dict.fromkeys(("learning_rate", "lr", "alpha"), "optimizer.learning_rate")
