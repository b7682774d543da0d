"""The confusion lab: which class is mistaken for which, and the images behind each number."""

import numpy as np
import traitlets

from ..analysis.samples import cell_indices, outputs
from ..images.pixels import are_raw
from ..network import as_network
from ..support.arrays import as_labels, check_order
from ..support.checks import as_input
from ..support.takes import names, of, takes
from ..training.evaluation import confusion_matrix
from .widget import Lab, front_end

# Images shown at first, and how many more each time.
SHOWN = 24


class ConfusionLab(Lab):
    """Open a cell of the confusion matrix of `network` on X, and see the images in it.

    network      one that takes images of 28 × 28 pixels and has an output for each class
    X            images, shape (n, 784)
    y            their labels, integers of shape (n,)
    class_names  by default the numbers of the classes, from 0

    The trait `cell`, (true class, predicted class), is the one that is open: at first that with
    the most mistakes. Misclassified images come with the most confident first, correct ones with
    the least confident first, each with the probabilities that the network gave. `indices` are
    their rows in X, and `look_again()` evaluates the network again, after more training. Raises
    ValueError for what does not fit together.
    """

    _esm = front_end("plane.js", "digits.js", "confusion_lab.js")

    commands: traitlets.List[str] = traitlets.List([]).tag(sync=True)
    cell = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)

    @takes(network=of(as_network), class_names=names)
    def __init__(self, network, X, y, class_names=None):
        k = network.layers[-1]
        if network.layers[0] != 784 or k < 2:
            raise ValueError(
                f"the network has {network.layers[0]} inputs and {k} outputs; images of 28 × 28 "
                "pixels need 784 inputs, and classes an output each"
            )
        check_order("X", X, "y", y)
        X = as_input(X, network.layers[0], network.dtype)
        y = as_labels(y, len(X), k, name="the labels y")
        names = [str(n) for n in (range(k) if class_names is None else class_names)]
        if len(names) != k:
            raise ValueError(f"{len(names)} class names, but the network has {k} outputs")
        self.network, self.X, self.y, self.class_names = network, X, y, names
        self._shown = SHOWN
        self._look()
        mistakes = self.matrix - np.diag(np.diag(self.matrix))
        worst = np.unravel_index(mistakes.argmax(), mistakes.shape)
        layers = "-".join(map(str, network.layers))
        super().__init__(
            title=f"Which classes are confused, by a network of {layers} neurons",
            cell=list(map(int, worst)),
        )
        self._open()
        self.on_change(self._open_and_show, "cell")

    @traitlets.validate("cell")
    def _check_cell(self, proposal) -> list:
        k = len(self.class_names)
        if not all(0 <= c < k for c in proposal["value"]):
            raise traitlets.TraitError(
                f"cell={proposal['value']} must be two classes from 0 to {k - 1}: true, predicted"
            )
        return proposal["value"]

    @property
    def indices(self) -> np.ndarray:
        """The rows of X that lie in the open cell, in the order in which they are shown."""
        return self._inside

    def look_again(self) -> None:
        """Evaluate the network again: it may have been trained further."""
        self._look()
        self._open_and_show()

    def _look(self) -> None:
        self._outputs = outputs(self.network, self.X)
        predicted = self._outputs.argmax(axis=1)
        self.matrix = confusion_matrix(self.y, predicted, len(self.class_names))

    def _open(self) -> None:
        self._inside = cell_indices(self._outputs, self.y, *self.cell)
        self._shown = SHOWN

    def _open_and_show(self) -> None:
        self._open()
        self.send_frame()

    def hear(self, message: dict) -> None:
        if message.get("command") == "more":
            self._shown += SHOWN
            self.send_frame()
        else:
            super().hear(message)

    def frame(self):
        shown = self._inside[: self._shown]
        values = {
            "summary": f"{self._total()} {self._words()}",
            "names": self.class_names,
            "cell": list(self.cell),
            "images": [self._image(i) for i in shown],
            "left": len(self._inside) - len(shown),
        }
        arrays = {"matrix": self.matrix.astype(np.float64)}
        if len(shown):
            ink = 255 if are_raw(self.X) else 1
            arrays["pixels"] = np.asarray(self.X[shown] / ink, np.float32)
        return values, arrays

    def _image(self, i) -> dict:
        """Return what is said of an image: the classes thought likeliest, and the true one."""
        p = self._outputs[i]
        likely = list(np.argsort(-p, kind="stable")[:3])
        if self.y[i] not in likely:
            likely.append(self.y[i])
        said = [
            {"name": self.class_names[c], "percent": _percent(p[c]), "true": bool(c == self.y[i])}
            for c in likely
        ]
        return {"index": int(i), "said": said}

    def _total(self) -> str:
        n, right = int(self.matrix.sum()), int(np.trace(self.matrix))
        return f"{right:,} of {n:,} images are classified correctly."

    def _words(self) -> str:
        true, predicted = self.cell
        n, of_class = len(self._inside), int(self.matrix[true].sum())
        its_name, as_name = self.class_names[true], self.class_names[predicted]
        if its_name == as_name:
            order = ", the least confident first" if n > 1 else ""
            return f"{n:,} of {of_class:,} of class {its_name} are classified correctly{order}."
        order = ", the most confident first" if n > 1 else ""
        return f"{n:,} of {of_class:,} of class {its_name} are classified as {as_name}{order}."

    def preview(self):
        """Return the confusion matrix."""
        from .. import plots

        return plots.confusion(self.matrix, self.class_names)

    def described(self) -> str:
        """Say how often the network is right, and what the open cell holds."""
        return f": {self._total()} {self._words()}"


def _percent(p: float) -> str:
    """Return a probability as a percentage, in as many digits as tell it from 0 and 100."""
    for digits in (0, 1, 2, 3):
        text = f"{100 * p:.{digits}f}"
        if float(text) not in (0, 100):
            return f"{text} %"
    return "100 %" if p > 0.5 else "0 %"
