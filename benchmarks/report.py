"""What the benchmarks share: facts about the machine, tables, and where tables go."""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

# Which page shows which table.
PAGES = {
    "results": ROOT / "README.md",
    "ablation": ROOT / "docs" / "results.md",
    "steps": ROOT / "docs" / "results.md",
    "committee": ROOT / "docs" / "results.md",
    "matrix": ROOT / "docs" / "reliability.md",
    "fuzz": ROOT / "docs" / "reliability.md",
    "files": ROOT / "docs" / "reliability.md",
    "faults": ROOT / "docs" / "reliability.md",
    "bench": ROOT / "docs" / "speed.md",
    "anatomy": ROOT / "docs" / "speed.md",
    "lab": ROOT / "docs" / "labs.md",
    "cluster": ROOT / "docs" / "cluster.md",
    "classroom": ROOT / "deploy" / "README.md",
}


class MarkersMissing(ValueError):
    """A page does not say where a table is to go."""


def describe(facts: dict) -> str:
    """Return the facts of `machine` as one sentence of markdown."""
    torch = f", PyTorch {facts['torch']}" if "torch" in facts else ""
    return (
        f"Measured on: {facts['processor']}, {facts['cores']} cores, {facts['system']}; "
        f"Python {facts['python']}, numpy {facts['numpy']} with {facts['blas']}{torch}."
    )


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a markdown table: the first column to the left, all others to the right."""
    rule = [":--"] + ["--:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows))


def section(text: str, name: str) -> str:
    """Return what stands in `text` between `<!-- name:begin -->` and `<!-- name:end -->`."""
    start, stop = _between(text, name)
    return text[start:stop].strip("\n")


def insert(text: str, name: str, content: str) -> str:
    """Return `text` with `content` between the markers of `name`, instead of what was there."""
    start, stop = _between(text, name)
    return f"{text[:start]}\n{content}\n{text[stop:]}"


def shown(name: str) -> str:
    """Return the table of that name as its page shows it."""
    try:
        return section(PAGES[name].read_text(encoding="utf-8"), name)
    except MarkersMissing as error:
        raise MarkersMissing(f"{PAGES[name].relative_to(ROOT)}: {error}") from None


def show(name: str, table: str) -> None:
    """Put a table into its page, in place of what was there."""
    shown(name)
    text = PAGES[name].read_text(encoding="utf-8")
    PAGES[name].write_text(insert(text, name, table), encoding="utf-8")


def _between(text: str, name: str) -> tuple[int, int]:
    """Return where the text between the markers of `name` starts and stops."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise MarkersMissing(
            f"there is no place for this table: it needs the lines {begin} and {end}, "
            "each once and in this order"
        )
    return text.index(begin) + len(begin), text.index(end)


def main(program: str, marker: str, description: str, measure, render, arguments=None) -> None:
    """Run a benchmark from the command line.

    `measure()` returns the numbers and `render(numbers)` the markdown that shows
    them. The numbers are kept in `program`.json beside this file, so that the page which
    holds the markdown, between the markers of `marker`, can be checked against them.
    `arguments(parser)` adds what this benchmark can be told beside; `measure` is then given
    all that was said.
    """
    file = HERE / f"{program}.json"
    page = PAGES[marker].relative_to(ROOT)
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{program}", description=description
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help=f"also save the numbers in benchmarks/{file.name} and put the table into "
        f"{page}, between <!-- {marker}:begin --> and <!-- {marker}:end -->",
    )
    parser.add_argument(
        "--saved",
        action="store_true",
        help=f"measure nothing: take the numbers from benchmarks/{file.name}",
    )
    if arguments:
        arguments(parser)
    options = parser.parse_args()
    if options.write:
        try:  # better to hear of it now than after the measurement
            shown(marker)
        except MarkersMissing as error:
            sys.exit(f"error: {error}")
    if options.saved:
        numbers = json.loads(file.read_text(encoding="utf-8"))
    else:
        numbers = measure(options) if arguments else measure()
    print(f"\n{render(numbers)}")
    if options.write:
        file.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
        show(marker, render(numbers))
