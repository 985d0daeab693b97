from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "lilong.journeys"
    label = "journeys"

    def ready(self) -> None:
        from lilong.journeys import services
        from lilong.kernel.base import loops
        from lilong.kernel.events import follow

        if "journeys" not in follow.names():
            follow.register(services.projection())
        loops.register("journeys", services.run, role="worker")
