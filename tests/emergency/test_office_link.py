"""The menu's link to the emergency office is named for what it opens."""

import pytest
from django.utils import translation

from tests.unit.test_accounts_permissions import acting
from ui.navigation import office_items


@pytest.mark.parametrize(
    ("role", "label", "url"),
    [
        ("centre", "应急", "/centre/emergency/"),
        ("duty", "应急", "/centre/emergency/"),
        ("principal", "应急值班", "/centre/emergency/duty/"),
        ("admin", "应急值班", "/centre/emergency/duty/"),
    ],
)
def test_whoever_reads_no_incident_is_led_to_the_rota_by_its_name(role: str, label: str, url: str) -> None:
    with translation.override("zh-hans"):
        shown = {item.url: str(item.label) for item in office_items(acting(role), url) if item.current}
    assert shown == {url: label}
