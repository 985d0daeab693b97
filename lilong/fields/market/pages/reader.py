"""Who reads a public page, if anybody is signed in."""

from django.http import HttpRequest

from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request


def reader(request: HttpRequest) -> Actor | None:
    """The actor behind a request to a page that everybody may read; None for nobody."""
    try:
        return actor_of_request(request)
    except Unauthenticated:
        return None
