"""The agency's time to answer is counted in working days: stored hours become days, 24 of them one, begun ones whole."""

from typing import Any

from django.db import migrations

MOST = 5


def hours_to_days(apps: Any, schema_editor: Any) -> None:
    """``partner_answer_hours`` → ``partner_answer_days``; one day is the default and is not stored."""
    for tenant in apps.get_model("tenancy", "Tenant").objects.filter(rules__has_key="partner_answer_hours"):
        days = min(MOST, max(1, -(-tenant.rules.pop("partner_answer_hours") // 24)))
        if days > 1:
            tenant.rules["partner_answer_days"] = days
        tenant.save(update_fields=["rules"])


def days_to_hours(apps: Any, schema_editor: Any) -> None:
    """Back again: a day is 24 hours."""
    for tenant in apps.get_model("tenancy", "Tenant").objects.filter(rules__has_key="partner_answer_days"):
        tenant.rules["partner_answer_hours"] = tenant.rules.pop("partner_answer_days") * 24
        tenant.save(update_fields=["rules"])


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_setbacks")]

    operations = [migrations.RunPython(hours_to_days, days_to_hours)]
