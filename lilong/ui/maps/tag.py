"""What the map component's tag hands to its template and script."""

import json
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from lilong.kernel.geo.points import Point
from lilong.ui.maps.layers import file_of

CENTRE, ZOOM = (121.4737, 31.2304), 14  # People's Square
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def context(
    *,
    id: str,
    src: str,
    features: dict[str, Any] | None,
    label: str,
    height: str,
    every: int,
    free: bool,
    listed: bool,
    fit: bool,
    zoom: float,
    centre: Point | None,
) -> dict[str, Any]:
    told = {
        "src": src,
        "every": every,
        "free": free,
        "fit": fit,
        "centre": list(centre or CENTRE),
        "zoom": zoom,
        "script": static("ui/vendor/maplibre/maplibre-gl-csp.js"),
        "worker": static("ui/vendor/maplibre/maplibre-gl-csp-worker.js"),
        "sprite": static("ui/icons.svg"),
        "districts": static(file_of("districts")),
        "streets": static(file_of("streets")),
        "attribution": str(credit()),
        "words": {"open": gettext("Open")},
        "locale": _locale(label),
    }
    shown = [feature["properties"] for feature in features["features"]] if features else []
    return {
        "id": id,
        "src": src,
        "label": label,
        "height": height,
        "listed": listed,
        "credit": credit(),
        "told": json.dumps(told, ensure_ascii=False),
        "features": SafeString(json.dumps(features, ensure_ascii=False).translate(_ESCAPES)) if features else "",
        "places": [properties for properties in shown if properties.get("label")],
    }


def credit() -> SafeString:
    """What the licence of the streets asks for, on every map."""
    return format_html('<a href="{}">{}</a>', "https://www.openstreetmap.org/copyright", "© OpenStreetMap contributors")


def _locale(label: str) -> dict[str, str]:
    """MapLibre's own texts."""
    return {
        "Map.Title": str(label),
        "NavigationControl.ZoomIn": gettext("Zoom in"),
        "NavigationControl.ZoomOut": gettext("Zoom out"),
        "Popup.Close": gettext("Close"),
        "AttributionControl.ToggleAttribution": gettext("Where the map is from"),
        "CooperativeGesturesHandler.MobileHelpText": gettext("Use two fingers to move the map"),
        "CooperativeGesturesHandler.WindowsHelpText": gettext("Use Ctrl + scroll to zoom the map"),
        "CooperativeGesturesHandler.MacHelpText": gettext("Use ⌘ + scroll to zoom the map"),
    }
