from random import Random

from kernel.clock import local_day, now
from referrals.models import Voucher
from settings.composition.demo.cast import SCHOOLS
from settings.composition.demo.ground import operator_ground, school_ground
from settings.composition.demo.history import Clockwork, Story, present
from tenancy.scope import use_tenant
from tests.conftest import *
from tests.journeys.conftest import sign_in


def test_shots(house, browser, device):
    r = Random(1)
    g = operator_ground(r)
    t = school_ground(g, SCHOOLS[0], staff=1, today=local_day(now()), random=r)
    with use_tenant(t.id):
        for _ in present(Story(g, t, r, Clockwork(), now())): pass
        v = [v for v in Voucher.objects.all() if "咨询" in v.service.name][0]
        email = v.person.user.email if hasattr(v, "person") else "staff@yucai.example"
    page = device().new_page()
    page.goto(house.url(t)); page.screenshot(path="/tmp/school-home.png")
    sign_in(page, house, t, email)
    page.goto(house.url(t, f"/vouchers/{v.pk}/")); page.screenshot(path="/tmp/voucher.png")
    page.screenshot(path="/tmp/voucher-full.png", full_page=True)
