"""The house without its counter: orders go through the plain Django view, one transaction each. The baseline of benches."""

from lilong.site.asgi import django as application  # noqa: F401
