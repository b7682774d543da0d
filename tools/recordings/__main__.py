"""Write the recordings: `python -m tools.recordings FOLDER`."""

import argparse
import base64
import gzip
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nnlib.lab.widget import style_sheet

from . import RECORDINGS


def packed(recording: dict) -> str:
    """Return a recording as a short text."""
    text = json.dumps(recording, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def script_of(name: str) -> str:
    """Make a recording; return the script of its page: the lab's front end, which plays it."""
    lab, make = RECORDINGS[name]
    # As a script, not as a module, which browsers refuse to load from a folder.
    front_end = str(lab._esm).replace("export default", "const frontEnd =")
    front_end = f"(() => {{\n{front_end}\nreturn frontEnd;\n}})()"
    return f"nnlibPlay({json.dumps(name)}, {front_end}, {packed(make())!r});\n"


def main() -> None:
    """Write the recordings into the folder that the command line names, some at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(RECORDINGS), help="names of labs")
    arguments = parser.parse_args()
    folder, names = arguments.folder, arguments.only
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labs.css").write_text(style_sheet(), encoding="utf-8")
    with ProcessPoolExecutor() as pool:
        for name, text in zip(names, pool.map(script_of, names), strict=True):
            (folder / f"{name}.js").write_text(text, encoding="utf-8")
            print(f"{name}: {len(text) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
