"""Engines run for root too, and never as root."""

import os
from pathlib import Path

import pytest

from lilong.host import programs

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")


@as_root
def test_root_gives_a_folder_to_a_user_without_rights_and_keeps_to_its_owner(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    uid, gid = programs.engine_user(new)
    assert uid != 0
    assert (new.stat().st_uid, new.stat().st_gid) == (uid, gid)
    others = tmp_path / "others"
    others.mkdir()
    os.chown(others, 4321, 4321)
    assert programs.engine_user(others) == (4321, 4321)


@as_root
def test_programs_that_only_root_may_reach_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SHELF", tmp_path / "shelf")
    hidden = tmp_path / "hidden"
    (hidden / "package" / "bin").mkdir(parents=True)
    (hidden / "package" / "bin" / "tool").write_text("#!/bin/sh\n")
    hidden.chmod(0o700)
    for _ in range(2):
        found = programs._reachable(hidden, hidden / "package" / "bin", [hidden / "package"], "1")
        assert found == tmp_path / "shelf" / "bin-1" / "package" / "bin"
        assert (found / "tool").read_text() == "#!/bin/sh\n"
    assert [folder.name for folder in (tmp_path / "shelf").iterdir()] == ["bin-1"]
