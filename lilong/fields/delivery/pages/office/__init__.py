"""A carrier's office, under `/delivery/carriers/<organisation>/`."""
