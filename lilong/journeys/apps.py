from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "lilong.journeys"
    label = "journeys"

    def ready(self) -> None:
        from lilong.journeys import journey, parcel, services
        from lilong.kernel.base import loops
        from lilong.kernel.events import follow

        journey.register(parcel.JOURNEY)
        if "journeys" not in follow.names():
            follow.register(services.projection())
        loops.register("journeys", services.run, role="worker")
