"""Faults that no test can notice, as nothing that nnlib promises depends on them, and why.

`tests/mutation.py` plants them and looks them up here: {module: {where and what: why}}.
"""

READ = "how much is read at most; whether it is all there, and no more, the sum says"
SYMMETRIC = "the two arguments may change places"
THREADS = "it says how many threads BLAS may take, not what comes out"
BLOCKS = "it says how many parameters are moved at a time, not where to"
AGAIN = "with a lower floor more entries are looked at again, by the step that errs least"
ANEW = "before the first update nobody relies on it, and it is made anew"
TWICE = "what seems wrong at first is looked at again, and then by the sizes of both"
MARGIN = "a margin for rounding, with room on either side"
STEPS = "other steps are tried, and the one that errs least is taken"
PIECES = "it says how many samples are worked on at a time, not what comes out"
BY_ONE = "by 1 or −1 both are the same"
EDGE = "one pixel of the edge more or less, of which the median is taken"
INDEX = "a whole number of numpy is an index"
COPY = "a copy is as good"
EXACTLY = "then rows are compared in Python's numbers: the same answer, only slower"
ONE_SIZE = "two numbers that nearly agree, or cancel, are of one size"
NO_SUCH = "none is that very number"
NUMPY_FLOAT = "a float64 of numpy is a float"
SAME_NUMBER = "both have the same number"
ALL_GIVEN = "whoever makes one gives it all that it has"

EQUIVALENT: dict[str, dict[str, str]] = {
    "backprop": {
        "backward: 1 → 2  (2)": THREADS,
    },
    "analysis.gradient_check": {
        "ParameterCheck: 0 → 1": ALL_GIVEN,
        "ParameterCheck: 0 → 1  (2)": ALL_GIVEN,
        "GradientCheck.worst: 1.0 → 3.0": "any number below 0 is below every error",
        "check_gradients: 10 * np.finfo(np.float64).eps * max(1.0, abs(slope.value)) / h / "
        "tolerance → 10 * np.finfo(np.float64).eps * max(1.0, abs(slope.value)) / h * tolerance": (
            AGAIN
        ),
        "check_gradients: 10 * np.finfo(np.float64).eps * max(1.0, abs(slope.value)) / h → 10 * "
        "np.finfo(np.float64).eps * max(1.0, abs(slope.value)) * h": AGAIN,
        "check_gradients: 10 * np.finfo(np.float64).eps * max(1.0, abs(slope.value)) → 10 * "
        "np.finfo(np.float64).eps / max(1.0, abs(slope.value))": AGAIN,
        "check_gradients: abs(slope.value) → slope.value": AGAIN,
        "check_gradients: 10 → 11": MARGIN,
        "check_gradients: 1.0 → 3.0": MARGIN,
        "_called: np.array_equal(network.parameters, before, equal_nan=True) → "
        "np.array_equal(before, network.parameters, equal_nan=True)": SYMMETRIC,
        "_compare: abs(a) → a": TWICE,
        "_compare: abs(n) → n": TWICE,
        "_compare: error <= tolerance → error < tolerance": TWICE,
        "_compare: max(abs(a), abs(n)) → min(abs(a), abs(n))": TWICE,
        "_compare: abs(a) → a  (2)": TWICE,
        "_compare: abs(n) → n  (3)": TWICE,
        "_compare: 10 → 11": TWICE,
        "_compare: 3 → 4": MARGIN,
        "_compare: uncertain > 0.01 * size → uncertain >= 0.01 * size": "none is that very number",
        "_compare: _badness(error) > _badness(worst[0]) → _badness(error) >= _badness(worst[0])": (
            "of equal errors any is the worst"
        ),
        "NumericSlope.__init__: 0.0 → 1.0": ALL_GIVEN,
        "NumericSlope.__init__: 0.0 → 1.0  (2)": ALL_GIVEN,
        "NumericSlope._run: True → False": "there is one of each for every layer",
        "NumericSlope.at_its_best: self.h * 10.0 ** np.arange(2, -4, -1) → "
        "self.h / 10.0 ** np.arange(2, -4, -1)": STEPS,
        "NumericSlope.at_its_best: 10.0 → 21.0": STEPS,
        "NumericSlope.at_its_best: 2 → 3": STEPS,
        "NumericSlope.at_its_best: 4 → 5": STEPS,
        "NumericSlope.at_its_best: 1 → 2": STEPS,
        "NumericSlope.at_its_best: 2 → 3  (2)": STEPS,
        "NumericSlope.at_its_best: 2 → 3  (3)": MARGIN,
        "NumericSlope.at_its_best: uncertain < best[1] → uncertain <= best[1]": STEPS,
        "NumericSlope.__call__: zip(signs_above, signs_below, strict=True) → "
        "zip(signs_below, signs_above, strict=True)": SYMMETRIC,
        "NumericSlope.__call__: True → False": "both have the same number of layers",
        "NumericSlope.at_its_best: 8 → 9": MARGIN,
        "NumericSlope.at_its_best: 1.0 → 3.0": MARGIN,
        "NumericSlope.at_its_best: 8 * np.finfo(np.float64).eps * max(1.0, abs(self.value)) → "
        "8 * np.finfo(np.float64).eps / max(1.0, abs(self.value))": MARGIN,
        "_compare: max(abs(a), abs(n)) > 10 * resolution → "
        "max(abs(a), abs(n)) >= 10 * resolution": TWICE,
        "_compare: x.size > max_entries → x.size >= max_entries": "all are drawn, and sorted",
        "_compare: abs(n) <= resolution → abs(n) < resolution": "no slope is that very number",
    },
    "training.batches": {
        ": 150000000.0 → 300000001.0": PIECES,
    },
    "training.divergence": {
        "not_finite: 1 → 2  (2)": "any number but 0 will do",
        ": 30 → 31": "about so much, no bound",
        "_cure: end > UNSCALED → end >= UNSCALED": "about so much, no bound",
        "_cure: max(v.max(), -v.min()) → max(-v.min(), v.max())": SYMMETRIC,
    },
    "training.evaluation": {
        "Evaluator.__init__: 1 → 2": PIECES,
        "Evaluator.__init__: 1 → 0": PIECES,
        "evaluate: 1 → 2": THREADS,
    },
    "training.prepared": {
        "PreparedData.on: same_activation(output, self.network.activations[-1]) → "
        "same_activation(self.network.activations[-1], output)": SYMMETRIC,
        "prepare: np.may_share_memory(part, network.parameters) → "
        "np.may_share_memory(network.parameters, part)": SYMMETRIC,
    },
    "training.train": {
        "train: 1 → 2": THREADS,
        "train: break → continue": "once it is interrupted, what would follow does nothing",
        "_show: False → True": "it says when the bar is painted, not what it shows",
    },
    "training.trainer": {
        "Trainer.__next__: 1 → 2": THREADS,
    },
    "optimizers": {
        ": 2 ** 17 → 2 * 17": BLOCKS,
        ": 2 → 3": BLOCKS,
        ": 17 → 18": BLOCKS,
        ": 2 ** 18 → 2 * 18": BLOCKS,
        ": 2 → 3  (2)": BLOCKS,
        ": 18 → 19": BLOCKS,
        "Optimizer._move: BLOCK >> len(self.memory) → BLOCK << len(self.memory)": BLOCKS,
        "Optimizer._move: x.size <= block → x.size < block": BLOCKS,
        "Optimizer._move: x.size <= block → x.size > block": BLOCKS,
        "Optimizer._move: x.size > SHARED → x.size >= SHARED": BLOCKS,
        "Optimizer._move: x.size > SHARED → x.size <= SHARED": BLOCKS,
        "Optimizer.reset: self.__dict__.pop(name, None) → pass": ANEW,
        "Optimizer.reset: self.__dict__.pop(name, None) → self.__dict__.pop(None, name)": ANEW,
        "_not_negative: 0 <= value < math.inf → 0 <= value <= math.inf": "is_number refuses inf",
    },
    "training.gradient": {
        "BatchGradient.__init__: 3 → 4": "it says how much memory to take, not what comes out",
        "BatchGradient.begin: 0.0 → 1.0": "the first of several pieces sets it to 0 again",
    },
    "losses": {
        "Loss: True → False": "every loss is of a subclass, which sets its own",
        "Loss.__init_subclass__: super().__init_subclass__(**options) → pass": "does nothing",
        "Loss.__init_subclass__: 0 → 1": "nnlib's own would be copied and checked, too",
        "CrossEntropy.value: np.logaddexp(0, z) → np.logaddexp(z, 0)": SYMMETRIC,
    },
    "activations": {
        "Activation: True → False": "every activation is of a subclass, which sets its own",
        "Activation.__init_subclass__: super().__init_subclass__(**options) → pass": "does nothing",
        "_constants: 1 → 2": MARGIN,
    },
    "initializers": {
        "NotSaved.__init__: 200 → 201": "no file holds a name that long, unless it is damaged",
        "start_of_layer: True → False": "both have two items",
    },
    "parameters": {
        "Views.__setitem__: True → False": "it has been found that there are as many",
    },
    "targets": {
        "_check_probabilities: np.allclose(sums, 1, atol=0.0001) → "
        "np.allclose(1, sums, atol=0.0001)": SYMMETRIC,
    },
    "network": {
        ": if TYPE_CHECKING: → if not TYPE_CHECKING:": "a name for types alone",
        ": 2048 → 2049": PIECES,
        "NeuralNetwork.forward: 1 → 2": THREADS,
        "NeuralNetwork.predict: 1 → 2": THREADS,
    },
    "regularizers.averaging": {
        ": 2 ** 16 → 2 * 16": BLOCKS,
        ": 2 → 3": BLOCKS,
        ": 16 → 17": BLOCKS,
    },
    "regularizers.dropout": {
        "mask: rng.random(shape, dtype) >= p → rng.random(shape, dtype) > p": (
            "one random number in millions is p itself"
        ),
    },
    "analysis.blame": {
        "Blame.strongest: most < len(rows) → most <= len(rows)": "of as many rows all are taken",
        "Blame.explain: True → False": SAME_NUMBER,
        "Blame._of_neuron: float(f.derivative(z)) → f.derivative(z)": NUMPY_FLOAT,
        "blame: 1 → 2  (2)": THREADS,
        "blame: True → False": SAME_NUMBER,
    },
    "analysis.calibration": {
        "Reliability.error: float(gaps @ self.counts[full] / self.counts.sum()) → "
        "gaps @ self.counts[full] / self.counts.sum()": NUMPY_FLOAT,
        "Reliability.overconfidence: float(gaps @ self.counts[full] / self.counts.sum()) → "
        "gaps @ self.counts[full] / self.counts.sum()": NUMPY_FLOAT,
        "threshold_for: wrong <= allowed → wrong < allowed": "what is allowed has a margin",
        "threshold_for: float(p[fits[-1]]) → p[fits[-1]]": NUMPY_FLOAT,
        "_answers: np.abs(sums - 1).max() < 0.001 → np.abs(sums - 1).max() <= 0.001": NO_SUCH,
    },
    "analysis.explain": {
        "_Explainer.asked: float(self.loss.smoothed(self.trace, self.y)[0, j]) → "
        "self.loss.smoothed(self.trace, self.y)[0, j]": NUMPY_FLOAT,
        "own_numbers: True → False  (2)": SAME_NUMBER,
        "alike: abs(own - value) <= TOLERANCE * max(abs(own), abs(value)) + 1e-12 → "
        "abs(own - value) < TOLERANCE * max(abs(own), abs(value)) + 1e-12": NO_SUCH,
        "alike: max(abs(own), abs(value)) → min(abs(own), abs(value))": ONE_SIZE,
        "alike: abs(own) → own": ONE_SIZE,
        "alike: abs(value) → value": ONE_SIZE,
        "_Explainer.digits_beside: max(abs(value), abs(other)) → min(abs(value), abs(other))": (
            ONE_SIZE
        ),
        "_Explainer.digits_beside: abs(value) → value": ONE_SIZE,
        "_Explainer.digits_beside: abs(other) → other": ONE_SIZE,
        "_Explainer.digits_beside: 0 < abs(value - other) < size → "
        "0 < abs(value - other) <= size": "of as large a difference no digit is lost either",
        "_Explainer.difference: self.digits_beside(value, other) → "
        "self.digits_beside(other, value)": SYMMETRIC,
        "_Explainer._softmax_entropy: min((a for a, _, _ in asked)) > _SATURATED → "
        "min((a for a, _, _ in asked)) >= _SATURATED": NO_SUCH,
        "_Explainer._sigmoid_entropy: a < _SATURATED → a <= _SATURATED": NO_SUCH,
        "_Explainer._sigmoid_entropy: 1 - a < _SATURATED → 1 - a <= _SATURATED": NO_SUCH,
        "_Explainer._sigmoid_entropy: z > 0 → z >= 0": "where a is near to 0 or 1, z is not to 0",
        "_Explainer._sigmoid_entropy: 0 → 1  (2)": "where a is near to 0 or 1, z is not to 0",
        "_Explainer.check: 10 → 11": MARGIN,
        "_Explainer.check: abs(self.value) → self.value": "no loss of nnlib is below 0",
        "_Explainer.check: float(analytic) → analytic": NUMPY_FLOAT,
        "_Explainer.check: 1.0 → 3.0": MARGIN,
        "_Explainer.check: max(abs(analytic), abs(numeric)) → min(abs(analytic), abs(numeric))": (
            ONE_SIZE
        ),
        "_Explainer.check: abs(analytic) → analytic": ONE_SIZE,
        "_Explainer.check: abs(numeric) → numeric": ONE_SIZE,
        "_Explainer.check: abs(analytic - numeric) <= TOLERANCE * size + rounding → "
        "abs(analytic - numeric) < TOLERANCE * size + rounding": NO_SUCH,
        "_Explainer.neuron: l < self.L → l <= self.L": "both call it the same",
    },
    "analysis.maps": {
        "_limit: array * [[-1, 1], [-1, 1]] → array / [[-1, 1], [-1, 1]]": BY_ONE,
    },
    "analysis.projection": {
        "project: k <= n → k < n": "of a square A both give the same plane",
        "project: k <= n → k < n  (2)": "of a square A both give the same plane",
        "project: points[farthest, [0, 1]] < 0 → points[farthest, [0, 1]] <= 0": (
            "where the farthest is at 0, all are"
        ),
        "project: float(values.sum() / total) → values.sum() / total": NUMPY_FLOAT,
        "alike: float((labels[distances.argmin(axis=1)] == labels).mean()) → "
        "(labels[distances.argmin(axis=1)] == labels).mean()": NUMPY_FLOAT,
    },
    "analysis.samples": {
        ": 1e+145 → 2e+145": MARGIN,
        "_labelled: abs(X.max()) → X.max()": "where it is below 0, the least is further off",
        "_labelled: 0.0 → 1.0": "neither is far",
        "_labelled: far > FAR → far >= FAR": NO_SUCH,
        "distance_from_mean: np.subtract(X[rows], means[y[rows]], dtype=np.float64) → "
        "np.subtract(means[y[rows]], X[rows], dtype=np.float64)": SYMMETRIC,
        "_fits_float64: array.dtype.itemsize <= 8 → array.dtype.itemsize < 8": EXACTLY,
        "_fits_float64: 8 → 9": "no float has 9 bytes",
        "_fits_float64: array.min() >= -2 ** 53 → array.min() > -2 ** 53": EXACTLY,
        "_fits_float64: -2 ** 53 → 2 ** 53": EXACTLY,
        "_fits_float64: 2 ** 53 → 2 * 53": EXACTLY,
        "_fits_float64: array.max() <= 2 ** 53 → array.max() < 2 ** 53": EXACTLY,
        "_fits_float64: 2 ** 53 → 2 * 53  (2)": EXACTLY,
    },
    "analysis.step_size": {
        "difference_error: float(np.linalg.norm(numeric - gradient) / size) → "
        "np.linalg.norm(numeric - gradient) / size": NUMPY_FLOAT,
    },
    "analysis.tsne": {
        "tsne: 1 → 2  (2)": THREADS,
        "tsne: 1 → 2  (3)": THREADS,
        "tsne: 1 → 0  (3)": THREADS,
    },
    "images.pixels": {
        "black_of: float(X.max()) → X.max()": NUMPY_FLOAT,
        "as_floats: False → True": COPY,
        "rounded_to: values >= 0.5 → values > 0.5": "a half is as near to either",
        "rounded_to: np.clip(np.rint(values), info.min, info.max) → "
        "np.clip(info.min, np.rint(values), info.max)": SYMMETRIC,
        "rounded_to: False → True": COPY,
    },
    "images.fine_tuning": {
        "shifted_copies: 1 → 2": "numpy takes any number below 0 as −1",
        "shifted_copies: 1 → 2  (3)": "a wider margin behind is not read",
        "shifted_copies: 1 → 2  (5)": "a wider margin behind is not read",
        "shifted_copies: 1 → 2  (15)": "numpy takes any number below 0 as −1",
    },
    "images.damage": {
        ": 500 → 501": PIECES,
        "_turned_either_way: degrees * rng.choice([-1, 1], len(X)) → "
        "degrees / rng.choice([-1, 1], len(X))": BY_ONE,
        "_at: (d + centre).astype(as_floats(X[:0]).dtype) → d + centre": "as exact in float64",
        "_at: 0 → 1": "of however many images, the type is theirs",
        "_at: np.broadcast_shapes(rows.shape, columns.shape) → "
        "np.broadcast_shapes(columns.shape, rows.shape)": SYMMETRIC,
        "noisy: np.clip(images + images.dtype.type(sd) * noise, low, high) → "
        "np.clip(low, images + images.dtype.type(sd) * noise, high)": SYMMETRIC,
    },
    "datasets.toys": {
        "_with_noise: X + noise * rng.standard_normal(X.shape) → "
        "X - noise * rng.standard_normal(X.shape)": "noise is as often below 0 as above",
        "xor: rng.uniform(0.1, 1, n_samples) * rng.choice([-1, 1], n_samples) → "
        "rng.uniform(0.1, 1, n_samples) / rng.choice([-1, 1], n_samples)": BY_ONE,
        "xor: rng.uniform(0.1, 1, n_samples) * np.sign(x1) * np.where(y == 1, -1, 1) → "
        "rng.uniform(0.1, 1, n_samples) * np.sign(x1) / np.where(y == 1, -1, 1)": BY_ONE,
        "xor: rng.uniform(0.1, 1, n_samples) * np.sign(x1) → "
        "rng.uniform(0.1, 1, n_samples) / np.sign(x1)": BY_ONE,
    },
    "images.distortion": {
        ": 64 → 65": PIECES,
        ": 1024 → 1025": PIECES,
        "Distortion._draw: 2 → 3": "a third field is not used",
        "Distortion._draw: False → True": COPY,
        "Distortion._places: M[i, 0] * down + t[i] + M[i, 1] * right + u[i] → "
        "M[i, 0] * down + t[i] + M[i, 1] * right - u[i]": "u is as likely to be −u",
        "Distortion.displacement: 2 → 3": "a third field is not used",
        "Distortion.displacement: False → True": COPY,
        "Distortion._displacement: 1 → 2": "a field has as many rows as columns",
        "sample: np.clip(places + 1, 0, side + 1) → np.clip(0, places + 1, side + 1)": SYMMETRIC,
        "distance_moved: -1 → 1": "there are as many rows as columns",
        "distance_moved: 1 → 2": "there are as many rows as columns",
        "distance_moved: np.hypot(rows - p[:, None], columns - p) → "
        "np.hypot(columns - p, rows - p[:, None])": SYMMETRIC,
        "blur_matrix: sigma < 2 → sigma <= 2": "at 2 both are the same",
        "blur_matrix: 2 → 3  (5)": "from 2 on both are the same",
        "blur_matrix: 40 → 41": "so far out the bell is 0",
        "blur_matrix: 41 → 42": "so far out the bell is 0",
    },
    "datasets.mnist": {
        ": 16 → 17": READ,
        ": 60000 → 60001": READ,
        ": 784 → 785": READ,
        "_read_idx: 1 → 2": READ,
        "_read_idx: 1 → 0": READ,
        "_as_rows: 1 → 2": "any negative number stands for the axis that is left over",
        "_read_idx: int(n) → n": "an integer of numpy is one",
        "_read_idx: False → True": "it says what the sum is for, not what it is",
    },
    "images.handwriting": {
        "_place: 9 → 10": MARGIN,
        "_place: True → False": "both have two items",
        "_distance: np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / length, 0, 1) → "
        "np.clip(0, ((x - a[0]) * dx + (y - a[1]) * dy) / length, 1)": SYMMETRIC,
        "_distance: np.hypot(x - a[0] - along * dx, y - a[1] - along * dy) → "
        "np.hypot(y - a[1] - along * dy, x - a[0] - along * dx)": SYMMETRIC,
        "_distance: 0 → 1  (3)": "from a point to itself the way is 0, however often",
        "scale_to: as_numbers('ink', ink).astype(np.float64, copy=False) → "
        "as_numbers('ink', ink)": "its product with numbers in float64 is in float64",
        ": 6 → 7": MARGIN,
        "without_paper: float(rise.max()) → rise.max()": NUMPY_FLOAT,
        "without_paper: highest <= TRACE → highest < TRACE": MARGIN,
        "_grown: break → continue": "it grows no more",
        "scale_to: False → True": COPY,
        "scale_to: 1 → 2  (2)": THREADS,
        "centre_of_mass: False → True": COPY,
        "centre_of_mass: float(image.sum(axis=1 - axis) @ np.arange(image.shape[axis]) "
        "/ mass) → "
        "image.sum(axis=1 - axis) @ np.arange(image.shape[axis]) / mass": NUMPY_FLOAT,
        "is_small: np.zeros((1, 2)) → np.ones((1, 2))": "any one point is as small",
        "is_small: 1 → 2": "equal points are as small as one",
        "is_small: 2 → 3": "any one point is as small",
        "is_small: np.ptp(points, axis=0).max() < SMALL * pen → "
        "np.ptp(points, axis=0).max() <= SMALL * pen": NO_SUCH,
        "draw_stroke: zip(starts, points[-len(starts):], strict=True) → "
        "zip(points[-len(starts):], starts, strict=True)": SYMMETRIC,
        "draw_stroke: True → False": SAME_NUMBER,
        "draw_stroke: np.clip(np.floor(np.minimum(a, b) - radius - 1), 0, size) → "
        "np.clip(0, np.floor(np.minimum(a, b) - radius - 1), size)": SYMMETRIC,
        "draw_stroke: np.clip(np.ceil(np.maximum(a, b) + radius + 2), 0, size) → "
        "np.clip(0, np.ceil(np.maximum(a, b) + radius + 2), size)": SYMMETRIC,
        "draw_stroke: np.clip(radius - distance + 0.5, 0, 1) → "
        "np.clip(0, radius - distance + 0.5, 1)": SYMMETRIC,
        "draw_stroke: np.floor(np.minimum(a, b) - radius - 1) → "
        "np.ceil(np.minimum(a, b) - radius - 1)": MARGIN,
        "draw_stroke: 1 → 2  (4)": MARGIN,
        "draw_stroke: 2 → 3  (2)": MARGIN,
        "as_ink: False → True": COPY,
        "as_ink: float(ink.min()) → ink.min()": NUMPY_FLOAT,
        "as_ink: float(ink.max()) → ink.max()": NUMPY_FLOAT,
        "as_ink: high > 2 → high >= 2": MARGIN,
        "without_paper: rise < highest / 5 → rise <= highest / 5": MARGIN,
        "without_paper: 5 → 6": MARGIN,
        "without_paper: 4 → 5": MARGIN,
        "without_paper: rise > highest / 2 → rise >= highest / 2": MARGIN,
        "without_paper: rise > highest / 2 → rise >= highest / 2  (2)": MARGIN,
        "without_paper: 2 → 3": MARGIN,
        "without_paper: 2 → 3  (2)": MARGIN,
        "without_paper: rise > floor → rise >= floor": MARGIN,
        "without_paper: clean > surely → clean >= surely": MARGIN,
        "without_paper: clean[outside] > 0 → clean[outside] >= 0": COPY,
        "_is_grain: min(bottom - top, right - left) < SPREAD * len(dark) → "
        "min(bottom - top, right - left) <= SPREAD * len(dark)": MARGIN,
        "_is_grain: np.count_nonzero(dark & beside) < np.count_nonzero(dark) / 2 → "
        "np.count_nonzero(dark & beside) <= np.count_nonzero(dark) / 2": MARGIN,
        "_edge: 1 → 2  (2)": EDGE,
        "_edge: 1 → 0  (2)": EDGE,
        "_edge: 1 → 2  (3)": EDGE,
        "_edge: 1 → 2  (4)": EDGE,
        "_edge: 1 → 0  (4)": EDGE,
        "_edge: 1 → 2  (5)": EDGE,
        "_box: int(rows[0]) → rows[0]": INDEX,
        "_box: int(rows[-1]) → rows[-1]": INDEX,
        "_box: int(columns[0]) → columns[0]": INDEX,
        "_box: int(columns[-1]) → columns[-1]": INDEX,
        "Prepared.X: 1 → 2  (2)": "numpy takes any number below 0 as −1",
        "prepare: True → False  (4)": SAME_NUMBER,
        "without_paper: float(np.median(_edge(ink))) → np.median(_edge(ink))": NUMPY_FLOAT,
        "without_paper: paper > 0.5 → paper >= 0.5": MARGIN,
        "without_paper: paper - ink.min() > TRACE → paper - ink.min() >= TRACE": MARGIN,
        "without_paper: np.median(ink) < paper - TRACE → np.median(ink) <= paper - TRACE": MARGIN,
        "without_paper: np.median(np.abs(_edge(rise - _slope(ink)))) < "
        "np.median(np.abs(_edge(rise))) → np.median(np.abs(_edge(rise - _slope(ink)))) <= "
        "np.median(np.abs(_edge(rise)))": ("where both are as flat, either will do"),
    },
    "support.arrays": {
        "_cure: 10000 → 10001": "so many values are looked at for a hint",
    },
    "support.checks": {
        "as_input: X.ndim > 2 → X.ndim >= 2": "there it is not 2",
    },
}
