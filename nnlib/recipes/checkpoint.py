"""Checkpoints: the state of a training on disk, whole or not at all.

A checkpoint is a numpy .npz archive of arrays and one JSON text, `header`. It is written to
another name first and takes its own only when all of it is on the disk, and the checkpoint
before it is removed only after that: so whenever the power goes, one that is whole is there. It
is read with pickle switched off; the zip format's own checksums tell when a byte was changed.

The file names hold the number of updates made: `checkpoint-000012000.npz`.
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..support.atomic_write import UNFINISHED, atomic_write

FORMAT = "nnlib checkpoint, version 1"
KEPT = 2  # the newest, and the one before it


class CheckpointError(ValueError):
    """A checkpoint is damaged, or belongs to another training."""


@dataclass(frozen=True)
class State:
    """All that decides what comes next: `facts`, as JSON knows them, and `arrays` by name."""

    facts: dict
    arrays: dict[str, np.ndarray]


class Checkpoints:
    """The checkpoints of one training in the folder `folder`.

    `belongs_to` says which training that is, as JSON knows it: a dict of settings, seed, data,
    versions. A checkpoint of another is never read.
    """

    def __init__(self, folder, belongs_to: dict):
        self.folder = Path(folder)
        self.belongs_to = json.loads(json.dumps(belongs_to))  # tuples become lists, as in a file

    def files(self) -> list[Path]:
        """Return the checkpoints that are there, the newest first."""
        return sorted(self.folder.glob("checkpoint-*.npz"), reverse=True)

    def save(self, updates: int, state: State) -> Path:
        """Write the state after this many updates; return its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        header = {
            "format": FORMAT,
            "belongs_to": self.belongs_to,
            "facts": state.facts,
            "arrays": list(state.arrays),
        }
        path = self.folder / f"checkpoint-{updates:09d}.npz"
        arrays = {"header": np.array(json.dumps(header))}
        arrays |= {f"array-{name}": array for name, array in state.arrays.items()}
        with atomic_write(path) as file:
            np.savez(file, allow_pickle=False, **arrays)
        for old in self.files()[KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def load(self) -> tuple[State | None, list[str]]:
        """Return the newest state that is whole, or None; and what is to be said of damaged ones.

        Raises CheckpointError if the checkpoint is of another training.
        """
        self._remove_unfinished()
        words = []
        for path in self.files():
            try:
                header, state = read(path)
            except CheckpointError as error:
                words.append(str(error))
                continue
            self.check(header["belongs_to"], path)
            return state, words
        return None, words

    def check(self, said: dict, path: Path) -> None:
        """Raise CheckpointError unless `said`, found in the file `path`, is this training."""
        if said != self.belongs_to:
            raise CheckpointError(
                f"{path} is of another training: {difference(said, self.belongs_to)}. "
                "Start again with --fresh, which removes it, or name another --folder"
            )

    def clear(self) -> None:
        """Remove the checkpoints."""
        self._remove_unfinished()
        for path in self.files():
            path.unlink(missing_ok=True)

    def _remove_unfinished(self) -> None:
        """Remove what a killed process left half-written."""
        for path in self.folder.glob(f".*{UNFINISHED}"):
            path.unlink(missing_ok=True)


def read(path: Path) -> tuple[dict, State]:
    """Return the header and the state in the checkpoint `path`, or raise CheckpointError."""
    try:
        if not zipfile.is_zipfile(path):
            raise ValueError("it is not the whole of an archive of arrays")
        with np.load(path, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            if header.get("format") != FORMAT:
                raise ValueError(f"it should say {FORMAT!r}")
            if not isinstance(header["belongs_to"], dict) or not isinstance(header["facts"], dict):
                raise ValueError("its header should hold two dicts")
            # By the names that were checked with the header: an archive's own list is not.
            arrays = {name: archive[f"array-{name}"] for name in header["arrays"]}
        return header, State(header["facts"], arrays)
    except Exception as error:  # zipfile, zlib, numpy and json each have several kinds for damage
        raise CheckpointError(f"{path.name} is damaged and left out ({error})") from error


def read_record(file: Path) -> tuple[dict, dict]:
    """Return what a finished run belongs to, and its record; CheckpointError if it is damaged.

    Raises FileNotFoundError if there is none.
    """
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        belongs_to, record = kept["belongs_to"], kept["record"]
        if not isinstance(belongs_to, dict) or not isinstance(record, dict):
            raise TypeError("it should hold two dicts")
        if not {"curve", "diverged"} & {*record}:
            raise ValueError("the record has no curve")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{file} is damaged ({error!r})") from None
    return belongs_to, record


def difference(there: dict, here: dict, prefix: str = "") -> str:
    """Return in words where two dicts differ."""
    found = []
    for key in sorted({*there, *here}):
        old, new = there.get(key, "nothing"), here.get(key, "nothing")
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found.append(difference(old, new, f"{prefix}{key}."))
        else:
            found.append(f"{prefix}{key} was {old!r} there and is {new!r} here")
    return "; ".join(found)
