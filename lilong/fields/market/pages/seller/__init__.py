"""The seller's back office, under `/market/seller/<organisation>/`."""
