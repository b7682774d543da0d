"""The tables of results, from the records of the trainings that nnlib comes with.

    python -m benchmarks.results            print the tables
    python -m benchmarks.results --write    also put them into README.md and docs/results.md
    python -m benchmarks.results --train    train everything again before that: it takes hours

A training of one recipe, with more seeds, is a matter of `python -m nnlib.recipes`.
"""

import argparse
import statistics
import sys

from nnlib.recipes import RECIPES, STUDIES, committees, records, study
from nnlib.recipes.__main__ import main as train
from nnlib.recipes.copies import COPIES
from nnlib.recipes.shelf import summarize

from . import report

# How many seeds --train takes.
SEEDS = {"origin": 5, "quick": 5, "dropout-adversarial": 3, "simard": 3, "best": 2}


def row(name: str, runs: list[dict], key: str = "test_accuracy") -> list[str]:
    """Return the cells of one recipe's row: its accuracies are those of `key`."""
    settings = runs[0]["settings"]
    scores = [run[key] for run in runs]
    return [
        f"`{name}`" + ("" if key == "test_accuracy" else f", mean output of {COPIES} copies"),
        "-".join(map(str, settings["layers"])),
        f"{settings['epochs']}",
        f"{duration(statistics.median(run['cpu_seconds'] for run in runs))}",
        f"{runs[0].get('threads', 1)}",
        f"{len(runs)}",
        f"{summarize(runs, name, key)}",
        f"{min(scores):.2%} – {max(scores):.2%}" if len(runs) > 1 else "",
    ]


def duration(seconds: float) -> str:
    """Return seconds as a reader says them."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def render(results: dict[str, list[dict]]) -> str:
    """Return the records {name: [record, …]} as markdown."""
    table = report.markdown_table(
        [
            "recipe",
            "network",
            "epochs",
            "processor time",
            "threads",
            "seeds",
            "test accuracy",
            "lowest – highest",
        ],
        [
            row(name, runs, key)
            for name, runs in results.items()
            for key in ("test_accuracy", "test_accuracy_over_copies")
            if all(key in run for run in runs)
        ],
    )
    facts = {report.describe(run["machine"]) for runs in results.values() for run in runs}
    return (
        f"{table}\n\n"
        "Test accuracy: mean ± standard deviation over the seeds, each trained on all 60,000 "
        "training images. Processor time: of the training, all threads together, median over the "
        "seeds. " + " ".join(sorted(facts))
    )


def render_study(rows: list[dict]) -> str:
    """Return the rows of `nnlib.recipes.study` as markdown."""
    means = {row["name"]: row["mean"] for row in rows}
    names, bases = [row["name"] for row in rows], [row["base"] for row in rows]
    # A change to the line before it needs no name of that line, if no other is made to it too.
    named = {base for before, base in zip(names, bases[1:], strict=False) if base != before}
    cells = []
    for row in rows:
        change, base = row["change"], row["base"]
        if base is not None:
            change = f"`{base}` + {change}" if base in named else f"+ {change}"
        if row["name"] in named:
            change += f" (`{row['name']}`)"
        cells.append(
            [
                change,
                f"{row['mean']:.2%} ± {100 * row['sd']:.2f}",
                ""
                if row["base"] is None
                else f"{100 * (row['mean'] - means[row['base']]):+.2f}".replace("-", "−"),
                duration(row["seconds"]),
            ]
        )
    table = report.markdown_table(
        ["change", "validation accuracy", "difference", "training, one core"], cells
    )
    return (
        f"{table}\n\n"
        f"Mean ± standard deviation over {min(row['seeds'] for row in rows)} seeds, each trained "
        "on 50,000 images and evaluated on the 10,000 validation images. The difference, in per "
        "cent of the images, is to the line that the change is made to. All are trained for "
        f"{rows[0]['epochs']} epochs, unless the line says otherwise."
    )


def render_committees(rows: list[dict]) -> str:
    """Return the rows of `nnlib.recipes.committees` as markdown."""
    table = report.markdown_table(
        [
            "the four members differ",
            "each alone",
            "their mean output",
            "difference to the best member",
            "errors shared by two members",
            "training, one core",
        ],
        [
            [
                row["purpose"],
                f"{min(row['members']):.2%} – {max(row['members']):.2%}",
                f"{row['accuracy']:.2%}",
                f"{100 * (row['accuracy'] - max(row['members'])):+.2f}".replace("-", "−"),
                f"{row['shared_errors']:.0%}",
                duration(row["cpu_seconds"]),
            ]
            for row in rows
        ],
    )
    return (
        f"{table}\n\n"
        "Accuracy on the 10,000 validation images, after training on the other 50,000; one "
        "committee each. Errors shared: of the images that one member misreads, the share that "
        "another misreads too, a mean over all pairs."
    )


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.results", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--write", action="store_true", help="also put them into README.md and docs/results.md"
    )
    parser.add_argument(
        "--train",
        action="store_true",
        help="train every recipe and every study again first; if stopped, it resumes",
    )
    asked = parser.parse_args()
    if asked.train:
        for name, seeds in SEEDS.items():
            if status := train([name, "--record", "--seeds", *map(str, range(seeds))]):
                return status
        if status := train([*STUDIES, "committee", "--record"]):
            return status
    table = render({name: runs for name in RECIPES if (runs := records(name))})
    tables = {"results": table}
    tables |= {name: render_study(study(name)) for name in STUDIES if records(name)}
    if rows := committees():
        tables["committee"] = render_committees(rows)
    print("\n\n".join(tables.values()))
    if asked.write:
        for name, table in tables.items():
            report.show(name, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
