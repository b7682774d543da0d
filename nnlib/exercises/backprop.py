"""The exercises of lesson 3: a measured derivative, the four equations, backward, a clinic."""

import numpy as np

from ..activations import sigmoid, tanh
from ..network import NeuralNetwork
from . import backprop_clinic as clinic
from .diagnosed import DiagnosedExercise
from .engine import FunctionExercise, KnownWrongAnswer
from .patient import Patient

LESSON = "03_backprop"


# Measuring: (C(x + h) − C(x − h)) / 2h, one parameter at a time.


def _numeric_gradient(C, x, h):
    slopes = np.empty(len(x))
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = h
        slopes[i] = (C(x + step) - C(x - step)) / (2 * h)
    return slopes


def _one_by_one(measure):
    """Return a wrong gradient whose entries are measure(C, x, step, h)."""

    def wrong(C, x, h):
        return np.array([measure(C, x, step, h) for step in h * np.eye(len(x))])

    return wrong


def _never_put_back(C, x, h):
    x, slopes = x.copy(), []
    for i in range(len(x)):
        x[i] += h
        above = C(x)
        x[i] -= 2 * h
        slopes.append((above - C(x)) / (2 * h))
    return np.array(slopes)


def _curved(rng, n):
    """Return a function of n numbers whose slopes all differ, and bend."""
    p, q = rng.normal(size=n), rng.normal(size=n)

    def C(x):
        return float(np.sum(p * x**3) + np.sum(q * x) ** 2)

    return C


numeric_gradient = FunctionExercise(
    LESSON,
    "numeric_gradient",
    answer=_numeric_gradient,
    cases=lambda rng: [
        (_curved(rng, n), rng.normal(size=n), h) for n, h in ((1, 0.1), (3, 0.2), (5, 0.05))
    ],
    leave=True,
    mistakes=[
        KnownWrongAnswer(
            "The step goes one way only: (C(x + h) − C(x)) / h. That is a derivative too, but off "
            "by about h/2·C'', where the centred one is off by h²/6·C'''. It saves one call, "
            "which is why it is tempting. Go up by h and down by h.",
            _one_by_one(lambda C, x, s, h: (C(x + s) - C(x)) / h),
        ),
        KnownWrongAnswer(
            "The step goes down only: (C(x) − C(x − h)) / h is off by about h/2·C''. Go up by h "
            "as well, and divide by the whole way between the two.",
            _one_by_one(lambda C, x, s, h: (C(x) - C(x - s)) / h),
        ),
        KnownWrongAnswer(
            "It is exactly twice too large: from x − h to x + h the way is 2h, and you divide by "
            "h. Mind the brackets, too: / 2 * h divides by 2 and then multiplies by h.",
            _one_by_one(lambda C, x, s, h: (C(x + s) - C(x - s)) / h),
        ),
        KnownWrongAnswer(
            "Brackets: `/ 2 * h` divides by 2 and then *multiplies* by h, since Python reads from "
            "left to right. Write / (2 * h).",
            _one_by_one(lambda C, x, s, h: (C(x + s) - C(x - s)) / 2 * h),
        ),
        KnownWrongAnswer(
            "It is the change of C, not yet its slope: a slope is the change divided by the way "
            "that made it, here 2h.",
            _one_by_one(lambda C, x, s, h: C(x + s) - C(x - s)),
        ),
        KnownWrongAnswer(
            "All parameters are nudged at once, x + h: that gives one number, the slope along the "
            "diagonal. numpy adds h to every entry without asking. Make a step that is h in one "
            "place and 0 elsewhere, one parameter after another.",
            lambda C, x, h: (C(x + h) - C(x - h)) / (2 * h),
        ),
        KnownWrongAnswer(
            "The first slope is right, those after it are not: a parameter that was nudged was "
            "not put back, so the next one is measured somewhere else. Make a new step of zeros "
            "for each, or restore x[i] at the end of the loop.",
            _never_put_back,
        ),
    ],
    hints=[
        "One parameter at a time: a loop over i, and a vector `step` of zeros but for step[i] = h.",
        "C(x + step) and C(x - step) are two calls of the function; x itself stays as it is.",
        "slopes[i] = (C(x + step) - C(x - step)) / (2 * h), and at the end return slopes.",
    ],
)


# The derivatives of three activations.


def _slopes(z):
    a, t = 1 / (1 + np.exp(-z)), np.tanh(z)
    return a * (1 - a), 1 - t**2, (z > 0).astype(np.float64)


def _other_slopes(**instead):
    """Return `_slopes` with some of the three computed in another way."""
    names = ("sigmoid", "tanh", "relu")

    def wrong(z):
        right = dict(zip(names, _slopes(z), strict=True))
        return tuple(instead[name](z) if name in instead else right[name] for name in names)

    return wrong


slopes = FunctionExercise(
    LESSON,
    "slopes",
    answer=_slopes,
    # One z is exactly 0, where the lesson says which slope ReLU has.
    cases=lambda rng: [
        (np.append(0.0, rng.normal(scale=2, size=4)),),
        *((rng.normal(scale=2, size=shape),) for shape in ((3, 4), (2, 1))),
    ],
    mistakes=[
        KnownWrongAnswer(
            "these are the activations themselves, σ(z), tanh z and ReLU(z): their derivatives are "
            "wanted.",
            lambda z: (1 / (1 + np.exp(-z)), np.tanh(z), np.maximum(z, 0)),
        ),
        KnownWrongAnswer(
            "σ' is not z(1 − z): with a = σ(z) it is a(1 − a). Compute a first.",
            _other_slopes(sigmoid=lambda z: z * (1 - z)),
        ),
        KnownWrongAnswer(
            "1 − z² is not the derivative of tanh: with t = tanh z it is 1 − t².",
            _other_slopes(tanh=lambda z: 1 - z**2),
        ),
        KnownWrongAnswer(
            "the square is missing: tanh' is 1 − tanh², not 1 − tanh.",
            _other_slopes(tanh=lambda z: 1 - np.tanh(z)),
        ),
        KnownWrongAnswer(
            "ReLU' is a slope, 1 or 0, not ReLU itself: where z is positive ReLU(z) = z rises by "
            "as much as z does.",
            _other_slopes(relu=lambda z: np.maximum(z, 0)),
        ),
        KnownWrongAnswer(
            "only z = 0 itself is wrong: ReLU has a kink there and no slope, and by convention one "
            "takes 0. So z > 0, not z >= 0.",
            _other_slopes(relu=lambda z: (z >= 0) * 1.0),
        ),
        KnownWrongAnswer(
            "ReLU' is 0 for a negative z, where ReLU is level. np.sign gives −1 there.",
            _other_slopes(relu=np.sign),
        ),
    ],
    hints=[
        "Three lines, one for each. For the sigmoid compute a = σ(z) first, for tanh t = tanh z.",
        "σ' = a(1 − a), tanh' = 1 − t². ReLU is level to the left of 0 and rises with slope 1 to "
        "the right: z > 0 is True, which counts as 1, exactly there.",
        "return a * (1 - a), 1 - t**2, (z > 0) * 1.0",
    ],
)


# The output: δ⁽ᴸ⁾ = 2/(n k) (a − y) ⊙ f'(z).


def _output_delta(z, a, y, f):
    return 2 / y.size * (a - y) * f.derivative(z)


def _output_cases(rng):
    cases = []
    for (n, k), f in (((1, 4), tanh), ((5, 3), sigmoid), ((7, 2), tanh)):
        z = rng.normal(size=(n, k))
        cases.append((z, f(z), rng.normal(size=(n, k)), f))
    return cases


output_delta = FunctionExercise(
    LESSON,
    "output_delta",
    answer=_output_delta,
    cases=_output_cases,
    mistakes=[
        KnownWrongAnswer(
            "f'(z) is missing: this is ∂C/∂a, how sensitive C is to the output. δ is its "
            "sensitivity to z, one link of the chain further back. Usual cause: after softmax with "
            "cross-entropy a − y alone is right. With the squared error nothing cancels.",
            lambda z, a, y, f: 2 / y.size * (a - y),
        ),
        KnownWrongAnswer(
            "The derivative is taken at a: f'(z) is meant, and a = f(z) has been through f once "
            "already. Usual cause: a is the name in the rest of the formula. Look at what you hand "
            "to f.derivative.",
            lambda z, a, y, f: 2 / y.size * (a - y) * f.derivative(a),
        ),
        KnownWrongAnswer(
            "The activation f(z) itself stands where its derivative f'(z) belongs.",
            lambda z, a, y, f: 2 / y.size * (a - y) * f(z),
        ),
        KnownWrongAnswer(
            "It is exactly half of what it should be: the derivative of (a − y)² is 2(a − y). The "
            "2 is often missing because many books write ½ before the square; this loss has none.",
            lambda z, a, y, f: (a - y) / y.size * f.derivative(z),
        ),
        KnownWrongAnswer(
            "It is k times too large, k being the number of outputs: MSE is a mean over samples "
            "*and* outputs, so divide by n·k, which is y.size. len(y) is n alone.",
            lambda z, a, y, f: 2 / len(y) * (a - y) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "It is n times too large, n being the number of samples: MSE is a mean over samples "
            "*and* outputs, so divide by n·k, which is y.size.",
            lambda z, a, y, f: 2 / y.shape[1] * (a - y) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "The mean is missing: this is the derivative of the *sum* of squares. C divides by the "
            "number of all entries, n·k, and so must its derivative: y.size.",
            lambda z, a, y, f: 2 * (a - y) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "Both the 2 and the mean are missing: (a − y)² has the derivative 2(a − y), and C "
            "divides by the number of entries, y.size.",
            lambda z, a, y, f: (a - y) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "The sign is wrong: y − a points towards the target, but a derivative points where C "
            "*grows*, away from it. The minus comes later, in x ← x − α∇L. Write a − y.",
            lambda z, a, y, f: 2 / y.size * (y - a) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "This is δ of cross-entropy after softmax, (a − y)/n. Here the loss is the squared "
            "error, and f may be anything: take 2/(n·k)·(a − y) and then f'(z).",
            lambda z, a, y, f: (a - y) / len(y),
        ),
    ],
    hints=[
        "Two links: from C to a, and from a to z. Write ∂C/∂a first.",
        "∂C/∂a = 2/(n·k)·(a − y), and n·k is y.size.",
        "The second link is f.derivative(z), entry by entry: a product with *, not with @.",
    ],
)


# One layer back: δ⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ Wᵀ ⊙ f'(z⁽ˡ⁾).


def _one_layer_back(delta, W, z, f):
    return (delta @ W.T) * f.derivative(z)


def _back_cases(rng):
    # Rows alone, then all widths alike (what is not transposed can still be computed), then odd.
    cases = []
    for (n, here, above), f in (((1, 3, 2), sigmoid), ((4, 4, 4), tanh), ((7, 2, 5), sigmoid)):
        delta, W = rng.normal(size=(n, above)), rng.normal(size=(here, above))
        cases.append((delta, W, rng.normal(size=(n, here)), f))
    return cases


one_layer_back = FunctionExercise(
    LESSON,
    "one_layer_back",
    answer=_one_layer_back,
    cases=_back_cases,
    mistakes=[
        KnownWrongAnswer(
            "f'(z) is missing: δWᵀ is ∂C/∂a⁽ˡ⁾. It is forgotten most often here, and then "
            "everything still runs, and all layers but the last learn the wrong thing. One more "
            "link takes you from a to z: ⊙ f'(z).",
            lambda delta, W, z, f: delta @ W.T,
        ),
        KnownWrongAnswer(
            "W is not transposed. Forward a layer is A W, from n_l to n_{l+1} neurons; backward δ "
            "goes the other way, so δ Wᵀ. Where all widths are alike it runs and is wrong; "
            "elsewhere it cannot run. Write the shapes beside the line.",
            lambda delta, W, z, f: (delta @ W) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "This is the formula of a single column, W δ, given a batch in rows. It can only run "
            "where there are as many samples as neurons. For rows the order turns round: δ Wᵀ.",
            lambda delta, W, z, f: (W @ delta) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "This is Wᵀ δ: for columns it would be W δ, and for a batch in rows it is δ Wᵀ. It can "
            "only run where there are as many samples as neurons.",
            lambda delta, W, z, f: (W.T @ delta) * f.derivative(z),
        ),
        KnownWrongAnswer(
            "The derivative is taken at f(z): f.derivative wants z, not a. Look at what you hand "
            "to it.",
            lambda delta, W, z, f: (delta @ W.T) * f.derivative(f(z)),
        ),
        KnownWrongAnswer(
            "δ is multiplied by f(z), where its derivative belongs: f.derivative(z).",
            lambda delta, W, z, f: (delta @ W.T) * f(z),
        ),
        KnownWrongAnswer(
            "It is divided by n once more: the 1/n of the mean is in δ⁽ᴸ⁾ already, and what is "
            "computed from it has it too.",
            lambda delta, W, z, f: (delta @ W.T) * f.derivative(z) / len(z),
        ),
    ],
    hints=[
        "Write the shapes down: δ is (n, n_{l+1}), W is (n_l, n_{l+1}), the result is (n, n_l).",
        "First from z⁽ˡ⁺¹⁾ back to a⁽ˡ⁾, a matrix product; then from a⁽ˡ⁾ to z⁽ˡ⁾, entry by entry.",
        "delta @ W.T is ∂C/∂a⁽ˡ⁾. Multiply it with f.derivative(z).",
    ],
)


# The parameters: ∂C/∂W = aᵀδ, ∂C/∂b = Σ δ.


def _gradients(a, delta):
    return a.T @ delta, delta.sum(axis=0)


gradients = FunctionExercise(
    LESSON,
    "gradients",
    answer=_gradients,
    cases=lambda rng: [
        (rng.normal(size=(n, n_in)), rng.normal(size=(n, n_out)))
        for n, n_in, n_out in ((1, 3, 2), (4, 4, 4), (6, 5, 3))
    ],
    mistakes=[
        KnownWrongAnswer(
            "dW is transposed: W has one row for each input, shape (n_in, n_out), and a gradient "
            "has the shape of its parameter. So aᵀ δ, not δᵀ a.",
            lambda a, delta: (delta.T @ a, delta.sum(axis=0)),
        ),
        KnownWrongAnswer(
            "dW multiplies a and δ without the transpose: the sum would run over neurons, not over "
            "samples. It can only run where n, n_in and n_out are alike. aᵀ δ is what to write.",
            lambda a, delta: (a @ delta, delta.sum(axis=0)),
        ),
        KnownWrongAnswer(
            "db is averaged where it must be summed: the mean over samples is in δ already, "
            "through the 1/n of δ⁽ᴸ⁾. It is an easy mistake, since the loss *is* a mean; compare "
            "aᵀ δ, which sums over the samples too.",
            lambda a, delta: (a.T @ delta, delta.mean(axis=0)),
        ),
        KnownWrongAnswer(
            "Both are divided by n once more: the mean over samples is in δ already, through the "
            "1/n of δ⁽ᴸ⁾, so these are plain sums.",
            lambda a, delta: (a.T @ delta / len(a), delta.sum(axis=0) / len(a)),
        ),
        KnownWrongAnswer(
            "dW is divided by n once more: the mean over samples is in δ already, through the 1/n "
            "of δ⁽ᴸ⁾.",
            lambda a, delta: (a.T @ delta / len(a), delta.sum(axis=0)),
        ),
        KnownWrongAnswer(
            "db still has a row for each sample: all of them share the one b, so their "
            "sensitivities add up. Sum over the samples, axis=0.",
            lambda a, delta: (a.T @ delta, delta),
        ),
        KnownWrongAnswer(
            "db is summed along the wrong axis, over the neurons: one number for each sample came "
            "out. Samples are rows, so sum with axis=0.",
            lambda a, delta: (a.T @ delta, delta.sum(axis=1)),
        ),
        KnownWrongAnswer(
            "db is a single number: without an axis, sum() adds up everything. axis=0 sums over "
            "the samples alone.",
            lambda a, delta: (a.T @ delta, delta.sum()),
        ),
        KnownWrongAnswer(
            "The numbers of db are right, but keepdims=True leaves an axis, (1, n_out). b has the "
            "shape (n_out,), and so must its gradient: x − α∇L would quietly make a matrix of b.",
            lambda a, delta: (a.T @ delta, delta.sum(axis=0, keepdims=True)),
        ),
        KnownWrongAnswer(
            "dW and db are right but change places: return dW first.",
            lambda a, delta: (delta.sum(axis=0), a.T @ delta),
        ),
    ],
    hints=[
        "A gradient has the shape of its parameter: dW is (n_in, n_out), db is (n_out,).",
        "From (n, n_in) and (n, n_out) only one product gives (n_in, n_out), and it sums over n.",
        "a.T @ delta, and delta.sum(axis=0); return them as a pair.",
    ],
)


# The whole of it, for cross-entropy after softmax.

_NETWORKS = [
    (NeuralNetwork([4, 5, 3], "tanh", seed=0), "cross_entropy"),
    (NeuralNetwork([4, 5, 6, 3], ["tanh", "sigmoid"], seed=0), "cross_entropy"),
    (NeuralNetwork([4, 5, 6, 8, 3], "relu", seed=0), "cross_entropy"),
    (NeuralNetwork([4, 3], seed=0), "cross_entropy"),
]

backward = DiagnosedExercise(
    LESSON,
    "backward",
    function="backward",
    networks=_NETWORKS,
    hints=[
        "Start with δ of the output, (a[-1] - y) / len(y), and go through the layers from the "
        "last, l = len(weights), to the first, l = 1.",
        "At each layer: both gradients from a[l - 1] and delta, put in front of those already "
        "found. weights[l - 1] and activations[l - 1] belong to layer l.",
        "Then, unless l is 1, one layer back: through weights[l - 1], with the derivative of "
        "activations[l - 2] at z[l - 1].",
        "dW.insert(0, a[l - 1].T @ delta), db.insert(0, delta.sum(axis=0)), and "
        "delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1]).",
    ],
)


# The clinic: what each is tried with has two kinds of hidden neurons, so that an index shows.


def _patient(patient, bug, *hints, function="backward"):
    return Patient(
        LESSON, patient, bug=bug, function=function, networks=_NETWORKS[1:2], hints=hints
    )


patient_1 = _patient(
    clinic.patient_1,
    "a",
    "Order the probe 'sizes', then 'batches'. What do all arrays have in common?",
    "Every gradient is too large by the same factor, so it was wrong before the loop began. The "
    "loss is a mean over the samples: where does its 1/n enter?",
    "delta = (a[-1] - y) / len(y)",
)
patient_2 = _patient(
    clinic.patient_2,
    "d",
    "The curve shows nothing. Order 'sizes': which arrays are right, and which are not?",
    "dW is right and db too small. What does aᵀδ do over the samples that db does not?",
    "It sums; the 1/n of the mean is in δ already: db.insert(0, delta.sum(axis=0))",
)
patient_3 = _patient(
    clinic.patient_3,
    "e",
    "Order 'sizes' and 'directions'. Which layer is right?",
    "The last layer is right, those before it are not: look at the step from layer to layer. "
    "δ Wᵀ is ∂C/∂a, and δ is ∂C/∂z. Which link is missing?",
    "delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])",
)
patient_4 = _patient(
    clinic.patient_4,
    "f",
    "All layers are wrong, and in direction too, so start with the first δ.",
    "Which loss is this, after which activation? The derivative of softmax cancels against that "
    "of the logarithm: it is contained in a − y.",
    "delta = (a[-1] - y) / len(y), and nothing after it.",
)
patient_5 = _patient(
    clinic.patient_5,
    "g",
    "The last layer's gradients are right. Order 'values': between which numbers may z lie?",
    "backward needs f'(z), and so the weighted sum itself, before the activation.",
    "z.append(a[-1] @ W + b), then a.append(f(z[-1])).",
    function="forward",
)
