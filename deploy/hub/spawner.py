"""Start each learner's server in a home of their own, and as root under a user id of their own."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Bool, Integer, Unicode


class OwnHomeSpawner(LocalProcessSpawner):
    """A learner's server on this machine, for whom no account need exist on it.

    With `own_ids`, which needs root, each home belongs to a user id that nobody else has, and is
    closed to all others. Else all homes belong to whoever runs the hub, and a learner who tries can
    read another's.
    """

    homes = Unicode(help="The folder with a home for each learner").tag(config=True)
    own_ids = Bool(help="Whether each learner has a user id of their own").tag(config=True)
    first_uid = Integer(20000, help="Learners' user ids begin here").tag(config=True)

    def home(self) -> Path:
        """Return the learner's home; their name is checked against `username_pattern` before."""
        return Path(self.homes) / self.user.name

    def user_env(self, env: dict) -> dict:
        """Add to the environment what an account would have brought."""
        return env | {"HOME": str(self.home()), "USER": self.user.name, "SHELL": "/bin/bash"}

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Make the home if need be; return what turns the new process into the learner's."""
        home = self.home()
        if not home.exists():
            uid = self._new_uid()
            home.mkdir(mode=0o700)
            os.chown(home, uid, uid if self.own_ids else -1)
        uid = home.stat().st_uid

        def become() -> None:
            if self.own_ids:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            os.umask(0o077)
            os.chdir(home)

        return become

    def _new_uid(self) -> int:
        """Return an id that no home belongs to: the owner of a home is the record of its id."""
        if not self.own_ids:
            return os.getuid()
        taken = [home.stat().st_uid for home in Path(self.homes).iterdir()]
        return max([self.first_uid - 1, *taken]) + 1

    async def move_certs(self, paths: dict) -> dict:
        """Refuse: hub and learners talk on this machine alone, where nothing is encrypted."""
        sys.exit("internal_ssl is not supported: see deploy/README.md on HTTPS")
