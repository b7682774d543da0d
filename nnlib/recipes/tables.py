"""Tables in print: what each change to a recipe buys, and what a committee does."""

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


def print_committees(rows: Iterable[Mapping]) -> None:
    """Print the rows of `committees`: each member alone, together, errors two share, the kind."""
    print("each alone         together  shared errors   the four members differ")
    for row in rows:
        alone = f"{100 * min(row['members']):.2f} – {100 * max(row['members']):.2f} %"
        together, shared = f"{row['accuracy']:.2%}", f"{row['shared_errors']:.0%}"
        print(f"{alone}   {together:>8}  {shared:>13}   {row['purpose']}")
