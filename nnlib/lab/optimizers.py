"""The optimizers that labs offer, with what labs say about them."""

from dataclasses import dataclass

from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp


@dataclass(frozen=True)
class Offer:
    """One optimizer of the labs' lists.

    kind   its class
    help   its rule, in words
    bound  the largest learning rate on a quadratic surface of curvature λ, if there is a formula
    """

    kind: type[Optimizer]
    help: str
    bound: str = ""

    def make(self, momentum: float, learning_rate: float | None = None) -> Optimizer:
        """Return a new one; `momentum` is the β of those that have one."""
        settings = {} if learning_rate is None else {"learning_rate": learning_rate}
        if self.kind in (Momentum, Nesterov):
            settings["beta"] = momentum
        return self.kind(**settings)


OPTIMIZERS = {
    "Gradient descent": Offer(
        GradientDescent, "x ← x − α∇L: downhill, in proportion to the slope.", "2/λ"
    ),
    "Momentum": Offer(
        Momentum, "v ← βv + ∇L, x ← x − αv: a heavy ball, which keeps rolling.", "2(1 + β)/λ"
    ),
    "Nesterov": Offer(Nesterov, "Momentum that looks one step ahead.", "2(1 + β)/((1 + 2β)λ)"),
    "RMSProp": Offer(RMSProp, "Each coordinate is divided by the size of its recent slopes."),
    "Adam": Offer(Adam, "Momentum combined with RMSProp, with the start corrected."),
}
NAMES = {offer.kind: name for name, offer in OPTIMIZERS.items()}
