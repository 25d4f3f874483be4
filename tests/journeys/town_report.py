"""Reports of anybody in the school of the emergency: some unread, one with a picture and letters, one that leaves somebody out."""

import base64
import io

from PIL import Image, ImageDraw

from referrals.emergency.models import Report
from referrals.emergency.receipts import receipt_hash
from referrals.emergency.workflow.receiving import Told, send_report, write_letter
from referrals.emergency.workflow.report_acts import answer_report
from tests.emergency.world import World

_WORDS = "他把养了三年的鱼送给了我，还说谢谢我这些年照顾。晚上在群里发了一句“都结束了”，然后退了群。电话一直关机。"
_SIGNS = ("送走东西、安排后事", "道别，托人照看什么", "回避人、缺勤、联系不上")


def report_paths(world: World) -> dict[str, str]:
    """Addresses of the reports, and a receipt."""
    told = Told(
        about="体艺组一位老师",
        words=_WORDS,
        signs=_SIGNS,
        where="可能在北楼，也可能回了出租屋",
        noticed="昨天晚上",
        set_off="上个月离婚",
        not_told=("principal",),
    )
    receipt = send_report(told=told, danger_now=False, picture=_picture())
    report = Report.objects.get(receipt_hash=receipt_hash(receipt))
    answer_report(
        actor=world.actor("second"),
        incident_id=report.incident_id,
        report_id=report.pk,
        words="谢谢您告诉我们。您最后一次看见他是什么时候？他平时和谁走得近？",
    )
    write_letter(report_id=report.pk, words="今天早上七点多在东门看见过他，一个人。和后勤的小陈最熟。")
    for words in ("他好几天没来吃饭了，人瘦了一圈。", "在走廊里听见他说，活着没意思。"):
        send_report(told=Told(words=words, signs=_SIGNS[2:], not_told=("principal",)), danger_now=False)
    base = f"/centre/emergency/{report.incident_id}/"
    return {
        "incident_reports": base,
        "reports": f"{base}reports/",
        "report": f"{base}reports/{report.pk}/",
        "receipt": receipt,
    }


def _picture() -> str:
    """What a message looks like on a telephone."""
    picture = Image.new("RGB", (360, 200), "#eef0f3")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((20, 30, 300, 80), 12, fill="#ffffff")
    draw.rounded_rectangle((60, 110, 340, 160), 12, fill="#9be37a")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()
