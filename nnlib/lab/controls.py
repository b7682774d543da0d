"""What the controls of a lab are: plain descriptions, of which the front-end makes the real ones.

Each names the trait of the lab that it sets, its label, and a `help` text that is
shown on hover and read out on focus. The front-end uses the browser's own
elements (`<input type="range">`, radio buttons, `<button>`), so the keyboard and
screen readers work as everywhere.
"""


def log_slider(trait: str, label: str, low: float, high: float, help: str) -> dict:
    """A slider over powers of ten from `low` to `high`, with a field to type a value."""
    return {
        "kind": "log-slider",
        "trait": trait,
        "label": label,
        "low": low,
        "high": high,
        "help": help,
    }


def slider(
    trait: str, label: str, low: float, high: float, step: float, help: str, short: str = ""
) -> dict:
    """A slider from `low` to `high` in steps of `step`; `short` is its label where it is folded."""
    return {
        "kind": "slider",
        "trait": trait,
        "label": label,
        "low": low,
        "high": high,
        "step": step,
        "help": help,
        **({"short": short} if short else {}),
    }


def select(trait: str, label: str, options: list[str], help: str) -> dict:
    """One of several `options`, in a list that opens."""
    return {
        "kind": "select",
        "trait": trait,
        "label": label,
        "help": help,
        "options": [{"value": value, "help": ""} for value in options],
    }


def toggle(trait: str, label: str, help: str) -> dict:
    """On or off."""
    return {"kind": "toggle", "trait": trait, "label": label, "help": help}


def choice(trait: str, label: str, options: list[tuple[str, str]], help: str) -> dict:
    """One of several `options`, each a value and the help text of its own."""
    return {
        "kind": "choice",
        "trait": trait,
        "label": label,
        "help": help,
        "options": [{"value": value, "help": text} for value, text in options],
    }


def unavailable(control: dict, value: str, needs: str, help: str) -> dict:
    """Return a `choice` whose option `value` cannot be chosen, and says what it needs."""
    options = [
        {**option, "needs": needs, "help": help} if option["value"] == value else option
        for option in control["options"]
    ]
    return {**control, "options": options}


def integer(trait: str, label: str, low: int, high: int, help: str) -> dict:
    """A whole number from `low` to `high`."""
    return {
        "kind": "integer",
        "trait": trait,
        "label": label,
        "low": low,
        "high": high,
        "help": help,
    }


def folded(group: str, controls: list[dict]) -> list[dict]:
    """Return the controls as some that are seldom needed.

    They are folded away under the name of their group, behind a line that says their values.
    """
    return [{**control, "group": group} for control in controls]


def training_controls(n: int, optimizers: list[str]) -> list[dict]:
    """Return the controls of learning rate, batch mode and optimizer, for n training samples."""
    return [
        log_slider(
            "learning_rate",
            "Learning rate α",
            1e-4,
            1e2,
            "The length of each step, x ← x − α∇L. It acts on the very next update.",
        ),
        choice(
            "mode",
            "Batch mode",
            [
                ("Batch", f"Every update uses all {n:,} samples: smooth, but slow at first."),
                ("Mini-batch", "Every update uses a few samples, reshuffled each epoch."),
                ("Stochastic", "Every update uses a single sample: fast, but noisy."),
            ],
            "How many samples each update uses. It acts on the very next update.",
        ),
        integer(
            "batch_size", "Mini-batch size", 1, n, "Samples in each update of mini-batch mode."
        ),
        select(
            "optimizer",
            "Optimizer",
            optimizers,
            "How the gradient moves the parameters. It acts on the next update.",
        ),
        slider(
            "momentum",
            "Momentum β",
            0,
            0.99,
            0.01,
            "v ← βv + g: how much of the velocity is kept.",
            "β",
        ),
    ]
