"""The open standards of new mobility, mapped to and from services and queries."""
