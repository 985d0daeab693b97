"""The facts the market records, one file a topic."""
