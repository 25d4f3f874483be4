"""The demo schools' quiet corner, their activities and their year. Texts: ``content.demo_texts.together``."""

from datetime import date, timedelta
from typing import Any

from content.demo_texts import together as texts
from content.festivals import Festival, day_of
from content.models import ActivityIndexPage, CampaignPage, FestivalsPage, LessonPage, QuietIndexPage, ReportPage


def load_together(home: Any, day: date, add: Any) -> int:
    """Fill what a school does together; ``day`` is the demo's present day, ``add(index, page, day)`` says how many it made."""
    quiet = QuietIndexPage.objects.child_of(home).first()
    activities = ActivityIndexPage.objects.child_of(home).first()
    if quiet is None or activities is None:
        return 0
    quiet.intro, quiet.intro_en = texts.QUIET_INTRO, texts.QUIET_INTRO_EN
    quiet.save()
    activities.intro, activities.intro_en = texts.ACTIVITIES_INTRO, texts.ACTIVITIES_INTRO_EN
    activities.save()
    made: int = _calendar(activities)
    for number, lesson in enumerate(texts.LESSONS):
        page = LessonPage(title=lesson.title, slug=lesson.slug, summary=lesson.summary, minutes=lesson.minutes, body=list(lesson.body))  # fmt: skip
        made += add(quiet, page, day - timedelta(weeks=len(texts.LESSONS) - 1 - number))
    made += add(activities, _campaign(day + timedelta(days=9)), day - timedelta(days=5))
    ninth = (day_of(Festival.DOUBLE_NINTH, year) for year in (day.year, day.year - 1))
    happened = next(walked for walked in ninth if walked <= day - timedelta(days=4))
    report = ReportPage(
        title=texts.REPORT_TITLE, slug="double-ninth-walk", summary=texts.REPORT_SUMMARY, body=list(texts.REPORT_BODY),
        happened_on=happened, took_part=texts.REPORT_TOOK_PART,
    )  # fmt: skip
    made += add(activities, report, happened + timedelta(days=4))
    return made


def _campaign(first: date) -> CampaignPage:
    activities = [
        ("activity", {
            "title": one.title, "host": one.host, "day": first + timedelta(days=one.day), "begins": one.begins,
            "ends": one.ends or None, "place": one.place, "note": one.note,
        })
        for one in texts.SIX
    ]  # fmt: skip
    return CampaignPage(
        title=texts.CAMPAIGN_TITLE, slug="six-ones", summary=texts.CAMPAIGN_SUMMARY, body=list(texts.CAMPAIGN_BODY),
        starts_on=first, ends_on=first + timedelta(days=2), activities=activities, contact=texts.CAMPAIGN_CONTACT,
        contact_phone="0571-8800 1122",
    )  # fmt: skip


def _calendar(activities: ActivityIndexPage) -> int:
    calendar = FestivalsPage.objects.child_of(activities).first()
    if calendar is None:
        return 0
    calendar.intro = texts.FESTIVALS_INTRO
    calendar.plans = [("plan", {"festival": key.value, "plan": plan}) for key, plan in texts.PLANS.items()]
    calendar.save()
    return 0
