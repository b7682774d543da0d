"""What the controls of a lab are: plain descriptions, of which the front-end makes the real ones.

Each names the trait of the lab that it sets, its label, and a `help` text that is
shown on hover and read out on focus. The front-end uses the browser's own
elements (`<input type="range">`, radio buttons, `<button>`), so the keyboard and
screen readers work as everywhere.
"""


def log_slider(trait: str, label: str, low: float, high: float, help: str) -> dict:
    """A slider over powers of ten from `low` to `high`, with a field to type a value."""
    return {"kind": "log-slider", "trait": trait, "label": label, "low": low, "high": high,
            "help": help}  # fmt: skip


def choice(trait: str, label: str, options: list[tuple[str, str]], help: str) -> dict:
    """One of several `options`, each a value and the help text of its own."""
    return {"kind": "choice", "trait": trait, "label": label, "help": help,
            "options": [{"value": value, "help": text} for value, text in options]}  # fmt: skip


def integer(trait: str, label: str, low: int, high: int, help: str) -> dict:
    """A whole number from `low` to `high`."""
    return {"kind": "integer", "trait": trait, "label": label, "low": low, "high": high,
            "help": help}  # fmt: skip
