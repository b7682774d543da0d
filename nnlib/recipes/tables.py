"""A table in print: what each change to a recipe buys."""

from collections.abc import Iterable, Mapping


def print_gains(rows: Iterable[Mapping]) -> None:
    """Print the rows of `ablation` or `study`: accuracy, gain over its base, seconds, change.

    A row whose base is not the row above it says to which it was made.
    """
    print("validation accuracy    gain  seconds   change")
    means: dict[str, float] = {}
    above = None
    for row in rows:
        name, base = row["name"], row["base"]
        means[name] = 100 * row["mean"]
        gain = f"{means[name] - means[base]:+.2f}" if base else ""
        score = f"{means[name]:.2f} ± {100 * row['sd']:.2f} %"
        to = f" (to {base})" if base not in (None, above) else ""
        print(f"{score:>19}  {gain:>6}  {row['seconds']:>7.1f}   {name}: {row['change']}{to}")
        above = name
