"""GBFS 3.0: the public feeds of shared vehicles, one system for each operator. Field names are the specification's."""
