"""Writes: letters to devices, messages put aside."""
