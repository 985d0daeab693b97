from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "lilong.kernel.catalog"
    label = "catalog"
