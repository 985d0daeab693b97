"""The facts that contactless delivery records, one file a topic."""
