"""What `lilong doctor` and the start ask of the accounts."""

from django.contrib.auth.hashers import check_password

from lilong.kernel.parties.models import User

DEFAULT_PASSWORDS = ("lilong", "lilong-demo", "admin", "password", "changeme")


def default_passwords() -> list[str]:
    """The addresses of operators whose password is one that everybody knows. A production start must refuse these."""
    operators = User.objects.filter(is_active=True, is_staff=True) | User.objects.filter(
        is_active=True, is_superuser=True
    )
    return sorted(
        user.email
        for user in operators.distinct()
        if user.has_usable_password()
        and any(check_password(password, user.password) for password in (*DEFAULT_PASSWORDS, user.email))
    )
