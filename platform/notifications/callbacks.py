"""Addresses that providers call by themselves: a pressed button at WeCom, a pressed key at Alibaba Cloud.

On a school's host, for the account named in the address. Whatever is wrong looks alike: 404. Nothing is written here; what
was answered is handed over (``answers``).
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kernel.clock import SCHOOL_ZONE, now
from kernel.errors import NotFound
from notifications.answers import Answer, AnswerKind, Source, take_answer
from notifications.models import ProviderAccount, ProviderName
from notifications.providers.catalogue import callback_keys, credentials_of
from notifications.providers.clock import signing_clock
from notifications.providers.wecom_callback import MOST_BYTES, NotTheirs, encrypted_of, opened, press_of
from tenancy.models import Tenant, TenantKind

_REFERENCE: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_KEYS: Final = re.compile(r"[0-9*#]{1,8}", re.ASCII)
_MOST_REPORTS: Final = 100


def _alike[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Whatever is wrong is not found."""

    @wraps(view)
    def looked_at(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except (NotFound, NotTheirs):
            raise Http404 from None

    return looked_at


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_alike
def wecom(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """GET: WeCom asks whether this address is the application's. POST: it tells of an event; buttons are answers."""
    tenant = _school(request)
    account = _account(account_id, ProviderName.WECOM)
    keys = callback_keys(account)
    sealed = encrypted_of(_body(request)) if request.method == "POST" else request.GET.get("echostr", "")
    message = opened(
        keys,
        sealed,
        signature=request.GET.get("msg_signature", ""),
        timestamp=request.GET.get("timestamp", ""),
        nonce=request.GET.get("nonce", ""),
        at=signing_clock.now(),
    )
    if request.method != "POST":
        return HttpResponse(message, content_type="text/plain")
    press = press_of(message)
    if press is not None:
        if press.agent_id != credentials_of(account)["agent_id"]:
            raise NotFound
        answer = Answer(
            press.task, AnswerKind.BUTTON, press.key, press.at, Source.WECOM, member=press.member, card=press.card
        )
        take_answer(answer, host=tenant)
    return HttpResponse(b"", content_type="text/plain")


@csrf_exempt
@require_http_methods(["POST"])
@_alike
def aliyun(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Reports of calls, a list at once. They are not signed: each counts by the 128-bit reference of its call alone, which
    the provider was given and nobody else, and the taker is told so. What nobody knows is passed over: the provider would
    send the whole list again.
    """
    tenant = _school(request)
    _account(account_id, ProviderName.ALIYUN)
    try:
        reports = json.loads(_body(request))
    except (ValueError, RecursionError):
        raise NotFound from None
    if not isinstance(reports, list) or len(reports) > _MOST_REPORTS:
        raise NotFound
    for report in reports:
        answer = _answer_in(report)
        if answer is None:
            continue
        try:
            take_answer(answer, host=tenant)
        except NotFound:
            continue
    return JsonResponse({"code": 0, "msg": "ok"})


def _answer_in(report: Any) -> Answer | None:
    """A pressed key; None for a report without one, or without a reference of ours."""
    if not isinstance(report, dict):
        return None
    reference, pressed = str(report.get("out_id", "")), str(report.get("dtmf", ""))
    if not _REFERENCE.fullmatch(reference) or not _KEYS.fullmatch(pressed):
        return None
    told = str(report.get("status_time") or report.get("end_time") or "")
    try:
        at = datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo(SCHOOL_ZONE)).astimezone(UTC)
    except ValueError:
        at = now()
    return Answer(reference, AnswerKind.KEY, pressed, at, Source.ALIYUN, is_signed=False)


def _school(request: HttpRequest) -> Tenant:
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None or tenant.kind == TenantKind.PLATFORM:
        raise NotFound
    return tenant


def _account(account_id: UUID, provider: str) -> ProviderAccount:
    """An account of the open school that is in use."""
    account: ProviderAccount | None = ProviderAccount.objects.filter(
        pk=account_id, provider=provider, is_active=True
    ).first()
    if account is None:
        raise NotFound
    return account


def _body(request: HttpRequest) -> bytes:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > MOST_BYTES:
        raise NotTheirs
    return request.body
