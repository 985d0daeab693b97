"""Write a consistent archive: the database at one moment, the secrets, uploaded files. The city may go on running.

Whoever has the archive has the secrets: it is made readable by its owner only (0600).
"""

import json
import os
import sys
import zipfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from lilong.host import dumps
from lilong.host.failure import HostFailed
from lilong.host.folder import LAYOUT
from lilong.site.cli import setting

HELP = "write an archive of everything"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the archive to write (.zip); must not exist")


def run(options: Namespace) -> int:
    if options.file.exists():
        raise HostFailed(f"{options.file} exists: choose another name")
    draft = options.file.with_name(f"{options.file.name}.part")
    try:
        with setting.with_engines(options) as found:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                _write(archive, options.data, found.database_url)
                archive.close()
                file.flush()
                os.fsync(file.fileno())
        draft.replace(options.file)
    except OSError as error:
        raise HostFailed(f"cannot write {options.file}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    print(f"wrote {options.file} ({options.file.stat().st_size / 2**20:.1f} MB)")
    return 0


def _write(archive: zipfile.ZipFile, data: Path, url: str) -> None:
    from django.db import connection
    from tqdm import tqdm

    from lilong.kernel.base import clock

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        estimate = int(cursor.fetchone()[0])
    connection.close()
    facts = {"layout": LAYOUT, "at": clock.now().isoformat(), "database_bytes": estimate}
    archive.writestr("manifest.json", json.dumps(facts))
    archive.writestr("VERSION", f"{LAYOUT}\n")
    with (
        tqdm(unit="B", unit_scale=True, desc="backup", file=sys.stderr, leave=False, disable=None) as bar,
        archive.open("database.dump", "w", force_zip64=True) as target,
    ):
        dumps.dump(url, target, bar.update)
    for folder in ("secrets", "media"):
        for file in sorted((data / folder).rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(data).as_posix())
