"""What devices say and are told: messages taken in once they are safe in the database, letters out after the commit."""
