"""The pages behind 'me': profile, security, keys, consents, who read my data; and operators reading a person's page."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties import forms, queries, refusals, services
from lilong.kernel.parties.actor import OWNER, Actor
from lilong.kernel.parties.http import actor_of_request, signed_in, throttle

form_page = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@form_page
def profile(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of_request(request)
    party, email = queries.party(actor.party), queries.email_of(actor.party)
    form = forms.ProfileForm(
        request.POST if request.POST.get("do") == "save" else None,
        initial={"name": party.name.en, "district": party.district, "language": party.language},
    )
    erase = forms.EraseForm(request.POST if request.POST.get("do") == "erase" else None)
    if form.is_bound and form.is_valid() and done(form, services.correct_person, actor, person=actor.party):
        messages.success(request, _("Saved."))
        return redirect("parties:profile")
    if erase.is_bound and erase.is_valid():
        if erase.cleaned_data["email"].strip().lower() != email:
            erase.add_error("email", _("This is not your e-mail address."))
        elif tried(erase, services.erase_person, actor, person=actor.party):
            logout(request)
            return redirect("/")
    return render(request, "parties/profile.html", {"form": form, "erase": erase, "party": party, "email": email})


@signed_in
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    email = queries.email_of(actor_of_request(request).party)
    return render(request, "parties/security.html", {"email": email})


@signed_in
@never_cache
@form_page
def keys(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    holders = _holders(actor)
    form = forms.KeyForm(request.POST or None, parties=[(str(id), name) for id, name in holders.items()])
    secret = ""
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        issued = tried(
            form,
            services.issue_key,
            actor,
            id=ids.uuid7(),
            party=UUID(given["party"]),
            name=given["name"],
            scopes=given["scopes"].split(),
            expires_at=_end_of(given["expires_on"]),
        )
        if issued:
            secret = issued[1]
            form = forms.KeyForm(parties=[(str(id), name) for id, name in holders.items()])
    rows = [(key, name) for id, name in holders.items() for key in queries.keys(id)]
    return render(request, "parties/keys.html", {"keys": rows, "form": form, "secret": secret})


def _holders(actor: Actor) -> dict[UUID, str]:
    """The parties whose keys the actor may issue: oneself and the organisations one owns."""
    owned = [party for party, roles in queries.organisations_of(actor.party) if OWNER in roles]
    return {actor.party: _("myself"), **{party.id: str(party.name) for party in owned}}


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.max, clock.CITY_ZONE) if day else None


@signed_in
@require_POST
def revoke_key(request: HttpRequest, id: UUID) -> HttpResponse:
    services.revoke_key(actor_of_request(request), id=id)
    messages.success(request, _("The key is revoked."))
    return redirect("parties:keys")


@signed_in
@form_page
def consents(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    form = forms.ConsentForm(request.POST or None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        body = {"to": given["to"], "purpose": given["purpose"].lower(), "until": _end_of(given["until"])}
        if tried(
            form, services.give_consent, actor, id=ids.uuid7(), categories=given["categories"].lower().split(), **body
        ):
            messages.success(request, _("Consent given."))
            return redirect("parties:consents")
    found = queries.consents(actor.party)
    names, now = queries.parties({consent.to for consent in found}), clock.now()
    rows = [(c, names[c.to].name, c.withdrawn_at is None and (c.until is None or c.until > now)) for c in found]
    return render(request, "parties/consents.html", {"consents": rows, "form": form})


@signed_in
@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    services.withdraw_consent(actor_of_request(request), id=id)
    messages.success(request, _("Consent withdrawn."))
    return redirect("parties:consents")


@signed_in
@require_GET
def access(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("text", "")
    found = queries.access_log(actor_of_request(request).party, text=text, cursor=request.GET.get("cursor", ""))
    return render(request, "parties/access.html", {"slice": found, "text": text})


@signed_in
@never_cache
@form_page
def people(request: HttpRequest) -> HttpResponse:
    """For operators: find a person by e-mail address or number, and give the reason for reading."""
    actor = actor_of_request(request)
    if not actor.staff:
        raise refusals.no_page()
    form, file = forms.ReadForm(request.POST or None), None
    if form.is_bound and form.is_valid():
        throttle("read-person", str(actor.party), 60, 60)
        person = _person(form.cleaned_data["who"])
        if person is None:
            form.add_error("who", _("Nobody has this address or number."))
        else:
            file = tried(form, services.read_person, actor, person=person, why=form.cleaned_data["why"])
    return render(request, "parties/people.html", {"form": form, "file": file})


def _person(who: str) -> UUID | None:
    try:
        return UUID(who)
    except ValueError:
        return queries.person_by_email(who)


def done(form: Any, write: Any, actor: Actor, **more: Any) -> bool:
    """Whether the service took what the form holds."""
    return tried(form, write, actor, **more, **form.cleaned_data) is not None


def tried(form: Any, write: Any, actor: Actor, **given: Any) -> Any:
    """The service's answer (True for none), or None after telling the form which of its fields was refused and why."""
    try:
        answer = write(actor, **given)
    except Problem as problem:
        told(form, problem)
        return None
    return True if answer is None else answer


def told(form: Any, problem: Problem) -> None:
    """Puts a problem onto the form: at its field where it has that field, else on top."""
    for violation in problem.violations:
        name = violation.pointer.strip("/")
        form.add_error(name if name in form.fields else None, _("Refused: %s.") % (violation.detail or violation.rule))
    if not problem.violations:
        form.add_error(None, str(problem.detail or problem.title))
