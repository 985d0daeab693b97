"""Every write of new mobility: one transaction each, with its facts."""
