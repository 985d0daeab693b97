"""Read an archive of `lilong backup` into an empty data folder (or, with DATABASE_URL, an empty database)."""

import json
import os
import shutil
import sys
import zipfile
from argparse import ArgumentParser, Namespace
from pathlib import Path, PurePosixPath

from lilong.host import dumps
from lilong.host.failure import HostFailed
from lilong.host.folder import LAYOUT, DataFolder
from lilong.site.cli import setting

HELP = "read an archive into an empty data folder"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="an archive written by `lilong backup`")


def run(options: Namespace) -> int:
    data = options.data
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise HostFailed(f"{data} is not empty: restore into a new folder (--data DIR)")
    try:
        with zipfile.ZipFile(options.file) as archive:
            _require_ours(archive, options.file)
            try:
                _read(archive, options)
            except BaseException:
                for left in data.iterdir() if data.exists() else ():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
                raise
    except (OSError, zipfile.BadZipFile) as error:
        raise HostFailed(f"cannot read {options.file}: {error}") from None
    print(f"restored into {data}; start it with `lilong up --data {data}`")
    return 0


def _require_ours(archive: zipfile.ZipFile, file: Path) -> None:
    names = archive.namelist()
    if "manifest.json" not in names or "database.dump" not in names:
        raise HostFailed(f"{file} is not an archive of `lilong backup`")
    layout = json.loads(archive.read("manifest.json"))["layout"]
    if layout > LAYOUT:
        raise HostFailed(f"{file} was written by a newer Lilong (version {layout}, this one knows {LAYOUT}): update it")


def _read(archive: zipfile.ZipFile, options: Namespace) -> None:
    from tqdm import tqdm

    DataFolder(options.data).open()
    _read_files(archive, options.data)
    size = archive.getinfo("database.dump").file_size
    with setting.with_engines(options) as found:
        from django.db import connection

        if connection.introspection.table_names():
            raise HostFailed("the database is not empty: restore into a new one")
        connection.close()
        with (
            tqdm(
                total=size, unit="B", unit_scale=True, desc="restore", file=sys.stderr, leave=False, disable=None
            ) as bar,
            archive.open("database.dump") as source,
        ):
            dumps.restore(found.database_url, source, bar.update)
    (options.data / "demo").write_text("restored")


def _read_files(archive: zipfile.ZipFile, data: Path) -> None:
    """Secrets (before the database is made: they hold its password) and uploads."""
    for name in archive.namelist():
        path = PurePosixPath(name)
        if path.parts[0] not in ("secrets", "media") or ".." in path.parts or path.is_absolute():
            continue
        target = data / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = 0o600 if path.parts[0] == "secrets" else 0o644
        with (
            os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file,
            archive.open(name) as source,
        ):
            shutil.copyfileobj(source, file)
