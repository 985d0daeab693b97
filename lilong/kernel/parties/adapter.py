"""What django-allauth asks of us: who a new account belongs to."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from lilong.kernel.parties.services import join


class Adapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True) -> Any:
        """Writes the person behind the account with it. Raises Conflict when the address was taken meanwhile."""
        filled = super().save_user(request, user, form, commit=False)
        data = form.cleaned_data
        return join(filled, name=data["name"], district=data.get("district", ""), language=form.language())
