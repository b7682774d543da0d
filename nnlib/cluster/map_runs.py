"""Many trainings at once: each is one worker's, from its first update to its last.

    runs that are missing in the folder → workers → the files of each run, once it is finished

Trainings that know nothing of each other are what many processes are best at: nothing has to be
moved while they run, so n workers do n times as much. A worker that is killed costs the run that
it was at, which another begins again; and whoever stops it all loses the unfinished runs alone.
"""

import contextlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pickle import PicklingError
from typing import Any
from uuid import uuid4

import numpy as np

from ..datasets import MNIST, load_mnist
from ..recipes.recipe import Recipe
from ..recipes.run import as_folder, fingerprint
from ..support.checks import as_whole
from ..support.interrupts import Interruption
from ..support.progress_bar import progress_bar
from ..support.sharing import cores
from ..support.takes import flag, like, takes
from ..support.words import shown
from .mapped_run import MappedRun, file_name, found, keep
from .workers import Workers

Say = Callable[[str], Any]


@takes(
    validation=flag,
    data=like("X_train", "a dataset as load_mnist() returns it"),
    progress=flag,
    say=like("__call__", "a function that takes a line of text, for example print"),
)
def map_runs(
    recipes: "Recipe | Iterable[Recipe]",
    seeds: "int | Iterable[int]" = 0,
    *,
    folder: Any,
    workers: "Workers | int | str | None" = None,
    validation: bool = True,
    data: MNIST | None = None,
    progress: bool = True,
    say: Say = print,
) -> list[MappedRun]:
    """Train every recipe from every seed, many at once, and return the runs in that order.

    >>> map_runs(RECIPES["quick"], range(10), folder="seeds")
    >>> map_runs(grid(RECIPES["quick"], learning_rate=[0.05, 0.1, 0.2]), range(3), folder="rates")

    recipes     one `Recipe`, or several with different names, as `grid` makes them
    seeds       one, or several
    folder      where each run is written when it is finished, made if need be. What is there
                already is not trained again
    workers     how many processes, None: one a core of this machine; the address of a Dask
                scheduler, whose workers are used; or `Workers` that are open
    validation  whether to set 10,000 training images apart and judge by them, as one must who
                chooses settings; else by the test images, see `nnlib.recipes.run`
    data        MNIST by default, which each worker reads from its own nnlib
    progress    whether to show a progress bar
    say         what takes a line of text, for example print

    A run has the same bits as one of `nnlib.recipes.run`, if numpy and its BLAS are the same. One
    that diverges is a result, see `MappedRun`. Ctrl-C stops it, and returns what is finished.

    Raises CheckpointError, before anything is trained, if the folder holds another training by
    the name of one of these, and RuntimeError in the end if runs have failed; the others are kept.
    """
    tasks = _tasks(recipes, seeds)
    folder = as_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    used = load_mnist(10_000 if validation else 0) if data is None else data
    facts = {"validation": validation, "data": fingerprint(used.X_train, used.y_train)}
    belongs_to = {
        name: json.loads(json.dumps({"recipe": recipe.as_settings(), "seed": seed, **facts}))
        for name, (recipe, seed) in tasks.items()
    }
    runs = {name: found(folder, *task, belongs_to[name]) for name, task in tasks.items()}
    missing = [name for name, run in runs.items() if run is None]
    there = len(tasks) - len(missing)
    if there:
        say(f"{there} of {len(tasks)} runs were finished before, in {folder}")
    if missing:
        jobs = {name: tasks[name] for name in missing}
        with (
            _opened(workers, len(missing), say) as opened,
            _bar(len(tasks), there, progress) as bar,
            contextlib.closing(_results(opened, jobs, validation, data, say)) as results,
        ):
            for name, (record, network) in results:
                run = keep(folder, *tasks[name], belongs_to[name], record, network)
                runs[name] = run
                bar.update()
                bar.set_postfix_str(repr(run))
    return [run for run in runs.values() if run is not None]


def _tasks(recipes: Any, seeds: Any) -> dict[str, tuple[Recipe, int]]:
    """Return what is to be trained, by the name of its files."""
    alone = isinstance(recipes, Recipe)
    recipes = _several("recipes", [recipes] if alone else recipes, "a Recipe")
    alone = seeds is None or isinstance(seeds, (int, np.integer))
    seeds = _several("seeds", [seeds] if alone else seeds, "a whole number")
    if not recipes or not seeds:
        raise ValueError(
            f"{'recipes' if seeds else 'seeds'} is empty: there is nothing to be trained"
        )
    tasks: dict[str, tuple[Recipe, int]] = {}
    names = set()  # as a file system sees them that does not know capital letters
    for recipe in recipes:
        if not isinstance(recipe, Recipe):
            raise TypeError(
                f"recipes holds {recipe!r}, which is no Recipe: RECIPES['quick'] is one"
            )
        for seed in seeds:
            if seed is None:
                raise ValueError("seeds holds None: a run without a seed cannot be repeated")
            name = file_name(recipe, as_whole("seed", seed, 0))
            if name.casefold() in names:
                raise ValueError(
                    f"{recipe.name!r}, seed {seed}, is there twice, or another recipe's files "
                    f"would have the same name {name}: give each recipe a name of its own"
                )
            names.add(name.casefold())
            tasks[name] = recipe, int(seed)
    return tasks


def _several(name: str, values: Any, what: str) -> list:
    """Return values as a list, or raise TypeError for what is no list of them."""
    try:
        if isinstance(values, (str, bytes, Mapping)):
            raise TypeError
        return list(values)
    except TypeError:
        raise TypeError(f"{name}={shown(values)} must be {what}, or a list of several") from None


@contextlib.contextmanager
def _opened(workers: Any, most: int, say: Say) -> Iterator[Workers]:
    """Open what `map_runs` was given, and close it unless it was open."""
    if isinstance(workers, Workers):
        workers.addresses()  # raises ValueError if they are not open
        yield workers
        return
    if isinstance(workers, str):
        own = Workers(address=workers, say=say)
    else:
        own = Workers(workers, say=say)
        own.number = min(most, own.number or cores())
    with own:
        yield own


def _results(
    workers: Workers, jobs: dict[str, tuple], validation: bool, data: MNIST | None, say: Say
) -> Generator[tuple[str, tuple[dict, Any]], None, None]:
    """Yield what comes of each job, by its name, in the order in which they are finished."""
    from distributed import as_completed

    from .in_worker import OwnData, train

    client, call = workers.client, uuid4().hex[:8]
    data_name = None if data is None else f"nnlib-{call}"
    if data_name is not None and data is not None:
        try:
            client.register_plugin(OwnData(data_name, data))
        except (TypeError, AttributeError, PicklingError) as error:
            raise TypeError(f"data cannot be sent to the workers: {error}") from None
    futures = {
        client.submit(train, *job, validation, data_name, key=f"{name}-{call}"): name
        for name, job in jobs.items()
    }
    left, failed = len(jobs), dict[str, Exception]()
    try:
        for future in as_completed(futures):
            name = futures[future]
            with Interruption() as interruption:  # what is finished is written before it ends
                try:
                    result = future.result()
                except Exception as error:
                    failed[name] = error
                else:
                    yield name, result
                    left -= 1
                future.release()
            if interruption.asked:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        say(f"Stopped: {left} runs are left, which the same call trains.")
        return
    finally:
        with contextlib.suppress(OSError):  # of a worker that is lost by now
            client.cancel(list(futures), force=True)
            if data_name is not None:
                client.unregister_worker_plugin(data_name)
    if failed:
        name, first = next(iter(failed.items()))
        raise RuntimeError(
            f"{len(failed)} of {len(jobs)} runs failed, the others are kept; {name}: "
            f"{type(first).__name__}: {first}"
        ) from first


def _bar(total: int, done: int, progress: bool) -> Any:
    return progress_bar(total=total, initial=done, unit="run", disable=not progress)
