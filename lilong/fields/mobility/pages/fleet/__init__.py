"""The operator's pages, under `/mobility/fleet/`, one file a topic."""
