"""The record of planted faults: kept whole in a short text, and stale once the source changes."""

import json

import pytest

pytest.importorskip("resource", reason="Windows has no limit of a process's time")

from tests import mutation
from tests.mutation import Found, digest, file_of, pack, table, unpack

SEEN, ALONE = ("tests/unit/test_losses.py", "aa"), ("", "bb")


def test_what_was_found_is_kept_whole_in_a_short_text():
    results = [SEEN, None, ALONE, SEEN, ("time", "bb"), ("tests/unit/test_losses.py", "cc")]
    kept = {"losses": Found("12", results, ["f: 1 → 2"]), "forward": Found("34", [], [])}
    text = pack(kept)
    assert unpack(text) == kept
    assert list(json.loads(text)) == ["forward", "losses"]  # in whatever order they were tried
    assert len(pack({"losses": Found("12", [SEEN] * 1000, [])})) < 3000


def test_the_table_counts_what_stands_for_the_source_as_it_is_and_says_what_is_stale(monkeypatch):
    known = {"losses": {"f: 1 → 2": "of no account"}}
    monkeypatch.setattr(mutation, "EQUIVALENT", known)
    now = Found(digest(file_of("losses")), [SEEN, ALONE, ALONE, None], ["f: 1 → 2", "g: 2 → 3"])
    found = table({"losses": now, "forward": Found("of other lines", [SEEN], [])})
    assert "| `losses` | 3 | 1 | 1 | 1 | 50.0% |" in found
    assert "- `losses`, g: `2 → 3`" in found and "f: `1 → 2`" not in found
    assert "Not tried yet: 1 faults" in found
    assert "Stale, as the source has changed since: `forward`." in found


def test_the_record_in_the_repository_has_a_result_for_each_fault_of_a_source_it_stands_for():
    for module, found in unpack(mutation.KEPT.read_text("utf-8")).items():
        alive = [result for result in found.results if result and not result[0]]
        assert len(found.unnoticed) == len(alive)
        if not found.stale(module):
            names = [f"{where}: {what}" for where, what, _ in mutation.Faults(source(module))]
            assert len(names) == len(found.results) and {*found.unnoticed} <= {*names}


def source(module):
    return file_of(module).read_text("utf-8")
