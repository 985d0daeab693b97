"""The facts that new mobility records, one file a topic."""
