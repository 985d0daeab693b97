"""Every read of the market, one file a topic. What it answers is plain data: edges never see a table."""
