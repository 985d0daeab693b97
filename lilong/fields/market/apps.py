from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "lilong.fields.market"
    label = "market"

    def ready(self) -> None:
        from lilong.fields.market.services import guards
        from lilong.fields.market.services.sales import PROJECTION
        from lilong.kernel.events import follow

        if PROJECTION.name not in follow.names():
            follow.register(PROJECTION)
        guards.register()
