"""Every write of new mobility, one file a topic; each function is one transaction with its event."""
