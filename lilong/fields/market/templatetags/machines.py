"""What the machines' pages need: `{% load machines %}`."""

from uuid import UUID

from django import template

from lilong.kernel.base import ids

register = template.Library()


@register.simple_tag
def fresh_id() -> UUID:
    """An id for a form, so that sending it twice does it once."""
    return ids.uuid7()
