"""Rides: every write, one file a topic. Lock order: ride, duty, vehicle, then the ledger's accounts."""
