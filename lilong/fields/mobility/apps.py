from django.apps import AppConfig


class MobilityConfig(AppConfig):
    name = "lilong.fields.mobility"
    label = "mobility"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
        from lilong.fields.mobility.services.rides import sweeping
        from lilong.kernel.base import loops

        loops.register("mobility-rides", sweeping.run, role="worker")
