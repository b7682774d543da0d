"""Faults planted one at a time into the source of nnlib: does a unit test notice each of them?

    python -m tests.mutation                       plant what was not tried before, and print
    python -m tests.mutation optimizers losses     in these modules alone
    python -m tests.mutation --unnoticed losses    of what was tried, only what no test noticed
    python -m tests.mutation --print               only what was found before
    python -m tests.mutation --minutes 40 --write  so long at most; also into docs/reliability.md

A fault is one changed operator, number, comparison, argument or statement: see `Faults`. Each is
tried in a process of its own, with those tests alone that run its line, until one fails. At first
that is a fork of a process that has collected all tests, in which the function gets the faulty code
(`Collected`): a tenth of a second and the test. A fault that acts while its module is imported is
tried in one that imports the faulty module (`killer`), which takes seconds. What was found stands
in `KEPT`, which is part of the repository, and is tried again only where the module, or a test that
ran the line, has changed since.

A fault that no test can notice, as nothing that is promised depends on it, stands in
`tests/equivalent.py` with the reason; it is not tried again because of other tests. mutmut would do
much of this, but leaves out what is decorated (properties; github.com/boxed/mutmut/issues/558) and
what stands outside of functions.
"""

import argparse
import ast
import contextlib
import copy
import functools
import gc
import hashlib
import importlib.machinery
import importlib.util
import inspect
import json
import marshal
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import ClassVar

import pytest

from benchmarks import report
from tests.equivalent import EQUIVALENT

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "tests" / "unit"
KEPT = ROOT / "tests" / "mutation.json"
LINES = ROOT / ".mutation-lines.json"  # which tests run which line: worked out again if it is lost

# Where not one fault may be overlooked; then the rest of what is planted into.
CORE = [
    "forward", "losses", "backprop", "optimizers", "schedules", "analysis.gradient_check",
    "training.batches", "training.changes", "training.divergence", "training.evaluation",
    "training.gradient", "training.prepared", "training.record", "training.snapshot",
    "training.train", "training.trainer",
]  # fmt: skip
MORE = [
    "activations", "initializers", "parameters", "targets", "network", "regularizers.adversarial",
    "regularizers.averaging", "regularizers.change", "regularizers.dropout",
    "regularizers.penalty", "support.arrays", "support.checks", "support.guests", "support.paths",
]  # fmt: skip
IMAGES = [
    "datasets.mnist", "datasets.toys", "images.damage", "images.distortion", "images.fine_tuning",
    "images.handwriting", "images.pixels", "images.square",
]  # fmt: skip
ANALYSIS = [
    "analysis.blame", "analysis.calibration", "analysis.counting", "analysis.depth",
    "analysis.explain", "analysis.gradient_flow", "analysis.maps", "analysis.projection",
    "analysis.samples", "analysis.step_size", "analysis.tsne",
]  # fmt: skip

# What looks at signatures alone runs no line of a module, and yet holds its defaults.
INSPECT = "tests/unit/test_edges.py::test_the_defaults_are_those_that_are_documented"

# Seconds of tests that a fault may survive, fewer if it is said to be equivalent; and how many more
# they may take than usual.
SECONDS, DOUBTS, PATIENCE = 8, 2, 10
LAST = 8  # so many of the tests that noticed the faults before are tried first
MEMORY = 12 << 30  # bytes of addresses: a fault may ask for any number of samples
# The tests of the mathematics. Those of labs, lessons and recipes run much of it, but take long.
TESTS = (
    "activations", "adversarial", "against_autograd", "against_torch", "arrays", "averaging",
    "bad_input", "batches", "check_gradients", "copies", "damage", "distortion", "dropout", "edges",
    "evaluation", "gradients", "habits", "initializers", "labels", "limits", "losses", "model_file",
    "network", "one_owner", "optimizers", "paths", "penalty", "prepared", "raw_pixels", "schedules",
    "snapshot", "trainer", "training", "trajectories",
)  # fmt: skip
IMAGE_TESTS = (
    "damage", "datasets", "distortion", "edges", "fine_tuning", "habits_in_rooms", "handwriting",
    "labels", "paths", "raw_pixels",
)  # fmt: skip
ANALYSIS_TESTS = (
    "blame", "calibration", "counting", "depth", "edges", "explain", "gradient_flow", "labels",
    "maps", "projection", "samples", "step_size", "tsne",
)  # fmt: skip
GROUPS = (
    (CORE + MORE, TESTS), (IMAGES, IMAGE_TESTS), (ANALYSIS, ANALYSIS_TESTS),
)  # fmt: skip
MODULES = [module for group, _ in GROUPS for module in group]


class Faults:
    """All faults of one module, each as (where, what): the tree has it while it is yielded.

    where   the function or class, by its dotted name
    what    the expression or statement as it was and as it is, as source
    """

    SWAPPED: ClassVar = {
        ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
        ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
        ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
        ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
        ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,),
        ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.LShift: (ast.RShift,),
        ast.RShift: (ast.LShift,), ast.And: (ast.Or,), ast.Or: (ast.And,),
    }  # fmt: skip
    OTHER: ClassVar = {
        "min": "max", "max": "min", "any": "all", "all": "any", "maximum": "minimum",
        "minimum": "maximum", "argmax": "argmin", "argmin": "argmax", "floor": "ceil",
        "ones": "zeros", "zeros": "ones", "ones_like": "zeros_like", "zeros_like": "ones_like",
        "cos": "sin", "sin": "cos",
    }  # fmt: skip
    DROPPED: ClassVar = {"abs", "float", "int", "round", "sorted", "reversed"}
    DROPPED_METHODS: ClassVar = {"copy", "ravel", "astype"}
    # What is said, not done: messages, annotations, what an object prints as.
    SILENT: ClassVar = {"__repr__", "__str__", "__dir__"}

    def __init__(self, source: str):
        self.tree = ast.parse(source)

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        seen: dict[tuple[str, str], int] = {}
        for where, owner, field, index, node in list(self._places(self.tree, "")):
            for new in self._instead(node):
                what = f"{_source(node)} → {_source(new)}"
                n = seen[where, what] = seen.get((where, what), 0) + 1
                new = copy.copy(new)  # it may be a part of the node, which keeps its own place
                ast.fix_missing_locations(ast.copy_location(new, node))
                _put(owner, field, index, new)
                yield where, what + (f"  ({n})" if n > 1 else ""), node.lineno
                _put(owner, field, index, node)

    def _places(self, node: ast.AST, where: str) -> Iterator[tuple]:
        """Yield what may be replaced: where it is, and the field of the node that holds it."""
        if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom)):
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if node.name in self.SILENT:
                return
            where = f"{where}.{node.name}".lstrip(".")
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST):
                    continue
                if isinstance(child, (ast.expr, ast.stmt)):
                    yield where, node, field, index if isinstance(value, list) else None, child
                yield from self._places(child, where)

    def _instead(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what may stand in the place of this node."""
        match node:
            case ast.Compare(ops=[op, *_]):
                for other in self.SWAPPED.get(type(op), ()):
                    yield _like(node, ops=[other(), *node.ops[1:]])
                if type(op) not in self.SWAPPED:  # is it in, or is it not
                    yield ast.UnaryOp(ast.Not(), node)
                if len(node.ops) > 1:
                    for other in self.SWAPPED.get(type(node.ops[1]), ()):
                        yield _like(node, ops=[node.ops[0], other(), *node.ops[2:]])
            case ast.BinOp(op=op) | ast.AugAssign(op=op):
                for other in self.SWAPPED.get(type(op), ()):
                    yield _like(node, op=other())
                if isinstance(node, ast.AugAssign):
                    yield ast.Pass()
            case ast.BoolOp(op=op, values=values):
                for other in self.SWAPPED[type(op)]:
                    yield _like(node, op=other())
                if len(values) > 2:
                    for i in range(len(values)):
                        yield _like(node, values=values[:i] + values[i + 1 :])
            case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
                yield operand
            case ast.Constant(value=bool(value)):
                yield ast.Constant(not value)
            case ast.Constant(value=int(value) | float(value)):
                yield ast.Constant(value + 1 if isinstance(value, int) else 2 * value + 1)
                if value == 1:
                    yield ast.Constant(0)
            case ast.If(test=test, body=[ast.Raise()]):
                yield _like(node, test=ast.Constant(False))
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                if not isinstance(test, (ast.Compare, ast.Constant)) or len(test.ops) > 1:
                    yield _like(node, test=ast.UnaryOp(ast.Not(), test))
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in self.DROPPED:
                yield first
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if (
                name in self.DROPPED_METHODS
            ):
                yield value
            case ast.Call(func=ast.Name(id=name)) if name in self.OTHER:
                yield _like(node, func=ast.Name(self.OTHER[name], ast.Load()))
            case ast.Call(func=ast.Attribute(attr=name)) if name in self.OTHER:
                yield _like(node, func=_like(node.func, attr=self.OTHER[name]))
            case ast.Call(args=[first, second, *rest]) if (
                not isinstance(first, ast.Starred)
                and not isinstance(second, ast.Starred)
                and _source(first) != _source(second)
            ):
                yield _like(node, args=[second, first, *rest])
            case ast.Expr(value=ast.Call()):
                yield ast.Pass()
            case ast.Continue():
                yield ast.Break()
            case ast.Break():
                yield ast.Continue()


def _like(node, **changes):
    """Return a node of the same kind with some of its fields changed."""
    fields = {name: value for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**{**fields, **changes}), node)


def _put(owner: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[index] = node


def _source(node: ast.AST) -> str:
    """Return a node as one line of source: of a statement with a body, its head."""
    return " ".join(ast.unparse(node).split("\n", 1)[0].split())


def caches_of_nnlib() -> list:
    """Return what keeps the results of a function of nnlib."""
    wrappers = [c for c in gc.get_objects() if isinstance(c, functools._lru_cache_wrapper)]
    return [wrapper for wrapper in wrappers if wrapper.__module__.startswith("nnlib")]


class Touched:
    """A plugin for pytest that notes how long each test takes, and which lines of nnlib it runs."""

    def __init__(self):
        import coverage

        self.coverage = coverage.Coverage(data_file=None, source_pkgs=["nnlib"], config_file=False)
        self.seconds: dict[str, float] = {}
        self.shared: dict[str, float] = {}  # what a fixture took that several tests share
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self):
        self.caches = caches_of_nnlib()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        for cache in self.caches:  # or only the first test would run what is kept
            cache.cache_clear()
        self.coverage.switch_context(item.nodeid)
        before = [s for name, s in self.shared.items() if name in item.fixturenames]
        start = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - start + sum(before)
        self.coverage.switch_context("")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        start = time.process_time()
        result = yield
        if fixturedef.scope != "function":
            self.shared[fixturedef.argname] = time.process_time() - start
        return result

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.append(report.nodeid)


def touched(tests: tuple[str, ...]) -> dict:
    """Return {module: {line: [tests that run it]}} and, under '', the seconds of each test.

    What was found of a file of tests is kept in `LINES` until it, or a module it runs, changes.
    """
    files = [f"tests/unit/test_{name}.py" for name in tests]
    known = json.loads(LINES.read_text("utf-8")) if LINES.exists() else {}
    if stale := [file for file in files if file not in known or _outdated(file, known[file])]:
        known.update(_lines_of(stale))
        LINES.write_text(json.dumps(known), "utf-8")
    found: dict = {"": {}, **{module: {} for module in MODULES}}
    for file in files:
        found[""].update(known[file]["seconds"])
        for module, lines in known[file]["lines"].items():
            for line, names in lines.items():
                found[module].setdefault(line, []).extend(names)
    return found


def _outdated(file: str, known: dict) -> bool:
    """Whether a file of tests, or a source that it ran, is not what it was."""
    paths = [ROOT / path for path in (file, *known["sources"])]
    return not all(path.exists() for path in paths) or known["about"] != digest(*paths)


def _lines_of(files: list[str]) -> dict[str, dict]:
    """Run these files of tests; return of each its lines, its seconds, and the sources it ran."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "touched.json"
        pid = os.fork()
        if pid == 0:
            plugin = Touched()
            plugin.coverage.start()
            code = pytest.main([*OPTIONS, "-m", "not slow and not nightly", *files], [plugin])
            plugin.coverage.stop()
            if code or plugin.failed:
                sys.stderr.write(f"tests fail before any fault is planted: {plugin.failed}\n")
                os._exit(1)
            found: dict = {file: {"sources": [], "seconds": {}, "lines": {}} for file in files}
            for name, seconds in plugin.seconds.items():
                found[name.partition("::")[0]]["seconds"][name] = seconds
            modules = {str(file_of(module)): module for module in MODULES}
            data = plugin.coverage.get_data()
            for source in sorted(data.measured_files()):
                for line, names in data.contexts_by_lineno(source).items():
                    for name in filter(None, names):
                        of_file = found[name.partition("::")[0]]
                        path = str(Path(source).relative_to(ROOT))
                        if path not in of_file["sources"][-1:]:
                            of_file["sources"].append(path)
                        if source in modules:
                            lines = of_file["lines"].setdefault(modules[source], {})
                            lines.setdefault(line, []).append(name)
            for file, of_file in found.items():
                of_file["about"] = digest(*(ROOT / path for path in (file, *of_file["sources"])))
            answer.write_text(json.dumps(found), "utf-8")
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            sys.exit(1)
        return json.loads(answer.read_text("utf-8"))


OPTIONS = [
    "-q", "-x", "-o", "addopts=", "-p", "no:nbval", "-p", "no:cacheprovider", "-p", "no:xdist",
    "-p", "tests.quick_start", "--no-header", "--tb=no", f"--rootdir={ROOT}",
]  # fmt: skip


def file_of(module: str) -> Path:
    """Return the source file of one of nnlib's modules."""
    return ROOT / "nnlib" / f"{module.replace('.', '/')}.py"


class Planted(importlib.machinery.SourceFileLoader):
    """Loads one module from a tree instead of its file, and leaves all others alone."""

    def __init__(self, module: str, tree: ast.Module):
        super().__init__(f"nnlib.{module}", str(file_of(module)))
        self.tree = tree

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.util.spec_from_file_location(name, self.path, loader=self)
        return None

    def get_code(self, name):
        return compile(self.tree, self.path, "exec")


def killer(module: str, tree: ast.Module, files: list[tuple[str, list[str]]], seconds: float):
    """Return the file whose tests fail with this tree, 'time' if they do not end, None if all pass.

    files   (file, its tests), in the order to try them
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _alone()
        _at_most(seconds)
        sys.meta_path.insert(0, Planted(module, tree))  # type: ignore[arg-type]
        for file, tests in files:
            if pytest.main([*OPTIONS, *tests], [Unshrunk()]):
                os.write(write, file.encode())
                os._exit(1)
        os._exit(0)
    return _said(pid, read, write)


def _alone() -> None:
    """Make this process a group of its own, which says nothing and takes no more than its share."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def _at_most(seconds: float) -> None:
    """End this process once it has computed for so many seconds more.

    By the processor's time, as the machine may be busy; by the clock for what waits for ever.
    """
    for kind, name, factor in (
        (signal.ITIMER_PROF, signal.SIGPROF, 1),
        (signal.ITIMER_REAL, signal.SIGALRM, 20),
    ):
        signal.signal(name, signal.SIG_DFL)
        signal.setitimer(kind, factor * seconds)


def _said(pid: int, read: int, write: int) -> str | None:
    """Wait for a process; return what it said, 'time' if it was ended, None if it said nothing."""
    os.close(write)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # what it may have started
    with os.fdopen(read) as pipe:
        said = pipe.read()
    return said or ("time" if os.WIFSIGNALED(status) else None)


class Unshrunk:
    """A plugin for pytest: hypothesis seeks no smaller example of a failure, and keeps none."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self):
        from hypothesis import Phase, settings

        usual = settings.get_profile("course")
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("planted", usual, phases=phases, database=None)
        settings.load_profile("planted")


class Collected(Unshrunk):
    """A process in which the tests are collected and nnlib is imported: it forks for each fault."""

    def __init__(self, tests: tuple[str, ...]):
        """Start it, with these files of tests/unit."""
        self.pipe, far = multiprocessing.Pipe()
        self.spent, self.failed = 0.0, ""
        self.pid = os.fork()
        if self.pid == 0:
            self.pipe.close()
            self.pipe = far
            files = [f"tests/unit/test_{name}.py" for name in tests]
            marks = ["--capture=sys", "-m", "not slow and not nightly"]
            os._exit(pytest.main([*OPTIONS, *marks, *files], [self]))
        far.close()

    def noticed_by(
        self, module: str, code: CodeType, tests: list[str], seconds: dict[str, float]
    ) -> tuple[str | None, bool]:
        """Return the first test that fails with this code of the module, and whether any was run.

        'time' if a test takes too long, None if all pass. None is run where the code differs in
        what is done when the module is imported, and in no function that is alive.
        """
        times = [seconds[name] for name in tests]
        self.pipe.send((module, marshal.dumps(code), tests, times))
        by, ran, self.spent = self.pipe.recv()
        return by, ran

    def end(self) -> None:
        """End it."""
        self.pipe.close()
        os.waitpid(self.pid, 0)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Fork for one fault after another, as long as there is somebody who asks."""
        items = {item.nodeid: item for item in session.items}
        folder = session.config._tmp_path_factory.getbasetemp()  # one for all
        alive: dict[str, dict[CodeType, list[FunctionType]]] = {}
        gc.collect()
        for function in [f for f in gc.get_objects() if type(f) is FunctionType]:
            here = alive.setdefault(function.__code__.co_filename, {})
            here.setdefault(function.__code__, []).append(function)
        caches = caches_of_nnlib()
        gc.freeze()
        number = 0
        while True:
            try:
                module, new, tests, times = self.pipe.recv()
            except EOFError:
                return True
            number += 1
            source = file_of(module)
            old = compile(source.read_text("utf-8"), str(source), "exec")
            pairs = list(changed(old, marshal.loads(new)))
            functions = [(f, b) for a, b in pairs for f in alive.get(str(source), {}).get(a, ())]
            fits = all(f.__code__.co_freevars == b.co_freevars for f, b in functions)
            by, runs = None, fits and bool(functions or old == marshal.loads(new))
            if runs:
                read, write = os.pipe()
                pid = os.fork()
                if pid == 0:
                    _alone()
                    os.environ["NNLIB_PROGRESS"] = str(folder / f"progress-{number}.json")
                    for function, code in functions:
                        function.__code__ = code
                    for cache in caches:  # or what sound code had made of it would be taken
                        cache.cache_clear()
                    following = [*tests[1:], None]
                    for name, then, usual in zip(tests, following, times, strict=True):
                        _at_most(PATIENCE / 2 + PATIENCE * usual)
                        item, then = items[name], then and items[then]
                        item.config.hook.pytest_runtest_protocol(item=item, nextitem=then)
                        if self.failed:
                            os.write(write, self.failed.encode())
                            os._exit(1)
                    os._exit(0)
                by = _said(pid, read, write)
            self.pipe.send((by, runs, processor_seconds()))


def changed(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the functions that are not what they were, each with what it is now.

    Not what runs when the module is imported.
    """

    def inner(code):
        return [c for c in code.co_consts if isinstance(c, CodeType)]

    def outer(code):
        return code.replace(co_consts=tuple(c for c in code.co_consts if c not in inner(code)))

    if old == new:
        return
    is_function = old.co_flags & inspect.CO_OPTIMIZED
    if is_function:
        yield old, new
    if len(inner(old)) == len(inner(new)) and (is_function or outer(old) == outer(new)):
        for a, b in zip(inner(old), inner(new), strict=True):
            yield from changed(a, b)


def tests_for(
    lines: dict, seconds: dict, line: int, most: float = SECONDS
) -> list[tuple[str, list[str]]]:
    """Return the tests that run a line, file by file, the quickest first, `most` seconds in all.

    Of what runs when the module is imported, that is all tests of the module.
    """
    names = lines.get(str(line)) or []
    if not names:
        names = sorted({t for tests in lines.values() for t in tests})
        names += [t for t in seconds if t.startswith(INSPECT) and t not in names]
    by_file: dict[str, list[str]] = {}
    total = 0.0
    for name in sorted(names, key=lambda t: (seconds[t], t)):
        total += seconds[name]
        if total > most and by_file:
            break
        by_file.setdefault(name.partition("::")[0], []).append(name)

    def cost(file):  # of the first failure, about: what one test of it takes, and to collect it
        return sum(seconds[t] for t in by_file[file]) / len(by_file[file]) ** 2

    return [(file, by_file[file]) for file in sorted(by_file, key=cost)]


def digest(*paths: Path) -> str:
    """Return what changes when any of these files does."""
    return hashlib.sha256(b"\0".join(p.read_bytes() for p in paths)).hexdigest()[:16]


def processor_seconds() -> float:
    """Return what this process and all that it has waited for have taken."""
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


@dataclass
class Found:
    """What was found of one module.

    source     the `digest` of its source, for which it stands
    results    for each of its faults, in the order of `Faults`: None if it was not tried, or
               (the file whose test noticed it, 'time', or '' if none did; digest of the tests)
    unnoticed  the names of those that none did
    """

    source: str
    results: list[tuple[str, str] | None]
    unnoticed: list[str]

    def stale(self, module: str) -> bool:
        """Whether the module has changed since."""
        return self.source != digest(file_of(module))


def pack(kept: dict[str, Found]) -> str:
    """Return what was found as JSON, short and in an order of its own, so that it can be kept.

    Of each module: its digest, the different results, which of them each fault has (− if none),
    and the names of the faults that are not noticed.
    """
    modules = {}
    for module, found in sorted(kept.items()):
        kinds = sorted({result for result in found.results if result is not None})
        number = {None: "-", **{kind: str(i) for i, kind in enumerate(kinds)}}
        modules[module] = {
            "source": found.source,
            "tests": [" ".join(kind) for kind in kinds],
            "faults": " ".join(number[result] for result in found.results),
            "unnoticed": found.unnoticed,
        }
    return json.dumps(modules, indent=1, ensure_ascii=False) + "\n"


def unpack(text: str) -> dict[str, Found]:
    """Return what `pack` made a text of."""
    kept = {}
    for module, said in json.loads(text).items():
        kinds = [tuple(kind.rsplit(" ", 1)) for kind in said["tests"]]
        results = [None if i == "-" else kinds[int(i)] for i in said["faults"].split()]
        kept[module] = Found(said["source"], results, said["unnoticed"])
    return kept


def plant(
    modules: list[str],
    tests: tuple[str, ...],
    minutes: float,
    kept: dict[str, Found],
    unnoticed: bool = False,
) -> None:
    """Plant every fault of these modules that is not known, for so long; write into `kept`.

    unnoticed   leave what a test has noticed, though that test may have changed since: quick after
                tests were added, and whatever no longer holds is tried the next time without it
    """
    # So that each forked process has them: all but nnlib itself.
    for needed in (
        "numpy",
        "hypothesis.extra.numpy",
        "xdist.scheduler",
        "anywidget",
        "PIL.Image",
        "matplotlib.figure",
        "matplotlib.backends.backend_agg",
        "IPython.display",
    ):
        importlib.import_module(needed)
    found = touched(tests)
    seconds = found.pop("")
    collected = Collected(tests)
    for module in modules:
        faults, before = Faults(file_of(module).read_text("utf-8")), kept.get(module)
        equivalent = EQUIVALENT.get(module, {})
        places = []
        for where, what, line in faults:
            name = f"{where}: {what}"
            most = DOUBTS if name in equivalent else SECONDS
            places.append((name, tests_for(found[module], seconds, line, most)))
        known = before.results if before and not before.stale(module) else [None] * len(places)
        results = [
            result
            if result
            and (
                _fresh(result, files)
                or (unnoticed and result[0])
                or (not result[0] and name in equivalent)
            )
            else None
            for result, (name, files) in zip(known, places, strict=True)
        ]
        now = kept[module] = Found(digest(file_of(module)), results, [])
        sound_tree = Faults(file_of(module).read_text("utf-8")).tree
        whole = tests_for(found[module], seconds, -1, most=3)
        good: list[str] = []  # the tests that noticed a fault, the last one first
        for at, (_, _, line) in enumerate(faults):
            name, files = places[at]
            if results[at] is None and processor_seconds() + collected.spent < 60 * minutes:
                by = None
                if files:
                    code = compile(faults.tree, str(file_of(module)), "exec")
                    ran = sorted((t for _, ts in files for t in ts), key=lambda t: seconds[t])
                    first = good[:LAST]
                    ran.sort(key=lambda t: first.index(t) if t in first else LAST)
                    by, runs = collected.noticed_by(module, code, ran, seconds)
                    if by and by != "time":
                        good = [by, *(t for t in good if t != by)]
                        by = by.partition("::")[0]
                    if not runs:
                        if whole and killer(module, sound_tree, whole, PATIENCE * SECONDS):
                            sys.exit(f"{module}: its tests fail without a fault, one by one")
                        whole = []  # which has been found once
                        by = killer(module, faults.tree, files, PATIENCE + SECONDS)
                results[at] = (by or "", _digest_of_tests(by, files))
                if not by:
                    print(f"{module}:{line} {name}", file=sys.stderr, flush=True)
            now.unnoticed = [
                name for r, (name, _) in zip(results, places, strict=True) if r and not r[0]
            ]
            KEPT.write_text(pack(kept), "utf-8")  # whatever ends it, what was found is kept
        sound = compile(faults.tree, str(file_of(module)), "exec")
        if by := collected.noticed_by(module, sound, good, seconds)[0]:
            sys.exit(f"{module}: {by} fails without a fault, so what was found proves nothing")
    collected.end()


def _fresh(result: tuple[str, str], files: list[tuple[str, list[str]]]) -> bool:
    """Whether the tests that a result stands on are as they were."""
    by, tests = result
    if by not in ("", "time") and not (ROOT / by).exists():
        return False
    return tests == _digest_of_tests(by, files)


def _digest_of_tests(by: str | None, files: list[tuple[str, list[str]]]) -> str:
    """Return the digest of the test that noticed a fault, or of all that did not."""
    return digest(*(ROOT / file for file in ([by] if by and by != "time" else dict(files))))


def table(kept: dict[str, Found]) -> str:
    """Return the score of each module, and what survives, as markdown."""
    lines = [
        "| | faults planted | noticed | equivalent | unnoticed | noticed, of what can be |",
        "|:--|--:|--:|--:|--:|--:|",
    ]
    total = [0, 0, 0]
    unnoticed, untried, stale = [], 0, []
    for module in [m for m in MODULES if m in kept]:
        found = kept[module]
        tried = len(found.results) - found.results.count(None)
        untried += found.results.count(None)
        known = EQUIVALENT.get(module, {})
        left = [name for name in found.unnoticed if name not in known]
        unnoticed += [f"- `{module}`, {name.replace(': ', ': `', 1)}`" for name in left]
        alive = len(found.unnoticed)
        counts = [tried, tried - alive, alive - len(left)]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        lines.append(_row(f"`{module}`", *counts))
        if found.stale(module):
            stale.append(f"`{module}`")
    lines.append(_row("**together**", *total))
    if untried:
        lines += ["", f"Not tried yet: {untried:,} faults."]
    if stale:
        lines += ["", f"Stale, as the source has changed since: {', '.join(stale)}."]
    if unnoticed:
        lines += ["", "Unnoticed:", "", *unnoticed]
    return "\n".join(lines) + "\n"


def _row(name: str, planted: int, noticed: int, equivalent: int) -> str:
    score = noticed / max(1, planted - equivalent)
    left = planted - noticed - equivalent
    return f"| {name} | {planted:,} | {noticed:,} | {equivalent:,} | {left:,} | {score:.1%} |"


def main() -> None:
    """Plant, print the table, and put it into the page if that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", help="by default all that are listed here")
    parser.add_argument("--minutes", type=float, default=60.0, help="of processor time")
    parser.add_argument("--unnoticed", action="store_true", help="try only these again")
    parser.add_argument("--print", action="store_true", help="only what is known")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if unknown := {*asked.modules} - {*MODULES}:
        parser.error(f"no faults are planted into {', '.join(sorted(unknown))}")
    kept = unpack(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    if not asked.print:
        for group, tests in GROUPS:
            chosen = [m for m in asked.modules or group if m in group]  # in the order asked for
            if chosen:
                plant(chosen, tests, asked.minutes, kept, asked.unnoticed)
    figures = table(kept)
    sys.stdout.write(figures)
    if asked.write:
        report.show("faults", figures.strip())


if __name__ == "__main__":
    main()
