"""The sentences 谁能看到 and "what a role sees", made of the table alone."""

from collections.abc import Collection, Iterable, Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from disclosure.table import Row, rows, seen, things
from disclosure.words import FACETS, READERS, Facet, Reader, Text

_ORDER = {facet: place for place, facet in enumerate(Facet)}


def joined(parts: Sequence[Text], *, denied: bool = False) -> str:
    """``a, b and c``, what is ``denied`` with "or"; in Chinese ``a、b和c``. Empty for none."""
    if not parts:
        return ""
    line = str(parts[0])
    for part in parts[1:-1]:
        line = pgettext("list", "%(before)s, %(next)s") % {"before": line, "next": part}
    if not parts[1:]:
        return line
    last = pgettext("list", "%(before)s or %(last)s") if denied else pgettext("list", "%(before)s and %(last)s")
    return last % {"before": line, "last": parts[-1]}


def facets_text(facets: Iterable[Facet], *, denied: bool = False) -> str:
    """The facets in words, in their usual order."""
    return joined([FACETS[facet] for facet in sorted(facets, key=_ORDER.__getitem__)], denied=denied)


def row_text(row: Row, *, beyond: Collection[Facet] = ()) -> str:
    """What a row shows, denies, and whether a look is kept. ``beyond``: what was said before and is not said again."""
    parts = [_clause(row.sees - frozenset(beyond), row.never)]
    if row.remark and not row.sees and not row.never:
        parts = [_("Nothing as a rule.")]  # what follows says when it is otherwise
    if row.remark:
        parts.append(str(row.remark))
    if row.looks:
        parts.append(_("Each look is recorded."))
    return spaced(parts)


def _clause(facets: frozenset[Facet], never: Sequence[Facet]) -> str:
    if Facet.WHOLE in facets:
        return _("Everything.")
    if not facets:
        return _("Nothing.")
    values = {"sees": capfirst(facets_text(facets)), "never": facets_text(never, denied=True)}
    return (_("%(sees)s; never %(never)s.") if never else _("%(sees)s.")) % values


def spaced(parts: Sequence[str]) -> str:
    """Sentences one after another: with a blank, in Chinese without."""
    line = parts[0]
    for part in parts[1:]:
        line = pgettext("sentences", "%(before)s %(next)s") % {"before": line, "next": part}
    return line


def panel(
    objects: Sequence[str],
    *,
    agency: Text = "",
    also_asked: Sequence[Text] = (),
    is_accepted: bool = False,
    own: bool = False,
) -> list[tuple[str, str]]:
    """谁能看到 of the ``objects``: who, and exactly what. Those who see the same stand together, who sees nothing comes last.

    ``agency``: its name, when one is asked; ``is_accepted``: it has accepted, and what it saw before is no news.
    ``also_asked``: the names of the others that are asked at the same time; once one has accepted, they are told apart from it.
    ``own``: what the person sees is said too. A row that shows nothing and has a remark says when it will be otherwise.
    """
    told = []
    if agency:
        if is_accepted:
            told.append((str(agency), row_text(_of(objects, Reader.AGENCY))))
        else:
            told.append((joined([agency, *also_asked]), agency_text(objects)))
    if agency and also_asked and is_accepted:
        told.append((joined(also_asked), row_text(_of(objects, Reader.AGENCY_ASKED))))
    left_out = {Reader.AGENCY_ASKED, Reader.AGENCY} | (set() if own else {Reader.PERSON})
    grouped: dict[str, list[Text]] = {}
    nobody: list[Text] = []
    for reader in Reader:
        if reader in left_out:
            continue
        row = _of(objects, reader)
        if row.sees or row.remark:
            grouped.setdefault(row_text(row), []).append(READERS[reader])
        else:
            nobody.append(READERS[reader])
    told += [(capfirst(joined(readers)), text) for text, readers in grouped.items()]
    return [*told, (capfirst(joined(nobody)), _("Nothing."))]


def agency_text(objects: Sequence[str]) -> str:
    """Before it accepts, and what comes when it has."""
    asked, given = _of(objects, Reader.AGENCY_ASKED), _of(objects, Reader.AGENCY)
    before = _("Before it accepts: %(text)s") % {"text": _lowered(row_text(asked))}
    if given.sees <= asked.sees:
        return before
    after = _("Once it has accepted, also: %(text)s") % {"text": _lowered(row_text(given, beyond=asked.sees))}
    return spaced([before, after])


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _of(objects: Sequence[str], reader: Reader) -> Row:
    """What ``reader`` sees of all ``objects`` together."""
    found = [rows()[thing, reader] for thing in objects if (thing, reader) in rows()]
    facets = frozenset().union(*(row.sees for row in found))
    never = tuple(dict.fromkeys(facet for row in found for facet in row.never if facet not in facets))
    remarks = [str(row.remark) for row in found if row.remark]
    looks = tuple(look for row in found for look in row.looks)
    return Row(facets, never, looks, spaced(remarks) if remarks else "")


def role_text(reader: Reader, *, own: bool) -> str:
    """What somebody with a role sees, said where the role is given. ``own``: they also have requests of their own."""
    told = sorted((thing for thing in things() if things()[thing].text), key=lambda thing: things()[thing].rank)
    found = [(thing, rows()[thing, reader]) for thing in told if seen(thing, reader)]
    of_person = [thing for thing, _row in found if things()[thing].of_person]
    sentences = [_("%(sees)s.") % {"sees": capfirst(_listed([_thing_text(*each) for each in found]))}] if found else []
    if any(row.looks for _thing, row in found):
        sentences.append(_("Each look is recorded."))
    if not of_person:
        sentences.append(_("Nothing of any other person.") if own else _("Nothing of any person."))
    elif not any(thing.startswith("request.") for thing in of_person):
        sentences.append(_("Not who asked for what."))
    return spaced(sentences)


def _listed(parts: Sequence[str]) -> str:
    line = parts[0]
    for part in parts[1:]:
        line = pgettext("list", "%(before)s; %(next)s") % {"before": line, "next": part}
    return line


def _thing_text(thing: str, row: Row) -> str:
    text = things()[thing].text
    if not things()[thing].is_spelled:
        return str(text)
    return _("%(thing)s (%(facets)s)") % {"thing": text, "facets": facets_text(row.sees)}


def own_text() -> str:
    """What every member of the staff sees of their own."""
    own = [thing.own for name, thing in things().items() if thing.own and seen(name, Reader.PERSON)]
    return _("Their own: %(things)s.") % {"things": joined(own)}
