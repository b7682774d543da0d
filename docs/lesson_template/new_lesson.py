"""Begin a new lesson from the template: `make lesson NAME=06_convolution`.

It writes the notebook, the module of its exercises, and the wrong answers they are tried
with. The tests find all three by the notebook's name.
"""

import argparse
import re
import sys
from pathlib import Path

TEMPLATE = Path(__file__).parent
ROOT = TEMPLATE.parents[1]


def places(name: str, root: Path = ROOT) -> dict[Path, Path]:
    """Return {file of the template: file of the lesson}."""
    topic = name.partition("_")[2]
    return {
        TEMPLATE / "lesson.ipynb": root / "notebooks" / f"{name}.ipynb",
        TEMPLATE / "exercises.py": root / "nnlib" / "exercises" / f"{topic}.py",
        TEMPLATE / "wrong_answers.py": root / f"tests/notebooks/wrong_answers/lesson_{name}.py",
    }


def begin(name: str, root: Path = ROOT) -> list[Path]:
    """Write the files of a lesson called, say, 06_convolution, and return them."""
    if not re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r} must be two digits, _ and a word, such as 06_convolution")
    files = places(name, root)
    for new in files.values():
        if new.exists():
            raise ValueError(f"{new.relative_to(root)} exists already: choose another name")
    number, _, topic = name.partition("_")
    for old, new in files.items():
        text = old.read_text(encoding="utf-8").replace("NUMBER_NAME", name)
        text = text.replace("NUMBER", number if new.suffix == ".py" else str(int(number)))
        text = re.sub(r"\bNAME\b", topic, text).replace("template-", f"{topic}-")
        new.write_text(text, encoding="utf-8")
    return list(files.values())


def main() -> None:
    """Begin the lesson named on the command line."""
    parser = argparse.ArgumentParser(description="Begin a new lesson from the template.")
    parser.add_argument("name", help="two digits, _ and a word, such as 06_convolution")
    name = parser.parse_args().name
    try:
        written = begin(name)
    except ValueError as error:
        sys.exit(f"error: {error}")
    for path in written:
        print(f"wrote {path.relative_to(ROOT)}")
    print(
        f"next: edit them; python tests/notebooks/execute.py {name}.ipynb; "
        f"python -m pytest tests/notebooks -k {name}"
    )


if __name__ == "__main__":
    main()
