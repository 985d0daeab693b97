from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "lilong.site"
    label = "site"

    def ready(self) -> None:
        """Tells the plan which fields are open and what they count; prepares the shapes that are known."""
        from lilong.kernel.base import prepared
        from lilong.plan import registry as plan
        from lilong.site.registry import manifests

        for field in manifests().values():
            plan.register(field)
        prepared.prepare()
