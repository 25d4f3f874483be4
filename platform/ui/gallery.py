"""Sample content for the gallery: long Chinese lines, every part, every state. Development only; no database."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

from django import forms
from django.http import HttpRequest

from ui.context import build_shell
from ui.icons import ICONS
from ui.refusals import explain
from ui.states import signs

SCREENS: Final[dict[str, tuple[str, int]]] = {
    "parts": ("ui/gallery/parts.html", 200),
    "home": ("ui/gallery/home.html", 200),
    "staff": ("ui/gallery/staff.html", 200),
    "voucher": ("ui/gallery/voucher.html", 200),
    "forms": ("ui/gallery/forms.html", 200),
    "office": ("ui/gallery/office.html", 200),
    "incident": ("ui/gallery/incident.html", 200),
    "scan": ("ui/gallery/scan.html", 200),
    "result-ok": ("ui/result.html", 200),
    "result-wait": ("ui/result.html", 200),
    "result-bad": ("ui/result.html", 200),
    "confirm": ("ui/confirm.html", 200),
    "refusal": ("ui/refusal.html", 422),
    "missing": ("404.html", 404),
    "broken": ("500.html", 500),
    "help": ("ui/help.html", 200),
}

_APPOINTMENT = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
_SCHOOL = SimpleNamespace(
    name="育才中学",
    slug="yucai",
    kind="middle",
    duty_phone="0571-8800-1234",
    duty_hours="工作日 8:00–18:00",
    district="滨江区教育局",
)


class SampleForm(forms.Form):
    """One field of every kind, with help and, when bound, with errors."""

    who = forms.CharField(label="怎么称呼您", help_text="只给对方机构看，写姓氏也可以。")
    when = forms.DateTimeField(label="希望的时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    service = forms.ChoiceField(label="需要什么", choices=[("a", "和咨询师谈谈"), ("b", "放学后有人照看孩子")])
    way = forms.ChoiceField(
        label="怎么见面",
        choices=[("on", "到店，滨江路 18 号 3 楼"), ("off", "线上视频，自己找一个安静的地方就好")],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label="哪几天方便",
        required=False,
        choices=[("1", "周一"), ("2", "周二"), ("3", "周三")],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label="想先说的话", required=False, widget=forms.Textarea, help_text="可以不写。不用说原因。"
    )
    paper = forms.FileField(label="附件", required=False)
    agree = forms.BooleanField(label="我同意把预约时间、称呼和电话后四位告诉安心心理咨询")


def _office_rows() -> dict[str, Any]:
    names = ("安心心理咨询", "家园托管", "洁净家政服务有限公司滨江分公司", "仁爱精神卫生中心")
    return {
        "columns": [
            {"label": "结算单"},
            {"label": "机构"},
            {"label": "月份"},
            {"label": "笔数", "numeric": True},
            {"label": "学校承担", "numeric": True},
            {"label": "个人支付", "numeric": True},
            {"label": "状态"},
        ],
        "rows": [
            [
                f"YC-2026-{i:05d}",
                names[i % 4],
                "2026年11月",
                str(3 + i),
                f"¥{2100 + i * 210:,}.00",
                f"¥{900 + i * 90}.00",
                ("待复核", "已批准", "有异议")[i % 3],
            ]
            for i in range(1, 9)
        ],
        "sections": [
            {"label": "结算", "url": "#1", "icon": "coin", "count": 3, "current": True},
            {"label": "补贴政策", "url": "#2", "icon": "list"},
            {"label": "经费与额度", "url": "#3", "icon": "chart"},
            {"label": "例外与差额", "url": "#4", "icon": "alert", "count": 1},
        ],
    }


def _results(screen: str) -> dict[str, Any]:
    next_one = {"label": "扫下一张", "url": "#"}
    if screen == "result-ok":
        return {
            "tone": "ok",
            "title": "核销成功",
            "amount_fen": 9000,
            "amount_label": "请收取",
            "detail": "学校月结 ¥210.00 · 券号 YC-2026-00418",
            "primary": next_one,
            "secondary": {"label": "撤销这次核销", "url": "#"},
        }
    if screen == "result-wait":
        return {
            "tone": "wait",
            "title": "还没到使用日",
            "detail": "12月3日 周四 起可以使用，这次没有核销。",
            "primary": next_one,
        }
    return {
        "tone": "bad",
        "title": "已经用过了",
        "detail": "前台 1 号机 14:02 核销过。没有重复核销。",
        "primary": next_one,
    }


def context_for(screen: str, request: HttpRequest) -> dict[str, Any]:
    """What ``screen`` needs. The frame is drawn as for a signed-in person of a school, the home page as for a visitor."""
    actor = SimpleNamespace(
        is_operator=False,
        institution_id="x" if screen in {"scan", "result-ok", "result-wait", "result-bad"} else None,
        roles=frozenset({"staff", "centre", "finance", "union", "admin", "partner_office"}),
        display_name="李老师",
    )
    places = {
        "staff": "/my/",
        "voucher": "/vouchers/1/",
        "forms": "/apply/",
        "scan": "/partner/scan/",
        "office": "/finance/",
    }
    view = SimpleNamespace(
        tenant=_SCHOOL, actor=None if screen in {"home", "help", "missing"} else actor, path=places.get(screen, "/ui/")
    )
    shared = {
        "shell": build_shell(view),  # type: ignore[arg-type]
        "quick_exit": screen in {"voucher", "forms", "incident"},
        "appointment": _APPOINTMENT,
        "states": [{"machine": machine, "state": state} for machine, state in (key.split(":") for key in signs())],
        "icons": list(ICONS),
        "form": SampleForm()
        if screen == "forms" and "bad" not in request.GET
        else SampleForm({"who": "", "service": "a"}),
        "facts": [("有效期至", "12月3日 周四 24:00"), ("券号", "YC-2026-00418")],
        "see_rows": [
            ("安心心理咨询", "预约时间、您的称呼和电话后四位。"),
            ("学校财务", "券号和金额，看不到服务内容。"),
        ],
        "steps": [
            {"state": "done", "title": "已提交", "at": datetime(2026, 11, 23, 6, 2, tzinfo=UTC)},
            {
                "state": "done",
                "title": "符合规定，自动通过",
                "at": datetime(2026, 11, 23, 6, 2, tzinfo=UTC),
                "note": "本学年第 2 次，前 3 次不需要审批",
            },
            {"state": "now", "title": "正在问安心心理咨询", "note": "最晚明天 14:02 答复；没有答复会告诉您"},
            {"state": "next", "title": "确认时间，发出卡券"},
        ],
        "explanation": explain("quota_used_up", {"resets_on": "2027-09-01"}),
        "back_url": "/",
    }
    if screen == "office":
        shared |= _office_rows()
    if screen.startswith("result"):
        shared |= _results(screen)
    if screen == "confirm":
        shared |= {
            "title": "取消这次预约？",
            "lead": "取消后，这一次补贴会回到您的额度里。",
            "warning": "现在距离预约不到 24 小时，按协议安心心理咨询可收取 ¥50.00。",
            "danger": True,
            "confirm_label": "确认取消",
            "facts": [("服务", "咨询服务"), ("时间", "12月3日 周四 16:30")],
            "form": None,
        }
    return shared
