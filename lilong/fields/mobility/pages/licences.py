"""Handing in a driving licence, how it stands, and the city's desk that looks at them."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lilong.fields.mobility.pages import frame
from lilong.fields.mobility.pages.words import LICENCE_STATES, RULES, said, word
from lilong.fields.mobility.queries import riding
from lilong.fields.mobility.rules.fleet import LICENCE_CLASSES
from lilong.fields.mobility.services import licences as services
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing, Problem
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, signed_in


class LicenceForm(forms.Form):
    id = forms.UUIDField(initial=ids.uuid7, widget=forms.HiddenInput)
    number = forms.CharField(
        label=gettext_lazy("Number of the licence"),
        max_length=18,
        help_text=gettext_lazy("Eighteen characters. Only a digest of it is kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    classes = forms.MultipleChoiceField(
        label=gettext_lazy("Classes"),
        choices=[(each, each) for each in LICENCE_CLASSES],
        widget=forms.CheckboxSelectMultiple,
        initial=["C1"],
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def mine(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of_request(request)
    form = LicenceForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.submit_licence(actor, **form.cleaned_data)
            return redirect("mobility:licence")
        except Problem as problem:
            for violation in problem.violations:
                name = violation.pointer.strip("/")
                form.add_error(name if name in form.fields else None, RULES.get(violation.rule, said(problem)))
            if not problem.violations:
                form.add_error(None, said(problem))
    rows = [(row, word(LICENCE_STATES, row.state)) for row in riding.licences(actor.party)]
    return frame.page(request, "licence", form=form, licences=rows)


@require_safe
@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """For the city's operators: licences to be looked at, with who handed them in."""
    if not actor_of_request(request).staff:
        raise Missing("no-such-page", _("There is no such page."))
    found = riding.waiting_licences(request.GET.get("cursor", ""))
    names = parties.parties({row.person for row in found.items})
    rows = [(row, names[row.person].name if row.person in names else "") for row in found.items]
    return frame.page(request, "licence_desk", licences=rows, next=found.next)


@require_POST
@signed_in
def decide(request: HttpRequest, id: UUID) -> HttpResponse:
    actor, accept = actor_of_request(request), request.POST.get("do") == "accept"
    if not actor.staff:
        raise Missing("no-such-page", _("There is no such page."))
    reason = request.POST.get("reason", "").strip()
    frame.act(request, lambda: services.decide_licence(actor, id=id, accept=accept, reason=reason), _("Decided."))
    return redirect("mobility:licence-desk")
