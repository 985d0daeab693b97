"""The data folder: versions, secrets, one owner at a time."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from lilong.host.failure import HostFailed
from lilong.host.folder import LAYOUT, DataFolder, InUse


def test_a_new_folder_is_private_and_says_its_version(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "city")
    folder.open()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert (folder.path / "VERSION").read_text() == f"{LAYOUT}\n"


def test_a_folder_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text(f"{LAYOUT + 1}\n")
    with pytest.raises(HostFailed, match=f"newer Lilong .version {LAYOUT + 1}, this one knows {LAYOUT}"):
        DataFolder(tmp_path).open()
    assert [file.name for file in tmp_path.iterdir()] == ["VERSION"]


def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("3.1-beta\n")
    with pytest.raises(HostFailed, match=r"is .* a data folder of Lilong"):
        DataFolder(tmp_path).open()


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lilong.host.folder.NEEDED_BYTES", 1 << 62)
    with pytest.raises(HostFailed) as caught:
        DataFolder(tmp_path / "city").open()
    assert str(caught.value).startswith("the disk is full: ")
    assert "\n" not in str(caught.value)


def _secret(path: Path) -> str:
    return DataFolder(path).secret("key")


def test_processes_that_start_at_once_agree_on_a_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_secret, [tmp_path] * 16)
    assert len(set(found)) == 1
    assert len(found[0]) >= 43
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["key"]


def test_only_one_may_own_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        folder.note_running({"address": "http://localhost:8000/"})
        with pytest.raises(InUse, match="http://localhost:8000/"), DataFolder(tmp_path).lock():
            pass
    with DataFolder(tmp_path).lock():
        pass
