"""Every write of contactless delivery, one file a topic; each function is one transaction with its event."""
