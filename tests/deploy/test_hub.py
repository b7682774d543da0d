"""Ten learners of one hub at once: each has own lessons and own progress, and sees nobody else's.

The hub is the one of `make hub`, driven as browsers drive it: log-in, REST and websocket.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).parents[2]
LEARNERS = [f"learner-{n}" for n in range(10)]
LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))

NOTIFICATION = "@jupyterlab/apputils-extension:notification"

# A Python in a folder that is closed to others cannot be run by them.
PYTHON = Path(sys.executable).resolve()
ONE_USER = str(int(not all(path.stat().st_mode & 0o001 for path in PYTHON.parents)))

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(
        shutil.which("npm") is None or not hasattr(os, "setuid"),
        reason="needs Node, and no Windows",
    ),
]

RIGHT = """
from nnlib.exercises import forward as exercises
from nnlib.activations import sigmoid
exercises.neuron.check(lambda x, w, b: sigmoid(x @ w + b))
"""
PEEK = """
from pathlib import Path
try:
    print(Path({path!r}).read_text())
except OSError as error:
    print(type(error).__name__)
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    """What a learner's browser does: keeps cookies, and asks for pages."""

    def __init__(self, url: str):
        self.url, self.cookies, self.token = url, {}, ""

    async def ask(self, path: str, method="GET", **data):
        """Return the answer of the server to a request; following none of its redirects."""
        headers = {"Content-Type": "application/json"} if method == "POST" else {}
        headers |= {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if self.token:
            del headers["Cookie"]
            headers["Authorization"] = f"token {self.token}"
        answer = await AsyncHTTPClient().fetch(
            HTTPRequest(
                self.url + path,
                method=method,
                headers=headers | data.pop("headers", {}),
                body=data.get("body", "" if method == "POST" else None),
                follow_redirects=False,
                request_timeout=150,
                allow_nonstandard_methods=True,
            ),
            raise_error=False,
        )
        for line in answer.headers.get_list("Set-Cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    async def log_in(self, name: str, password: str) -> bool:
        """Fill in the form of the log-in; from then on ask with a token of the learner's own."""
        await self.ask("/hub/login")
        form = {"username": name, "password": password, "_xsrf": self.cookies["_xsrf"]}
        answer = await self.ask(
            "/hub/login",
            "POST",
            body=urlencode(form),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        if answer.code != 302:
            return False
        await self.ask("/hub/home")
        answer = await self.ask(
            f"/hub/api/users/{name}/tokens",
            "POST",
            body="{}",
            headers={"X-XSRFToken": self.cookies["_xsrf"], "Referer": f"{self.url}/hub/home"},
        )
        assert answer.code == 201, answer.body
        self.token = json.loads(answer.body)["token"]
        return True

    async def start_server(self, name: str) -> None:
        answer = await self.ask(f"/hub/api/users/{name}/server", "POST")
        assert answer.code in (201, 202), answer.body
        progress = await self.ask(f"/hub/api/users/{name}/server/progress")
        assert '"ready": true' in progress.body.decode(), progress.body

    async def stop_server(self, name: str) -> None:
        """Stop a learner's server; return when it has stopped."""
        answer = await self.ask(f"/hub/api/users/{name}/server", "DELETE")
        assert answer.code in (202, 204), answer.body  # 202: it takes a while
        while json.loads((await self.ask(f"/hub/api/users/{name}")).body)["servers"]:
            await asyncio.sleep(0.1)  # of the end of a server the hub tells no other way

    async def run(self, name: str, code: str) -> str:
        """Run code in a new kernel of the learner's server; return all that it shows."""
        kernel = await self.ask(f"/user/{name}/api/kernels", "POST", body="{}")
        assert kernel.code == 201, kernel.body
        address = f"{self.url}/user/{name}/api/kernels/{json.loads(kernel.body)['id']}/channels"
        socket = await websocket_connect(
            HTTPRequest(
                address.replace("http", "ws", 1), headers={"Authorization": f"token {self.token}"}
            )
        )
        header = {"msg_id": "1", "msg_type": "execute_request", "username": name, "session": "1"}
        content = {"code": code, "silent": False, "allow_stdin": False}
        message = {"header": header | {"version": "5.3"}, "content": content, "channel": "shell"}
        await socket.write_message(json.dumps(message | {"parent_header": {}, "metadata": {}}))
        shown = []
        while True:
            message = json.loads(await socket.read_message())
            if message["parent_header"].get("msg_id") != "1":
                continue
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "stream":
                shown.append(content["text"])
            elif kind in ("execute_result", "display_data"):
                shown.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                shown.append("\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                socket.close()
                return "".join(shown)


@contextlib.contextmanager
def a_hub(folder: Path):
    """Serve a class from a folder; yield the address; then end all of it."""
    subprocess.run(["make", "--silent", ".venv-hub/.ready"], cwd=ROOT, check=True)
    folder.mkdir(mode=0o711)
    (folder / "learners.txt").write_text("\n".join(LEARNERS))
    (folder / "teachers.txt").write_text("teacher\n")
    url, log = f"http://127.0.0.1:{free_port()}", folder / "log.txt"
    with log.open("wb") as output:
        hub = subprocess.Popen(
            [
                ROOT / ".venv-hub/bin/jupyterhub",
                f"--config={ROOT / 'deploy/hub/jupyterhub_config.py'}",
                f"--JupyterHub.hub_bind_url=http://127.0.0.1:{free_port()}",
                f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}",
            ],
            env=os.environ
            | {"NNLIB_CLASS": str(folder), "NNLIB_HUB_URL": url, "NNLIB_HUB_ONE_USER": ONE_USER},
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        with subprocess.Popen(
            ["tail", "-f", "-n", "+1", str(log), f"--pid={hub.pid}"],
            stdout=subprocess.PIPE,
            text=True,
        ) as lines:
            said = []
            for line in lines.stdout:
                said.append(line)
                if "JupyterHub is now running" in line:
                    break
            else:
                pytest.fail("the hub did not start:\n" + "".join(said))
            lines.terminate()
        yield url
    except BaseException:
        print(log.read_text())
        raise
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait(300)  # on a busy machine ten servers take a while to end


async def begin(url: str, name: str) -> tuple[Browser, str]:
    """Log in, start the server, solve the first exercise; return what the check said."""
    browser = Browser(url)
    assert await browser.log_in(name, f"secret of {name}")
    await browser.start_server(name)
    return browser, await browser.run(name, RIGHT)


async def a_class(url: str, homes: Path) -> None:
    begun = await asyncio.gather(*(begin(url, name) for name in LEARNERS))
    for name, (browser, verdict) in zip(LEARNERS, begun, strict=True):
        assert "correct" in verdict.lower(), verdict
        home = homes / name
        laid = (home / "neural-networks-from-scratch").glob("*.ipynb")
        assert sorted(path.name for path in laid) == LESSONS
        progress = json.loads((home / ".nnlib" / "progress.json").read_text())
        assert progress == {"01_forward": ["neuron"]}
        listed = await browser.ask(f"/user/{name}/api/contents")
        shown = {entry["name"] for entry in json.loads(listed.body)["content"]}
        assert shown == set(LESSONS)
    told = await begun[0][0].ask(f"/user/{LEARNERS[0]}/lab/api/settings/{NOTIFICATION}")
    assert json.loads(told.body)["schema"]["properties"]["checkForUpdates"]["default"] is False

    # Nobody else gets in: not with the wrong password, not without being of the class ...
    assert not await Browser(url).log_in(LEARNERS[0], "secret of learner-1")
    assert not await Browser(url).log_in("stranger", "secret of stranger")
    # ... not to another's server ...
    first = begun[0][0]
    for path in ("api/contents", "api/kernels"):
        assert (await first.ask(f"/user/{LEARNERS[1]}/{path}")).code in (403, 404)
    assert (await first.ask(f"/hub/api/users/{LEARNERS[1]}")).code in (403, 404)
    # ... and, where the hub can give each a user id, not to another's files from a kernel.
    theirs = homes / LEARNERS[1] / ".nnlib" / "progress.json"
    assert "neuron" in await first.run(
        LEARNERS[0], PEEK.format(path=str(homes / LEARNERS[0] / ".nnlib" / "progress.json"))
    )
    if os.getuid() == 0 and ONE_USER == "0":
        assert await first.run(LEARNERS[0], PEEK.format(path=str(theirs))) == "PermissionError\n"
        assert len({(homes / name).stat().st_uid for name in LEARNERS}) == len(LEARNERS)

    # A teacher sees who is there, and can stop a learner's server, which starts again as it was.
    teacher = Browser(url)
    assert await teacher.log_in("teacher", "secret of teacher")
    users = json.loads((await teacher.ask("/hub/api/users?state=active")).body)
    assert {user["name"] for user in users} == set(LEARNERS)
    await teacher.stop_server(LEARNERS[0])
    (homes / LEARNERS[0] / "neural-networks-from-scratch" / LESSONS[1]).write_text("my work")
    await first.start_server(LEARNERS[0])
    kept = homes / LEARNERS[0] / "neural-networks-from-scratch" / LESSONS[1]
    assert kept.read_text() == "my work"


def test_ten_learners_at_once_each_with_own_lessons_and_progress():
    # Not pytest's folder, which is closed to others: learners could not pass through it.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)
        folder = Path(place, "class")
        with a_hub(folder) as url:
            asyncio.run(a_class(url, folder / "homes"))
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert not re.search(re.escape(str(folder)), left), "processes of the hub are left"


def test_without_a_class_the_hub_says_what_to_write(tmp_path):
    subprocess.run(["make", "--silent", ".venv-hub/.ready"], cwd=ROOT, check=True)
    for content, words in (("", "learners.txt"), ("Ada Example\n", "'ada example'")):
        (tmp_path / "learners.txt").write_text(content)
        refused = subprocess.run(
            [ROOT / ".venv-hub/bin/jupyterhub", f"--config={ROOT}/deploy/hub/jupyterhub_config.py"],
            env=os.environ | {"NNLIB_CLASS": str(tmp_path), "NNLIB_HUB_ONE_USER": ONE_USER},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert refused.returncode != 0
        assert words in refused.stdout + refused.stderr
