from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "lilong.fields.market"
    label = "market"

    def ready(self) -> None:
        from lilong.fields.market.services import guards, machine_gateway, unattended
        from lilong.fields.market.services.sales import PROJECTION
        from lilong.kernel.base import loops
        from lilong.kernel.events import follow

        if PROJECTION.name not in follow.names():
            follow.register(PROJECTION)
        guards.register()
        unattended.watch()
        loops.register("market-machines", machine_gateway.run, role="relay")
