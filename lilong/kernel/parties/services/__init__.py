"""Every write of the parties."""

from lilong.kernel.parties.services.access import Access, record_access, record_accesses
from lilong.kernel.parties.services.addresses import (
    forget_removed_addresses,
    put_address,
    read_address,
    read_addresses,
    remove_address,
)
from lilong.kernel.parties.services.consents import give_consent, withdraw_consent
from lilong.kernel.parties.services.devices import create_device, issue_device_secret, revoke_device
from lilong.kernel.parties.services.keys import issue_key, revoke_key
from lilong.kernel.parties.services.limits import count_against, forget_past_windows
from lilong.kernel.parties.services.membership import add_member, remove_member
from lilong.kernel.parties.services.organisations import create_organisation, create_organisations
from lilong.kernel.parties.services.people import correct_person, create_people, create_person, erase_person, join
from lilong.kernel.parties.services.reading import read_person

__all__ = [
    "Access",
    "add_member",
    "correct_person",
    "count_against",
    "create_device",
    "create_organisation",
    "create_organisations",
    "create_people",
    "create_person",
    "erase_person",
    "forget_past_windows",
    "forget_removed_addresses",
    "give_consent",
    "issue_device_secret",
    "issue_key",
    "join",
    "put_address",
    "read_address",
    "read_addresses",
    "read_person",
    "record_access",
    "record_accesses",
    "remove_address",
    "remove_member",
    "revoke_device",
    "revoke_key",
    "withdraw_consent",
]
