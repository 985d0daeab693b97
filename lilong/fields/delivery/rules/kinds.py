"""What carriers go with, what they keep cold, who can hold a parcel: the words that the tables and the drafts share."""

VEHICLES = ("courier", "van", "unmanned", "robot", "drone")
UNATTENDED = ("unmanned", "robot", "drone")  # nobody of the carrier's is with the goods
VEHICLE_STATES = ("off", "idle", "busy", "charging", "fault", "silent")

TEMPERATURES = ("ambient", "chilled", "frozen", "live")  # those of the goods
SERVICES = ("standard", "rapid", "night", "cold")

HOLDERS = ("sender", "depot", "vehicle", "cell", "recipient", "lost")
LOST_HOLDER = "lost"

PROOFS = ("code", "tag", "photo", "geofence", "locker")
SIZES = ("s", "m", "l", "xl")  # of locker cells, from small to large
# Inner width, depth and height of a cell in mm.
CELL_MM = {"s": (440, 500, 100), "m": (440, 500, 200), "l": (440, 500, 400), "xl": (440, 500, 800)}

CLAIMS = ("loss", "damage", "late", "excursion")
CLAIM_STATES = ("opened", "assessed", "paid", "refused")
OUTCOMES = ("no-answer", "refused", "address", "damaged", "locker-full", "blocked", "other")
