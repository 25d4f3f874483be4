"""Asks for every page, list, file, search and call as every reader, and notes which planted word was seen where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from django.db import transaction
from django.test import Client

from disclosure.table import pages, seen
from disclosure.words import Facet, Reader
from kernel.clock import as_of
from referrals.models import Booking, Offer, ReferralDraft, SubsidyPolicy
from tenancy.scope import use_tenant
from tests.disclosure.markers import Marker, markers_of
from tests.disclosure.world import READ, World
from tests.tenancy.addresses import addresses
from tests.tenancy.asking import Door
from tests.tenancy.crawling import text_of

READERS_OF: Final = {
    "nobody": {Reader.NOBODY},
    "person": {Reader.PERSON},
    "colleague": {Reader.COLLEAGUE},
    "head": {Reader.HEAD},
    "principal": {Reader.PRINCIPAL},
    "union": {Reader.UNION},
    "centre": {Reader.CENTRE},
    "duty": {Reader.DUTY},
    "finance": {Reader.FINANCE},
    "admin": {Reader.ADMIN},
    "editor": {Reader.EDITOR},
    "district": {Reader.DISTRICT},
    "agency": {Reader.AGENCY_ASKED, Reader.AGENCY},
    "counter": {Reader.AGENCY_ASKED, Reader.AGENCY},
    "other_agency": {Reader.OTHER_AGENCY},
    "operator": {Reader.OPERATOR},
}
"""Who signs in, and as whom the table knows them. Who holds a family's link is a relative, whoever it is."""
FRAME: Final = {
    Reader.PERSON: {Facet.NAME},
    Reader.AGENCY: {Facet.AGENCY},
    Reader.AGENCY_ASKED: {Facet.AGENCY},
    Reader.HEAD: {Facet.DEPARTMENT},
}
"""What every page may say to somebody of themself; the head is of the same department."""
AS_AGENCY: Final = {"accepted": Reader.AGENCY, "asked": Reader.AGENCY_ASKED, "never": Reader.OTHER_AGENCY}
"""What the agency is to a request."""
SKIPPED: Final = ("cms/", "readyz", "ui/gallery/", "accounts/2fa/")
"""The CMS, which has a crawler of its own; the probe that says 503 here; pages of examples; what asks for a proof first."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A word on a page, and as whom it was read."""

    client: str
    page: str
    path: str
    marker: Marker
    readers: frozenset[Reader]


@dataclass
class Crawl:
    """What was asked for and seen. ``good`` counts answers by client: a crawl that is refused everywhere proves nothing."""

    sightings: list[Sighting] = field(default_factory=list)
    good: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def leaks(self) -> list[str]:
        """Words that nobody promised to that reader on that page."""
        return sorted({
            f"{each.client} sees {'/'.join(sorted({facet for _thing, facet in each.marker.pairs}))} on {each.page}:"
            f" {each.marker.words[0]}"
            for each in self.sightings
            if each.marker.is_own and not any(_allowed(each, reader) for reader in each.readers)
        })  # fmt: skip

    def kept(self) -> set[tuple[str, Reader, Facet]]:
        """(object, reader, facet) that somebody saw where it was promised."""
        return {
            (thing, reader, facet)
            for each in self.sightings
            for reader, (thing, facet) in product(each.readers, each.marker.pairs)
            if reader in pages().get(each.page, {}).get(thing, ()) and facet in seen(thing, reader)
        }


def _allowed(sighting: Sighting, reader: Reader) -> bool:
    """Whether the table shows one of the word's facets to ``reader`` on this page."""
    page = pages().get(sighting.page, {})
    return any(
        (reader in page.get(thing, ()) and facet in seen(thing, reader)) or facet in FRAME.get(reader, ())
        for thing, facet in sighting.marker.pairs
    )


def _readers(client: str, page: str, marker: Marker) -> frozenset[Reader]:
    if page == "family_link":
        return frozenset({Reader.RELATIVE, *({Reader.PERSON} if client == "person" else ())})
    if page.startswith("openday_gate"):
        return frozenset({Reader.STEWARD, *READERS_OF[client]})
    if page.startswith("openday_"):
        return frozenset({Reader.RELATIVE, *READERS_OF[client]})
    if client == "person" and marker.owner == "waiting":
        return frozenset({Reader.COLLEAGUE})
    if client in ("agency", "counter") and marker.stage != "any":
        return frozenset({AS_AGENCY[marker.stage]})
    return frozenset(READERS_OF[client])


def blanks_of(world: World) -> dict[str, list[str]]:
    """Something for every blank of an address; the request that tells most comes first. The school is open."""

    def keys(model: Any) -> list[str]:
        return [str(pk) for pk in model.objects.order_by("pk").values_list("pk", flat=True)]

    return {
        "referral_id": [str(row.pk) for row in world.requests.values()],
        "voucher_id": [str(row.pk) for row in world.vouchers.values()],
        "redemption_id": [str(row.pk) for row in world.redemptions.values()],
        "booking_id": keys(Booking),
        "offer_id": keys(Offer),
        "draft_id": keys(ReferralDraft),
        "membership_id": [str(world.asking.member.pk)],
        "department_id": [str(world.asking.member.department_id)],
        "policy_id": keys(SubsidyPolicy)[:1],
        "agreement_id": [str(world.journey.agreement.pk)],
        "service_id": [str(world.journey.counselling.pk)],
        "school_id": [str(world.tenant.pk)],
        "slug": [world.journey.institution.slug],
        "token": [world.link, *world.links],
        "purpose": ["emergency"],
        **world.ids,
    }


def queries_of(world: World) -> dict[str, list[str]]:
    """What is searched for on lists; a part of a word, so that what comes back is the list's and not the question's."""
    name, number = world.asking.name[:2], world.requests["talk"].number[-4:]
    voucher = world.vouchers["talk"].number[-4:]
    offices = [f"?state={state}&q={q}" for state in ("all", "declined") for q in ("", name, number)]
    return {
        **{f"{office}_{page}": offices for office in ("centre", "union") for page in ("home", "requests_csv")},
        **{
            page: [f"?q={q}" for q in (voucher, number, name)]
            + ["?scheme=counselling", "?book=quota", "?book=pool&kind=reserve"]
            for page in ("finance_ledger", "finance_ledger_csv")
        },
        **{
            page: [f"?q={name}", f"?q={world.asking.staff_no[:4]}"]
            for page in ("school_members", "school_members_csv", "api-people", "search")
        },
        **{f"partner_redemptions{tail}": [f"?q={voucher}", f"?q={name}"] for tail in ("", "_csv")},
        **{f"partner_bookings{tail}": ["?day=2027-03-12"] for tail in ("", "_csv")},
        "finance_home": ["?year=2027", "?year=2028"],
        "staff_referrals": [f"?q={world.requests['asked'].number[-4:]}"],
    }


def crawl(world: World) -> Crawl:
    """Every address as every reader. Where the table opens a page to a reader, with every key there is; else with one."""
    found = Crawl()
    with as_of(READ):
        with use_tenant(world.tenant.id):
            markers, blanks = markers_of(world), blanks_of(world)
        searched = queries_of(world)
        for name in READERS_OF:
            client = world.client(name)
            cookies = client.cookies.copy()
            for page, path in _asked(name, Door(world.actor(name)), blanks, searched):
                client.cookies = cookies.copy()
                _note(found, markers, name, page, path, _get(client, path))
        _post(found, markers, world)
    return found


ON_PLATFORM: Final = ("agency", "counter", "other_agency", "operator")
_SHUT: Final = (
    (("partner/", "operator/"), {"colleague", *ON_PLATFORM}),
    (
        (
            "my/", "apply", "vouchers/", "centre/", "union/", "finance/", "school/", "family/", "district", "services/",
            "documents", "media", "search",
        ),
        READERS_OF.keys() - {"counter", "other_agency", "operator"},
    ),
    (("accounts/",), {"person", "nobody", "agency"}),
)  # fmt: skip
"""Beginnings of addresses that are shut to a whole host, or show everybody their own, and who tries them all the same."""


def _is_tried(name: str, template: str) -> bool:
    return all(name in who for beginnings, who in _SHUT if template.startswith(beginnings))


def _asked(
    name: str, door: Door, blanks: dict[str, list[str]], searched: dict[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """What the door refuses shows nothing (tests/tenancy/test_no_page_crosses knocks at each)."""
    for address in addresses(SKIPPED):
        if not _is_tried(name, address.template):
            continue
        known = [blanks.get(blank, ["x"]) for blank in address.blanks]
        readers = frozenset().union(*pages()[address.name].values())
        fillings = list(product(*known))
        is_open = bool(readers & READERS_OF[name]) or address.name.startswith("openday_")  # by whoever holds the link
        if not is_open:
            fillings = fillings[:1]
        for filling in fillings:
            path = address.fill(dict(zip(address.blanks, filling, strict=True)))
            if door.is_shut(path, "get"):
                break
            yield address.name, path
            if is_open:
                yield from ((address.name, f"{path}{query}") for query in searched.get(address.name, ()))


_OF_THE_MACHINE: Final = ("Expires", "Last-Modified", "Date")
"""Headers with the true time of day, which may be any minute."""


def _get(client: Client, path: str) -> Any:
    return _undone(lambda: client.get(path))


_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


def _undone(call: Any) -> Any:
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # a refusal's row asks to stand outermost
    with block:
        response = call()
        for header in _OF_THE_MACHINE:
            del response.headers[header]
        shown = text_of(response).decode(errors="replace").replace("\r\n ", "")  # a calendar folds its lines
        response.shown = _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), shown)  # as a script of the page reads it
        transaction.set_rollback(True)
    return response


def _note(found: Crawl, markers: list[Marker], name: str, page: str, path: str, response: Any) -> None:
    if response.status_code >= 500:
        found.broken.append(f"{name} {path}: {response.status_code}")
    found.good[name] = found.good.get(name, 0) + (response.status_code == 200)
    for marker in markers:
        if marker.stands_in(response.shown) and not marker.stands_in(path):
            found.sightings.append(Sighting(name, page, path, marker, _readers(name, page, marker)))


def _post(found: Crawl, markers: list[Marker], world: World) -> None:
    """What answers only to something sent: the counter's look at a voucher, a price."""
    code = world.vouchers["next"].code
    for name in ("agency", "counter", "other_agency"):
        client = world.client(name)

        def look(client: Client = client) -> Any:
            answer = client.post("/partner/scan/look/", {"code": code, "text": code}, follow=True)
            return answer

        _note(found, markers, name, "partner_scan_preview", code, _undone(look))
        sent = {"text": code}
        answer = _undone(
            lambda client=client, sent=sent: client.post(
                "/api/v1/partner/redemptions/prepare/", sent, content_type="application/json"
            )
        )
        _note(found, markers, name, "api-partner-prepare", code, answer)
