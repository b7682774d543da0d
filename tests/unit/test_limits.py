"""What Python and the front-end must agree on is written once."""

import json
import re

from nnlib.lab.limits import LIMITS
from nnlib.lab.widget import _SCRIPTS, _STATIC, front_end

SCRIPTS = {path.name: path.read_text("utf-8") for path in sorted(_STATIC.glob("*.js"))}


def test_the_front_end_is_given_the_limits():
    given = re.search(r"^const LIMITS = (.*);$", front_end("race_lab.js"), re.MULTILINE)[1]
    assert json.loads(given) == LIMITS


def test_each_limit_is_used_and_no_other_is_asked_for():
    used = {name for text in SCRIPTS.values() for name in re.findall(r"\bLIMITS\.(\w+)", text)}
    assert used == set(LIMITS)


def test_every_script_is_part_of_a_lab():
    labs = "".join(path.read_text("utf-8") for path in _STATIC.parent.glob("*.py"))
    for name in set(SCRIPTS) - set(_SCRIPTS):
        assert f'"{name}"' in labs, name
