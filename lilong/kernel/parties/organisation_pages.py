"""The pages of organisations: founding one, its members, its devices."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.parties import forms, queries, refusals, services
from lilong.kernel.parties.actor import OWNER
from lilong.kernel.parties.http import actor_of_request, signed_in, throttle
from lilong.kernel.parties.pages import form_page, tried

MANAGER = "manager"


@signed_in
@form_page
def organisations(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    form = forms.OrganisationForm(request.POST or None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        name = Words(en=given["name_en"], zh=given["name_zh"], ko=given["name_ko"])
        founded = tried(
            form,
            services.create_organisation,
            actor,
            id=ids.uuid7(),
            name=name,
            owner=actor.party,
            kind=given["kind"].lower(),
            district=given["district"],
        )
        if founded:
            return redirect("parties:organisation", organisation=founded.id)
    found = queries.organisations_of(actor.party)
    return render(request, "parties/organisations.html", {"organisations": found, "form": form})


@signed_in
@never_cache
@form_page
def organisation(request: HttpRequest, organisation: UUID) -> HttpResponseBase:
    """Its members see it; owners change members, owners and managers its devices."""
    actor = actor_of_request(request)
    if organisation not in actor.roles:
        raise refusals.no_party()
    wanted = request.POST.get("do", "")
    member_form = forms.MemberForm(request.POST if wanted == "member" else None)
    device_form = forms.DeviceForm(request.POST if wanted == "device" else None)
    if (member_form.is_bound and _added(request, organisation, member_form)) or (
        device_form.is_bound and _registered(request, organisation, device_form)
    ):
        return redirect("parties:organisation", organisation=organisation)
    return _shown(request, organisation, member_form, device_form)


def _shown(
    request: HttpRequest, organisation: UUID, member_form: Form, device_form: Form, secret: str = ""
) -> HttpResponse:
    actor = actor_of_request(request)
    manages = actor.acts_for(organisation, MANAGER)
    page = {
        "organisation": queries.party(organisation),
        "members": queries.members(organisation),
        "devices": queries.devices(organisation) if manages else [],
        "me": actor.party,
        "owner": OWNER in actor.roles[organisation],
        "manager": manages,
        "member_form": member_form,
        "device_form": device_form,
        "secret": secret,
    }
    return render(request, "parties/organisation.html", page)


def _added(request: HttpRequest, organisation: UUID, form: forms.MemberForm) -> bool:
    if not form.is_valid():
        return False
    actor = actor_of_request(request)
    actor.require(organisation)
    throttle("find-by-email", str(actor.party), 30, 300)
    person = queries.person_by_email(form.cleaned_data["email"])
    if person is None:
        form.add_error("email", _("Nobody has joined with this address."))
        return False
    roles = form.cleaned_data["roles"].lower().split()
    return tried(form, services.add_member, actor, organisation=organisation, person=person, roles=roles) is not None


def _registered(request: HttpRequest, organisation: UUID, form: forms.DeviceForm) -> bool:
    if not form.is_valid():
        return False
    given = form.cleaned_data
    return bool(
        tried(
            form,
            services.create_device,
            actor_of_request(request),
            id=ids.uuid7(),
            name=given["name"],
            owner=organisation,
            kind=given["kind"].lower(),
            district=given["district"],
        )
    )


@signed_in
@require_POST
def remove_member(request: HttpRequest, organisation: UUID, person: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    if organisation not in actor.roles:
        raise refusals.no_party()
    services.remove_member(actor, organisation=organisation, person=person)
    messages.success(request, _("The membership has ended."))
    if person == actor.party:
        return redirect("parties:organisations")
    return redirect("parties:organisation", organisation=organisation)


@signed_in
@never_cache
@require_POST
def device_secret(request: HttpRequest, organisation: UUID, device: UUID) -> HttpResponse:
    """Shows the new secret on the page that answers, this once; it is kept nowhere."""
    actor = actor_of_request(request)
    _check(organisation, device)
    secret = services.issue_device_secret(actor, device=device)
    return _shown(request, organisation, forms.MemberForm(), forms.DeviceForm(), secret)


@signed_in
@require_POST
def revoke_device(request: HttpRequest, organisation: UUID, device: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    _check(organisation, device)
    services.revoke_device(actor, device=device)
    messages.success(request, _("The device is revoked."))
    return redirect("parties:organisation", organisation=organisation)


def _check(organisation: UUID, device: UUID) -> None:
    """The device named in the address belongs to the organisation named there."""
    if queries.device(device).owner != organisation:
        raise refusals.no_party()
