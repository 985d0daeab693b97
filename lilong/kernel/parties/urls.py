"""Pages behind 'me'."""

from django.urls import path

from lilong.kernel.parties import address_pages, organisation_pages, pages

app_name = "parties"
urlpatterns = [
    path("profile/", pages.profile, name="profile"),
    path("addresses/", address_pages.addresses, name="addresses"),
    path("addresses/<uuid:id>/", address_pages.address, name="address"),
    path("addresses/<uuid:id>/remove/", address_pages.remove_address, name="remove-address"),
    path("security/", pages.security, name="security"),
    path("keys/", pages.keys, name="keys"),
    path("keys/<uuid:id>/revoke/", pages.revoke_key, name="revoke-key"),
    path("consents/", pages.consents, name="consents"),
    path("consents/<uuid:id>/withdraw/", pages.withdraw, name="withdraw"),
    path("access/", pages.access, name="access"),
    path("people/", pages.people, name="people"),
    path("organisations/", organisation_pages.organisations, name="organisations"),
    path("organisations/<uuid:organisation>/", organisation_pages.organisation, name="organisation"),
    path(
        "organisations/<uuid:organisation>/members/<uuid:person>/remove/",
        organisation_pages.remove_member,
        name="remove-member",
    ),
    path(
        "organisations/<uuid:organisation>/devices/<uuid:device>/secret/",
        organisation_pages.device_secret,
        name="device-secret",
    ),
    path(
        "organisations/<uuid:organisation>/devices/<uuid:device>/revoke/",
        organisation_pages.revoke_device,
        name="revoke-device",
    ),
]
