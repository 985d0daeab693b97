from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "lilong.fields.market"
    label = "market"
