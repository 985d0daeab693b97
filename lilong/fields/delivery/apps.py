from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "lilong.fields.delivery"
    label = "delivery"

    def ready(self) -> None:
        """Registers what this field does for the house: loops, projections, live topics."""
        from lilong.fields.delivery.services import devices, dispatch_loop, terminals, watched
        from lilong.fields.delivery.services.carriage import Carriage
        from lilong.fields.delivery.standard import locker_protocol
        from lilong.kernel.base import loops
        from lilong.kernel.devices import inbox
        from lilong.kernel.orders import carriage

        carriage.register(Carriage())
        watched.register()
        for name, subject, take in (
            ("delivery-lockers", locker_protocol.LOCKERS, terminals.take_lockers),
            ("delivery-keypads", locker_protocol.KEYPADS, terminals.take_keypads),
        ):  # one by one: each locks a shipment, its money and its cells
            inbox.register(inbox.Inbox(name=name, subject=subject, take=take, at_once=1))
        devices.register()
        loops.register("delivery-dispatch", dispatch_loop.run, role="worker")
