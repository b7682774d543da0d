"""The fixtures `lite`, which is built anew and served, and `page`: a browser without the web."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.browser import conftest as of_labs
from tests.browser.jupyterlab import PATIENCE
from tests.served import served

ROOT = Path(__file__).parents[2]

browser = of_labs.browser  # the same Chromium, found and refused alike

# A whole Pyodide, to go on to where numpy is needed: what PYODIDE of `make lite` names.
WHOLE = os.environ.get("NNLIB_PYODIDE", "")


class Lite:
    """The built page: its folder, and the address under which it is served here."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url

    def get(self, path: str) -> bytes:
        with urlopen(f"{self.url}/{path}", timeout=PATIENCE) as answer:
            return answer.read()

    def settings(self) -> dict:
        """What JupyterLab's page is told."""
        return json.loads(self.get("jupyter-lite.json"))["jupyter-config-data"]

    def packages(self) -> dict[str, dict]:
        """The packages that Python knows there."""
        return json.loads(self.get("static/pyodide/pyodide-lock.json"))["packages"]


@pytest.fixture(scope="package")
def lite():
    if shutil.which("npm") is None:
        pytest.skip("needs Node")
    command = ["make", "--silent", "lite", *([f"PYODIDE={WHOLE}"] if WHOLE else [])]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    folder = ROOT / "build" / "lite"
    with served(folder) as url:
        yield Lite(folder, url)
