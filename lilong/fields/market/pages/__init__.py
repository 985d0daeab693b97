"""The market's pages: thin; what they show comes from queries, what they do goes to services."""
