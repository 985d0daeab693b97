"""Tables of the parties."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Who signs in. The party behind it is what acts."""
