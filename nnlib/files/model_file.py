"""Model files: what `NeuralNetwork.save` writes and `NeuralNetwork.load` trusts.

A model file is a numpy .npz archive of two arrays: `header`, a JSON text that
names the format, the layers and the activations, and `parameters`, the flat
vector. It is read with pickle switched off, so a file from a stranger cannot
run code; the zip format's own checksums tell when a byte was changed.
"""

import errno
import json
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ..activations import ACTIVATIONS, same_activation
from ..initializers import name_of_initializer
from ..support.atomic_write import atomic_write
from ..support.checks import as_layers
from ..support.errors import ModelFileError
from ..support.paths import as_path, ordinary

if TYPE_CHECKING:
    from ..network import NeuralNetwork

FORMAT = "nnlib network, version 1"
# Parameters hardly shrink when they are packed: an archive that grows by more is no network.
MOST_UNPACKED = 20


@dataclass(frozen=True)
class Contents:
    """What a model file says, checked."""

    layers: tuple[int, ...]
    activations: list[str]
    init: str
    dtype: str
    parameters: np.ndarray


def save(path: "str | Path", network: "NeuralNetwork") -> None:
    """Write `network` to the file `path`, whole or not at all."""
    path = as_path(path)
    for number, f in enumerate(network.activations, start=1):
        if not same_activation(f, ACTIVATIONS.get(f.name)):
            raise ValueError(
                f"layer {number} uses an activation of your own ({f.name!r}), which a file cannot "
                f"hold: save network.parameters with numpy, or use one of {', '.join(ACTIVATIONS)}"
            )
    if not np.isfinite(network.parameters).all():
        raise ValueError(
            f"{np.count_nonzero(~np.isfinite(network.parameters)):,} parameters of the network are "
            "NaN or infinite, so that nothing could be done with the file: it is not written"
        )
    header = json.dumps(
        {
            "format": FORMAT,
            "layers": network.layers,
            "activations": [f.name for f in network.activations],
            "init": name_of_initializer(network._init),
            "dtype": network.dtype.name,
        }
    )
    with atomic_write(path) as file:
        np.savez(file, header=np.array(header), parameters=network.parameters)


def load(path: "str | Path") -> Contents:
    """Return the checked contents of the model file `path`, or raise ModelFileError."""
    path = as_path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a model file", str(path))
    ordinary(path)
    try:
        with open(path, "rb") as file:
            _check_archive(file)
            with np.load(file, allow_pickle=False) as archive:
                header, parameters = str(archive["header"]), archive["parameters"]
        said = json.loads(header)
        if not isinstance(parameters, np.ndarray):
            raise ValueError("its parameters are not an array")
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError):
        raise
    except Exception as error:  # zipfile, zlib, numpy and json each have several kinds for damage
        raise ModelFileError(
            f"{path} is damaged, or is not a model file ({error}): it should be the whole of a "
            "file that NeuralNetwork.save wrote; copy it again or retrain"
        ) from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ModelFileError(
            f"{path} is not a model file of this version of nnlib: its header should say {FORMAT!r}"
        )
    return _checked(path, said, parameters)


def _check_archive(file: IO[bytes]) -> None:
    """Raise ValueError unless this is an archive that unpacks to no more than it takes up."""
    if not zipfile.is_zipfile(file):
        raise ValueError("it is not an archive of arrays, or not the whole of one")
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_UNPACKED * size:
        raise ValueError(f"it unpacks to {unpacked:,} bytes, far more than its own {size:,}")
    file.seek(0)


def _checked(path: Path, said: dict[str, Any], parameters: np.ndarray) -> Contents:
    """Return the contents if header and parameters agree, or raise ModelFileError."""
    try:
        layers = as_layers(said["layers"])
        names, init, dtype = list(said["activations"]), said["init"], said["dtype"]
        wrong = _disagreement(layers, names, init, dtype, parameters)
    except (KeyError, TypeError, ValueError) as error:
        wrong = f"its header is incomplete or wrong ({error})"
    if wrong:
        raise ModelFileError(f"{path} is damaged: {wrong}; copy it again or retrain")
    return Contents(layers, names, init, dtype, parameters)


def _disagreement(
    layers: tuple[int, ...], names: list[str], init: Any, dtype: Any, parameters: np.ndarray
) -> str | None:
    """Return in words what in the file does not go together, or None."""
    size = sum(n_in * n_out + n_out for n_in, n_out in pairwise(layers))
    if len(names) != len(layers) - 1:
        return f"it names {len(names)} activations for {len(layers) - 1} layers"
    if not all(name in ACTIVATIONS for name in names):
        return f"it names an unknown activation among {names}"
    if not isinstance(init, str):
        return f"its initializer is {init!r}, which is not a name"
    if dtype not in ("float32", "float64") or parameters.dtype != dtype:
        return f"its parameters have dtype {parameters.dtype}, but it says {dtype!r}"
    if parameters.shape != (size,):
        return f"layers {list(layers)} need {size} parameters, but it holds {parameters.shape}"
    if not np.isfinite(parameters).all():
        return "its parameters hold NaN or infinity"
    return None
