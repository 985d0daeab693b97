"""What maps show, as GeoJSON: what a page's or an API's `src` answers to the map component. Positions are WGS 84."""

from lilong.ui.maps.features import area, collection, line, place

__all__ = ["area", "collection", "line", "place"]
