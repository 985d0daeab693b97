from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "lilong.fields.delivery"
    label = "delivery"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
