from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "lilong.fields.delivery"
    label = "delivery"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
        from lilong.fields.delivery.services.carriage import Carriage
        from lilong.kernel.orders import carriage

        carriage.register(Carriage())
