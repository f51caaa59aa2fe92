"""Addresses of everything published and of its sources."""

from django.urls import URLPattern, path

from articles.views import sources

urlpatterns: list[URLPattern] = [
    path("sources/", sources.source_list, name="sources"),
    path("sources/add/", sources.source_add, name="source_add"),
    path("sources/create/", sources.source_create, name="source_create"),
    path("sources/import/", sources.sources_import, name="sources_import"),
    path("sources/import/apply/", sources.sources_import_apply, name="sources_import_apply"),
    path("sources/export.opml", sources.sources_export, name="sources_export"),
    path("sources/changes/<int:change_id>/undo/", sources.source_undo, name="source_undo"),
    path("sources/<int:source_id>/", sources.source_page, name="source"),
    path("sources/<int:source_id>/edit/", sources.source_edit, name="source_edit"),
    path("sources/<int:source_id>/pause/", sources.source_pause, name="source_pause"),
    path("sources/<int:source_id>/resume/", sources.source_resume, name="source_resume"),
    path("sources/<int:source_id>/fetch/", sources.source_fetch, name="source_fetch"),
    path("sources/<int:source_id>/use-address/", sources.source_use_address, name="source_use_address"),
    path("sources/<int:source_id>/remove/", sources.source_remove, name="source_remove"),
]
