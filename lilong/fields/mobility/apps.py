from django.apps import AppConfig


class MobilityConfig(AppConfig):
    name = "lilong.fields.mobility"
    label = "mobility"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
        from lilong.fields.mobility.services import jt808_gateway, vehicle_inbox
        from lilong.fields.mobility.services.rentals import watching
        from lilong.fields.mobility.services.rides import robotaxis, sweeping, telling
        from lilong.kernel.base import loops
        from lilong.kernel.devices import inbox

        inbox.register(vehicle_inbox.INBOX)
        inbox.register(vehicle_inbox.ANSWERS)
        loops.register("mobility-jt808", jt808_gateway.run, role="relay")
        robotaxis.register()
        telling.register()
        watching.register()
        loops.register("mobility-rides", sweeping.run, role="worker")
