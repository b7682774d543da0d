# ruff: noqa: B905, D103 (patients look as learners' code does)
"""The clinic: five functions, each with one bug planted in it. Do not copy from here.

Four are a `backward` for cross-entropy after softmax, the last is a `forward`; all take and
return what `nnlib.diagnosis.own_code` says. The lesson shows each, the learner mends it in place.
"""


def patient_1(weights, z, a, y, activations):
    dW, db = [], []
    delta = a[-1] - y
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            f = activations[l - 2]
            delta = (delta @ weights[l - 1].T) * f.derivative(z[l - 1])
    return dW, db


def patient_2(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.mean(axis=0))
        if l > 1:
            f = activations[l - 2]
            delta = (delta @ weights[l - 1].T) * f.derivative(z[l - 1])
    return dW, db


def patient_3(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = delta @ weights[l - 1].T
    return dW, db


def patient_4(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y) * a[-1] * (1 - a[-1])
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            f = activations[l - 2]
            delta = (delta @ weights[l - 1].T) * f.derivative(z[l - 1])
    return dW, db


def patient_5(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(f(a[-1] @ W + b))
        a.append(z[-1])
    return z, a
