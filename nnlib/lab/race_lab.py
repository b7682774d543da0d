"""The race: several ways to train, side by side, from one start."""

import contextlib
import json
from typing import Any

import numpy as np
import traitlets

from ..activations import ACTIVATIONS
from ..diagnosis.own_code import OwnCode, OwnCodeError
from ..landscapes.race import MEASURES, RACES, Race, Settings
from ..losses import default_loss
from ..network import NeuralNetwork
from ..optimizers import GradientDescent
from ..support.arrays import as_labels, as_numbers, check_order
from ..support.blas import blas_threads
from ..support.takes import like, mapping
from . import controls
from .playground import DATASETS, N_SAMPLES
from .settings_lab import SettingsLab, as_settings, pace_control
from .traits import Number, Positive
from .widget import front_end
from .your_code import YourCode, chosen, functions_of, in_words

MOST_CONTESTANTS = 7  # colours and line styles that can be told apart
MOST_SEEDS = 9
PREVIEW = 20  # epochs, about, in the picture that stands in for a race
# But of a network of more parameters than this only one seed is run for that picture, with so
# many samples of the validation data, and for no more multiplications than these.
LARGE, PREVIEW_ROWS, PREVIEW_COST = 10_000, 1000, 1e10
MINE, MY_DATA = "my settings", "my data"
HIDDEN = [f for f in ACTIVATIONS if f != "softmax"]  # those of a hidden layer
ACTIVATION = "leaky_relu"  # the one for which the ready-made learning rates have their names
NUMBERS = dict(enumerate("two three four five six seven eight nine".split(), start=2))

# What RaceLab.settings() holds; the second row restarts the race.
SHOWING = ("against", "pace")
BUILDING = (
    "race",
    "dataset",
    "band",
    "seeds",
    "learning_rate",
    "batch_size",
    "momentum",
    "activation",
    "neurons",
    "seed",
)


class RaceLab(YourCode, SettingsLab):
    """Race several settings on one data set, in lock-step by gradient evaluations.

    settings  {"name": nnlib.landscapes.race.Settings, …}; without it, one of the ready-made races:
              'learning rates', 'batch modes' or 'optimizers', by the trait `race`
    network   where all start; by default a small one that fits the data, with the traits
              `neurons` in its hidden layer and `activation` there
    X, y      data of your own, shapes (n_samples, n_0) and (n_samples,), of any number: all
              runs share them. Without them, one of nnlib's sets, by the trait `dataset`
    validation  a pair (X, y) to compare by; without it, three tenths of your data, by `seed`
    locked    names of settings whose controls are hidden and cannot be set by a view, only from
              a cell
    traits    any other setting: `race`, `dataset`, `against`, what the curves are drawn over
              (one of nnlib.landscapes.race.MEASURES), `band`, which repeats each run with `seeds`
              seeds (5 by default) and draws the mean and the range, `learning_rate`, `batch_size`
              and
              `momentum` of the ready-made races and of your own code, `activation`, `neurons`,
              `seed` and `pace`

    Every setting may be read and set from a cell as from the lab. `use` lets functions of
    your own compete, and so does a Settings with `own`. The running race is `.contest`.
    Raises ValueError if there are too many contestants, or if anything does not fit.
    """

    _esm = front_end("copy_settings.js", "race_lab.js")
    _names = (*SHOWING, *BUILDING)
    cannot = "cannot compete"

    commands = traitlets.List(["run", "pause", "step", "epoch", "reset"]).tag(sync=True)
    race = traitlets.Enum([*RACES, MINE], "learning rates").tag(sync=True)
    dataset = traitlets.Enum([*DATASETS, MY_DATA], "moons").tag(sync=True)
    against = traitlets.Enum(MEASURES, "epochs").tag(sync=True)
    band = traitlets.Bool(False).tag(sync=True)
    seeds = traitlets.Int(5, min=2, max=MOST_SEEDS).tag(sync=True)
    learning_rate = Positive(0.1).tag(sync=True)
    batch_size = traitlets.Int(32, min=1).tag(sync=True)
    momentum = Number(0.9, min=0, max=0.99).tag(sync=True)
    activation = traitlets.Enum(HIDDEN, ACTIVATION).tag(sync=True)
    neurons = traitlets.Int(8, min=1, max=64).tag(sync=True)
    seed = traitlets.Int(0, min=0).tag(sync=True)
    names: traitlets.List[str] = traitlets.List().tag(sync=True)

    def __init__(
        self, settings=None, *, network=None, X=None, y=None, validation=None, locked=(), **traits
    ):
        self._check_names(traits, locked)
        if (X is None) != (y is None) or (X is None and validation is not None):
            raise ValueError("give X and y together, and validation only with them")
        if X is not None:
            X, y = own_data(X, y, network)
            few = len(X) if validation is not None else round(0.7 * len(X))
            traits.setdefault("batch_size", max(1, min(32, few)))
        self._own = None if X is None else (X, y, validation)
        self._settings, self._network = settings, network
        self._competing: dict[str, OwnCode] = {}  # what `use` has let in, by name
        if settings is not None:
            settings = mapping("Settings(…)", like("trainer", "Settings(…)"))("settings", settings)
            _check_number(len(settings))
            traits["race"] = MINE
        if X is not None:
            traits["dataset"] = MY_DATA
        super().__init__(title="Race", locked=list(locked), **traits)
        self._build()
        self._lock()
        self.problem = self._wrong_in_words(self._contestants())
        self.on_change(self._start_anew, *BUILDING)
        self.on_change(self._lock, "seeds")
        self.on_change(self.send_frame, "against")

    # Settings travel.

    @classmethod
    def from_settings(cls, settings: "dict | str", own=None, **given) -> "RaceLab":
        """Return a lab with these settings: a dict, or its JSON text.

        `own` are the contestants if they were your own, and `given` are network, X, y and
        validation: none of them is in the settings.
        """
        return cls(own, **given, **as_settings(settings))

    # Your code.

    def use(
        self,
        kept=None,
        /,
        *,
        forward=None,
        loss=None,
        backward=None,
        update=None,
        name: str | None = None,
    ) -> None:
        """Let functions of your own compete with the others; without any, they leave again.

        `use(mine())` takes those that you kept in the lessons (`nnlib.exercises.mine`).
        Their signatures are in `nnlib.diagnosis.own_code`. The contestant, called `name`, trains
        with the traits `learning_rate` and `batch_size`; call `use` again, with another name, for
        another.
        The functions are tried first on a small copy: if one is wrong, the lab says what is
        wrong with it, and it does not compete. Reset takes that message away.
        """
        own = chosen(kept, forward=forward, loss=loss, backward=backward, update=update)
        used = functions_of(own)
        name = name or f"your {', '.join(used)}"
        wanted = {**self._competing, name: own} if used else {}
        ready = [n for n in self._contestants() if n not in self._competing]
        _check_number(len(wanted) + len(ready))
        if name in ready:
            raise ValueError(f"there is a {name!r} in this race already: choose another name")
        self.pause()
        self.problem = self.diagnosis = self._wrong_in_words({name: Settings(own=own)})
        if not self.problem:
            self._competing = wanted
            self.code = ", ".join(wanted) or "nnlib"
            self._build()
        self.send_frame()

    def tried_with(self):
        """Return the network and the loss with which functions are tried."""
        network = self.contest.contestants[0].trainers[0].network
        return network, default_loss(network.activations[-1])

    def _wrong_in_words(self, contestants: dict) -> str:
        """Say what is wrong with the contestants' own functions."""
        wrong = {
            name: self.find_mistakes(s.own)
            for name, s in contestants.items()
            if s.own is not None and functions_of(s.own)
        }
        return "\n\n".join(
            in_words(found, self.cannot, who=name) for name, found in wrong.items() if found
        )

    # Building from the settings.

    def _contestants(self) -> dict:
        own = {
            name: Settings(lambda: GradientDescent(self.learning_rate), self.batch_size, code)
            for name, code in self._competing.items()
        }
        if self.race == MINE:
            return self._settings | own
        if self.race == "learning rates":
            # The names were found with this activation on these sets; elsewhere they may be wrong.
            known = self._network is None and self.activation == ACTIVATION
            known = known and self.dataset != MY_DATA
            rates = None if known else (0.003, 0.1, 1.0, 10.0)
            ready = RACES[self.race](self.batch_size, rates)
        elif self.race == "batch modes":
            ready = RACES[self.race](self.learning_rate, self.batch_size)
        else:
            ready = RACES[self.race](self.learning_rate, self.batch_size, self.momentum)
        return ready | own

    def _build(self) -> None:
        self.contest = self.new_contest(self.seeds if self.band else 1)
        self.names = [c.name for c in self.contest.contestants]

    def new_contest(self, seeds: int, rows: int | None = None) -> Race:
        """Return a race by the settings; `rows` are those of the validation data to look at."""
        if self.race == MINE and self._settings is None:
            raise ValueError("there are no settings of yours: make a RaceLab(settings)")
        if self.dataset == MY_DATA and self._own is None:
            raise ValueError("there is no data of yours: make a RaceLab(X=X, y=y)")
        own = self._own if self.dataset == MY_DATA else None
        X, y, validation = own or (*DATASETS[self.dataset](N_SAMPLES, seed=self.seed), None)
        labels = y
        if validation is None:
            if own:  # whoever sorts them by class would race without the last ones
                order = np.random.default_rng(self.seed).permutation(len(X))
                X, y = X[order], y[order]
            n = round(0.7 * len(X))
            X, validation, y = X[:n], (X[n:], y[n:]), y[:n]
        network = self._network or NeuralNetwork(
            [len(X[0]), self.neurons, int(np.max(labels)) + 1],
            hidden=self.activation,
            seed=self.seed,
        )
        return Race(
            network,
            X,
            y,
            self._contestants(),
            validation=tuple(v[:rows] for v in validation),
            seeds=range(self.seed, self.seed + seeds),
        )

    def restart(self) -> None:
        self._build()

    def _start_anew(self) -> None:
        self.pause()
        try:
            self._build()
            self.problem = ""
        except ValueError as error:
            self.fail(error)
        self.send_frame()

    def reset(self) -> None:
        """Go back to the start, keeping the settings."""
        super().reset()
        # What was wrong with the settings' own functions still is.
        self.problem = self._wrong_in_words(self._contestants())

    def work(self) -> bool:
        return self.contest.advance()

    def run_epoch(self) -> None:
        """Run until each has used every sample once more, and been looked at if it was due."""
        contest = self.contest
        n = len(contest.contestants[0].trainers[0].X)
        epochs = min((c.samples for c in contest.running), default=0) // n + 1

        def over() -> bool:
            behind = [c for c in contest.running if c.samples < epochs * n]
            return not behind and not contest.looking

        self.engine.run(until=over)

    def frame(self):
        contestants = self.contest.contestants
        rows: list[dict[str, Any]] = [
            {
                "name": c.name,
                "loss": float(np.mean(c.losses[-1])) if c.losses else None,
                "accuracy": _last_accuracy(c),
                "update": c.trainers[0].updates,
                "epochs": c.samples / len(c.trainers[0].X),
                "samples": c.samples,
                "seconds": c.seconds,
                "state": c.state,
            }
            for c in contestants
        ]
        values = {
            "names": [c.name for c in contestants],
            "rows": rows,
            "against": self.against,
            "update": sum(row["update"] for row in rows),
            "summary": self._in_words(rows),
            "settings": json.dumps(self.settings()),
            "code": self.code,
            "idle": self._idle(),
        }
        losses = {c.name: c.course(self.against) for c in contestants}
        # A picture of accuracies needs no more than float32, in percent.
        percent = np.array([[1.0], [100], [100], [100]])
        accuracies = {
            f"accuracy of {c.name}": (percent * c.course(self.against, "accuracy")).astype("f4")
            for c in contestants
        }
        return values, losses | accuracies

    def _idle(self) -> list[str]:
        """Return the settings that nobody in this race uses."""
        if self._competing:
            return [] if self.race == "optimizers" else ["momentum"]
        return {
            MINE: ["learning_rate", "batch_size", "momentum"],
            "learning rates": ["learning_rate", "momentum"],
            "batch modes": ["momentum"],
        }.get(self.race, [])

    def _in_words(self, rows: list[dict]) -> str:
        """Say in words who leads and who fell out."""
        if not any(row["update"] for row in rows):
            loss = rows[0]["loss"]
            start = "" if loss is None else f" with validation loss {loss:.3g}"
            return (
                f"Ready: {'; '.join(row['name'] for row in rows)}. All start from the same weights"
                f"{start}; {self.how_to_start}."
            )
        out = [f"{row['name']} {row['state']}" for row in rows if row["state"]]
        left = sorted((row for row in rows if not row["state"]), key=lambda row: row["loss"])
        words = []
        if left:
            epochs = left[0]["epochs"]
            accuracy = left[0]["accuracy"]
            right = "" if accuracy is None else f" and accuracy {accuracy:.1%}"
            tie = len(left) > 1 and left[0]["loss"] == left[-1]["loss"]
            leads = "nobody leads yet, all are at" if tie else f"{left[0]['name']} leads with"
            words.append(
                f"After {epochs:.1f} epochs {leads} validation loss {left[0]['loss']:.3g}{right}"
            )
            if len(left) > 1 and not tie:
                words.append(f"{left[-1]['name']} is last with {left[-1]['loss']:.3g}")
            if self.band:
                words.append(f"each is a mean over {self.seeds} seeds")
        return "; ".join([*words, *out]) + "."

    def _all_controls(self) -> list[dict]:
        own_data = self._own is not None
        races = [*RACES, MINE] if self._settings is not None else [*RACES]
        data = [*DATASETS, MY_DATA] if own_data else [*DATASETS]
        if own_data and self._network is not None:
            data = [MY_DATA]  # no other would fit the network
        n = len(self.contest.contestants[0].trainers[0].X)
        of_network = [
            controls.select(
                "activation",
                "Activation",
                HIDDEN,
                "f of the hidden layer; the output is softmax.",
            ),
            controls.integer("neurons", "Neurons", 1, 64, "The size of the hidden layer."),
        ]
        seeds = NUMBERS[self.seeds]
        seldom = [
            controls.slider(
                "momentum",
                "Momentum β",
                0,
                0.99,
                0.01,
                "Of Momentum and Nesterov. The race starts again.",
                "β",
            ),
            controls.select("dataset", "Data", data, "The data set to learn."),
            *([] if self._network is not None else of_network),
            controls.integer(
                "seed",
                "Seed",
                0,
                10**6,
                "Another seed gives other points, other initial weights and another order.",
            ),
            pace_control(),
        ]
        return [
            controls.log_slider(
                "learning_rate",
                "Learning rate α",
                1e-4,
                1e1,
                "Of batch modes, optimizers (RMSProp and Adam take a tenth of it) "
                "and your own code. The race starts again.",
            ),
            controls.select(
                "race", "Race", races, "What is compared. All start from the same weights."
            ),
            controls.select(
                "against",
                "Plotted against",
                list(MEASURES),
                "The horizontal axis of the curves: the winner may depend on it.",
            ),
            controls.toggle(
                "band",
                f"{seeds.capitalize()} seeds",
                f"Run each with {seeds} seeds; draw the mean and the range.",
            ),
            controls.integer(
                "batch_size",
                "Mini-batch size",
                1,
                max(n, N_SAMPLES),
                "Samples in each update, but for batch and stochastic descent. "
                "The race starts again.",
            ),
            *controls.folded("Race", seldom),
        ]

    def preview(self):
        """Return a picture of the race's first epochs, run with copies; or of its start alone."""
        from ..plots import race_curves

        first = self.contest.contestants[0].trainers[0]
        size, together = first.network.parameters.size, len(self.contest.contestants)
        if size > LARGE:
            contest = self.new_contest(1, PREVIEW_ROWS)
        else:
            contest = self.new_contest(self.seeds if self.band else 1)
        goal = PREVIEW * min(N_SAMPLES, len(first.X))
        goal = max(200, min(goal, int(PREVIEW_COST / (3 * size * together))))
        if self._from_start:
            goal = 0
        with contextlib.suppress(OwnCodeError), blas_threads(1):
            while contest.running and min(c.samples for c in contest.running) < goal:
                contest.advance()
        title = f"A race of {self.race} on {self.dataset}"
        return race_curves(contest, title=title, accuracy=True)

    def described(self) -> str:
        """Say who competes, and on what."""
        return f" of {'; '.join(self.names)} on {self.dataset}"


def _check_number(n: int) -> None:
    if n > MOST_CONTESTANTS:
        raise ValueError(
            f"{n} contestants are too many: at most {MOST_CONTESTANTS} can be told apart"
        )


def _last_accuracy(contestant) -> float | None:
    if not contestant.accuracies:
        return None
    latest = contestant.accuracies[-1]
    return None if latest[0] is None else float(np.mean(latest))


def own_data(X, y, network) -> tuple[np.ndarray, np.ndarray]:
    """Return the learner's data as arrays of numbers, or raise ValueError in words.

    Without a network of theirs, y are labels, from which the number of its outputs follows.
    """
    check_order("X", X, "y", y)
    X = as_numbers("X", X)
    if X.ndim != 2 or len(X) < 2:
        raise ValueError(f"X has shape {X.shape}, but must hold 2 samples or more, one a row")
    if network is not None:
        return X, as_numbers("y", y)
    y = as_labels(y, len(X), name="the labels y")
    if y.min() == y.max():
        raise ValueError(f"all labels y are {y[0]}: with a single class there is nothing to learn")
    return X, y
