"""Every address of the house."""

from django.contrib import admin
from django.urls import include, path

from lilong.site.api import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
