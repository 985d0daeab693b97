from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "lilong.kernel.orders"
    label = "orders"
