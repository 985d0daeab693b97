"""The open standards of contactless delivery, mapped to and from services and queries."""
