from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "lilong.site"
    label = "site"
