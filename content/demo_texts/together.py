"""What the demo schools do together, and the lessons of their quiet corner. Own writing."""

from dataclasses import dataclass
from typing import Final

from content.demo_texts.shapes import Body, heading, help_with, points, remember, text
from content.festivals import Festival

QUIET_INTRO: Final = "戴上耳机，闭一会儿眼。声音都是这里自己做的，没有广告，也不用登录。"
QUIET_INTRO_EN: Final = "Put on your headphones and close your eyes for a while. No advertising, no sign-in."
ACTIVITIES_INTRO: Final = "一起过节，一起说说话。想来就来，不点名，也不算考勤。"
ACTIVITIES_INTRO_EN: Final = "Festivals kept together, and time to talk. Come if you like; nobody takes a register."
FESTIVALS_INTRO: Final = "农历的日子已经换算好，照着这一年的公历看就行。"


@dataclass(frozen=True, slots=True)
class Lesson:
    slug: str
    title: str
    summary: str
    minutes: int
    body: Body


@dataclass(frozen=True, slots=True)
class Activity:
    """``day``: so many days after the first."""

    title: str
    host: str
    day: int
    begins: str
    ends: str
    place: str
    note: str = ""


LESSONS: Final = (
    Lesson(
        "breathing-out-longer",
        "呼气长一点，心就慢一点",
        "铃响之前的六分钟：坐着就能做的一次呼吸练习。",
        6,
        (
            text("坐稳，两脚踩在地上，肩膀放下来。不用闭眼，看着桌面上一个不动的地方就好。"),
            heading("跟着做"),
            points("用鼻子吸气，心里数到四。", "嘴唇微微收拢，慢慢呼出去，数到六。", "数乱了就从头来，不用追。", "做满十轮，大约两分钟；停一停，再做十轮。"),
            remember("为什么是呼气", "呼气拉长的时候，心跳会跟着慢下来。它不解决问题，只是让您有力气看问题。"),
        ),
    ),
    Lesson(
        "putting-down-the-day",
        "下班路上，把这一天放下",
        "三个问题，从校门口到家门口刚好想完。",
        7,
        (
            text("很多事带回家，是因为没有一个地方可以放。下面三个问题，一站问一个。"),
            points("今天有哪一刻还不错？小到一句“老师好”也算。", "有什么事，今天已经做到我能做的份上了？", "明天第一件事是什么？想好了，就不用今晚一直记着。"),
            remember("到门口了", "手放在门把上，先呼一口长气，再推门。"),
        ),
    ),
    Lesson(
        "shoulders-between-classes",
        "课间五分钟，给肩膀松一松",
        "站着做，不用换衣服，办公室里谁都可以一起。",
        5,
        (
            text("批了一上午作业，肩膀会自己耸到耳朵边上。趁课间，把它请下来。"),
            points("两肩一起往上提，停三秒，一下子放掉。做五次。", "右手扶住左边的头，轻轻往右带，数到十；换一边。", "十指交叉往前推，背弓起来，像伸懒腰的猫。", "最后甩甩手，喝口水。"),
            help_with("总是又酸又紧，睡也睡不好", "psychiatry", "counselling"),
        ),
    ),
)  # fmt: skip

CAMPAIGN_TITLE: Final = "六个一：心理健康活动周"
CAMPAIGN_SUMMARY: Final = "一封信、一次广播、一场问答、一堂讲座、一部电影、一面签名墙。"
CAMPAIGN_BODY: Final[Body] = (
    text("三天里安排了六件事，都在校内，都不用报名。想坐后排就坐后排，中途离开也不必打招呼。"),
    remember("带上家里人", "讲座和电影欢迎家属一起来，孩子有人照看。"),
)
CAMPAIGN_CONTACT: Final = "校工会 周老师"
SIX: Final = (
    Activity("一封信", "校长", 0, "07:40", "", "各办公室", "写给每一位同事，早上放在桌上"),
    Activity("一次广播", "心理中心 何老师", 0, "12:20", "12:35", "校园广播", "午饭时听一听怎么歇"),
    Activity("一场问答和自测", "心理中心", 1, "15:30", "17:00", "行政楼二层大厅", "自测只给自己看，不收不存"),
    Activity("一堂讲座：和青春期的孩子相处", "市心理学会 讲师", 1, "18:30", "20:00", "报告厅"),
    Activity("一部电影", "校工会", 2, "16:00", "17:50", "阶梯教室"),
    Activity("一面签名墙", "教职工志愿者", 2, "11:30", "13:00", "食堂门口", "写一句对自己说的话"),
)
REPORT_TITLE: Final = "重阳登高：和退休的老同事走了一程"
REPORT_SUMMARY: Final = "二十六位退休老师回来了，最年长的八十三岁。茶话会说到天黑还没有散。"
REPORT_BODY: Final[Body] = (
    text("早上九点从校门出发，走到后山的亭子，来回三公里。走不动的坐车，谁也不落下。", "中午在食堂吃的寿面，是在职的老师们一起擀的。"),
    heading("他们说"),
    points("“我教过的班，现在是你们在教。替我问他们好。”", "“明年还来，我带上孙女。”"),
)  # fmt: skip
REPORT_TOOK_PART: Final = 71
PLANS: Final[dict[Festival, str]] = {
    Festival.SPRING_FESTIVAL: "写春联、送福字；看望生病的和家里有难处的同事。",
    Festival.WOMENS_DAY: "女教职工下午放半天假，礼堂有插花和八段锦。",
    Festival.ARBOR_DAY: "各年级组认一棵树，挂上名牌。",
    Festival.LABOUR_DAY: "后勤师傅的一天：请大家看看食堂和锅炉房。",
    Festival.PARTY_DAY: "老教师讲校史。",
    Festival.TEACHERS_DAY: "学生来信展；从教三十年的老师上台说几句。",
    Festival.MID_AUTUMN: "值晚自习的老师和外地同事一起吃月饼、看月亮。",
    Festival.NATIONAL_DAY: "教职工合唱；值班表提前两周贴出来。",
    Festival.MENTAL_HEALTH_DAY: "六个一活动，心理中心全天开门。",
    Festival.DOUBLE_NINTH: "请退休老师回来走一走，上门看望走不动的。",
    Festival.NEW_YEAR: "迎新会，各组出一个节目，不评奖。",
}
