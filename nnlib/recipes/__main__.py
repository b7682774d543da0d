"""The command: python -m nnlib.recipes NAME [--seeds 0 1 2] [--record] …"""

import argparse
import sys
from pathlib import Path

from ..support.errors import Diverged
from .catalogue import RECIPES, STUDIES
from .committee import COMMITTEES, keep_committees, train_committees
from .recipe import Recipe
from .run import Outcome, run
from .shelf import keep, summarize, unknown

STOPPED = 130  # what a shell says of a program that Ctrl-C ended
COMMITTEE = "committee"  # a study of networks together, not of one after another


def main(arguments: list[str] | None = None) -> int:
    """Train what was asked for; return 0, 1 if it failed, 130 if it was stopped."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.list or not asked.names:
        _list()
        return 0 if asked.list else 2
    try:
        recipes = _recipes([name for name in asked.names if name != COMMITTEE])
        if asked.record and asked.validation:
            raise ValueError(
                "a record is of all 60,000 training images, and --validation keeps 10,000 of them "
                "apart: leave one of the two out (a study always does so, and is recorded)"
            )
        for recipe in recipes:
            if not _train(recipe, asked):
                return STOPPED
        if COMMITTEE in asked.names and not _train_committees(asked):
            return STOPPED
    except (ValueError, Diverged, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _train(recipe: Recipe, asked) -> bool:
    """Train a recipe from every seed and print what came of it; False if it was stopped."""
    study = next((study for study in STUDIES.values() if recipe.name in study), None)
    validation = asked.validation or study is not None
    done = []
    for seed in asked.seeds or range(study.seeds if study else 1):
        folder = asked.folder / f"{recipe.name}-seed{seed}{'-validation' if validation else ''}"
        outcome = run(
            recipe,
            seed,
            validation=validation,
            folder=folder,
            every=asked.every,
            fresh=asked.fresh,
            threads=asked.threads,
        )
        if outcome.record is None:
            return False
        done.append(outcome.record)
        _print(outcome)
        if asked.record:
            print(f"Recorded in {keep(outcome)}")
    if len(done) > 1:
        print(f"{recipe.name}: {summarize(done, recipe.name)} over {len(done)} seeds")
    return True


def _train_committees(asked) -> bool:
    """Train the members of all committees and print what they reach; False if it was stopped."""
    rows = train_committees(
        asked.folder, threads=asked.threads, every=asked.every, fresh=asked.fresh
    )
    if len(rows) < len(COMMITTEES):
        return False
    if asked.record:
        print(f"Recorded in {keep_committees(rows)}")
    return True


def _print(outcome: Outcome) -> None:
    r = outcome.record
    assert r is not None, "only a finished run is printed"
    kind = "test" if "test_accuracy" in r else "validation"
    print(
        f"{r['recipe']}, seed {r['seed']}: {kind} accuracy {r[f'{kind}_accuracy']:.2%} after "
        f"{r['epochs']} epochs in {r['seconds']:.1f} s; see {outcome.folder}"
    )


def _recipes(names: list[str]) -> list[Recipe]:
    """Return the recipes of these names; 'all' and a study are several."""
    studies = {
        name: [change.recipe for change in study.values()] for name, study in STUDIES.items()
    }
    changes = {recipe.name: recipe for study in studies.values() for recipe in study}
    several = {"all": RECIPES.values(), **studies}
    found: list[Recipe] = []
    for name in names:
        if name in several:
            found += several[name]
        elif name in RECIPES or name in changes:
            found.append((RECIPES | changes)[name])
        else:
            raise ValueError(unknown(name))
    return found


def _list() -> None:
    for recipe in RECIPES.values():
        layers = "-".join(map(str, recipe.layers))
        print(f"{recipe.name:10} {layers}, {recipe.epochs} epochs: {recipe.purpose}")
    for name, study in STUDIES.items():
        start = next(iter(study.values())).recipe
        print(
            f"{name:10} {len(study)} networks from {study.seeds} seeds: what each change buys, "
            f"from {start.purpose}"
        )
    print(
        f"{COMMITTEE:10} {len(COMMITTEES)} committees of networks whose outputs are averaged: "
        "what makes members differ"
    )
    print(f"{'all':10} the first {len(RECIPES)} of these")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nnlib.recipes",
        description="Train a recipe on MNIST. Stop it at any moment, even with kill -9: the same "
        "command goes on from the last checkpoint, and ends with the very same weights.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="recipes; --list shows them")
    parser.add_argument("--list", action="store_true", help="show the recipes and end")
    parser.add_argument(
        "--seeds",
        nargs="+",
        type=int,
        metavar="SEED",
        help="of the start, the order and the noise; 0 if not told; those of a "
        "study are 0, 1, … as many as it has",
    )
    parser.add_argument(
        "--validation",
        action="store_true",
        help="train on 50,000 images and look at the 10,000 others after each "
        "epoch: to choose settings by. Without it, train on all 60,000 and look "
        "at the test images once, at the end",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("runs"),
        help="where checkpoints, results and networks go, in a folder for each "
        "recipe and seed (runs, where you are)",
    )
    parser.add_argument(
        "--every", type=float, default=20.0, metavar="SECONDS", help="between two checkpoints (20)"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget earlier runs in the folder, and start again"
    )
    parser.add_argument(
        "--threads",
        type=int,
        help="how many share the work, by default one a core; the weights are the same",
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="also keep the record in the package, for the tables of results",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
