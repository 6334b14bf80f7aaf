"""Sign-ins that were ended: kept for every process, until they would be over anyway."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.store.sign_outs import SignOutsInFile

NOW = float(int(time.time()))


def test_a_sign_in_and_those_before_it_end_for_every_process(tmp_path: Path) -> None:
    one, other = SignOutsInFile(tmp_path / "store"), SignOutsInFile(tmp_path / "store")
    assert not other.is_over("a@b.test", NOW)
    assert one.end("a@b.test", NOW)
    for sign_outs in (one, other, SignOutsInFile(tmp_path / "store")):
        assert sign_outs.is_over("a@b.test", NOW)
        assert sign_outs.is_over("a@b.test", NOW - 60)
        assert not sign_outs.is_over("a@b.test", NOW + 1)
        assert not sign_outs.is_over("c@d.test", NOW)
    assert not other.end("a@b.test", NOW - 60), "over already, and no later one ends with it"
    assert one.is_over("a@b.test", NOW)
    assert other.end("c@d.test", NOW)
    assert one.is_over("c@d.test", NOW)


def test_what_would_be_over_anyway_is_not_kept(tmp_path: Path) -> None:
    sign_outs = SignOutsInFile(tmp_path)
    sign_outs.end("a@b.test", NOW - 26 * 3600)
    sign_outs.end("c@d.test", NOW - 23 * 3600)
    sign_outs.end("e@f.test", NOW)
    assert "a@b.test" not in sign_outs.path.read_text("utf-8")
    assert sign_outs.is_over("c@d.test", NOW - 23 * 3600)


@pytest.mark.parametrize("damaged", ["", "[]", '{"a@b.test": null}', "\x00"])
def test_where_nobody_knows_nobody_comes_in(tmp_path: Path, damaged: str) -> None:
    sign_outs = SignOutsInFile(tmp_path)
    sign_outs.end("a@b.test", NOW)
    sign_outs.path.write_text(damaged, "utf-8")
    with pytest.raises(BadInputError, match=r"signed_out\.json: cannot be read"):
        sign_outs.is_over("c@d.test", NOW)
    with pytest.raises(BadInputError):
        sign_outs.end("c@d.test", NOW)


def test_a_sign_out_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder", "utf-8")
    with pytest.raises(RefusedError, match="cannot be kept"):
        SignOutsInFile(tmp_path / "store").end("a@b.test", NOW)
