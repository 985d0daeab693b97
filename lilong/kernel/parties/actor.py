"""Who acts: the first argument of every write. Pure; built by `queries.actor_of*`, `tokens.read` and `http`."""

from uuid import UUID

import msgspec

from lilong.kernel.base import ids
from lilong.kernel.parties import refusals

EVERYTHING = "*"
STAFF_SCOPE = "staff"  # what a credential must hold, besides belonging to staff, to act as staff
OWNER = "owner"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A party acting under one credential. `staff` marks an operator of the city; `request` is the request's id."""

    party: UUID
    kind: str  # 'person' | 'organisation' | 'device' | 'system'
    roles: dict[UUID, frozenset[str]] = {}  # organisation -> roles held there
    scopes: frozenset[str] = frozenset({EVERYTHING})  # of the credential used
    staff: bool = False
    request: str = ""

    def may(self, scope: str) -> bool:
        """Whether the credential reaches `scope`: named itself, as its group ('orders:*'), or everything."""
        return covers(self.scopes, scope)

    def acts_for(self, owner: UUID, *roles: str) -> bool:
        """The owner itself, or a member there with one of the roles (an organisation's owner may do all)."""
        if self.kind == "system" or self.party == owner:
            return True
        held = self.roles.get(owner, frozenset())
        return OWNER in held or not held.isdisjoint(roles)

    def require(self, owner: UUID, *roles: str, scope: str = "") -> None:
        """Raises Forbidden unless the actor acts for `owner` and the credential reaches `scope` (when given)."""
        if scope:
            self.require_scope(scope)
        if not self.acts_for(owner, *roles):
            raise refusals.not_yours([OWNER, *roles])

    def require_scope(self, scope: str) -> None:
        """Raises Forbidden unless the credential reaches `scope`."""
        if not self.may(scope):
            raise refusals.scope_missing(scope)

    def require_staff(self) -> None:
        """Raises Forbidden unless an operator of the city (or the house itself) acts."""
        if not (self.staff or self.kind == "system"):
            raise refusals.staff_only()

    def narrowed(self, scopes: frozenset[str]) -> "Actor":
        """The same actor with those scopes alone; raises Forbidden for one that the credential does not reach.

        Staff remain staff only under '*' or the scope 'staff'.
        """
        for scope in sorted(scopes):
            self.require_scope(scope)
        return msgspec.structs.replace(self, scopes=scopes, staff=self.staff and covers(scopes, STAFF_SCOPE))


def covers(scopes: frozenset[str], scope: str) -> bool:
    """Whether a set of scopes reaches `scope`. '*' alone reaches '*'; 'orders:*' reaches 'orders:place'."""
    if EVERYTHING in scopes or scope in scopes:
        return True
    return f"{scope.partition(':')[0]}:*" in scopes and scope != EVERYTHING


SYSTEM = Actor(party=ids.named("lilong", "system"), kind="system", staff=True)
