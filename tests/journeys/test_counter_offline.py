"""A counter whose network goes away: it notes, says "to be confirmed", and the server's answer alone says redeemed (books §3)."""

from datetime import timedelta
from urllib.request import Request, urlopen

from playwright.sync_api import Route

from kernel.clock import now
from referrals.models import Booking, Redemption, Voucher
from referrals.workflow.clocks import set_clocks
from tenancy.scope import use_tenant
from tests.journeys.conftest import PHONE, House, Opens, new_school, sign_in, watch
from tests.workflow.journey_steps import answer, ask

NOTES = "Object.keys(localStorage).filter((name) => name.startsWith('noted:')).map((name) => localStorage[name]).join()"


def test_what_is_typed_without_network_is_sent_once_and_never_called_redeemed_before(
    house: House, device: Opens
) -> None:
    tenant, journey = new_school()
    with use_tenant(tenant.pk):
        booking = answer(journey, ask(journey, days=1))
        voucher = Voucher.objects.get(booking=booking)
        today, length = now(), booking.ends_at - booking.starts_at
        booking.starts_at, booking.ends_at = today, today + length
        set_clocks(tenant, "counselling", booking)
        booking.save()
        Voucher.objects.filter(pk=voucher.pk).update(
            valid_from=tenant.today(), valid_until=tenant.today() + timedelta(1)
        )
        code = voucher.code
    context = device(size=PHONE)
    page = context.new_page()
    noted = watch(page)
    sign_in(page, house, journey.platform, journey.counter_user.email or "")
    page.goto(house.url(journey.platform, "/partner/scan/"))
    page.locator("[data-noted]").wait_for(state="attached")
    context.set_offline(True)
    page.fill("input[name=code]", code)
    page.keyboard.press("Enter")
    row = page.locator("[data-notes] li")
    row.get_by_text("待确认").wait_for()
    assert page.locator("[data-offline]").is_visible()
    assert code[-4:] in row.inner_text()
    assert "核销" not in row.inner_text()
    assert page.input_value("input[name=code]") == "", "the next one can be scanned"
    assert code.replace(" ", "")[-4:] in str(page.evaluate(NOTES))
    with use_tenant(tenant.pk):
        assert not Redemption.objects.exists()

    lost = []

    def swallow(route: Route) -> None:
        """The server hears it, the answer is lost on the way."""
        sent = route.request
        headers = {**sent.all_headers(), "host": f"{journey.platform.host}:{house.port}", "accept-encoding": "identity"}
        address = f"http://127.0.0.1:{house.port}/partner/scan/noted/"
        with urlopen(Request(address, (sent.post_data or "").encode(), headers)) as heard:  # noqa: S310
            assert heard.status == 200
        lost.append(1)
        route.abort()

    page.route("**/scan/noted/", swallow, times=1)
    context.set_offline(False)
    page.wait_for_timeout(500)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    row.locator(".tag.ok").wait_for(timeout=45_000)
    assert lost, "the first answer was lost, and the same note was sent again"
    assert "已核销。请收：¥90.00" in row.inner_text()
    assert page.evaluate(NOTES) == "", "nothing is left to send"
    with use_tenant(tenant.pk):
        line = Redemption.objects.get()
        assert Booking.objects.get(pk=booking.pk).state == "done"
        assert line.service_date == tenant.today()
    page.fill("input[name=code]", "0000 0000 0000")
    page.keyboard.press("Enter")
    page.locator(".result, .errorlist").first.wait_for()
    context.close()
    assert [
        error for error in noted.errors if "noted" not in error and "ERR_" not in error and "404" not in error
    ] == []
