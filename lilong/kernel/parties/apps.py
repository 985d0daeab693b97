from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "lilong.kernel.parties"
    label = "parties"
    verbose_name = "Parties"

    def ready(self) -> None:
        from lilong.kernel.base import loops
        from lilong.kernel.parties import device_auth

        loops.register("devices", device_auth.run, role="relay")
