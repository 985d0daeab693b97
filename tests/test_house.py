"""The house keeps its own rules: what the linters cannot see is walked here."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.db.models import Field

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = sorted((ROOT / "lilong").rglob("*.py"))
ORDER = ("base", "events", "devices", "parties", "ledger", "calendar", "catalog", "orders")
LINES_MAX, FUNCTION_LINES_MAX = 400, 70
ANATOMY = {
    "field", "rules", "events", "models", "queries", "services", "standard", "api", "pages", "jobs", "admin", "door", "apps",
    "urls", "migrations", "drafts", "__init__",
}  # fmt: skip


def ours() -> list[type]:
    return [model for model in apps.get_models() if model.__module__.startswith("lilong.")]


def room(model: type) -> str:
    """'kernel.orders', 'fields.market', 'plan', ..."""
    parts = model.__module__.split(".")
    return ".".join(parts[1:3]) if parts[1] in ("kernel", "fields") else parts[1]


def allowed(here: str, there: str) -> bool:
    """Whether tables of `here` may point at tables of `there`: inside a room, or down into the kernel."""
    if here == there:
        return True
    if not there.startswith("kernel."):
        return False
    if here.startswith("kernel."):
        return ORDER.index(there.partition(".")[2]) < ORDER.index(here.partition(".")[2])
    return True


def test_relations_stay_in_their_room_or_point_into_the_kernel():
    crossing = [
        f"{model.__module__}.{model.__name__}.{field.name} -> {field.related_model.__module__}"
        for model in ours()
        for field in model._meta.get_fields(include_hidden=False)
        if isinstance(field, Field) and field.is_relation and isinstance(field.related_model, type)
        if field.related_model.__module__.startswith("lilong.")
        if not allowed(room(model), room(field.related_model))
    ]
    assert crossing == []


def test_the_walk_would_notice():
    assert not allowed("fields.market", "fields.delivery")
    assert not allowed("kernel.ledger", "kernel.orders")
    assert not allowed("plan", "fields.market")
    assert allowed("fields.market", "kernel.orders")
    assert len(ours()) > 20


def test_import_contracts_hold():
    linter = Path(sys.executable).parent / "lint-imports"
    linted = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "0 broken" in linted.stdout, linted.stdout[-3000:] + linted.stderr[-1000:]


def test_no_import_goes_in_a_circle():
    """Not between modules either, nor hidden in functions or for the type checker alone."""
    graph = grimp.build_graph("lilong", cache_dir=None)
    order = TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})
    order.prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path):
    text = path.read_text()
    if "/migrations/" in str(path):
        return
    assert len(text.splitlines()) <= LINES_MAX
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_room_for_odds_and_ends():
    names = [path for path in SHIPPED if path.stem in ("utils", "helpers", "common", "misc")]
    assert names == []


def test_every_field_has_the_same_anatomy():
    strange = [
        str(entry.relative_to(ROOT))
        for field in sorted((ROOT / "lilong" / "fields").iterdir())
        if field.is_dir() and field.name != "__pycache__"
        for entry in sorted(field.iterdir())
        if entry.suffix == ".py" and entry.stem not in ANATOMY
    ]
    assert strange == []


def test_no_path_of_a_machine_and_no_registry_in_the_lock_files():
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        text = (ROOT / name).read_text()
        assert not any(
            word in text for word in ("--index-url", "--extra-index-url", "--find-links", "file:", "/work/", "/opt/")
        )


def test_every_pinned_package_has_hashes():
    for name in ("requirements.lock", "requirements-dev.lock"):
        blocks = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
        pinned = [line for line in blocks if "==" in line and not line.startswith(("#", " "))]
        assert pinned
        assert [line.split()[0] for line in pinned if "--hash=sha256:" not in line] == []
