"""Addresses of the house's own pages."""

from django.urls import path

from newsdesk.desk import fetcher, palette, today, views

urlpatterns = [
    path("", today.today, name="today"),
    path("palette/", palette.palette, name="palette"),
    path("help/", views.help_page, name="help"),
    path("health/", views.health, name="health"),
    # Its address goes out with every request (newsdesk.user_agent): no slash at its end, and it never moves.
    path("about-our-fetcher", fetcher.about_fetcher, name="about_fetcher"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
