"""Forms of the parties' pages. They check shape; what is allowed is decided by the services."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.districts import DISTRICTS
from lilong.kernel.base.problems import Invalid
from lilong.kernel.base.words import LANGUAGES
from lilong.kernel.parties import rules

LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文", "ko": "한국어"}


def district_choices() -> list[tuple[str, Any]]:
    """'' and the sixteen districts, in the reader's language."""
    return [("", _("not said")), *((district.slug, district.name) for district in DISTRICTS)]


class SignupForm(AllauthSignupForm):
    """Signing up: the person, the account and the event are written in one transaction."""

    name = forms.CharField(
        label=_("Name"), max_length=rules.NAME_MAX, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    district = forms.ChoiceField(label=_("District"), choices=district_choices, required=False)
    field_order = ("name", "email", "password1", "district")

    def clean_name(self) -> str:
        return checked_name(self.cleaned_data["name"])

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        with transaction.atomic():
            answer: tuple[AbstractBaseUser | None, HttpResponse | None] = super().try_save(request)
        return answer

    def language(self) -> str:
        spoken = get_language() or ""
        return spoken if spoken in LANGUAGES else "en"


def checked_name(value: str) -> str:
    """A person's name, or the form's own error."""
    try:
        return rules.person_name(value).en
    except Invalid:
        raise forms.ValidationError(_("A name has 1 to 200 visible characters.")) from None


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=rules.NAME_MAX, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    district = forms.ChoiceField(label=_("District"), choices=district_choices, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGE_NAMES.items()))

    def clean_name(self) -> str:
        return checked_name(self.cleaned_data["name"])


class EraseForm(forms.Form):
    email = forms.EmailField(label=_("Your e-mail address, to confirm"))


class KeyForm(forms.Form):
    party = forms.ChoiceField(label=_("Acts as"))
    name = forms.CharField(label=_("What the key is for"), max_length=rules.NAME_MAX)
    scopes = forms.CharField(
        label=_("Scopes"),
        initial="orders:place",
        help_text=_("Separated by spaces, for example: orders:place catalog:read. A star is everything you may do."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    expires_on = forms.DateField(
        label=_("Good until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, parties: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].choices = parties  # type: ignore[attr-defined]


class ConsentForm(forms.Form):
    to = forms.UUIDField(
        label=_("To whom (id of the organisation)"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    purpose = forms.SlugField(label=_("For what"), help_text=_("One word, for example: research"))
    categories = forms.CharField(
        label=_("Which data"), help_text=_("Words separated by spaces, for example: orders profile")
    )
    until = forms.DateField(
        label=_("Good until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class OrganisationForm(forms.Form):
    name_en = forms.CharField(label=_("Name in English"), max_length=rules.NAME_MAX, required=False)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=rules.NAME_MAX, required=False)
    name_ko = forms.CharField(label=_("Name in Korean"), max_length=rules.NAME_MAX, required=False)
    kind = forms.SlugField(label=_("Kind"), required=False, help_text=_("One word, for example: grocer"))
    district = forms.ChoiceField(label=_("District"), choices=district_choices, required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not any(found.get(name) for name in ("name_en", "name_zh", "name_ko")):
            raise forms.ValidationError(_("Give a name in at least one language."))
        return found


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of the person"))
    roles = forms.CharField(
        label=_("Roles"), help_text=_("Words separated by spaces, for example: clerk picker. An owner may do all.")
    )


class DeviceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=rules.NAME_MAX)
    kind = forms.SlugField(label=_("Kind"), required=False, help_text=_("One word, for example: vending-machine"))
    district = forms.ChoiceField(label=_("District"), choices=district_choices, required=False)


class ReadForm(forms.Form):
    who = forms.CharField(label=_("E-mail address or number of the person"), max_length=254)
    why = forms.CharField(
        label=_("Why you read this"),
        min_length=rules.WHY_MIN,
        max_length=rules.WHY_MAX,
        help_text=_("The person reads this."),
    )
