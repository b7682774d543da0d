"""The race: several ways to train, side by side, from one start."""

import traitlets

from ..network import NeuralNetwork
from ..race import MEASURES, RACES, Race
from . import controls
from .playground import DATASETS, N_SAMPLES
from .widget import Lab, front_end

MOST_CONTESTANTS = 7  # colours and line styles that can be told apart
SEEDS = 5
PREVIEW = 20  # epochs, about, in the picture that stands in for a race


class RaceLab(Lab):
    """Race several settings on one data set, in lock-step by gradient evaluations.

    settings  {"name": nnlib.race.Settings, …}; without it, one of the ready-made races:
              'learning rates', 'batch modes' or 'optimizers', by the trait `race`
    network   where all start; by default a small one that fits the data
    X, y      data of your own, shapes (n_samples, n_0) and (n_samples,); three tenths of
              it are for validation. Without it, one of nnlib's sets, by the trait `dataset`

    The trait `against` is what the curves are drawn over, and `band` repeats each run with
    five seeds and draws the mean and the range. The running race is `.contest`.
    """

    _esm = front_end("race_lab.js")

    race = traitlets.Enum([*RACES, "my settings"], "learning rates").tag(sync=True)
    dataset = traitlets.Enum([*DATASETS, "my data"], "moons").tag(sync=True)
    against = traitlets.Enum(MEASURES, "epochs").tag(sync=True)
    band = traitlets.Bool(False).tag(sync=True)
    names = traitlets.List().tag(sync=True)

    def __init__(self, settings=None, *, network=None, X=None, y=None, **traits):
        if settings is not None and len(settings) > MOST_CONTESTANTS:
            raise ValueError(
                f"{len(settings)} contestants: at most {MOST_CONTESTANTS} can be told apart"
            )
        self._settings, self._network, self._own = settings, network, None if X is None else (X, y)
        if settings is not None:
            traits["race"] = "my settings"
        if X is not None:
            traits["dataset"] = "my data"
        super().__init__(
            title="Race", commands=["run", "pause", "step", "reset"],
            controls=_controls(settings is not None, X is not None), **traits,
        )  # fmt: skip
        self._build()
        self.observe(lambda change: self._engine.call(self._again), ["race", "dataset", "band"])
        self.observe(lambda change: self._engine.call(self._show), "against")

    def _build(self) -> None:
        if self.race == "my settings" and self._settings is None:
            raise ValueError("there are no settings of your own: make a RaceLab(settings)")
        if self.dataset == "my data" and self._own is None:
            raise ValueError("there is no data of your own: make a RaceLab(X=X, y=y)")
        settings = self._settings if self.race == "my settings" else RACES[self.race]()
        X, y = self._own or DATASETS[self.dataset](N_SAMPLES)
        n = round(0.7 * len(X))
        network = self._network or NeuralNetwork(
            [len(X[0]), 8, int(max(y)) + 1], hidden="tanh", seed=0
        )
        self.contest = Race(
            network, X[:n], y[:n], settings, validation=(X[n:], y[n:]),
            seeds=range(SEEDS if self.band else 1),
        )  # fmt: skip
        self.names = [c.name for c in self.contest.contestants]

    def _restart(self) -> None:
        self._build()

    def _again(self) -> None:
        self._engine.pause()
        try:
            self._build()
            self.problem = ""
        except ValueError as error:
            self._fail(error)
        self._show()

    def _work(self) -> bool:
        return self.contest.advance()

    def _frame(self):
        contestants = self.contest.contestants
        rows = [
            {
                "name": c.name,
                "loss": c.course("updates")[1][-1],
                "update": c.trainers[0].updates,
                "epochs": c.samples / len(c.trainers[0].X),
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
            "summary": self._summary(rows),
        }
        return values, {c.name: c.course(self.against) for c in contestants}

    def _summary(self, rows: list[dict]) -> str:
        """Say in words who leads and who fell out."""
        out = [f"{row['name']} {row['state']}" for row in rows if row["state"]]
        left = sorted((row for row in rows if not row["state"]), key=lambda row: row["loss"])
        words = []
        if left:
            epochs = left[0]["epochs"]
            words.append(f"After {epochs:.1f} epochs {left[0]['name']} leads "
                         f"with validation loss {left[0]['loss']:.3g}")  # fmt: skip
            if len(left) > 1:
                words.append(f"{left[-1]['name']} is last with {left[-1]['loss']:.3g}")
        return "; ".join([*words, *out]) + "."

    def _preview(self):
        """Return a picture of the race's first thirty epochs, run with copies."""
        from ..plots import race_curves

        shown, self.contest = self.contest, None
        try:
            self._build()
            contest = self.contest
        finally:
            self.contest = shown
        while contest.running and min(c.samples for c in contest.running) < PREVIEW * N_SAMPLES:
            contest.advance()
        return race_curves(contest, title=f"A race of {self.race} on {self.dataset}")

    def __repr__(self) -> str:
        return (
            f"RaceLab of {', '.join(self.names)} on {self.dataset}. It is live in JupyterLab: run "
            "this cell there. Where no kernel runs, a picture stands in for it."
        )


def _controls(own_settings: bool, own_data: bool) -> list[dict]:
    races = [*RACES, "my settings"] if own_settings else list(RACES)
    data = [*DATASETS, "my data"] if own_data else list(DATASETS)
    return [
        controls.select("race", "Race", races, "Who competes. All start from the same weights."),
        controls.select("dataset", "Data", data, "What they learn."),
        controls.select("against", "Drawn against", list(MEASURES),
                        "What the curves are drawn over: who wins may depend on it."),
        controls.toggle("band", "Five seeds",
                        "Run each with five seeds; draw the mean and the range."),
    ]  # fmt: skip
