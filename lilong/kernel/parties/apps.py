from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "lilong.kernel.parties"
    label = "parties"
    verbose_name = "Parties"
