"""Pure decisions of new mobility: no Django, no I/O. One file a topic."""
