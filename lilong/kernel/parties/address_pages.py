"""The address book's pages behind 'me'."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lilong.kernel.base import ids
from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties import queries, rules, services
from lilong.kernel.parties.drafts import AddressDraft
from lilong.kernel.parties.forms import district_choices
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.kernel.parties.pages import told
from lilong.kernel.parties.views import AddressView

E6 = Decimal(1_000_000)


class AddressForm(forms.Form):
    """What is allowed is decided by the service. The point is chosen on the map or typed."""

    id = forms.UUIDField(initial=ids.uuid7, widget=forms.HiddenInput, required=False)
    label = forms.CharField(
        label=gettext_lazy("What I call it"),
        max_length=rules.LABEL_MAX,
        required=False,
        help_text=gettext_lazy("For example: home, office"),
    )
    recipient = forms.CharField(
        label=gettext_lazy("Recipient"),
        max_length=rules.RECIPIENT_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    line = forms.CharField(
        label=gettext_lazy("Street, house, entrance, door"),
        max_length=rules.LINE_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    district = forms.ChoiceField(label=gettext_lazy("District"), choices=district_choices, required=False)
    latitude = forms.DecimalField(
        label=gettext_lazy("Latitude"), min_value=-90, max_value=90, max_digits=9, decimal_places=6
    )
    longitude = forms.DecimalField(
        label=gettext_lazy("Longitude"), min_value=-180, max_value=180, max_digits=9, decimal_places=6
    )
    default = forms.BooleanField(label=gettext_lazy("Propose this one first"), required=False)


def _initial(view: AddressView) -> dict[str, Any]:
    members = ("label", "recipient", "phone", "line", "district", "default")
    return {member: getattr(view, member) for member in members} | {
        "latitude": Decimal(view.latitude_e6) / E6,
        "longitude": Decimal(view.longitude_e6) / E6,
    }


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: HttpRequest) -> HttpResponseBase:
    """The book and the form for a new entry."""
    actor = actor_of_request(request)
    name = queries.party(actor.party).name.en
    form = AddressForm(request.POST or None, initial={"recipient": name})
    if form.is_bound and form.is_valid() and _kept(request, form, form.cleaned_data["id"] or ids.uuid7()):
        return redirect("parties:addresses")
    entries = [(view, BY_SLUG[view.district].name) for view in queries.addresses(actor, actor.party)]
    return render(request, "parties/addresses.html", {"addresses": entries, "form": form})


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, id: UUID) -> HttpResponseBase:
    view = queries.address(actor_of_request(request), id)
    form = AddressForm(request.POST or None, initial=_initial(view))
    if form.is_bound and form.is_valid() and _kept(request, form, id):
        return redirect("parties:addresses")
    return render(request, "parties/address.html", {"address": view, "form": form})


def _kept(request: HttpRequest, form: AddressForm, id: UUID) -> bool:
    actor, given = actor_of_request(request), dict(form.cleaned_data)
    given.pop("id")
    latitude, longitude = (round(given.pop(name) * E6) for name in ("latitude", "longitude"))
    draft = AddressDraft(id=id, party=actor.party, latitude_e6=latitude, longitude_e6=longitude, **given)
    try:
        services.put_address(actor, draft)
    except Problem as problem:
        if any(violation.rule == "in-the-city" for violation in problem.violations):
            form.add_error("latitude", _("This point is outside the city."))
        else:
            told(form, problem)
        return False
    messages.success(request, _("Saved."))
    return True


@signed_in
@require_POST
def remove_address(request: HttpRequest, id: UUID) -> HttpResponse:
    services.remove_address(actor_of_request(request), id=id)
    messages.success(request, _("The address is removed."))
    return redirect("parties:addresses")
