from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "lilong.plan"
    label = "plan"
