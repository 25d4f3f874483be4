"""Long work: start, run, progress, cancel, result, and who may see it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.actor import SYSTEM, Actor
from accounts.models import Membership, User
from jobs import workflow
from jobs.models import Job
from jobs.progress import Cancelled, LeaseLost, Progress
from jobs.registry import register
from kernel.clock import local_day, now
from kernel.errors import Forbidden, IllegalMove, NotFound, Refused
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

SECRET = "李明华的结果"
made: list[str] = []


@register("test-export")
def export(job: Job, progress: Progress) -> Mapping[str, Any]:
    progress.begin(3, "reading")
    for _ in range(3):
        progress.step()
    progress.attach("result.csv", SECRET.encode())
    made.append(str(job.pk))
    return {"rows": 3}


@register("test-refused")
def refused(job: Job, progress: Progress) -> None:
    raise Refused("nothing_to_do")


@register("test-bug")
def bug(job: Job, progress: Progress) -> None:
    raise ZeroDivisionError(SECRET)


@register("test-cancelled-half-way")
def cancelled_half_way(job: Job, progress: Progress) -> None:
    progress.begin(2)
    workflow.request_cancel(actor=workflow.actor_of(job), job_id=job.pk)
    with pytest.raises(Cancelled):
        progress.check_cancelled()
    progress.flush()


@register("test-taken-over")
def taken_over(job: Job, progress: Progress) -> None:
    Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1)
    with pytest.raises(LeaseLost):
        progress.flush()
    raise LeaseLost


@register("test-refused-with-a-file")
def refused_with_a_file(job: Job, progress: Progress) -> None:
    progress.attach("half.csv", SECRET.encode())
    progress.flush()
    raise Refused("nothing_to_do")


@register("test-taken-over-and-refused")
def taken_over_and_refused(job: Job, progress: Progress) -> None:
    Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1)
    raise Refused("nothing_to_do")


@register("test-asks-for-its-owner")
def asks_for_its_owner(job: Job, progress: Progress) -> None:
    workflow.actor_of(job)
    progress.attach("result.csv", SECRET.encode())


@pytest.fixture
def owner(school: Any, settings: Any, tmp_path: Path) -> Iterator[Actor]:
    settings.PRIVATE_ROOT = tmp_path
    with use_tenant(school.id):
        yield actor_of(make_person(school))


def start(owner: Actor, kind: str = "test-export") -> Job:
    return workflow.start(actor=owner, kind=kind, params={})


def run(job: Job) -> Job:
    workflow.run_due()
    job.refresh_from_db()
    return job


def test_a_job_runs_to_its_result(owner: Actor) -> None:
    job = run(start(owner))
    assert (job.state, job.done, job.total, job.result, job.percent) == ("done", 3, 3, {"rows": 3}, 100)
    assert job.lease_until is None
    assert workflow.run_due() == 0
    assert made.count(str(job.pk)) == 1


def test_the_result_file_is_sealed_on_the_disk(owner: Actor, tmp_path: Path) -> None:
    job = run(start(owner))
    (stored,) = tmp_path.rglob("*.sealed")
    assert SECRET.encode() not in stored.read_bytes()
    assert str(job.pk) in stored.name


@pytest.mark.parametrize(("kind", "error"), [("test-refused", "nothing_to_do"), ("test-bug", "crashed")])
def test_a_job_that_cannot_finish_says_why_by_code_only(owner: Actor, kind: str, error: str, caplog: Any) -> None:
    job = run(start(owner, kind))
    assert (job.state, job.error) == ("failed", error)
    assert SECRET not in caplog.text


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(owner: Actor) -> None:
    waiting = start(owner)
    assert workflow.request_cancel(actor=owner, job_id=waiting.pk).state == "cancelled"
    assert run(waiting).state == "cancelled"
    assert run(start(owner, "test-cancelled-half-way")).state == "cancelled"
    with pytest.raises(IllegalMove):
        workflow.request_cancel(actor=owner, job_id=waiting.pk)


@pytest.mark.parametrize("kind", ["test-taken-over", "test-taken-over-and-refused"])
def test_a_worker_that_lost_its_lease_changes_nothing(owner: Actor, kind: str) -> None:
    job = run(start(owner, kind))
    assert (job.state, job.attempts, job.error, job.finished_at) == ("running", 2, "", None)


def test_what_a_failed_job_had_written_is_not_given_out(owner: Actor, school: Any, client: Any) -> None:
    person = make_person(school)
    job = run(start(actor_of(person), "test-refused-with-a-file"))
    client.force_login(person.user)
    assert (job.state, bool(job.result_file)) == ("failed", True)
    assert client.get(f"/jobs/{job.pk}/result/", headers={"host": school.host}).status_code == 404


def test_a_job_is_claimed_when_it_is_due_and_not_before(owner: Actor) -> None:
    job = start(owner)
    first = workflow.claim(job.pk)
    assert first is not None
    assert workflow.claim(job.pk) is None, "somebody holds the lease"
    Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(seconds=1))
    again = workflow.claim(job.pk)
    assert again is not None
    assert (first.attempts, again.attempts) == (1, 2)


def test_a_job_that_keeps_crashing_its_worker_is_given_up(owner: Actor) -> None:
    job = start(owner)
    Job.objects.filter(pk=job.pk).update(
        state="running", attempts=workflow.MAX_ATTEMPTS, lease_until=Now(), due_at=Now() - timedelta(seconds=1)
    )
    job = run(job)
    assert (job.state, job.error) == ("failed", "gave_up")


def test_only_ids_and_codes_go_into_a_job_and_only_a_person_starts_one(owner: Actor) -> None:
    with pytest.raises(ValueError, match="ids"):
        workflow.start(actor=owner, kind="test-export", params={"who": "李明华"})
    with pytest.raises(KeyError):
        workflow.start(actor=owner, kind="no-such-kind", params={})
    with pytest.raises(Forbidden):
        workflow.start(actor=SYSTEM, kind="test-export", params={})
    assert Job.objects.count() == 0


def test_a_job_is_its_owners_alone(owner: Actor, school: Any, other_school: Any) -> None:
    job = start(owner)
    with pytest.raises(NotFound):
        workflow.access_job(actor_of(make_person(school, "admin")), job.pk)
    with use_tenant(other_school.id), pytest.raises(NotFound):
        workflow.access_job(owner, job.pk)
    with pytest.raises(NotFound):
        workflow.request_cancel(actor=actor_of(make_person(school, "admin")), job_id=job.pk)
    assert not Job.objects.get().cancel_requested


@pytest.mark.parametrize("end", ["disabled", "left"])
def test_a_job_whose_owner_is_gone_has_nobody_to_act_for(owner: Actor, end: str) -> None:
    job = start(owner, "test-asks-for-its-owner")
    if end == "disabled":
        User.objects.filter(pk=owner.user_id).update(is_active=False)
    else:
        Membership.objects.filter(pk=owner.membership_id).update(left_on=local_day(now()) - timedelta(days=1))
    with pytest.raises(NotFound):
        workflow.actor_of(Job.objects.get(pk=job.pk))
    done = run(job)
    assert (done.state, done.error, done.result_file) == ("failed", "not_found", "")


def test_pages_show_progress_cancel_and_the_file_to_the_owner_only(school: Any, owner: Actor, client: Any) -> None:
    person = make_person(school)
    job = start(actor_of(person))
    client.force_login(person.user)
    host = {"headers": {"host": school.host}}
    page = client.get(f"/jobs/{job.pk}/", **host)
    assert page.status_code == 200
    assert "http-equiv" in page.content.decode()
    part = client.get(f"/jobs/{job.pk}/", headers={"host": school.host, "hx-request": "true"})
    assert "<html" not in part.content.decode()
    assert client.get(f"/jobs/{job.pk}/result/", **host).status_code == 404
    run(job)
    answer = client.get(f"/jobs/{job.pk}/result/", **host)
    assert answer.content == SECRET.encode()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="result.csv"'
    said = client.get(f"/api/v1/jobs/{job.pk}/", **host).json()
    assert (said["state"], said["done"], said["total"]) == ("done", 3, 3)
    assert said["result_url"].endswith(f"/jobs/{job.pk}/result/")
    stopped = start(actor_of(person))
    asked = client.get(f"/jobs/{stopped.pk}/cancel/", **host)
    assert "停止这个任务" in asked.content.decode()
    stopped.refresh_from_db()
    assert stopped.state == "queued"
    assert client.post(f"/jobs/{stopped.pk}/cancel/", **host).status_code == 302
    stopped.refresh_from_db()
    assert stopped.state == "cancelled"
    stranger = make_person(school)
    client.force_login(stranger.user)
    for path in (f"/jobs/{job.pk}/", f"/jobs/{job.pk}/cancel/", f"/jobs/{job.pk}/result/", f"/api/v1/jobs/{job.pk}/"):
        assert client.get(path, **host).status_code == 404


def test_the_page_says_the_stage_in_the_readers_language_and_how_far(school: Any, client: Any) -> None:
    person = make_person(school)
    with use_tenant(school.id):
        job = start(actor_of(person))
        Job.objects.filter(pk=job.pk).update(
            state="running", stage="Writing the staff list", done=1, total=3, lease_until=Now()
        )
    client.force_login(person.user)
    for language, words in (("zh-hans", "写入"), ("en", "Writing the staff list")):
        page = client.get(f"/jobs/{job.pk}/", headers={"host": school.host, "accept-language": language})
        text = page.content.decode()
        assert words in text
        assert "33 %" in text


def test_a_result_is_deleted_after_its_days_and_the_page_says_so(
    owner: Actor, school: Any, client: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    person = make_person(school)
    old, fresh = run(start(actor_of(person))), run(start(actor_of(person)))
    Job.objects.filter(pk=old.pk).update(finished_at=now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        assert workflow.expire_results() == 1
    assert workflow.expire_results() == 0
    assert [str(fresh.pk) in file.name for file in tmp_path.rglob("*.sealed")] == [True]
    client.force_login(person.user)
    host = {"headers": {"host": school.host}}
    assert client.get(f"/jobs/{old.pk}/result/", **host).status_code == 404
    assert client.get(f"/api/v1/jobs/{old.pk}/", **host).json()["result_url"] is None
    assert "30 天" in client.get(f"/jobs/{old.pk}/", **host).content.decode()
    assert client.get(f"/jobs/{fresh.pk}/result/", **host).status_code == 200
