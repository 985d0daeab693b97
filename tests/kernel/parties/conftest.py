import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hashing a password is slow on purpose; what is tested here is not the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
