"""Reads of contactless delivery, one file a topic."""
