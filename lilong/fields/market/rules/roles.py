"""Who may do what for a seller: the roles of an organisation's members (its owner may do all), and the scopes of keys.

A key that registers products also needs the catalog's `catalog:write`.
"""

WRITE = "market:write"  # products, places, windows, papers, recalls
MOVE = "market:stock"  # goods in, moved, counted, thrown away

RANGE = ("manager", "clerk")  # what is sold, at what price; places and their windows
STOCK = ("manager", "clerk", "picker")  # goods in, moved, counted, thrown away
RECALL = ("manager",)
PAPERS = ("manager", "clerk", "auditor")  # reading invoices, reports, recalls
