"""The checklist for a crisis (12.10): one page that fits a pocket, no method and no diagnosis in it."""

from typing import Final

from content.demo_texts.shapes import Guideline, help_with, phrase, points, remember, text

CHECKLIST: Final = Guideline(
    slug="crisis-checklist",
    title="危机清单：看见、陪着、叫人、交接",
    summary="一页纸，放在口袋里。遇到同事有危险，按顺序做四件事，不用自己判断有多严重。",
    audience="staff",
    reviewed_by="教职工心理服务中心",
    body=(
        text("记不住全部没关系，记住一句：人不离开人，话交给专业的人。"),
        points(
            "看见：他说不想活、在道别、突然送出重要的东西，或者跟平时完全不一样。",
            "陪着：留在看得见、听得见的地方，不围观，不争辩。",
            "叫人：拨值班电话，说清在哪里、看到了什么、现在有谁在。有危险先拨 110 或 120。",
            "交接：等到接手的人亲口说“我来了”，再离开。",
        ),
        phrase("别想不开。", "我在这儿，我们一起等人来。", "不劝、不讲道理，只陪着。"),
        remember("不用做的事", "不用问原因，不用保证保密，不用一个人扛。您报告了，就做对了。"),
        help_with("事后自己也需要缓一缓", "counselling"),
    ),
)
