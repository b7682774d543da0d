"""Run pip, and say in one line how far it is: used by `make lab`.

    .venv/bin/python tools/install.py -c requirements.lock -e '.[lab]'

The arguments are those of `pip install`. On a terminal the line is written over and over;
in a file there is one line for each stage. If pip fails, all that it said is printed, and its
exit code is passed on.
"""

import re
import subprocess
import sys
import time


class Progress:
    """What pip is doing, made out from the lines that it prints."""

    def __init__(self):
        self.stage, self.packages = "asking for packages", set()

    def read(self, line: str) -> None:
        """Take in one line that pip printed."""
        if found := re.match(r"\s*(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            self.packages.add(found[1].lower())
            self.stage = "downloading"
        elif found := re.match(r"Installing collected packages: (.*)", line):
            self.packages = {name.strip() for name in found[1].split(",")}
            self.stage = "installing"

    def __str__(self) -> str:
        return f"{self.stage}, {len(self.packages)} packages" if self.packages else self.stage


def install(arguments: list[str], out=sys.stdout) -> int:
    """Run `pip install` with these arguments, show its progress on `out`, return its exit code."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
    command += ["--progress-bar", "off", *arguments]
    pip = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    progress, said, start, stage = Progress(), [], time.monotonic(), None
    for line in pip.stdout:
        said.append(line)
        progress.read(line)
        if out.isatty():
            print(f"\r     {progress}\x1b[K", end="", file=out, flush=True)
        elif progress.stage != stage:
            print(f"     {progress.stage} …", file=out, flush=True)
            stage = progress.stage
    code = pip.wait()
    if out.isatty():
        print("\r\x1b[K", end="", file=out)
    if code:
        print("".join(said), end="", file=sys.stderr)
    else:
        seconds = time.monotonic() - start
        print(f"     {len(progress.packages)} packages in {seconds:.0f} s", file=out, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(install(sys.argv[1:]))
