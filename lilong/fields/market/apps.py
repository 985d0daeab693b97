from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "lilong.fields.market"
    label = "market"

    def ready(self) -> None:
        from lilong.fields.market.services import guards, machine_inbox, machine_times, unattended
        from lilong.fields.market.services.sales import PROJECTION
        from lilong.fields.market.standard import machine_protocol
        from lilong.kernel.base import loops
        from lilong.kernel.devices import inbox
        from lilong.kernel.events import follow

        if PROJECTION.name not in follow.names():
            follow.register(PROJECTION)
        guards.register()
        unattended.watch()
        inbox.register(
            inbox.Inbox(
                name="market-machines",
                subject=machine_protocol.SUBJECTS,
                take=machine_inbox.take_in,
                device_of=machine_protocol.device_of,
                at_once=1,  # a message may move stock and money: many in one transaction would wait for buyers, and they for it
            )
        )
        loops.register("market-machine-times", machine_times.run, role="worker")
