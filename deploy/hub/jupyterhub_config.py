"""JupyterHub for a class on one machine: `make hub`, or deploy/Dockerfile. See deploy/README.md.

All that is kept lies in one folder, `class`, or where NNLIB_CLASS says:

learners.txt  one name a line: who may log in; the first log-in sets the password
teachers.txt  the same for teachers, who may also start and stop learners' servers
homes/        each learner's home, with the lessons and their progress
hub/          passwords (hashed), sessions and the hub's own data
"""

import os
import re
import sys
from pathlib import Path

from traitlets.config import get_config

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

# Learners have user ids of their own where the hub is root, unless NNLIB_HUB_ONE_USER is 1.
OWN_IDS = os.getuid() == 0 and os.environ.get("NNLIB_HUB_ONE_USER") != "1"

NAME = r"[a-z0-9][a-z0-9._-]*"


def names(file: Path) -> set[str]:
    """Return the names in a file, one a line; nothing if there is no such file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found = {line.strip().lower() for line in lines} - {""}
    for name in found:
        if not re.fullmatch(NAME, name):
            sys.exit(
                f"{file}: {name!r} cannot be a name; use letters a to z, digits, '.', '_' and '-', "
                "and begin with a letter or a digit"
            )
    return found


folder = Path(os.environ.get("NNLIB_CLASS", "class")).absolute()
learners, teachers = names(folder / "learners.txt"), names(folder / "teachers.txt")
if not learners | teachers:
    sys.exit(f"Nobody could log in: write the names of your class into {folder / 'learners.txt'}")

python = Path(sys.executable).resolve()
closed = [path for path in python.parents if not path.stat().st_mode & 0o001]
if OWN_IDS and closed:
    sys.exit(
        f"Learners, who have user ids of their own, cannot run {python}: {closed[-1]} is closed to "
        "others. Remove .venv-hub and use another Python, as in make hub PYTHON=/usr/bin/python3; "
        "or, for a trial, set NNLIB_HUB_ONE_USER=1: then learners' code can read each other's files"
    )

homes, data = folder / "homes", folder / "hub"
homes.mkdir(exist_ok=True)
data.mkdir(exist_ok=True)
homes.chmod(0o711)  # a home is found by its name; who else has one is not listed
data.chmod(0o700)

c = get_config()

# Who may log in.
c.JupyterHub.authenticator_class = "firstuseauthenticator.FirstUseAuthenticator"
c.FirstUseAuthenticator.dbm_path = str(data / "passwords.dbm")
c.FirstUseAuthenticator.create_users = False
c.Authenticator.username_pattern = NAME
c.Authenticator.allow_all = False
c.Authenticator.allowed_users = learners | teachers
c.Authenticator.admin_users = teachers

# What they get: a server of their own, in a home of their own, on the first lesson.
c.JupyterHub.spawner_class = "spawner.OwnHomeSpawner"
c.OwnHomeSpawner.homes = str(homes)
c.OwnHomeSpawner.own_ids = OWN_IDS
c.Spawner.cmd = [sys.executable, "-P", str(HERE / "learner.py")]
if os.getuid() == 0 and not OWN_IDS:
    c.Spawner.args = ["--allow-root"]  # JupyterLab refuses to run as root unless told
c.Spawner.notebook_dir = "~/neural-networks-from-scratch"
c.Spawner.default_url = "/lab/tree/00_start.ipynb"
c.Spawner.start_timeout = 120  # when thirty begin in the same minute
c.Spawner.http_timeout = 120

# Where everything listens: only the first address is for others.
c.JupyterHub.bind_url = os.environ.get("NNLIB_HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{data / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(data / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(data / "proxy.pid")
proxy = Path(sys.prefix, "proxy", "node_modules", ".bin", "configurable-http-proxy")
if proxy.exists():
    c.ConfigurableHTTPProxy.command = [str(proxy)]

# A server that nobody has used for an hour is stopped, which gives its memory back. The notebook
# is saved; the variables of its kernel are lost.
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]
