from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "lilong.kernel.parties"
    label = "parties"
    verbose_name = "Parties"

    def ready(self) -> None:
        from lilong.kernel.base import loops
        from lilong.kernel.events import visibility
        from lilong.kernel.parties import device_auth, queries
        from lilong.kernel.parties.http import actor_of_request

        loops.register("devices", device_auth.run, role="relay")
        visibility.register(queries.seen_by)
        visibility.register_reader(actor_of_request)
