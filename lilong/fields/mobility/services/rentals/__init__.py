"""Rentals from booking to receipt, one file a step. Locks in this order: rental, vehicle, ledger accounts, calendar."""
