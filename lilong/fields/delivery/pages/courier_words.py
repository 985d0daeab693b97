"""What the courier's script says, in the reader's language: handed over with the shell, so that it is there without a connection."""

from django.utils.translation import gettext as _

from lilong.fields.delivery.pages.words import PROOFS, STATES, STOPPED


def script_words() -> dict[str, str]:
    words = {
        "online": _("Everything is sent"),
        "sending": _("Sending"),
        "offline": _("No connection: it is kept here and sent later"),
        "waiting": _("waiting to be sent"),
        "signin": _("Please sign in again; what waits here is kept"),
        "kept": _("The office has to look at this"),
        "never": _("Open this page once with a connection, so that your day is on the phone."),
        "nothing": _("Nothing to do right now."),
        "pickup": _("Pick up"),
        "delivery": _("Deliver"),
        "return": _("Bring back"),
        "locker": _("Into the locker"),
        "aboard": _("Aboard"),
        "arrive": _("I am there"),
        "collect": _("I have it"),
        "depart": _("Start the tour"),
        "deliver": _("Hand over"),
        "deposit": _("It is in the cell"),
        "open": _("Open the cell"),
        "cell": _("Cell"),
        "fail": _("Could not deliver"),
        "back": _("The sender has it again"),
        "takeback": _("Take it out again"),
        "contactless": _("Without meeting: put it down, take a photo"),
        "code": _("The recipient's code"),
        "tag": _("Code on the parcel"),
        "scan": _("Scan"),
        "photo": _("Take a photo"),
        "photos": _("photos taken"),
        "map": _("Way there"),
        "by": _("until"),
        "eta": _("about"),
        "parcels": _("Parcels"),
        "stopped": _("Do not hand it over"),
        "done": _("done"),
        "needs": _("Needed here"),
        "missing": _("Still missing"),
        "geo": _("Your position is taken along as a proof."),
        "nogeo": _("Your position is not known."),
        "call": _("Call"),
    }
    states = {f"state-{name}": str(label) for name, (label, _kind) in STATES.items()}
    proofs = {f"proof-{name}": str(label) for name, label in PROOFS.items()}
    stopped = {f"stopped-{name}": str(label) for name, label in STOPPED.items()}
    return words | states | proofs | stopped
