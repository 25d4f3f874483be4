"""Who is in the demo. Names are made up; the same seed gives the same people."""

from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_MANY: Final = 50
GIVEN = [
    "明华",
    "晓燕",
    "志强",
    "秀兰",
    "建国",
    "雅琴",
    "文博",
    "海霞",
    "立新",
    "小梅",
    "思远",
    "雨桐",
    "国栋",
    "丽娜",
    "德胜",
    "春燕",
    "一鸣",
    "佳怡",
    "永康",
    "若兰",
    "子墨",
    "红梅",
    "承志",
    "书瑶",
    "振宇",
    "巧云",
    "景行",
    "婉清",
]


@dataclass(frozen=True, slots=True)
class School:
    """One school as the operator enters it."""

    slug: str
    name: str
    name_en: str
    kind: str
    code: str
    duty_phone: str
    departments: tuple[str, ...]
    asked_kinds: tuple[str, ...] = ()
    """Kinds that this school's offices always decide themselves."""


SCHOOLS = (
    School(
        "yucai",
        "育才中学",
        "Yucai Middle School",
        "middle",
        "YC",
        "0571-5550101",
        ("语文组", "数学组", "英语组", "理化组", "政史地组", "体艺组", "教务处", "德育处", "总务处"),
        asked_kinds=("elder_care",),
    ),
    School(
        "shifan",
        "江城师范学院",
        "Jiangcheng Normal College",
        "college",
        "SF",
        "0571-5550102",
        ("教育学院", "文学院", "数学学院", "外语学院", "体育学院", "图书馆", "教务处", "后勤处"),
    ),
    School(
        "binhai",
        "滨海小学",
        "Binhai Primary School",
        "primary",
        "BH",
        "0571-5550103",
        ("低年级组", "中年级组", "高年级组", "科学组", "艺体组", "行政办公室"),
    ),
)
BUREAU = School("jiaoyuju", "滨江区教育局", "Binjiang Education Bureau", "district", "JY", "0571-5550100", ("办公室",))

ROLES: dict[str, tuple[str, ...]] = {
    "admin": ("admin", "staff"),
    "editor": ("editor", "staff"),
    "staff": ("staff",),
    "staff2": ("staff",),
    "head": ("head", "staff"),
    "centre": ("centre", "staff"),
    "centre2": ("centre", "staff"),
    "duty": ("duty", "staff"),
    "finance": ("finance", "staff"),
    "finance2": ("finance", "staff"),
    "principal": ("principal", "staff"),
    "moral": ("moral", "staff"),
    "doctor": ("doctor", "staff"),
    "union": ("union", "staff"),
    "union2": ("union", "staff"),
}
"""Sign-in name → roles, as the contract lists them, and a second person of the union, who deputises for its chair."""


@dataclass(frozen=True, slots=True)
class Partner:
    """One institution with its papers and its services ``(name, English name, kind, unit, minutes, list, tariff)``; fen."""

    slug: str
    name: str
    name_en: str
    kind: str
    district: str
    address: str
    phone: str
    papers: tuple[str, ...]
    services: tuple[tuple[str, str, str, str, int, int, int], ...]
    week: tuple[str, ...]
    """Its hours from Monday to Sunday, as an office types them."""


PARTNERS = (
    Partner(
        "anxin",
        "安心心理咨询",
        "Anxin Counselling",
        "counselling_agency",
        "滨江区",
        "滨江路 18 号 3 楼",
        "0571-5550201",
        ("registration",),
        (
            ("个人心理咨询", "Individual counselling", "counselling", "session", 50, 36_000, 30_000),
            ("夫妻与家庭咨询", "Couple and family counselling", "counselling", "session", 80, 52_000, 45_000),
        ),
        ("9:00–21:00",) * 7,
    ),
    Partner(
        "renai",
        "仁爱精神卫生中心",
        "Ren'ai Mental Health Centre",
        "mental_health_centre",
        "滨江区",
        "健康大道 6 号",
        "0571-5550202",
        ("registration", "medical"),
        (
            ("精神科门诊", "Psychiatric clinic", "psychiatry", "session", 30, 20_000, 16_000),
            ("心理治疗", "Psychotherapy", "counselling", "session", 50, 45_000, 40_000),
        ),
        ("8:00–17:30",) * 5 + ("8:00–12:00", ""),
    ),
    Partner(
        "jiayuan",
        "家园托管",
        "Jiayuan Childcare",
        "childcare",
        "滨江区",
        "学院街 52 号 1 楼",
        "0571-5550203",
        ("registration", "childcare", "food"),
        (
            ("课后托管（按月）", "After-school care, monthly", "childcare", "month", 180, 130_000, 120_000),
            ("课后托管（按次）", "After-school care, single day", "childcare", "session", 180, 8_000, 7_000),
        ),
        ("14:00–20:00",) * 5 + ("", ""),
    ),
    Partner(
        "jiezheng",
        "洁净家政",
        "Jiezheng Home Help",
        "home_service",
        "滨江区",
        "建设三路 9 号",
        "0571-5550204",
        ("registration",),
        (
            ("日常保洁", "Cleaning", "home_help", "hour", 60, 6_000, 4_800),
            ("上门做饭", "Cooking at home", "home_help", "session", 120, 15_000, 12_800),
        ),
        ("8:00–20:00",) * 7,
    ),
    Partner(
        "shequ",
        "和平社区服务站",
        "Heping Community Station",
        "community",
        "滨江区",
        "和平里 1 号",
        "0571-5550205",
        ("registration", "elder_care"),
        (
            ("老人日间照料", "Elder day care", "elder_care", "day", 480, 12_000, 9_600),
            ("家庭矛盾调解", "Family mediation", "mediation", "session", 90, 20_000, 15_000),
            ("入户保洁", "Cleaning by neighbours", "home_help", "hour", 60, 5_000, 4_200),
        ),
        ("8:00–17:30",) * 6 + ("",),
    ),
    Partner(
        "linli",
        "邻里帮家政",
        "Linli Neighbours' Help",
        "home_service",
        "滨江区",
        "文昌路 21 号",
        "0571-5550206",
        ("registration",),
        (("家庭保洁", "Home cleaning", "home_help", "hour", 60, 6_500, 5_200),),
        ("9:00–19:00",) * 6 + ("",),
    ),
)


@dataclass(slots=True)
class Names:
    """Names that are not given out yet: nobody in the demo is anybody's namesake, in whichever school or institution."""

    random: Random
    taken: set[str] = field(default_factory=set)

    def new(self, surname: str = "") -> str:
        """A surname and a given name; two surnames where single ones have become rare."""
        for tries in count():
            first = surname or self.random.choice(SURNAMES)
            name = first + (self.random.choice(SURNAMES) if tries > _MANY else "") + self.random.choice(GIVEN)
            if name not in self.taken:
                break
        self.taken.add(name)
        return name
