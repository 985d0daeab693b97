"""The market's addresses, under `/market/`."""

from django.urls import path, re_path

from lilong.fields.market.pages import (
    basket,
    checkout,
    orders,
    products,
    recalls,
    resolver,
    returns,
    reviews,
    shop,
)

app_name = "market"

urlpatterns = [
    path("", shop.home, name="home"),
    path("place", shop.choose_place, name="choose-place"),
    path("basket/", basket.basket, name="basket"),
    path("basket/lines", basket.change, name="basket-change"),
    path("basket/wish", basket.wish, name="basket-wish"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/", orders.mine, name="orders"),
    path("orders/<uuid:id>/", orders.order, name="order"),
    path("orders/<uuid:id>/cancel", orders.cancel, name="order-cancel"),
    path("orders/<uuid:id>/reorder", orders.reorder, name="order-reorder"),
    path("orders/<uuid:id>/return", returns.ask, name="order-return"),
    path("orders/<uuid:id>/invoices/<uuid:invoice>.xml", orders.invoice, name="order-invoice"),
    path("products/<uuid:id>/reviews/", reviews.reviews, name="reviews"),
    path("products/<uuid:id>/qr.svg", products.qr, name="product-qr"),
    path("reviews/<uuid:id>/report", reviews.report, name="review-report"),
    path("products/<uuid:id>/", products.product, name="product"),
    path("offers/<uuid:id>/", products.offer, name="offer"),
    path("products/<uuid:id>.jsonld", products.product_data, name="product-data"),
    re_path(r"^items/(?P<gtin>\d{14})/$", products.retailers, name="retailers"),
    path("recalls/", recalls.mine, name="recalls"),
    path("recalls/<uuid:lot>/", recalls.notice, name="recall"),
    path("recalls/<uuid:lot>/report/", recalls.report, name="recall-report"),
    path("id/.well-known/gs1resolver", resolver.describe, name="resolver-description"),
    path("id/", resolver.resolve, name="resolver-root"),
    re_path(r"^id/(?:.*)$", resolver.resolve, name="resolver"),
]
