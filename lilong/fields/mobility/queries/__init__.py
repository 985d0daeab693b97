"""Reads of new mobility, one file a topic."""
