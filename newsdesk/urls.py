"""The front doors."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("newsdesk.accounts.urls")),
    path("", include("newsdesk.desk.urls")),
    path("", include("newsdesk.sample.urls")),
    path("", include("articles.urls")),
]

handler400 = "newsdesk.desk.errors.bad_request"
handler403 = "newsdesk.desk.errors.forbidden"
handler404 = "newsdesk.desk.errors.not_found"
handler500 = "newsdesk.desk.errors.broken"
