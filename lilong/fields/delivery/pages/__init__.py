"""Pages of contactless delivery, one file a topic."""
