"""What the plan's numbers are made of, and how they are read. Pure."""
