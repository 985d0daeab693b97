"""The market spoken in open standards: GS1, schema.org, UBL, and tables (CSV)."""
