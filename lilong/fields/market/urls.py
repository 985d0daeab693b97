"""The market's addresses, under `/market/`."""

from django.urls import path, re_path

from lilong.fields.market.pages import products, recalls, resolver

app_name = "market"

urlpatterns = [
    path("products/<uuid:id>/", products.product, name="product"),
    path("products/<uuid:id>.jsonld", products.product_data, name="product-data"),
    re_path(r"^items/(?P<gtin>\d{14})/$", products.retailers, name="retailers"),
    path("recalls/", recalls.mine, name="recalls"),
    path("recalls/<uuid:lot>/", recalls.notice, name="recall"),
    path("recalls/<uuid:lot>/report/", recalls.report, name="recall-report"),
    path("id/.well-known/gs1resolver", resolver.describe, name="resolver-description"),
    path("id/", resolver.resolve, name="resolver-root"),
    re_path(r"^id/(?:.*)$", resolver.resolve, name="resolver"),
]
