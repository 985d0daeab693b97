from django.apps import AppConfig


class MobilityConfig(AppConfig):
    name = "lilong.fields.mobility"
    label = "mobility"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
<<<<<<< HEAD
        from lilong.fields.mobility.services import jt808_gateway, vehicle_inbox
        from lilong.fields.mobility.services.rides import robotaxis, sweeping, telling
=======
        from lilong.fields.mobility.services import jt808_gateway, telemetry, vehicle_commands, vehicle_inbox
        from lilong.fields.mobility.services.rentals import driving, fences
        from lilong.fields.mobility.services.rides import sweeping
>>>>>>> 6fcddb5 (Try rentals: money, overlap, races, a killed process, what time brings)
        from lilong.kernel.base import loops
        from lilong.kernel.devices import inbox

        inbox.register(vehicle_inbox.INBOX)
        loops.register("mobility-jt808", jt808_gateway.run, role="relay")
<<<<<<< HEAD
        robotaxis.register()
        telling.register()
=======
        vehicle_commands.watch("rentals", driving.answered)
        telemetry.watch("rental-fences", fences.heard)
>>>>>>> 6fcddb5 (Try rentals: money, overlap, races, a killed process, what time brings)
        loops.register("mobility-rides", sweeping.run, role="worker")
