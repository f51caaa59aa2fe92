"""Addresses of everything published and of its sources."""

from django.urls import URLPattern, path

from articles.views import article, articles, editing, entities, entity, event, events, judging, sources

urlpatterns: list[URLPattern] = [
    path("articles/", articles.article_list, name="articles"),
    path("articles/export.<slug:form>", articles.article_export, name="articles_export"),
    path("articles/<int:article_id>/move/", judging.event_move, name="event_move"),
    path("events/", events.event_list, name="events"),
    path("events/<int:event_id>/", event.event, name="event"),
    path("events/<int:event_id>/join/", judging.event_join, name="event_join"),
    path("events/<int:event_id>/rename/", judging.event_rename, name="event_rename"),
    path("events/<int:event_id>/status/", judging.event_status, name="event_status"),
    path("events/changes/<int:change_id>/undo/", judging.event_undo, name="event_undo"),
    path("entities/", entities.entity_list, name="entities"),
    path("entities/<slug:slug>/", entity.entity, name="entity"),
    path("articles/<int:article_id>/", article.article_page, name="article"),
    path("articles/<int:article_id>/notes/", editing.note_add, name="note_add"),
    path("articles/<int:article_id>/links/", editing.link_decide, name="link_decide"),
    path("articles/<int:article_id>/status/", editing.article_status, name="article_status"),
    path("articles/notes/<int:note_id>/edit/", editing.note_edit, name="note_edit"),
    path("articles/notes/<int:note_id>/delete/", editing.note_delete, name="note_delete"),
    path("articles/changes/<int:change_id>/undo/", editing.article_undo, name="article_undo"),
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
