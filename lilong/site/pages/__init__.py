"""The site's own pages: the lane, search over all doors, what is mine, and what browsers ask a house for."""
