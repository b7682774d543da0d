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

    `~` is the home folder, and a link is followed: it stays one. An OSError names `path`, not
    the file that is written meanwhile.
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
        # mkstemp makes a private file; give it the permissions of an ordinary one.
        mask = os.umask(0)
        os.umask(mask)
        # (In some browsers' Python it takes everything away from everybody.)
        os.chmod(temporary, 0o600 | 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # a folder cannot be opened everywhere
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # its new name, too, is on the disk
        finally:
            os.close(folder)
