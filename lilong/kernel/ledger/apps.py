from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "lilong.kernel.ledger"
    label = "ledger"
