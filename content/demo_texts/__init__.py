"""The demo's own sentences: guidelines for staff, tips for families, a greeting per kind of school."""

from content.demo_texts.guidelines import every_guideline, guidelines_for
from content.demo_texts.shapes import Guideline, Tip, remember
from content.demo_texts.tips import every_tip, tips_for

GUIDELINES_INTRO = "短短几页，写给忙的人。每一篇都有人审过，末尾写着能找谁。"
TIPS_INTRO = "写给教职工的家人。每篇两三分钟，读完就能试一试，不试也没关系。"

ADDED = (remember("试不成也没关系", "今天没做成，明天再来。觉得吃力的时候，先打给心理中心说一声。"),)
"""What the operator adds to a tip of the library, later."""

GUIDELINES_INTRO_EN = "A few short pages for busy people. Each was read by a reviewer, and ends with whom to ask."
TIPS_INTRO_EN = "For the families of those who work here. Two or three minutes each; try it, or leave it."

_GREETINGS = {
    "primary": (
        "累了，就在这儿歇一歇。",
        "孩子们放学以后，也该有人问问您今天好不好。先看看，不用登录，也不用解释。",
        "Tired? Rest here a while.",
        "When the children have gone home, somebody should ask how your day was. Look around first: no sign-in, no reasons.",
    ),
    "middle": (
        "有人听，不着急。",
        "给每一位老师、职工和家里人。想看就看，想问就问，谁也不会追问为什么。",
        "Someone will listen. No hurry.",
        "For everyone who teaches or works here, and for their families. Read, or ask: nobody will want to know why.",
    ),
    "college": (
        "这里有人陪您想办法。",
        "课题、评审、家里的事，压到一起的时候可以先来这里。看一看不用登录。",
        "We will think it through with you.",
        "When projects, reviews and home all press at once, begin here. Looking around needs no sign-in.",
    ),
    "district": (
        "照顾好照顾学生的人。",
        "全区学校共用的指南和小贴士。需要帮助的老师，请从自己学校的页面进来。",
        "Care for those who care for students.",
        "Guidelines and tips shared by the district's schools. If you need help, please start from your own school's page.",
    ),
}


def greeting_for(kind: str) -> tuple[str, str, str, str]:
    """Headline and introduction of the home page for one kind of school, in Chinese and in English."""
    return _GREETINGS.get(kind, _GREETINGS["middle"])


__all__ = [
    "ADDED",
    "GUIDELINES_INTRO",
    "GUIDELINES_INTRO_EN",
    "TIPS_INTRO",
    "TIPS_INTRO_EN",
    "Guideline",
    "Tip",
    "every_guideline",
    "every_tip",
    "greeting_for",
    "guidelines_for",
    "tips_for",
]
