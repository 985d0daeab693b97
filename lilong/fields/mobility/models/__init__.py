"""Tables of new mobility, one file a topic. Every table is named here."""

__all__: list[str] = []
