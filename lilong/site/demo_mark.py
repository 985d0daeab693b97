"""Whether this city is one of play money."""

from django.conf import settings

_DEMO = ("begun", "yes")  # what `lilong up` notes in its data folder when it loads the demo city


def is_demo_city() -> bool:
    """Said by LILONG_DEMO=1, or by the data folder that `lilong up` has loaded the demo city into."""
    mark = settings.DATA / "demo"
    return bool(settings.DEMO_CITY) or (mark.is_file() and mark.read_text().strip() in _DEMO)
