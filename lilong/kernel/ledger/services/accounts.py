"""Opening and closing: assets and accounts, each once for its names, whoever asks and however many at a time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.money import CNY, MINOR_DIGITS
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.ledger.queries import no_such_account
from lilong.kernel.ledger.rules import ASSET_KINDS, BALANCE_MIN

SCALE_MAX = 18
WALLET, BANK = "wallet", "bank"


class AssetDraft(NamedTuple):
    """An asset to open. `scale` None: a currency's own minor digits, else 0."""

    code: str
    kind: str
    unit: str
    scale: int | None = None


def open_asset(code: str, *, kind: str, unit: str, scale: int | None = None) -> int:
    """The id of the asset of that code, opened if there is none.

    Raises Conflict if it stands with another kind, unit or scale; Invalid for an unknown kind, a scale outside 0..18.
    """
    return open_assets([AssetDraft(code, kind, unit, scale)])[0]


def open_assets(drafts: Iterable[AssetDraft | tuple[str, str, str] | tuple[str, str, str, int]]) -> list[int]:
    """The ids of the assets (code, kind, unit, scale), in order; missing ones are opened, all by one statement."""
    wanted = [_checked(n, AssetDraft(*draft)) for n, draft in enumerate(drafts)]
    found = _assets(wanted)
    missing = sorted({draft for draft in wanted if draft.code not in found})
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_asset (code, kind, unit, scale) "
                "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::smallint[]) ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*missing, strict=True)],
            )
        found = _assets(wanted)
    for draft in wanted:
        if found[draft.code][1:] != draft[1:]:
            raise Conflict("asset-stands-otherwise", violations=[Violation(pointer="/code", rule="same-body")])
    return [found[draft.code][0] for draft in wanted]


def open_account(owner: UUID, asset: int, purpose: str, *, floor: int | None = 0) -> int:
    """The id of the owner's account of that asset and purpose, opened if there is none.

    Available never goes under `floor`; None is an outside world, without end. Raises Conflict if the account stands with
    another floor, Invalid if there is no such asset or the floor is above 0.
    """
    return open_accounts([(owner, asset, purpose, floor)])[0]


def open_accounts(wanted: Sequence[tuple[UUID, int, str, int | None]]) -> list[int]:
    """The ids of the accounts (owner, asset, purpose, floor), in order; missing ones are opened, all by one statement."""
    if not wanted:
        return []
    for n, (_owner, _asset, purpose, floor) in enumerate(wanted):
        if not purpose or "\0" in purpose:
            raise invalid(f"/{n}/purpose", "required")
        if floor is not None and not BALANCE_MIN <= floor <= 0:
            raise invalid(f"/{n}/floor", "range", f"{BALANCE_MIN}..0")
    found = _accounts(wanted)
    missing = {each[:3]: each for each in wanted if each[:3] not in found}
    if missing:
        _check_assets({asset for _, asset, _ in missing})
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_account (owner, asset, purpose, floor, posted, held, incoming, closed) "
                "SELECT o, a, p, f, 0, 0, 0, false FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::bigint[]) "
                "AS wanted(o, a, p, f) ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*(missing[key] for key in sorted(missing)), strict=True)],
            )
        found = _accounts(wanted)
    for n, each in enumerate(wanted):
        if found[each[:3]][1] != each[3]:
            raise Conflict("account-stands-otherwise", violations=[Violation(pointer=f"/{n}/floor", rule="same-body")])
    return [found[each[:3]][0] for each in wanted]


def wallet(owner: UUID) -> int:
    """The account of a party's spending money (CNY, fen)."""
    return open_account(owner, open_asset(CNY, kind="money", unit=CNY), WALLET)


def close_account(account: int) -> None:
    """From now on the account takes part in no new move; closing it again changes nothing.

    Raises Missing if there is none, Conflict while something is pending on it, or stands on it (an outside world's
    balance is not its own and does not count).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT closed, held = 0 AND incoming = 0 AND (posted = 0 OR floor IS NULL) "
            "FROM ledger_account WHERE id = %s FOR NO KEY UPDATE",
            [account],
        )
        row = cursor.fetchone()
        if row is None:
            raise no_such_account(account)
        closed, empty = row
        if not closed and not empty:
            raise Conflict("account-not-empty", _("There is still something on this account."))
        cursor.execute("UPDATE ledger_account SET closed = true WHERE id = %s AND NOT closed", [account])


def _checked(n: int, draft: AssetDraft) -> AssetDraft:
    if not draft.code or "\0" in draft.code:
        raise invalid(f"/{n}/code", "required")
    if draft.kind not in ASSET_KINDS:
        raise invalid(f"/{n}/kind", "one-of", ", ".join(ASSET_KINDS))
    scale = draft.scale
    if scale is None:
        scale = MINOR_DIGITS.get(draft.code, 0) if draft.kind == "money" else 0
    if not 0 <= scale <= SCALE_MAX:
        raise invalid(f"/{n}/scale", "range", f"0..{SCALE_MAX}")
    return draft._replace(scale=scale)


def _assets(wanted: Iterable[AssetDraft]) -> dict[str, tuple[int, str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, id, kind, unit, scale FROM ledger_asset WHERE code = ANY(%s)",
            [[each.code for each in wanted]],
        )
        return {code: (id, kind, unit, scale) for code, id, kind, unit, scale in cursor.fetchall()}


def _accounts(
    wanted: Iterable[tuple[UUID, int, str, int | None]],
) -> dict[tuple[UUID, int, str], tuple[int, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner, asset, purpose, id, floor FROM ledger_account "
            "JOIN unnest(%s::uuid[], %s::int[], %s::text[]) AS wanted(o, a, p) ON owner = o AND asset = a AND purpose = p",
            [list(column) for column in zip(*(each[:3] for each in wanted), strict=True)],
        )
        return {(owner, asset, purpose): (id, floor) for owner, asset, purpose, id, floor in cursor.fetchall()}


def _check_assets(assets: set[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_asset WHERE id = ANY(%s)", [list(assets)])
        unknown = assets - {id for (id,) in cursor.fetchall()}
    if unknown:
        raise invalid("/asset", "known", min(unknown))
