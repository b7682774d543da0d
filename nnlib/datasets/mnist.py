"""MNIST: 70,000 handwritten digits, 28 × 28 pixels each, in the package itself.

The data are by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, under
CC BY-SA 3.0 (see data/LICENSE). The four files hold arrays of bytes in the IDX
format: two zero bytes, a type code, the number of axes, each axis' length as
four bytes, big-endian, and then the numbers.

Source: LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to
document recognition* (1998).
"""

import errno
import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..support.checks import as_whole
from ..support.errors import DataFileError
from ..support.paths import as_path, ordinary

DATA = Path(__file__).parent / "data"

# The MD5 sum of each file's contents after decompression.
FILES = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}
# The bytes of the largest of them: 60,000 images and what stands before them.
LARGEST = 16 + 60_000 * 784


@dataclass(frozen=True, eq=False)
class MNIST:
    """The data in three parts, all read-only, since every caller shares them.

    X_…    images, float32 in [0, 1] (0 is paper, 1 is ink), shape (n, 784), row by row
    y_…    their digits, integers 0 to 9, shape (n,)
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray

    def __repr__(self) -> str:
        sizes = [f"{len(getattr(self, f.name)):,} {f.name[2:]}" for f in fields(self)][::2]
        return f"MNIST: {', '.join(sizes)} images of 784 pixels"


def load_mnist(validation: int = 10_000, directory: "str | Path | None" = None) -> MNIST:
    """Return MNIST, the last `validation` of its 60,000 training images set apart.

    With validation=0 all 60,000 are for training. The files are read and verified
    once; later calls return views of the same arrays. `directory` holds the four
    files if they are not to be those of the package. Raises DataFileError if
    a file is missing or does not have the contents of the published MNIST.
    """
    folder = DATA if directory is None else as_path(directory)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            errno.ENOTDIR, "directory: this is a file, not a folder", str(folder)
        )
    X, y, X_test, y_test = _read_all(folder.resolve())
    set_apart = f"how many of the {len(X):,} training images to set apart"
    n = len(X) - as_whole("validation", validation, 0, len(X) - 1, set_apart)
    return MNIST(X[:n], y[:n], X[n:], y[n:], X_test, y_test)


@lru_cache(maxsize=1)
def _read_all(directory: Path) -> tuple[np.ndarray, ...]:
    images, labels, test_images, test_labels = (
        _read_idx(directory / name, md5) for name, md5 in FILES.items()
    )
    arrays = (
        _as_rows(images),
        labels.astype(np.intp),  # as wide as an index, where that is 32 bits too
        _as_rows(test_images),
        test_labels.astype(np.intp),
    )
    for array in arrays:
        array.flags.writeable = False
    return arrays


def _as_rows(images: np.ndarray) -> np.ndarray:
    """Return bytes of shape (n, 28, 28) as float32 in [0, 1] of shape (n, 784)."""
    rows = images.reshape(len(images), -1)
    return np.divide(rows, np.float32(255), dtype=np.float32)


def _read_idx(path: Path, md5: str) -> np.ndarray:
    """Return the bytes of an IDX file in their shape, or raise DataFileError."""
    try:
        ordinary(path)
        with gzip.open(path) as file:
            contents = file.read(LARGEST + 1)  # a false file may unpack to far more
    except FileNotFoundError:
        raise DataFileError(
            f"{path.name} is missing from {path.parent}: the four MNIST files come with nnlib; "
            "install it again"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(
            f"{path.name} is cut short or damaged ({error}): restore it, for example with "
            "git checkout, or install nnlib again"
        ) from error
    found = hashlib.md5(contents, usedforsecurity=False).hexdigest()
    if found != md5:
        raise DataFileError(
            f"{path.name} is not the original MNIST file: the MD5 sum of its contents should be "
            f"{md5} but is {found}; restore it or install nnlib again"
        )
    axes = contents[3]
    shape = tuple(int(n) for n in np.frombuffer(contents, ">i4", count=axes, offset=4))
    start = 4 + 4 * axes
    return np.frombuffer(contents, np.uint8, count=math.prod(shape), offset=start).reshape(shape)
