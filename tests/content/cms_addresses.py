"""Every address of Wagtail's admin, filled with the ids of one school (T3: own ids as well as foreign ones)."""

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.content.conftest import Side


def _patterns(resolver: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, (*names, entry.namespace) if entry.namespace else names)
        elif isinstance(entry, URLPattern) and entry.name:
            groups = set(entry.pattern.converters) or set(entry.pattern.regex.groupindex)
            yield ":".join((*names, entry.name)), groups


def _pk(name: str, side: Side) -> Any:
    for word, value in (("images", side.image.pk), ("docs", side.document.pk), ("documents", side.document.pk),
                        ("collections", side.school.collection_id), ("sites", side.school.site_id),
                        ("users_users", side.editor.pk), ("users_groups", side.school.editors_id)):  # fmt: skip
        if word in name:
            return value
    return side.page.pk


def values_for(name: str, side: Side, page: Any = None) -> dict[str, Any]:
    """A value for every name that an address of the admin may contain."""
    page_id = (page or side.page).pk
    return {
        "pk": page_id if page and _pk(name, side) == side.page.pk else _pk(name, side), "page_id": page_id,
        "parent_page_id": (page or side.index).pk,
        "page_to_move_id": page_id, "destination_id": side.index.pk, "image_id": side.image.pk, "page_pk": page_id,
        "document_id": side.document.pk, "doc_id": side.document.pk, "collection_id": side.school.collection_id,
        "revision_id": side.revision, "revision_id_a": "earliest", "revision_id_b": "latest", "object_id": page_id,
        "content_type_app_name": "content", "content_type_model_name": "guidelinepage", "app_label": "content",
        "app_name": "content", "model_name": "guidelinepage", "action": "delete", "action_name": "publish",
        "filter_spec": "max-165x165", "session_id": 1, "task_state_id": 1, "task_id": 1, "workflow_pk": 1,
        "workflow_state_id": 1, "uploaded_file_id": 1, "source_id": page_id, "redirect_id": 1, "uidb64": "x", "token": "y",
    }  # fmt: skip


def addresses(side: Side) -> list[tuple[str, str]]:
    """``(view name, address)`` for every view of the admin, with ids of ``side``: page, home page and draft."""
    found: dict[tuple[str, str], None] = {}
    for name, groups in _patterns(get_resolver("wagtail.admin.urls")):
        for page in (None, side.home, side.draft):
            values = values_for(name, side, page)
            try:
                found[name, reverse(name, kwargs={group: values[group] for group in groups})] = None
            except NoReverseMatch as error:
                raise AssertionError(f"{name} {groups}") from error
    return list(found)


def query_for(side: Side) -> dict[str, Any]:
    """Ids of ``side`` under every name that a query or a form of the admin may carry."""
    return {
        "q": side.page.title, "collection_id": side.school.collection_id, "collection": side.school.collection_id,
        "id": side.page.pk, "child_of": side.index.pk, "descendant_of": side.home.pk, "ancestor_of": side.page.pk,
        "translation_of": side.page.pk, "new_parent_page": side.index.pk, "parent_page": side.index.pk,
        "target_pages[]": side.page.pk, "picture": side.image.pk, "campaign": side.page.pk, "video": side.document.pk,
        "captions": side.document.pk, "owner": str(side.editor.pk),
        "edited_by": str(side.editor.pk), "site": side.school.site_id, "user": str(side.editor.pk),
        "fields": "*", "for_explorer": "1", "format": "left", "chooser-id": side.page.pk,
        "url": f"http://{side.tenant.host}/guidelines/guide/", "link_text": "x",
    }  # fmt: skip
