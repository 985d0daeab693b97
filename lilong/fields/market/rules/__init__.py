"""Pure decisions of the market: no Django, no I/O. One file a topic."""
