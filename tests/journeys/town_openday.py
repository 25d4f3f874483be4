"""Open days in the test town: one three weeks ahead with a line and an offer, one today with a gate, one that is not published."""

from datetime import timedelta

from django.core.files.base import ContentFile

from accounts.models import User
from content.artwork.png import card
from content.artwork.scene import scene_of
from content.checking import say_checked
from content.models import ReportPage, SchoolImage, SchoolSite
from content.opendays.links import party_of
from content.opendays.models import OpenDay, OpenDayPage, Session
from content.opendays.workflow.answering import answer, call_off_answer
from content.opendays.workflow.days import Item, plan_day, publish_day, put_session
from content.opendays.workflow.gate import open_gate
from content.opendays.workflow.inviting import invite
from content.opendays.workflow.keeping import begin_report
from content.opendays.workflow.photos import say_photo
from content.opendays.workflow.surveying import ask_families, close_questions
from kernel.clock import now
from surveys.models import Survey
from surveys.workflow import answer_survey
from tests.fixtures_journey import Journey
from tests.opendays.world import family, plan


def open_day_paths(journey: Journey) -> dict[str, str]:
    """Addresses of everything about them."""
    tenant, union, staff = journey.tenant, journey.actors["union"], journey.staff
    day = plan_day(actor=union, school=tenant, plan=plan(tenant))
    sessions = [
        _session(journey, day, *row)
        for row in (
            (20, "走一走校园", "教学楼、食堂、办公室。二十人一队。", 20),
            (20, "听一节课", "初二语文。坐在最后一排，手机静音。", 4),
            (80, "坐下来说说：家里能帮上什么", "八人一桌，心理中心的老师陪着。", 24),
            (80, "放松室和线上的帮助", "随时进，随时走。孩子有绘本角。", None),
        )
    ]
    publish_day(actor=union, open_day_id=day.pk)
    mine = invite(actor=staff, open_day_id=day.pk)
    other = invite(actor=journey.actors["staff2"], open_day_id=day.pk)
    lesson = sessions[1].pk
    first = answer(token=other.token, form_key="1", said=family(3, sessions=(lesson,)))
    own = answer(token=mine.token, form_key="2", said=family(2, child=1, small=1, sessions=(lesson,), may_wait=True))
    answer(token=other.token, form_key="3", said=family(2, sessions=(lesson,), may_wait=True, address="沈先生"))
    call_off_answer(token=first)
    gone = answer(token=other.token, form_key="4", said=family(1))
    call_off_answer(token=gone)
    draft = plan_day(actor=union, school=tenant, plan=plan(tenant, days=120, title="春天的一天"))
    today = plan_day(actor=union, school=tenant, plan=plan(tenant, days=2, title="今天的开放日"))
    publish_day(actor=union, open_day_id=today.pk)
    here = answer(
        token=invite(actor=staff, open_day_id=today.pk).token, form_key="5", said=family(2, child=2, plate="浙A6F2B1")
    )
    gate = open_gate(actor=union, open_day_id=today.pk, gate="东门")
    moment = now()
    OpenDay.objects.filter(pk=today.pk).update(
        starts_at=moment, ends_at=moment + timedelta(hours=2), answers_until=moment - timedelta(minutes=1),
        answers_from=moment - timedelta(days=1),
    )  # fmt: skip
    open_one, over, told, photographed = _asked(journey, today)
    desk = f"/union/open-days/{day.pk}/"
    return {
        "survey_open": f"/survey/{open_one.token}/",
        "survey_over": f"/survey/{told.token}/",
        "openday_over": f"/union/open-days/{over.pk}/",
        "openday_page": OpenDayPage.objects.get(pk=day.page_id).href,
        "openday_invitation": f"/open-day/i/{mine.token}/",
        "openday_late": f"/open-day/i/{invite(actor=staff, open_day_id=today.pk).token}/",
        "openday_party": f"/open-day/f/{own}/",
        "openday_gone": f"/open-day/f/{gone}/",
        "openday_here": f"/open-day/f/{here}/",
        "openday_photos": f"/open-day/f/{photographed}/",
        "openday_gate": f"/open-day/gate/{gate.token}/",
        "openday_desk": desk,
        "openday_draft": f"/union/open-days/{draft.pk}/",
        "openday_today": f"/union/open-days/{today.pk}/",
        "openday_session": f"{desk}sessions/{lesson}/",
        "openday_party_mine": f"/my/open-days/families/{party_of(own).pk}/",
    }


def _asked(journey: Journey, today: OpenDay) -> tuple[Survey, OpenDay, Survey, str]:
    """Questions that are open, and a day of last week with what families said about it, one of whom may be in its pictures."""
    tenant, union = journey.tenant, journey.actors["union"]
    open_one = ask_families(actor=union, school=tenant, open_day_id=today.pk)
    Survey.objects.filter(pk=open_one.pk).update(opens_at=now() - timedelta(minutes=1))
    over = plan_day(actor=union, school=tenant, plan=plan(tenant, days=3, title="上周的开放日"))
    publish_day(actor=union, open_day_id=over.pk)
    told = ask_families(actor=union, school=tenant, open_day_id=over.pk)
    here = answer(token=invite(actor=journey.staff, open_day_id=over.pk).token, form_key="6", said=family(2))
    for guest in party_of(here).guests.all():
        say_photo(token=here, guest_id=guest.pk, yes=True)
    moment = now() - timedelta(days=6)
    OpenDay.objects.filter(pk=over.pk).update(
        starts_at=moment, ends_at=moment + timedelta(hours=2), answers_until=moment - timedelta(days=1),
        answers_from=moment - timedelta(days=20),
    )  # fmt: skip
    Survey.objects.filter(pk=told.pk).update(opens_at=moment)
    liked = ("教室比我想的大", "办公室里那盆绿萝", "终于知道她为什么说话嗓子哑", "", "孩子喜欢绘本角", "")
    for number in range(18):
        answer_survey(
            token=told.token, form_key=str(number),
            ratings={"whole": 5 if number < 9 else 4 if number < 15 else 3, "work": 4 if number < 12 else 3, "help": 3},
            words={"liked": liked[number % 6] if number < 6 else "", "other": "停车位不够" if number == 7 else ""},
        )  # fmt: skip
    close_questions(actor=union, open_day_id=over.pk)
    _reported(journey, over)
    OpenDay.objects.filter(pk=over.pk).update(names_wiped_at=now())
    return open_one, over, told, here


def _reported(journey: Journey, over: OpenDay) -> None:
    """The editors' report with two pictures, published."""
    begin_report(day=over)
    page = ReportPage.objects.get(of_open_day=True)
    collection = SchoolSite.objects.get(tenant=journey.tenant).collection
    shots = []
    for slug, caption in (("lawn", "操场上，大家等着进教室"), ("hall", "坐下来说说家里能帮上什么")):
        file = ContentFile(card(scene_of(slug, "middle")), f"{slug}.png")
        image = SchoolImage.objects.create(title=caption, file=file, collection=collection)
        shots.append(("picture", {"picture": image, "caption": caption, "agreed": True}))
    page.summary = "一百多位家人走了走校园，听了一节课，也说了说家里能帮上什么。"
    page.pictures, page.is_ready = shots, True
    revision = page.save_revision()
    centre = journey.actors["centre"]
    say_checked(
        actor=centre, user=User.objects.get(pk=centre.user_id), page_id=page.pk, revision=revision.pk, office="心理中心",
        today=journey.tenant.today(),
    )  # fmt: skip
    page.refresh_from_db()
    page.latest_revision.publish()


def _session(journey: Journey, day: OpenDay, minutes: int, title: str, note: str, capacity: int | None) -> Session:
    start = day.starts_at + timedelta(minutes=minutes)
    item = Item(title, start, start + timedelta(minutes=40), note=note, capacity=capacity)
    return put_session(actor=journey.actors["union"], open_day_id=day.pk, item=item)
