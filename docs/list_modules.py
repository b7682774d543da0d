"""Write the lists of modules in docs/architecture.md: `make docs`.

Each module is named with the first sentence of its docstring, so that the page says
what the code says.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import report  # noqa: E402 (found by the line above)

PACKAGE = ROOT / "nnlib"
PAGE = ROOT / "docs" / "architecture.md"

# The core in the order of the lessons, and the rooms from the ground up.
CORE = (
    "activations initializers parameters network forward targets losses backprop optimizers "
    "schedules"
).split()
ROOMS = (
    "support files training regularizers datasets images analysis landscapes diagnosis plots "
    "exercises recipes export cluster lab command"
).split()


def summary(module: Path) -> str:
    """Return the first paragraph of a module's docstring, on one line."""
    words = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return re.sub(r"\s+", " ", words.split("\n\n")[0]).strip()


def modules(folder: Path) -> list[str]:
    """Return the names of the modules of a folder, in order."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def listing(names: list[str], folder: Path) -> str:
    """Return modules and what they say of themselves, as a list."""
    return "\n".join(f"- `{name}`: {summary(folder / f'{name}.py')}" for name in names)


def render() -> str:
    """Return all lists: the core's modules, then each room's."""
    parts = ["### The core", listing(CORE, PACKAGE)]
    for room in ROOMS:
        folder = PACKAGE / room
        parts += [f"### `{room}/`", summary(folder / "__init__.py")]
        parts += [listing(modules(folder), folder)]
    return "\n\n".join(parts)


def main() -> None:
    """Put the lists into the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(report.insert(text, "modules", f"\n{render()}\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
