"""The house stays one: a core seen at a glance, a loop that can be read aloud, no exceptions."""

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
NNLIB = ROOT / "nnlib"

CORE = {
    "activations", "initializers", "parameters", "network", "forward", "targets", "losses",
    "backprop", "optimizers", "schedules",
}  # fmt: skip
ROOMS = {
    "training", "regularizers", "datasets", "images", "analysis", "landscapes", "diagnosis",
    "plots", "exercises", "recipes", "export", "cluster", "lab", "command",
    "files", "support",
}  # fmt: skip


def test_a_listing_of_nnlib_is_the_table_of_contents():
    assert len(list(NNLIB.glob("*.py"))) <= 12
    assert {path.stem for path in NNLIB.glob("*.py")} == CORE | {"__init__", "__main__"}
    assert {path.name for path in NNLIB.iterdir() if (path / "__init__.py").exists()} == ROOMS


def test_no_module_is_taken_for_a_test():
    names = [path.stem for path in NNLIB.rglob("*.py")]
    assert len(names) > 100
    assert not [name for name in names if name.startswith("test_") or name.endswith("_test")]


def test_the_trainer_fits_on_a_few_screens_and_reads_in_the_order_of_its_first_line():
    source = (NNLIB / "training" / "trainer.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 180
    (trainer,) = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    methods = {node.name: node for node in trainer.body if isinstance(node, ast.FunctionDef)}
    calls = ast.unparse(methods["loss_and_gradient"])
    places = [calls.index(word) for word in ("forward_pass(", "loss.value(", "backpropagate(")]
    assert places == sorted(places)
    names = list(methods)
    assert names.index("advance") < names.index("loss_and_gradient") < names.index("_update")


def test_few_lines_ask_the_formatter_to_spare_them():
    files = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(files) > 200
    lines = [line for f in files for line in (ROOT / f).read_text("utf-8").splitlines()]
    assert sum(line.endswith("# fmt: skip") for line in lines) <= 40
