"""The one list of open doors. A new field is one more line."""

FIELD_APPS = [
    "lilong.fields.market",
    "lilong.fields.delivery",
    "lilong.fields.mobility",
]
