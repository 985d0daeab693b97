"""Tables of contactless delivery, one file a topic. Every table is named here."""

__all__: list[str] = []
