from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "lilong.kernel.devices"
    label = "devices"
    verbose_name = "Devices"

    def ready(self) -> None:
        from lilong.kernel.base import loops
        from lilong.kernel.devices import outbox, receiving

        loops.register("devices-inbox", receiving.run, role="relay")
        loops.register("devices-outbox", outbox.run, role="relay")
