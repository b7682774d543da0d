"""Files that are whole or not there: written under another name, which is changed at the end.

If anything goes wrong, or the machine stops half-way, a file that was there before is still
there. What is left of the attempt then ends in `UNFINISHED`.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .paths import file_to_write

UNFINISHED = ".part"


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that becomes `path` when the block ends, and only if nothing failed.

    `~` is the home folder, and a link is followed: it stays one. Who may read a file that was
    there before may read the new one, and nobody else. An OSError names `path`, not the file that
    is written meanwhile.
    """
    given, path = path, file_to_write(path)
    try:
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name[:100]}.", suffix=UNFINISHED
        )
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(given)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _permissions(path))  # mkstemp makes a private file
        os.replace(temporary, path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        # A disk that is full names no file, and a new name the one that is there meanwhile.
        if isinstance(error, OSError) and error.errno and error.filename in (None, temporary):
            raise type(error)(error.errno, error.strerror, str(given)) from None
        raise
    with contextlib.suppress(OSError):  # a folder cannot be opened everywhere
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # its new name, too, is on the disk
        finally:
            os.close(folder)


def _permissions(path: Path) -> int:
    """Return those of the file that is there, or of an ordinary new one."""
    try:
        usual = path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        usual = 0o666 & ~mask
    return 0o600 | usual  # in some browsers' Python the mask takes everything away from everybody
