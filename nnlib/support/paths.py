"""The path that a user gives: `~` is home, links are followed, and errors name what was given."""

import errno
import os
from pathlib import Path


def as_path(path: "str | os.PathLike[str]") -> Path:
    """Return `path` with `~` replaced by the home folder, or raise an error that names it."""
    name = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(name, str):
        raise TypeError(f"a path is a text or a pathlib.Path, not {type(name).__name__}")
    if not name:
        raise FileNotFoundError(errno.ENOENT, "the path is empty: give the file a name", name)
    if "\0" in name:
        raise ValueError(f"the path {name!r} holds a NUL, which no file name can")
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        part = name[error.start : error.end]
        raise ValueError(f"the path {name!r} holds {part!r}, which no file name can here") from None
    try:
        return Path(name).expanduser()
    except RuntimeError:
        who = Path(name).parts[0]
        raise FileNotFoundError(errno.ENOENT, f"nobody here is called {who}", name) from None


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
