"""Who may do what for a carrier, and the scopes of keys. An organisation's owner may do all."""

WRITE = "delivery:write"  # carriers, zones, depots, services, fleets, lockers
SHIP = "delivery:ship"  # asking for shipments, cancelling, claiming, rating
CARRY = "delivery:carry"  # collecting, delivering, proving

SET_UP = ("manager",)
DISPATCH = ("manager", "dispatcher", "clerk")  # accepting, assigning, deciding what a courier may not
CLAIMS = ("manager", "clerk")
LOOK = ("manager", "dispatcher", "clerk", "auditor")
PAYER = ("manager", "clerk", "buyer")  # of whoever pays
SHIPPER = ("manager", "clerk", "picker")  # of whoever sends
QUALITY = ("manager", "quality", "pharmacist")  # of whoever sends: what becomes of goods that were too warm
