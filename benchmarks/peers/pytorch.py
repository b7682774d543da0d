"""PyTorch as its tutorials write it, but fed from tensors: that is faster than a `DataLoader`.

Of the three kinds of `torch.optim.SGD` the fused one is the fastest on a processor.
"""

import numpy as np
import torch

from . import Task, shuffled


def model_of(task: Task) -> torch.nn.Sequential:
    """Return the network as PyTorch has it, with the parameters of the task."""
    modules: list[torch.nn.Module] = []
    for W, b in task.start:
        linear = torch.nn.Linear(*W.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W.T))
            linear.bias.copy_(torch.tensor(b))
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


class Contender:
    """PyTorch, eager."""

    def __init__(self, task: Task):
        torch.set_num_threads(task.threads)
        self.model = model_of(task)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=task.learning_rate, fused=True)
        self.X, self.y = torch.from_numpy(task.X), torch.from_numpy(task.y)
        self.batches = map(torch.from_numpy, shuffled(len(task.X), task.batch_size))

    def train(self, updates: int) -> None:
        """Make so many updates."""
        for _ in range(updates):
            rows = next(self.batches)
            loss = torch.nn.functional.cross_entropy(self.model(self.X[rows]), self.y[rows])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    @torch.inference_mode()
    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row of X."""
        return self.model(torch.from_numpy(X)).argmax(dim=1).numpy()

    def parameters(self) -> list:
        """Return (W, b) of each layer."""
        return [
            (layer.weight.detach().numpy().T, layer.bias.detach().numpy())
            for layer in self.model[::2]
        ]
