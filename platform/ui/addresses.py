"""Where a person is led who asks for an address that only takes a POST; and how an address that is a secret stays one."""

from typing import Final

from django.urls import Resolver404, resolve

HOST_ALONE: Final = "strict-origin"
"""``Referrer-Policy`` of a page whose address is a secret and that has a form: nobody is told more than the host. Not
``no-referrer``: with that a browser says of its own form that it comes from nowhere (``Origin: null``), and it is refused.
"""
CATCH_ALL = "wagtail_serve"
"""Takes any path of a school's host, so that it is nobody's parent."""


def gettable_parent(path: str) -> str:
    """The nearest address above ``path`` that a view answers; the first page when there is none.

    When that one only takes a POST, too, it leads further up: the path gets shorter, so this ends.
    """
    parts = path.strip("/").split("/")
    while parts := parts[:-1]:
        above = f"/{'/'.join(parts)}/"
        try:
            found = resolve(above)
        except Resolver404:
            continue
        if found.url_name != CATCH_ALL:
            return above
    return "/"
