"""Loss surfaces over two parameters, which can be seen; `nnlib.landscapes.descent` walks on them.

A network's loss lives in thousands of dimensions; what makes its descent hard shows
in two already: a curvature that bounds the learning rate, a narrow valley, a saddle.
A `Surface` has a value L(x) and a gradient ∇L(x) for x = (x₁, x₂); a `Relief` is its map.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 4.3 and 8.2.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..backprop import Gradients, backpropagate
from ..datasets import moons
from ..forward import forward_pass
from ..network import NeuralNetwork
from ..optimizers import GradientDescent
from ..support.takes import like, number, positive, takes
from ..training.prepared import prepare
from ..training.trainer import Trainer


class Surface:
    """A loss over the plane, L(x) for x = (x₁, x₂), and all that a map of it needs.

    name, formula, source   in words
    limits                  the window worth seeing, ((x₁ low, x₁ high), (x₂ low, x₂ high))
    minima                  where L is lowest, shape (k, 2); no rows if that is not known
    start                   a point from which a descent is instructive
    learning_rate           an α that gradient descent bears there
    resolution              points along each side of a map
    parameters              2, or 1 if x₂ plays no part and L is a curve over x₁
    """

    name: str
    formula: str
    source: str
    limits: tuple[tuple[float, float], tuple[float, float]]
    minima: np.ndarray
    start: tuple[float, float]
    learning_rate: float
    resolution = 201
    parameters = 2

    def value(self, x) -> np.ndarray:
        """Return L at every point of `x`, shape (..., 2) → (...)."""
        raise NotImplementedError

    def gradient(self, x) -> np.ndarray:
        """Return ∇L at one point `x`; both have shape (2,)."""
        raise NotImplementedError

    def curvature(self, x) -> float:
        """Return λ, the largest second derivative of L in any direction at the point `x`.

        It is the largest eigenvalue of the Hessian, whose columns are taken here as
        centred differences of the gradient.
        """
        x, h = np.asarray(x, np.float64), 1e-5
        columns = [
            (self.gradient(x + h * e) - self.gradient(x - h * e)) / (2 * h) for e in np.eye(2)
        ]
        hessian = np.column_stack(columns)
        return float(np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1])

    @property
    def width(self) -> float:
        """The longer side of the window."""
        return max(high - low for low, high in self.limits)

    def __repr__(self) -> str:
        return f"{self.name}: L(x₁, x₂) = {self.formula}"


class Quadratic(Surface):
    """L = ½ (λ₁ x₁² + λ₂ x₂²), a bowl with its minimum at 0 and the curvatures λ₁, λ₂ > 0.

    Gradient descent multiplies xᵢ by 1 − αλᵢ in every step, so it converges exactly
    if α < 2/λ for the largest λ. How slowly, says the condition number λ_max/λ_min.
    """

    source = "Goodfellow, Bengio and Courville, Deep Learning (2016), sections 4.2 and 4.3.1"
    minima = np.zeros((1, 2))

    def __init__(self, name, formula, curvatures, start, learning_rate):
        self.name, self.formula = name, formula
        self.curvatures = np.array(curvatures, np.float64)
        if self.curvatures.shape != (2,) or not (self.curvatures > 0).all():
            raise ValueError(f"curvatures={curvatures!r} must be two positive numbers")
        self.limits = ((-2.0, 2.0), (-2.0, 2.0))
        self.start, self.learning_rate = start, learning_rate

    def value(self, x) -> np.ndarray:
        return 0.5 * (np.asarray(x, np.float64) ** 2 @ self.curvatures)

    def gradient(self, x) -> np.ndarray:
        return self.curvatures * x

    def curvature(self, x=None) -> float:
        return float(self.curvatures.max())

    @property
    def condition_number(self) -> float:
        """λ_max/λ_min: 1 for a round bowl, large for a narrow valley."""
        return float(self.curvatures.max() / self.curvatures.min())


@takes(curvature=positive)
def parabola(curvature: float = 10.0) -> Quadratic:
    """Return the round bowl L = ½ λ (x₁² + x₂²): straight to the minimum, if α < 2/λ."""
    return Quadratic(
        "Parabola",
        f"½ · {curvature:g} (x₁² + x₂²)",
        (curvature, curvature),
        start=(-1.6, 1.2),
        learning_rate=0.5 / curvature,
    )


@takes(condition_number=number(1))
def valley(condition_number: float = 50.0) -> Quadratic:
    """Return the narrow valley L = ½ (x₁² + κ x₂²), of condition number κ.

    The steep direction allows α < 2/κ at most, with which the shallow one gets nowhere.
    """
    k = float(condition_number)
    return Quadratic(
        "Narrow valley",
        f"½ (x₁² + {k:g} x₂²), condition number {k:g}",
        (1.0, k),
        start=(-1.8, 0.8),
        learning_rate=9 / (5 * k),
    )


class OneParameter(Quadratic):
    """L = ½ λ x², a parabola over one parameter x = x₁, of curvature λ > 0.

    A step of gradient descent is x ← x − αλx = (1 − αλ) x. So x shrinks exactly if
    |1 − αλ| < 1, that is if α < 2/λ; from 1/λ on it jumps to the other side, and at 2/λ it
    swings for ever. x₂ takes no part.
    """

    name = "Parabola in one parameter"
    parameters = 1

    def __init__(self, curvature: float = 4.0):
        if not 0 < curvature < math.inf:
            raise ValueError(f"curvature={curvature!r} must be a positive number")
        self.curvatures = np.array([curvature, 0.0])
        self.formula = f"½ · {curvature:g} x²"
        self.limits = ((-2.0, 2.0), (-2.0, 2.0))
        self.start, self.learning_rate = (-1.6, 0.0), 0.2 / curvature

    def factor(self, learning_rate: float) -> float:
        """Return 1 − αλ, by which a step of gradient descent multiplies x."""
        return 1 - learning_rate * self.curvature()

    def __repr__(self) -> str:
        return f"{self.name}: L(x) = {self.formula}"


class Saddle(Surface):
    """L = ½ x₁² + ¼ (x₂² − 1)²: a pass at 0 between two minima, at (0, −1) and (0, 1).

    At the saddle point the gradient is 0, though L still falls along ±x₂.
    """

    name = "Saddle"
    formula = "½ x₁² + ¼ (x₂² − 1)²"
    source = (
        "Dauphin et al., Identifying and attacking the saddle point problem in "
        "high-dimensional non-convex optimization (2014)"
    )
    limits = ((-2.0, 2.0), (-2.0, 2.0))
    minima = np.array([[0.0, -1.0], [0.0, 1.0]])
    start = (1.6, 0.001)
    learning_rate = 0.1

    def value(self, x) -> np.ndarray:
        x1, x2 = np.moveaxis(np.asarray(x, np.float64), -1, 0)
        return 0.5 * x1**2 + 0.25 * (x2**2 - 1) ** 2

    def gradient(self, x) -> np.ndarray:
        x1, x2 = x
        return np.array([x1, x2 * (x2**2 - 1)])


class Rosenbrock(Surface):
    """L = (1 − x₁)² + 100 (x₂ − x₁²)²: a bent valley, easy to find and slow to follow."""

    name = "Rosenbrock"
    formula = "(1 − x₁)² + 100 (x₂ − x₁²)²"
    source = (
        "Rosenbrock, An automatic method for finding the greatest or least value of a "
        "function (1960)"
    )
    limits = ((-2.0, 2.0), (-1.0, 3.0))
    minima = np.array([[1.0, 1.0]])
    start = (-1.2, 1.0)
    learning_rate = 0.001

    def value(self, x) -> np.ndarray:
        x1, x2 = np.moveaxis(np.asarray(x, np.float64), -1, 0)
        return (1 - x1) ** 2 + 100 * (x2 - x1**2) ** 2

    def gradient(self, x) -> np.ndarray:
        x1, x2 = x
        above = x2 - x1**2  # how far above the floor of the valley
        return np.array([-2 * (1 - x1) - 400 * x1 * above, 200 * above])


class Beale(Surface):
    """L = Σᵢ (cᵢ − x₁ (1 − x₂ⁱ))², i = 1, 2, 3: plains, steep corners, one minimum at (3, ½)."""

    name = "Beale"
    formula = "(1.5 − x₁ + x₁x₂)² + (2.25 − x₁ + x₁x₂²)² + (2.625 − x₁ + x₁x₂³)²"
    source = "Beale, On an iterative method for finding a local minimum of a function (1958)"
    limits = ((-4.5, 4.5), (-4.5, 4.5))
    minima = np.array([[3.0, 0.5]])
    start = (1.0, 1.0)
    learning_rate = 0.01
    constants = (1.5, 2.25, 2.625)

    def value(self, x) -> np.ndarray:
        x1, x2 = np.moveaxis(np.asarray(x, np.float64), -1, 0)
        return sum((c - x1 * (1 - x2**i)) ** 2 for i, c in enumerate(self.constants, start=1))

    def gradient(self, x) -> np.ndarray:
        x1, x2 = x
        g = np.zeros(2)
        for i, c in enumerate(self.constants, start=1):
            error = c - x1 * (1 - x2**i)
            g += 2 * error * np.array([x2**i - 1, i * x1 * x2 ** (i - 1)])
        return g


class NetworkSlice(Surface):
    """A plane through the weight space of a network: L(p + x₁ d₁ + x₂ d₂).

    p are the network's parameters as they are now, so the map's centre is the network
    itself; d₁ and d₂ are directions. The network is copied (in float64) and never
    changed. By the chain rule ∂L/∂xᵢ = ∇L · dᵢ, with ∇L from backpropagation.

    X, target    the data, as for `Trainer`
    loss         as for `Trainer`
    directions   'random': drawn with `seed` and made orthonormal;
                 'filter': drawn with `seed`, then filter-normalized as by Li et al.: see
                 `filter_normalized`. At x = 1 the weights of a neuron have moved by their length;
                 or of shape (2, n_parameters), made orthonormal here. `path_directions` has
                 those of a training path
    radius       how far the map reaches; by default half the length of p, at least 1;
                 1 if the directions are filter-normalized
    start        where descents begin; by default up and left of the centre

    Raises ValueError if the data do not fit the network or the directions span no plane.
    Source: Goodfellow, Vinyals and Saxe, *Qualitatively characterizing neural network
    optimization problems* (2015); Li et al., *Visualizing the loss landscape of neural
    nets* (2018).
    """

    source = "Li et al., Visualizing the loss landscape of neural nets (2018)"
    minima = np.empty((0, 2))  # nobody knows where they are
    resolution = 71

    def __init__(
        self,
        network,
        X,
        target,
        *,
        loss=None,
        directions="random",
        seed=0,
        radius=None,
        start=None,
        name="Network slice",
        learning_rate=0.1,
    ):
        self.network = network.copy("float64")
        self.centre = self.network.parameters.copy()
        data = prepare(self.network, X, target, loss)
        self._X, self._y, self.loss = data.X, data.y, data.loss
        self._gradients = Gradients(self.network.layers, self.network.dtype)
        n = self.centre.size
        usual = max(1.0, float(np.linalg.norm(self.centre)) / 2)
        if isinstance(directions, str) and directions == "filter":
            self.directions, usual = filter_normalized(self.network, seed), 1.0
        elif isinstance(directions, str) and directions == "random":
            self.directions = orthonormal(np.random.default_rng(seed).standard_normal((2, n)), n)
        elif isinstance(directions, str):
            raise ValueError(f"directions={directions!r} must be 'random', 'filter' or an array")
        else:
            self.directions = orthonormal(directions, n)
        r = usual if radius is None else float(radius)
        if not 0 < r < math.inf:
            raise ValueError(f"radius={radius!r} must be a positive number")
        self.name, self.learning_rate = name, learning_rate
        self.formula = f"{self.loss.name.replace('_', '-')} loss of {network!r}, p + x₁d₁ + x₂d₂"
        self.limits = ((-r, r), (-r, r))
        x1, x2 = (-0.75 * r, 0.6 * r) if start is None else start
        self.start = (float(x1), float(x2))

    def _move_to(self, x):
        """Put the copy's parameters to the point `x` of the plane and return its trace."""
        n = self.network
        n.parameters = self.centre + np.asarray(x, np.float64) @ self.directions
        return forward_pass(n.weights, n.biases, n.activations, self._X)

    def value(self, x) -> np.ndarray:
        x = np.asarray(x, np.float64)
        values = [self.loss.value(self._move_to(point), self._y) for point in x.reshape(-1, 2)]
        return np.reshape(values, x.shape[:-1])[()]

    def gradient(self, x) -> np.ndarray:
        backpropagate(self.network.weights, self._move_to(x), self._y, self.loss, self._gradients)
        return self.directions @ self._gradients.vector


def orthonormal(directions, n: int) -> np.ndarray:
    """Return two orthonormal vectors, shape (2, n), that span the same plane (Gram-Schmidt)."""
    directions = np.array(directions, np.float64)
    if directions.shape != (2, n):
        raise ValueError(f"directions have shape {directions.shape}, but must have (2, {n})")
    lengths = np.linalg.norm(directions, axis=1)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("directions must be finite, and neither may be zero")
    d1, d2 = directions / lengths[:, None]
    d2 = d2 - (d2 @ d1) * d1
    if np.linalg.norm(d2) < 1e-6:
        raise ValueError("the two directions are parallel: they span a line, not a plane")
    d2 /= np.linalg.norm(d2)
    d2 -= (d2 @ d1) * d1  # once more: rounding had left a little of d₁
    return np.stack([d1, d2 / np.linalg.norm(d2)])


def filter_normalized(network, seed: int = 0) -> np.ndarray:
    """Return two random directions in the weight space of `network`, shape (2, n_parameters).

    The part that belongs to the weights into one neuron, a *filter*, is scaled to the length of
    these weights: d ← d/‖d‖ · ‖w‖. So a neuron with large weights is moved as much, in
    proportion, as one with small, and networks of different scale can be compared. Biases stay.

    Source: Li et al., *Visualizing the loss landscape of neural nets* (2018), section 4.
    """
    rng, directions = np.random.default_rng(seed), []
    for _ in range(2):
        pieces = network.copy("float64")
        for W, b in zip(pieces.weights, pieces.biases, strict=True):
            d = rng.standard_normal(W.shape)  # a column for each neuron
            W[...] = d / np.linalg.norm(d, axis=0) * np.linalg.norm(W, axis=0)
            b[...] = 0
        directions.append(pieces.parameters.copy())
    return np.stack(directions)


def path_directions(path) -> np.ndarray:
    """Return the two directions in which a training path extends most, shape (2, n_parameters).

    `path`, of shape (k, n_parameters), are the parameters along the way; the last are the
    centre of the map. The directions are the first right singular vectors of path − last.

    Source: Li et al., *Visualizing the loss landscape of neural nets* (2018), section 7.
    """
    path = np.asarray(path, np.float64)
    return np.linalg.svd(path - path[-1], full_matrices=False)[2][:2]


def _two_moons(epochs: int):
    """Return a small network, trained to tell two moons apart, its data, and its path."""
    X, y = moons(100, noise=0.1, seed=0)
    network = NeuralNetwork([2, 6, 2], hidden="tanh", seed=0, dtype="float64")
    trainer = Trainer(network, X, y, optimizer=GradientDescent(1.0), batch_size=None)
    path = [network.parameters.copy()]
    for _ in range(epochs):
        next(trainer)
        path.append(network.parameters.copy())
    return network, X, y, np.array(path)


def trained_slice(epochs: int = 60) -> NetworkSlice:
    """Return a slice through the loss of a small trained network, in two random directions.

    They are filter-normalized (Li et al., 2018).
    """
    network, X, y, _ = _two_moons(epochs)
    return NetworkSlice(network, X, y, directions="filter", radius=2.0, learning_rate=1.0)


def path_slice(epochs: int = 60) -> NetworkSlice:
    """Return a slice through the loss of a small network, in the plane of its own training.

    A descent starts, as near as the plane allows, where the network itself did.
    """
    network, X, y, path = _two_moons(epochs)
    directions = orthonormal(path_directions(path), path.shape[1])
    start = directions @ (path[0] - path[-1])
    return NetworkSlice(
        network,
        X,
        y,
        directions=directions,
        name="Along a training path",
        radius=1.3 * np.abs(start).max(),
        start=start,
        learning_rate=1.0,
    )


# Every surface of the course, made only when it is asked for, by name.
SURFACES: dict[str, Callable[[], Surface]] = {
    "Parabola": parabola,
    "Parabola in one parameter": OneParameter,
    "Narrow valley": valley,
    "Saddle": Saddle,
    "Rosenbrock": Rosenbrock,
    "Beale": Beale,
    "Network slice": trained_slice,
    "Along a training path": path_slice,
}


@dataclass(frozen=True)
class Relief:
    """The map of a surface: how high it is, on a scale on which hills and valley floor both show.

    heights   shape (n, n), from 0 (lowest) to 1 (highest); row i has the same x₂, from low
              to high, column j the same x₁
    contours  shape (4, k), the pieces of all contour lines: from (x₁, x₂) to (x₁, x₂)
    scale     the values of L at the heights 0, ⅓, ⅔ and 1
    """

    heights: np.ndarray
    contours: np.ndarray
    scale: np.ndarray


# Bands of the map, between its contour lines.
BANDS = 12
# Rows of the grid whose contour lines are drawn in one piece of the work.
ROWS = 40


@takes(surface=like("gradient", "a Surface"))
def relief(surface: Surface) -> Relief:
    """Return the map of `surface` within its window.

    A height is the logarithm of L above its lowest value: ln(1 + (L − L_min)/c). The
    constant c, a thousandth of what half of the window lies below, keeps the logarithm
    finite at the minimum and leaves the floor of a valley room on the scale.
    """
    [made] = filter(None, relief_in_pieces(surface))
    return made


def relief_in_pieces(surface: Surface) -> "Iterator[Relief | None]":
    """Yield None after each piece of the work on a map, and at last the `relief`."""
    axes = [np.linspace(low, high, surface.resolution) for low, high in surface.limits]
    x = np.stack(np.meshgrid(*axes), axis=-1)
    values = np.empty(x.shape[:2])
    for row, points in enumerate(x):
        values[row] = surface.value(points)
        yield None
    lowest = min([values.min(), *surface.value(surface.minima)])
    c = max(np.median(values - lowest) / 1000, np.finfo(np.float64).tiny)
    highest = np.log1p((values.max() - lowest) / c) or 1.0  # 1 for a plain without hills
    heights = np.log1p((values - lowest) / c) / highest
    pieces = []
    for mark in np.arange(1, BANDS) / BANDS:
        for row in range(0, len(x) - 1, ROWS):
            part = slice(row, row + ROWS + 1)  # neighbours share a row, so no line is broken
            pieces.append(contour_line(x[part], heights[part], mark))
            yield None
    scale = lowest + c * np.expm1(highest * np.arange(4) / 3)
    yield Relief(heights, np.concatenate(pieces, axis=1), scale)


def contour_line(x: np.ndarray, heights: np.ndarray, level: float) -> np.ndarray:
    """Return the line where `heights` equals `level`, as pieces of shape (4, k).

    `x`, of shape (n, m, 2), are the points of a grid, and `heights` (n, m) belong to them.
    Each square of the grid is cut into two triangles; in a triangle the height is
    taken as linear, so the line crosses it straight, if it does: between the one corner
    that lies on its own side of the level and the two others (marching triangles).
    """
    points = np.concatenate([x, heights[..., None] - level], axis=-1)  # x₁, x₂, height over level
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, :-1], points[1:, 1:]
    triangles = np.concatenate(
        [np.stack(corners, axis=-2).reshape(-1, 3, 3) for corners in ((a, b, c), (b, d, c))]
    )
    above = triangles[..., 2] > 0
    crossed = above.any(axis=1) & ~above.all(axis=1)
    triangles, above = triangles[crossed], above[crossed]
    # The corner on its own side is the one above if one is above, the one below if two are.
    alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), above.argmin(axis=1))
    rows = np.arange(len(triangles))
    tip = triangles[rows, alone]
    ends = []
    for turn in (1, 2):
        other = triangles[rows, (alone + turn) % 3]
        share = tip[:, 2] / (tip[:, 2] - other[:, 2])
        ends.append(tip[:, :2] + share[:, None] * (other[:, :2] - tip[:, :2]))
    return np.concatenate(ends, axis=1).T


def profile(surface: Surface, points: int = 201) -> np.ndarray:
    """Return x₁ and L along it, shape (2, points), for a surface of one parameter."""
    x = np.zeros((points, 2))
    x[:, 0] = np.linspace(*surface.limits[0], points)
    return np.vstack([x[:, 0], surface.value(x)])
