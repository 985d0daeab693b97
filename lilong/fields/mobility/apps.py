from django.apps import AppConfig


class MobilityConfig(AppConfig):
    name = "lilong.fields.mobility"
    label = "mobility"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
