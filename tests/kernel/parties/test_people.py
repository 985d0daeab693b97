"""People and organisations: created, repeated, refused, corrected, erased."""

import pytest

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import SYSTEM, Actor

pytestmark = pytest.mark.django_db


def _person(email: str = "mei@example.org", **more: object) -> Actor:
    id = ids.uuid7()
    services.create_person(SYSTEM, id=id, name="Mei", email=email, password="plum-river-482", **more)
    return queries.actor_of_party(id)


def test_a_person_is_created_once_whatever_is_repeated() -> None:
    id = ids.uuid7()
    body = {"id": id, "name": "Mei Lin", "email": "Mei@Example.org", "district": "huangpu", "language": "ko"}
    first = services.create_person(SYSTEM, **body)
    assert first == services.create_person(SYSTEM, **body)
    assert (first.kind, str(first.name), first.district, first.language) == ("person", "Mei Lin", "huangpu", "ko")
    assert queries.email_of(id) == "mei@example.org"
    with pytest.raises(Conflict) as other:
        services.create_person(SYSTEM, **(body | {"name": "Another"}))
    assert other.value.code == "id-taken"
    with pytest.raises(Conflict) as taken:
        services.create_person(SYSTEM, **(body | {"id": ids.uuid7()}))
    assert (taken.value.code, taken.value.violations[0].pointer) == ("email-taken", "/email")
    assert queries.districts([id]) == {id: "huangpu"}
