"""Pure decisions of contactless delivery: no Django, no I/O."""
