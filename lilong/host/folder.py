"""The data folder: all that an installation with embedded engines keeps."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lilong.host.failure import HostFailed

LAYOUT = 1  # raised when an older Lilong could no longer use the folder
NEEDED_BYTES = 300 * 1024 * 1024


class InUse(HostFailed):
    """Another `lilong up` has the folder."""


class DataFolder:
    """`path`: VERSION, secrets/ (0600 each), postgres/, nats/, media/, logs/, lock, running.json."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def open(self) -> None:
        """Makes the folder if it is not there, and refuses one that cannot be used."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise HostFailed(f"cannot make the data folder {self.path}: {error.strerror}") from None
        self.require_known_layout()
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise HostFailed(f"the data folder {self.path} may not be written by this user")
        free = shutil.disk_usage(self.path).free
        if free < NEEDED_BYTES:
            raise HostFailed(
                f"the disk is full: {self.path} has {free // 2**20} MB left, {NEEDED_BYTES // 2**20} MB are needed"
            )
        version = self.path / "VERSION"
        if not version.exists():
            version.write_text(f"{LAYOUT}\n")

    def require_known_layout(self) -> None:
        try:
            found = int((self.path / "VERSION").read_text())
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            raise HostFailed(
                f"{self.path / 'VERSION'} is not readable: is {self.path} a data folder of Lilong?"
            ) from None
        if found > LAYOUT:
            raise HostFailed(
                f"the data folder {self.path} was written by a newer Lilong "
                f"(version {found}, this one knows {LAYOUT}): update Lilong, or choose another folder with --data"
            )

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One owner of the engines at a time; the kernel lets go when the owner ends, however it ends."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                where = self.running().get("address", "")
                raise InUse(f"{self.path} is already in use by a running Lilong {where}".rstrip()) from None
            yield
        finally:
            os.close(descriptor)

    def secret(self, name: str) -> str:
        """A secret of this installation, made at first use, readable by its owner only."""
        kept = self.path / "secrets" / name
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = kept.with_name(f".{name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):  # several processes start at once: the first one's counts
                os.link(draft, kept)
            draft.unlink()
        return kept.read_text().strip()

    def write_private(self, name: str, text: str) -> None:
        """Replaces a file of the folder at once, readable by its owner only."""
        draft = self.path / f"{name}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(self.path / name)

    def note_running(self, facts: dict[str, Any]) -> None:
        self.write_private("running.json", json.dumps(facts))

    def running(self) -> dict[str, Any]:
        """What the last owner of the lock said of itself: addresses of engines and web."""
        try:
            return dict(json.loads((self.path / "running.json").read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def forget_running(self) -> None:
        (self.path / "running.json").unlink(missing_ok=True)
