"""What is backed up comes back whole."""

import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from lilong.host.folder import LAYOUT, DataFolder
from lilong.host.postgres import Postgres
from tests.site.running import environment, lilong


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a migrated city with one more table, a secret and an upload."""
    folder = tmp_path_factory.mktemp("city")
    data = DataFolder(folder / "data")
    migrated = lilong("migrate", "--quiet", "--data", str(data.path))
    assert migrated.returncode == 0, migrated.stderr
    server = Postgres(data.path / "postgres", password=data.secret("database_password"))
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT n, md5(n::text) AS word FROM generate_series(1, 20000) n")
    server.stop()
    (data.path / "media").mkdir()
    (data.path / "media" / "picture.txt").write_text("gate")
    data.secret("log_key")
    done = lilong("backup", str(folder / "city.zip"), "--data", str(data.path))
    assert done.returncode == 0, done.stderr
    return folder / "city.zip"


def test_an_archive_is_private_and_never_overwritten(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    again = lilong("backup", str(archive), "--data", str(archive.parent / "data"))
    assert (again.returncode, again.stderr) == (1, f"lilong: {archive} exists: choose another name\n")


def test_a_restore_gives_the_same_rows_secrets_and_files(archive: Path, tmp_path: Path) -> None:
    done = lilong("restore", str(archive), "--data", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    new, old = DataFolder(tmp_path / "new"), DataFolder(archive.parent / "data")
    assert new.secret("log_key") == old.secret("log_key")
    assert (new.path / "media" / "picture.txt").read_text() == "gate"
    digests = []
    for data in (old, new):
        server = Postgres(data.path / "postgres", password=data.secret("database_password"))
        with psycopg.connect(server.start()) as connection:
            digests.append(
                connection.execute("SELECT count(*), md5(string_agg(word, ',' ORDER BY n)) FROM kept").fetchone()
            )
        server.stop()
    assert digests[0][0] == 20000
    assert digests[0] == digests[1]


_EMIT = """
import django
django.setup()
from lilong.kernel.base import ids
from lilong.kernel.events import facts, services

@facts.fact("site.test.kept")
class Kept(facts.Fact):
    n: int

for n in range(100):
    services.emit(Kept(n=n), subject=ids.uuid7())
while services.sequence():
    pass
"""


def test_a_restore_gives_the_same_merkle_head(fresh_database: str, tmp_path: Path) -> None:
    there = {"DATABASE_URL": fresh_database}
    city = ["--data", str(tmp_path / "old")]
    settings = {"LILONG_DATA": str(tmp_path / "old"), "DJANGO_SETTINGS_MODULE": "lilong.site.settings"}
    subprocess.run([sys.executable, "-c", _EMIT], env=environment() | there | settings, check=True)
    before = lilong("verify-log", "--json", *city, **there)
    assert before.returncode == 0, before.stdout + before.stderr
    assert json.loads(before.stdout)["size"] == 100
    assert lilong("backup", str(tmp_path / "city.zip"), *city, **there).returncode == 0
    assert lilong("restore", str(tmp_path / "city.zip"), "--data", str(tmp_path / "new")).returncode == 0
    after = lilong("verify-log", "--json", "--data", str(tmp_path / "new"))
    assert after.returncode == 0, after.stdout + after.stderr
    assert json.loads(after.stdout) == json.loads(before.stdout)


def test_a_restore_into_a_folder_in_use_changes_nothing(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("here")
    done = lilong("restore", str(archive), "--data", str(tmp_path))
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_a_damaged_or_foreign_or_newer_archive_leaves_the_folder_empty(archive: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as other:
        other.writestr("letter.txt", "hello")
    newer = tmp_path / "newer.zip"
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(archive) as good:
        for target, layout, dump in ((newer, LAYOUT + 1, b""), (damaged, LAYOUT, good.read("database.dump")[:-5000])):
            with zipfile.ZipFile(target, "w") as other:
                other.writestr("manifest.json", f'{{"layout": {layout}}}')
                other.writestr("database.dump", dump)
    for file, words in ((foreign, "not an archive"), (newer, "newer Lilong"), (damaged, "pg_restore failed")):
        done = lilong("restore", str(file), "--data", str(tmp_path / "new"))
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
        assert list((tmp_path / "new").iterdir() if (tmp_path / "new").exists() else []) == []
