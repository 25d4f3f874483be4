"""How to use it: a page for each role, one link from each role's home, every step leads somewhere that opens (16.15)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from accounts.models import User
from accounts.roles import PlatformRole, Role
from content.schools import create_school_site
from manual import guides as pages
from manual.guides import AT_A_BUREAU, AT_A_SCHOOL, ON_THE_PLATFORM, picture_of
from tests.conftest import make_person, make_school, planted_once
from tests.content.conftest import build_side
from tests.fixtures_journey import make_journey

pytestmark = pytest.mark.django_db
ALL = {guide.slug: guide for guide in (*AT_A_SCHOOL, *ON_THE_PLATFORM)}
HOMES = {
    "staff": "/my/", "head": "/my/", "principal": "/my/", "centre": "/centre/", "duty": "/centre/", "union": "/union/",
    "finance": "/finance/", "administrator": "/school/", "editor": "/cms/", "district": "/district/",
    "counter": "/partner/scan/", "agency": "/partner/", "operator": "/operator/schools/",
}  # fmt: skip


def build() -> dict[str, tuple[str, User]]:
    """Slug → the host where somebody who holds that page's role works, and who that is."""
    journey = make_journey(make_school())
    side = build_side("说明")
    platform: dict[Any, User] = {
        PlatformRole.PARTNER_COUNTER: journey.counter_user,
        PlatformRole.PARTNER_OFFICE: journey.partner_user,
        PlatformRole.OPERATOR: User.objects.get(pk=journey.operator.user_id),
    }
    found = {}
    for slug, guide in ALL.items():
        if guide.role in platform:
            found[slug] = journey.platform.host, platform[guide.role]
        elif slug == "editor":
            found[slug] = side.tenant.host, side.editor
        elif slug == "district":
            bureau = make_school(kind="district")
            create_school_site(tenant=bureau, name=bureau.name, host=bureau.host, port=8000)
            found[slug] = bureau.host, make_person(bureau, Role.DISTRICT).user
        else:
            roles = [Role.STAFF] if guide.role is None else [Role.STAFF, guide.role]
            found[slug] = journey.tenant.host, make_person(journey.tenant, *roles).user
    return found


planted = planted_once("doors", build)


@pytest.fixture
def doors(planted: dict[str, tuple[str, User]], db: None) -> dict[str, Client]:
    """A browser for each."""
    found = {slug: Client(headers={"host": host}) for slug, (host, _user) in planted.items()}
    for slug in found.keys() - {"family"}:
        found[slug].force_login(planted[slug][1])
    return found


def test_every_role_that_works_has_a_page() -> None:
    told = {guide.role for guide in ALL.values()}
    assert {*Role.values, *PlatformRole.values} - told == {Role.STAFF, Role.MORAL, Role.DOCTOR}, (
        "these read that of the staff"
    )
    assert {"staff", "family"} <= ALL.keys()
    assert {guide.slug for guide in AT_A_BUREAU} == {"administrator", "editor", "district"}


def test_one_link_leads_from_each_home_to_the_roles_own_page(doors: dict[str, Client]) -> None:
    for slug, home in HOMES.items():
        answer = doors[slug].get(home)
        assert answer.status_code == 200, (slug, home)
        assert f'href="/how-to/{slug}/"' in answer.content.decode(), (slug, home)
        assert doors[slug].get(f"/how-to/{slug}/").status_code == 200


def test_every_step_leads_somewhere_that_opens_for_who_reads_it(doors: dict[str, Client]) -> None:
    for slug, guide in ALL.items():
        page = doors[slug].get(f"/how-to/{slug}/").content.decode()
        for step in guide.steps:
            if step.url:
                assert f'href="{step.url}"' in page
                assert doors[slug].get(step.url, follow=True).status_code == 200, (slug, step.url)


def test_who_has_another_role_reads_the_page_and_finds_no_dead_link(doors: dict[str, Client]) -> None:
    for reader, slug in (("staff", "administrator"), ("district", "administrator"), ("counter", "operator")):
        page = _main(doors[reader].get(f"/how-to/{slug}/").content.decode())
        assert [step.url for step in ALL[slug].steps if step.url and f'href="{step.url}"' in page] == [], (reader, slug)
    page = _main(doors["union"].get("/how-to/staff/").content.decode())
    assert 'href="/apply/"' in page, "what is for everybody leads there"


def test_both_languages_are_whole(doors: dict[str, Client]) -> None:
    chinese = re.compile(r"[一-鿿]")
    for slug, guide in ALL.items():
        for language in ("zh-hans", "en"):
            main = _main(doors[slug].get(f"/how-to/{slug}/", headers={"accept-language": language}).content.decode())
            texts = re.sub(r"<[^>]+>", " ", main)
            assert bool(chinese.search(texts)) is (language == "zh-hans"), (slug, language)
            if language == "zh-hans":
                assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", texts), (slug, "left in English")


def _main(page: str) -> str:
    found = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert found
    return found.group()


def test_a_stranger_reads_all_of_a_host_and_none_of_another(doors: dict[str, Client]) -> None:
    school, platform = doors["family"], Client(headers={"host": "localhost"})
    for client, mine, others in ((school, AT_A_SCHOOL, ON_THE_PLATFORM), (platform, ON_THE_PLATFORM, AT_A_SCHOOL)):
        listed = client.get("/how-to/").content.decode()
        for guide in mine:
            assert f"/how-to/{guide.slug}/" in listed
            assert client.get(f"/how-to/{guide.slug}/").status_code == 200
        for guide in others:
            assert f"/how-to/{guide.slug}/" not in listed
            assert client.get(f"/how-to/{guide.slug}/").status_code == 404
    assert school.get("/how-to/nobody/").status_code == 404


def test_who_holds_several_roles_finds_the_page_of_where_they_are() -> None:
    school = make_school()
    user = make_person(school, Role.STAFF, Role.CENTRE, Role.HEAD).user
    client = Client(headers={"host": school.host})
    client.force_login(user)
    for place, slug in (("/my/", "head"), ("/centre/", "centre"), ("/apply/", "staff")):
        assert f'href="/how-to/{slug}/"' in client.get(place).content.decode(), place
    listed = client.get("/how-to/").content.decode()
    assert listed.index("/how-to/centre/") < listed.index("/how-to/family/"), "one's own first"


def test_a_page_shows_its_picture_in_the_readers_language_and_theme_and_is_whole_without(
    doors: dict[str, Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(headers={"host": "localhost"})
    monkeypatch.setattr(pages, "PICTURES", tmp_path)
    picture_of.cache_clear()
    bare = client.get("/how-to/counter/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "<img" not in _main(bare) and "扫卡券" in bare
    for theme in ("light", "dark"):
        (tmp_path / f"agency-zh-{theme}.webp").write_bytes(b"RIFF")
    (tmp_path / "agency-en-light.webp").write_bytes(b"RIFF")
    picture_of.cache_clear()
    with override_settings(STORAGES=_plain()):
        seen = client.get("/how-to/agency/", headers={"accept-language": "zh-hans"}).content.decode()
        english = client.get("/how-to/agency/", headers={"accept-language": "en"}).content.decode()
    picture_of.cache_clear()
    dark, light = seen.index("manual/agency-zh-dark.webp"), seen.index("manual/agency-zh-light.webp")
    assert dark < light and "prefers-color-scheme: dark" in seen[dark:light]
    assert 'alt="手机上的样子：' in seen
    assert "<img" not in _main(english), "half a picture is none"


def _plain() -> dict[str, Any]:
    """Names of static files as they are: a made-up picture has no hashed name."""
    return {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
