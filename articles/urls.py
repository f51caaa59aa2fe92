"""Addresses of everything published and of its sources."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
