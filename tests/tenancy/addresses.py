"""Every address of the resolver, as a template and the names of its blanks."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RegexPattern
from django.utils.regex_helper import normalize

_BLANK = re.compile(r"<(?:\w+:)?(\w+)>")


class Address(NamedTuple):
    """``template`` with ``%(name)s`` for each blank; ``name`` is the URL's name, or its template."""

    template: str
    blanks: tuple[str, ...]
    name: str

    def fill(self, values: Mapping[str, object]) -> str:
        """The path. KeyError for a blank without a value."""
        return "/" + self.template % {blank: values[blank] for blank in self.blanks}


def addresses(skip: tuple[str, ...] = ()) -> list[Address]:
    """All of them but those below a prefix in ``skip`` (no leading slash)."""
    found = dict.fromkeys(_walk(get_resolver().url_patterns, ""))
    return [address for address in found if not address.template.startswith(skip)]


def _walk(patterns: list[Any], prefix: str) -> Iterator[Address]:
    for pattern in patterns:
        template = prefix + _template(pattern.pattern)
        if isinstance(pattern, URLPattern):
            blanks = tuple(re.findall(r"%\((\w+)\)s", template))
            yield Address(template, blanks, pattern.name or template)
        else:
            yield from _walk(pattern.url_patterns, template)


def _template(pattern: Any) -> str:
    if isinstance(pattern, RegexPattern):
        return str(normalize(pattern.regex.pattern)[0][0])
    return _BLANK.sub(r"%(\1)s", str(pattern))
