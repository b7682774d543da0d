"""The command `nnlib`, also python -m nnlib: lay out the course, bring it up to date, check it."""

import sys

from .command.main import main

if __name__ == "__main__":
    sys.exit(main())
