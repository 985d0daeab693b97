"""Addresses of the back office, under `/market/seller/`, in the market's own namespace."""

from django.urls import path

from lilong.fields.market.pages.seller import after, assortment, frame, orders, overview, picking, stock, windows

_FIRM = "<uuid:organisation>"

urlpatterns = [
    path("", frame.door, name="seller-home"),
    path(f"{_FIRM}/in/", frame.enter, name="seller-door"),
    path(f"{_FIRM}/", overview.overview, name="seller"),
    path(f"{_FIRM}/orders/", orders.orders, name="seller-orders"),
    path(f"{_FIRM}/orders.csv", orders.export, name="seller-orders-export"),
    path(f"{_FIRM}/orders/<uuid:id>/", orders.order, name="seller-order"),
    path(f"{_FIRM}/orders/<uuid:id>/pick/", picking.pick, name="seller-pick"),
    path(f"{_FIRM}/orders/<uuid:id>/pick/<int:line>", picking.pick_line, name="seller-pick-line"),
    path(f"{_FIRM}/orders/<uuid:id>/replace/<int:line>", picking.substitute, name="seller-substitute"),
    path(f"{_FIRM}/orders/<uuid:id>/step/<slug:what>", orders.step, name="seller-step"),
    path(f"{_FIRM}/picking/", picking.queue, name="seller-picking"),
    path(f"{_FIRM}/waves", picking.start_wave, name="seller-waves"),
    path(f"{_FIRM}/waves/<uuid:id>/", picking.wave, name="seller-wave"),
    path(f"{_FIRM}/stock/", stock.shelf, name="seller-stock"),
    path(f"{_FIRM}/stock/receive/", stock.receive, name="seller-receive"),
    path(f"{_FIRM}/stock/movements/", stock.papers, name="seller-papers"),
    path(f"{_FIRM}/stock/waste/<uuid:paper>/undo", stock.undo, name="seller-undo-waste"),
    path(f"{_FIRM}/lots/<uuid:id>/", stock.lot, name="seller-lot"),
    path(f"{_FIRM}/lots/<uuid:id>/move/<slug:what>", stock.move, name="seller-move"),
    path(f"{_FIRM}/lots/<uuid:id>/recall", after.recall, name="seller-recall"),
    path(f"{_FIRM}/lots/<uuid:id>/clear", after.clear, name="seller-clear"),
    path(f"{_FIRM}/products/", assortment.product_list, name="seller-products"),
    path(f"{_FIRM}/products/new/", assortment.product_edit, name="seller-product-new"),
    path(f"{_FIRM}/products/<uuid:id>/", assortment.product_edit, name="seller-product"),
    path(f"{_FIRM}/products/<uuid:id>/withdraw", assortment.product_withdraw, name="seller-product-withdraw"),
    path(f"{_FIRM}/tables/", assortment.import_list, name="seller-imports"),
    path(f"{_FIRM}/tables/<uuid:id>/", assortment.import_report, name="seller-import"),
    path(f"{_FIRM}/windows/", windows.window_list, name="seller-windows"),
    path(f"{_FIRM}/windows/<uuid:place>/hours", windows.set_windows, name="seller-set-windows"),
    path(f"{_FIRM}/windows/<uuid:place>/day", windows.set_day, name="seller-set-day"),
    path(f"{_FIRM}/returns/", after.return_queue, name="seller-returns"),
    path(f"{_FIRM}/returns/<uuid:id>/<slug:what>", after.decide_return, name="seller-decide-return"),
    path(f"{_FIRM}/reviews/", after.review_list, name="seller-reviews"),
    path(f"{_FIRM}/reviews/<uuid:id>/reply", after.reply, name="seller-reply"),
    path(f"{_FIRM}/recalls/", after.recall_list, name="seller-recalls"),
]
