"""Every write of the market, one file a topic; each function is one transaction with its event."""
