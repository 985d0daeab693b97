from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "lilong.plan"
    label = "plan"

    def ready(self) -> None:
        from lilong.kernel.events import follow
        from lilong.plan.services import PROJECTION

        if PROJECTION.name not in follow.names():
            follow.register(PROJECTION)
