"""Addresses of the house's own pages."""

from django.urls import path

from newsdesk.desk import palette, today, views

urlpatterns = [
    path("", today.today, name="today"),
    path("palette/", palette.palette, name="palette"),
    path("help/", views.help_page, name="help"),
    path("health/", views.health, name="health"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
