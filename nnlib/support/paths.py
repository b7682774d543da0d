"""The path that a user gives: `~` is home, links are followed, and errors name what was given."""

import errno
import os
from pathlib import Path


def as_path(path: "str | os.PathLike[str]") -> Path:
    """Return `path` with `~` replaced by the home folder, or raise an error that names it."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a path is a text or a pathlib.Path, not {type(path).__name__}")
    if not os.fspath(path):
        raise FileNotFoundError(errno.ENOENT, "the path is empty: give the file a name", path)
    if "\0" in os.fspath(path):
        raise ValueError(f"the path {path!r} holds a NUL, which no file name can")
    try:
        return Path(path).expanduser()
    except RuntimeError:
        who = Path(path).parts[0]
        raise FileNotFoundError(errno.ENOENT, f"nobody here is called {who}", str(path)) from None


def file_to_write(path: Path) -> Path:
    """Return the file that is written for `path`: a link is followed. Raises OSError in words."""
    path = as_path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder: name a file in it", str(path))
    ordinary(path)
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, f"there is no folder {str(folder)!r}: make it first", str(path)
        )
    return Path(os.path.realpath(path))


def ordinary(path: Path) -> None:
    """Raise OSError in words for a device or a pipe: it has no end, and is no file to replace."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "this is a device or a pipe, not an ordinary file", str(path))
