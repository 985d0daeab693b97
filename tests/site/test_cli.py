"""The command line's own manners."""

import pytest

from lilong.site.cli import COMMANDS, main
from tests.site.running import lilong


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"usage: lilong {command}" in said
    assert "--data DIR" in said


@pytest.mark.parametrize("role", ["web", "worker", "relay"])
def test_a_role_apart_asks_for_addresses(role: str) -> None:
    found = lilong(role)
    assert found.returncode == 1
    assert found.stderr == "lilong: set DATABASE_URL and NATS_URL; or run `lilong up`, which starts everything\n"


def test_an_unknown_benchmark_is_one_line() -> None:
    found = lilong("bench", "nothing")
    assert found.returncode == 1
    assert "there is no benchmark 'nothing'" in found.stderr
