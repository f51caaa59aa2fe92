"""Addresses of the sample world's own acts."""

from django.urls import path

from newsdesk.sample import views

urlpatterns = [
    path("sample/remove/", views.remove, name="sample_remove"),
]
