"""Who may do what for an operator: the roles of an organisation's members (its owner may do all), and the scopes of keys."""

FLEET = "mobility:fleet"  # vehicles, stations, zones, prices, states
MDS = "mobility:mds"  # what regulators read (MDS)
RENT = "mobility:rent"  # a rider's own bookings and trips

MANAGE = ("manager",)  # prices, zones, the operator itself
RUN = ("manager", "clerk", "driver", "auditor")  # looking at the fleet and its trips
WORK = ("manager", "clerk", "driver")  # states, maintenance, charging
