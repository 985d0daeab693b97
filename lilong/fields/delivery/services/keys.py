"""The house's own key for codes, tags and promises of delivery."""

import hmac

from django.conf import settings


def key(use: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"lilong delivery {use}".encode(), "sha256")
