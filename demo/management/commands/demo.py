"""``manage.py demo``: coherent data for a newcomer's first look. Development settings only."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from content.demo import renew_library
from demo.beside import suspend_one, tell_beside
from demo.contacts import name_contacts
from demo.emergency import tell_chain
from demo.family import name_family
from demo.history import PRESENT_STEPS, Clockwork, tell
from demo.knowing import give_out, order_tips
from demo.leaving import tell_leaving
from demo.messages import read_what_is_past
from demo.open_day import plan_open_day
from demo.setup import BUREAU, SCHOOLS, operator_ground, school_ground
from kernel.clock import as_of, local_day, now
from tenancy.models import Tenant
from tenancy.scope import no_scope, use_tenant


class Command(BaseCommand):
    """Makes schools, people, partners, pages and a term of history; writes the sign-ins to ``var/demo.json``."""

    help = "Load the demo: deterministic for a seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--schools", type=int, default=3)
        parser.add_argument("--staff", type=int, default=40)
        parser.add_argument("--as-of", default="", help="the demo's today, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "DEMO_PASSWORD", ""):
            raise CommandError("The demo belongs to the development settings only.")
        if not 1 <= options["schools"] <= len(SCHOOLS):
            raise CommandError(f"--schools takes 1 to {len(SCHOOLS)}")
        if Tenant.objects.filter(slug=SCHOOLS[0].slug).exists():
            raise CommandError("The demo is already there. `bin/run --fresh` starts anew.")
        if User.objects.exists():
            raise CommandError("Somebody is here already, or a load broke off. The demo begins in an empty database.")
        random = Random(options["seed"])  # noqa: S311 - a story, not a secret
        today = _moment(options["as_of"])
        with no_scope(), as_of(today):
            self._load(options, random, today)

    def _load(self, options: dict[str, Any], random: Random, today: datetime) -> None:
        schools = SCHOOLS[: options["schools"]]
        per_school = max(6, min(36, options["staff"]))
        total = 1 + len(schools) * (2 + per_school + PRESENT_STEPS) + 1
        done = 0

        def tick(amount: int = 1) -> None:
            nonlocal done
            done += amount
            self.stdout.write(f"\r  {done * 100 // total:3d} %", ending="")
            self.stdout.flush()

        ground = operator_ground(random)
        tick()
        for school in schools:
            school_ground(ground, school, staff=options["staff"], today=local_day(today), random=random)
            tick(2)
        school_ground(ground, BUREAU, staff=0, today=local_day(today), random=random)
        renew_library(ground.platform)
        tick()
        clockwork = Clockwork()
        links: dict[str, str] = {}
        invitations: dict[str, str] = {}
        for school in schools:
            for _ in tell(ground, school.slug, clockwork, count=per_school, today=today, random=random):
                tick()
        suspend_one(ground, schools[0].slug, today=today)
        with use_tenant(ground.schools[schools[0].slug].id):
            tell_leaving(ground, schools[0].slug, clockwork, today=today, random=random)
        for number, school in enumerate(schools):
            with use_tenant(ground.schools[school.slug].id):
                tell_beside(ground, school.slug, today=today)
                tenant, person = ground.schools[school.slug], ground.people[school.slug]["staff"]
                links[school.slug] = name_family(person, ground.names, number=number, today=today)
                order_tips(ground.people[school.slug]["editor"], today=local_day(today))
                give_out(ground.people[school.slug]["centre"], ground.staff[school.slug], today=today)
                name_contacts(
                    person, ground.staff[school.slug], ground.names, school=tenant, number=number, today=today
                )
                people = ground.people[school.slug]
                invitations[school.slug] = plan_open_day(
                    tenant, union=people["union"], hosts=[person, people["union"]], names=ground.names, today=today
                )
                tell_chain(
                    ground.schools[school.slug],
                    ground.people[school.slug],
                    number=number,
                    today=local_day(today),
                    staff=ground.staff[school.slug],
                )
                read_what_is_past(tenant, people.values(), today=today)
        self.stdout.write("")
        hosts = {slug: f"http://{tenant.host}:{settings.BASE_PORT}" for slug, tenant in ground.schools.items()}
        shown = schools[0].slug  # one link is enough to try the page without an account
        told = {
            "logins": ground.logins,
            "tokens": ground.tokens,
            "hosts": hosts,
            "family_link": f"{hosts[shown]}/family/{links[shown]}/",
            "open_day_link": f"{hosts[shown]}/open-day/i/{invitations[shown]}/",
        }
        path = settings.VAR / "demo.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1))
        path.chmod(0o600)


def _moment(text: str) -> datetime:
    """Now, or ten in the morning of the day that was asked for."""
    if not text:
        return now()
    try:
        return datetime.fromisoformat(f"{text}T02:00:00").replace(tzinfo=UTC)
    except ValueError as error:
        raise CommandError("--as-of takes YYYY-MM-DD") from error
