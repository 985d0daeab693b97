from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "lilong.kernel.events"
    label = "events"

    def ready(self) -> None:
        from lilong.kernel.events import deliver, follow
        from lilong.kernel.events.services.webhooks import fan_out

        # Deliveries made once stay made: a replay writes none of them again.
        follow.register(follow.Projection(deliver.PROJECTION, (), fan_out, lambda: None))
