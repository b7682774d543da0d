"""A file with changed bytes is refused in words or read as what was saved: see mutated.py."""

import pytest

pytest.importorskip("resource", reason="Windows has neither its alarms nor its memory counts")

from tests.unit import mutated


@pytest.mark.parametrize("name", mutated.LOADERS)
def test_some_hundred_files_with_changed_bytes_do_no_harm(name, tmp_path):
    counts, wrong = mutated.examine(name, tmp_path, seed=1, files=300)
    assert not wrong
    assert counts.total() == 300
    if mutated.LOADERS[name].refuses:
        assert counts["refused"] > 150
