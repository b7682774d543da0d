"""What docs/speed.md says of the measured speed: words, a plot and tables, all from the record.

    python -m benchmarks.speed_page              print them, from the committed speed.json
    python -m benchmarks.speed_page --local      the same, from this machine's speed.local.json
    python -m benchmarks.speed_page --write      put them into docs/speed.md and img/speed.svg;
                                                 with --local also keep the record as speed.json

`benchmarks.speed` measures. Parts that it has not measured yet are left out.
"""

import argparse
import json
import statistics
from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from nnlib.plots.style import INK, MUTED, RUN_LINES, RUNS, new_figure, style

from . import report
from .speed import READY

RECORD, LOCAL = report.HERE / "speed.json", report.HERE / "speed.local.json"
PLOT = report.ROOT / "img" / "speed.svg"

# The libraries in the order of the tables; the first is no library but the floor.
NAMES = {
    "products": "bare products",
    "nnlib": "nnlib",
    "PyTorch": "PyTorch",
    "torch.compile": "torch.compile",
    "JAX": "JAX",
    "scikit-learn": "scikit-learn",
    "Keras": "Keras",
    "loop": "a loop",
}
PLOTTED = [784, 128, 10]  # the network whose batch sizes the plot compares


# ---------------------------------------------------------------- figures from the record


def rows(record: dict, threads: int, busy: bool = False) -> list[dict]:
    """Return the rows with so many threads: their median seconds by name, and the floor."""
    parts = record["parts"].values()
    found = []
    for part in parts:
        if part.get("threads") != threads or (busy and "busy" not in part):
            continue
        seconds = medians(part["busy" if busy else "seconds"])
        idle = medians(part["seconds"])
        floor = min(
            statistics.median(other["seconds"]["products"])
            for other in parts
            if other.get("layers") == part["layers"]
            and other.get("batch_size") == part["batch_size"]
            and other["threads"] <= threads
        )
        found.append({**part, "seconds": seconds, "idle": idle, "floor": floor})
    return found


def medians(times: dict[str, list[float]]) -> dict[str, float]:
    """Return the median of each list."""
    return {name: statistics.median(values) for name, values in times.items()}


def thread_counts(record: dict) -> list[int]:
    """Return with how many threads there are rows, most first."""
    counts = {part["threads"] for part in record["parts"].values() if "threads" in part}
    return sorted(counts, reverse=True)


def fastest(seconds: dict[str, float]) -> str:
    """Return the fastest library."""
    return min((name for name in seconds if name != "products"), key=seconds.__getitem__)


def rivals(seconds: dict[str, float]) -> dict[str, float]:
    """Return the libraries but nnlib: what one would take instead."""
    return {name: s for name, s in seconds.items() if name not in ("products", "nnlib", "loop")}


def goal(record: dict) -> dict[str, list[dict]]:
    """Return the trainings of each library to the goal."""
    tries = [part["reached"] for part in record["parts"].values() if "reached" in part]
    names = [name for name in NAMES if tries and all(name in run for run in tries)]
    return {name: [run[name] for run in tries] for name in names}


# ---------------------------------------------------------------- words


def shape(layers: list[int]) -> str:
    """Return layers as they are written: 784-128-10."""
    return "-".join(map(str, layers))


def label(row: dict) -> str:
    """Return what a row is about."""
    return f"{shape(row['layers'])}, batch {row['batch_size']}"


def count(n: int, what: str) -> str:
    """Return a number with its noun: 1 thread, 2 threads."""
    return f"{n} {what}{'' if n == 1 else 's'}"


def listed(items: list[str]) -> str:
    """Return items as a sentence lists them."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def spread(values: list[float], digits: str = ".2f") -> str:
    """Return the smallest and the largest, or the only one."""
    low, high = (f"{value:{digits}}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def contest(found: list[dict], where: str) -> str:
    """Return a sentence on where nnlib is the fastest, and by how much it is behind elsewhere."""
    lost = []
    for row in found:
        others = rivals(row["seconds"])
        best = min(others, key=others.__getitem__, default=None)
        if best and others[best] < row["seconds"]["nnlib"]:
            factor = row["seconds"]["nnlib"] / others[best]
            lost.append((best, f"{label(row)} ({factor:.2f} times its time)"))
    won = len(found) - len(lost)
    if not lost:
        return f"{where} nnlib is the fastest on all {len(found)} rows."
    behind = []
    for name in dict.fromkeys(best for best, _ in lost):
        behind.append(f"{name} at {listed([at for best, at in lost if best == name])}")
    return f"{where} nnlib is the fastest on {won} of {len(found)} rows; behind {listed(behind)}."


def verdict(record: dict) -> str:
    """Return the wins and losses in one paragraph."""
    words = []
    for threads in thread_counts(record):
        found = rows(record, threads)
        words.append(contest(found, f"With {count(threads, 'thread')}"))
        large = [r["seconds"]["nnlib"] / r["floor"] for r in found if r["batch_size"] >= 64]
        small = [r["seconds"]["nnlib"] / r["floor"] for r in found if r["batch_size"] < 64]
        if large and small:
            words.append(
                f"Its updates take {spread(large)} times their bare products for batches of 64 "
                f"and more, {spread(small)} times for smaller ones."
            )
    if thread_counts(record) and (found := rows(record, thread_counts(record)[0], busy=True)):
        words.append(contest(found, "Beside two busy processes, with all threads,"))
        slower = [row["seconds"]["nnlib"] / row["idle"]["nnlib"] for row in found]
        words.append(f"There its updates take {spread(slower, '.1f')} times as long as alone.")
    if runs := goal(record):
        words.append(contest_to_the_goal(runs, record["plan"]["accuracy"]))
    if "imports" in record["parts"]:
        words.append(cost_of_import(record["parts"]["imports"]["seconds"]))
    return " ".join(words)


def cost_of_import(seconds: dict[str, list[float]]) -> str:
    """Return a sentence on the time of `import nnlib`, and of loading what a training takes."""
    share = {
        name: statistics.median(a / b for a, b in zip(times, seconds["numpy"], strict=True))
        for name, times in seconds.items()
    }
    words = f"Importing nnlib takes {share['nnlib']:.2f} times as long as importing numpy alone"
    if READY in share:  # older records do not have it
        words += f", and {share[READY]:.2f} times with numpy and the modules of `nnlib.train`"
    return f"{words}."


def contest_to_the_goal(runs: dict[str, list[dict]], accuracy: float) -> str:
    """Return a sentence on the time to the accuracy that was asked for."""
    seconds = {name: statistics.median(r["seconds"] for r in r_s) for name, r_s in runs.items()}
    others = rivals(seconds)
    ours = f"{accuracy:.0%} of the test images take nnlib {seconds['nnlib']:.1f} s of training"
    if not others:
        return f"{ours}."
    best = min(others, key=others.__getitem__)
    return f"{ours}, and {best}, the fastest of the others, {others[best]:.1f} s."


# ---------------------------------------------------------------- tables


def microseconds(seconds: float) -> str:
    """Return seconds in microseconds, to three figures or so."""
    us = 1e6 * seconds
    return f"{us:,.1f}" if us < 10 else f"{us:,.0f}"


def updates_table(found: list[dict]) -> str:
    """Return the table of the time of an update, in microseconds; the fastest library in bold."""
    names = [name for name in NAMES if any(name in row["seconds"] for row in found)]
    cells = []
    for row in found:
        best = fastest(row["seconds"])
        line = [label(row)]
        for name in names:
            cell = microseconds(row["seconds"][name]) if name in row["seconds"] else ""
            line.append(f"**{cell}**" if name == best else cell)
        cells.append(line)
    return report.markdown_table(["µs an update", *(NAMES[name] for name in names)], cells)


def libraries_table(record: dict) -> str:
    """Return what is measured once for each library: inference, the goal, import, memory."""
    parts = record["parts"]
    columns: dict[str, dict[str, str]] = {}
    shown = [*NAMES, "numpy"]
    for part in parts.values():
        if "one" in part:
            layers = shape(part["layers"])
            columns[f"one image, {layers}"] = {
                name: f"{microseconds(s)} µs" for name, s in medians(part["one"]).items()
            }
            columns[f"10,000 images, {layers}"] = {
                name: f"{1e3 * s:,.1f} ms" for name, s in medians(part["many"]).items()
            }
    columns[f"{record['plan']['accuracy']:.0%} of the test images"] = {
        name: f"{statistics.median(run['seconds'] for run in runs):.1f} s, "
        + f"{spread([run['epochs'] for run in runs], '.0f')} epochs"
        for name, runs in goal(record).items()
    }
    if "imports" in parts:
        times = medians(parts["imports"]["seconds"])
        columns["import"] = {name: f"{s:.2f} s" for name, s in times.items() if name in shown}
        if READY in times:
            columns["import"]["nnlib"] += f", {times[READY]:.2f} s with `nnlib.train`"
    largest = [part for part in parts.values() if "memory" in part]
    if largest:
        last = largest[-1]
        columns[f"memory at peak, {label(last)}"] = {
            name: f"{mb:,.0f} MB" for name, mb in last["memory"].items() if mb is not None
        }
    columns = {title: cells for title, cells in columns.items() if cells}
    cells = [
        [NAMES.get(name, name), *(column.get(name, "") for column in columns.values())]
        for name in shown
        if any(name in column for column in columns.values())
    ]
    return report.markdown_table(["", *columns], cells)


def notes(record: dict) -> str:
    """Return how it was measured, and on what."""
    parts, plan = record["parts"].values(), record["plan"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    taken = max((part["taken"] for part in parts if part.get("taken") is not None), default=None)
    words = (
        f"Medians of {plan['rounds']} rounds, in which all take turns of {plan['turn']} s, each "
        "in a process of its own; beside busy processes of "
        f"{plan['busy_rounds']}. Bold: the fastest. The time to {plan['accuracy']:.0%} is the "
        f"median of {count(plan['tries'], 'training')} of {shape(plan['goal'][0])} in batches of "
        f"{plan['goal'][1]}, compiling and testing included. Memory is of the whole process, with "
        f"the 188 MB of images. {report.describe(record['machine'])} {versions}."
    )
    for name in record["versions"]:
        used = [part["cores"].get(name, 0) for part in parts if part.get("threads") == 1]
        if used and statistics.median(used) > 1.1:
            words += f" With 1 thread {name} still keeps {statistics.median(used):.1f} cores busy."
    if taken is not None:
        words += f" Before the rounds, other programs took at most {taken:.0%} of the machine."
        if taken > 0.1:
            words += " **That is too much for figures to rely on: these are provisional.**"
    return words


# ---------------------------------------------------------------- the plot


def curves(record: dict) -> tuple[list[int], dict[str, list[float]]]:
    """Return the batch sizes, and each library's time over that of the bare products."""
    if not thread_counts(record):
        return [], {}
    found = [row for row in rows(record, thread_counts(record)[0]) if row["layers"] == PLOTTED]
    found.sort(key=lambda row: row["batch_size"])
    names = [n for n in NAMES if n != "products" and all(n in row["seconds"] for row in found)]
    return [row["batch_size"] for row in found], {
        name: [row["seconds"][name] / row["floor"] for row in found] for name in names
    }


def alt_text(record: dict) -> str:
    """Return in words what the plot shows."""
    sizes, factors = curves(record)
    figures = "; ".join(
        f"{NAMES[name]} {listed([f'{factor:.1f}' for factor in values])}"
        for name, values in factors.items()
    )
    return (
        "The time of an update over that of its bare matrix products, for the network "
        f"{shape(PLOTTED)} with all threads and batches of "
        f"{listed([str(size) for size in sizes])}: {figures}."
    )


def draw(record: dict):
    """Return the figure: time over the floor, over the batch size; both scales logarithmic."""
    sizes, factors = curves(record)
    figure = new_figure(4.2)
    axes = figure.add_subplot()
    for i, (name, values) in enumerate(factors.items()):
        axes.plot(
            sizes,
            values,
            label=NAMES[name],
            color=RUNS[i],
            linestyle=RUN_LINES[i],
            marker="o",
            linewidth=3 if name == "nnlib" else 1.6,
            zorder=4 if name == "nnlib" else 3,
        )
    axes.axhline(1, color=INK, linewidth=1)
    axes.annotate("bare products", (1, 1), (0, 4), textcoords="offset points", color=MUTED)
    axes.set(xscale="log", yscale="log", xlabel="batch size", ylabel="time / bare products")
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    top = max((value for values in factors.values() for value in values), default=2)
    axes.yaxis.set_major_locator(
        FixedLocator([tick for tick in (1, 1.5, 2, 3, 5, 10, 20, 50, 100) if tick < 1.4 * top])
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(ScalarFormatter())
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def save_plot(record: dict, path: Path) -> None:
    """Write the plot as SVG; its description is the alt text, so that it can be checked."""
    with style(), rc_context({"svg.hashsalt": "speed"}):
        figure = draw(record)
        metadata = {"Date": None, "Creator": None, "Description": alt_text(record)}
        FigureCanvasSVG(figure).print_svg(path, metadata=metadata)


# ---------------------------------------------------------------- the page


def render(record: dict) -> str:
    """Return the record as markdown."""
    if not record["parts"]:
        return "This version has not been measured yet: `make bench` does it."
    blocks = [verdict(record)]
    if curves(record)[0]:
        blocks.append(f"![{alt_text(record)}](../img/{PLOT.name})")
    counts = thread_counts(record)
    for threads in counts:
        blocks += [f"With {count(threads, 'thread')}:", updates_table(rows(record, threads))]
    if counts and (busy := rows(record, counts[0], busy=True)):
        blocks += ["With all threads, beside two busy processes:", updates_table(busy)]
    blocks += ["What is not an update:", libraries_table(record), notes(record)]
    return "\n\n".join(blocks)


def main() -> None:
    """Print what the page says, or put it there."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed_page", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--local", action="store_true", help=f"from {LOCAL.name}")
    parser.add_argument("--write", action="store_true", help="put it into docs/speed.md")
    asked = parser.parse_args()
    text = (LOCAL if asked.local else RECORD).read_text(encoding="utf-8")
    record = json.loads(text)
    print(f"\n{render(record)}")
    if asked.write:
        RECORD.write_text(text, encoding="utf-8")
        if curves(record)[0]:
            save_plot(record, PLOT)
        report.show("bench", render(record))


if __name__ == "__main__":
    main()
