"""The operators' view of parties: ids, kinds and moments. Names and addresses are read, with a reason that the person
can see, on the pages of `pages.py`."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.parties.models import AccessEntry, ApiKey, Device, Membership, Party, User

# The admin's own sign-in form knows neither second factors nor our limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(Party)
class PartyAdmin(LookOnly):
    list_display = ("id", "kind", "category", "district", "created_at", "closed_at")
    list_filter = ("kind", "district", "category")
    fields = ("id", "kind", "category", "district", "language", "created_at", "closed_at")
    search_fields = ("id",)
    ordering = ("-created_at",)
    show_full_result_count = False


@admin.register(User)
class UserAdmin(LookOnly):
    list_display = ("party_id", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    fields = ("party_id", "is_staff", "is_superuser", "is_active", "date_joined", "last_login")
    readonly_fields = ("party_id",)
    show_full_result_count = False


@admin.register(Membership)
class MembershipAdmin(LookOnly):
    list_display = ("organisation_id", "person_id", "roles", "since")
    show_full_result_count = False


@admin.register(Device)
class DeviceAdmin(LookOnly):
    list_display = ("party_id", "owner_id", "secret_at")
    fields = ("party_id", "owner_id", "secret_at")
    show_full_result_count = False


@admin.register(ApiKey)
class ApiKeyAdmin(LookOnly):
    list_display = ("prefix", "party_id", "scopes", "created_at", "expires_at", "revoked_at", "used_on")
    fields = ("prefix", "party_id", "name", "scopes", "created_at", "expires_at", "revoked_at", "used_on")
    show_full_result_count = False


@admin.register(AccessEntry)
class AccessEntryAdmin(LookOnly):
    list_display = ("at", "reader", "subject", "what", "why")
    search_fields = ("reader", "subject")
    show_full_result_count = False
