"""The two scenarios that come with the product (14.10): how each begins, and what players are told by minute.

Content of a school, written in Chinese as the texts of a message are; a school copies one into its drill and may change it.
Nobody in them exists: the person is 演练人员甲, and no colleague's name belongs there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from referrals.emergency.models import Home, Place, Scenario
from referrals.emergency.rules.drills import Inject
from referrals.emergency.rules.grades import Grade, IncidentKind


@dataclass(frozen=True, slots=True)
class Written:
    """One scenario, with the answers of its opening."""

    title: str
    briefing: str
    signs: str
    kind: IncidentKind
    suggested: Grade
    home: Home
    place: Place
    danger_now: bool
    messages: tuple[Inject, ...]


WRITTEN: Final[Mapping[str, Written]] = {
    Scenario.SUICIDE: Written(
        title="同事说“不想活了”",
        briefing=(
            "演练人员甲，语文教师，演练中的人。办公室同事听见甲说不想活了，下午请假回家后不接电话。"
            "各位按真事来办：接到消息就应答，定等级，通知家里、医院、社区，直到有人见到甲并交接。"
            "不打任何电话：该打的号码，大声说出来再按“已拨”。家里、医院、社区由同事扮演。"
            "有人不舒服，或觉得不对，随时喊出停止口令，在页面上输入，演练马上停。"
        ),
        signs="甲这两周很少说话，今天把自己的东西分给了同事，说“以后用不上了”，午后请假离校，两个小时不接电话。",
        kind=IncidentKind.PSYCHOLOGICAL,
        suggested=Grade.EXTREME,
        home=Home.SAFE,
        place=Place.HOME,
        danger_now=True,
        messages=(
            Inject(4, "甲发来一条消息：“别找我了，麻烦替我把作业批完。”没有说在哪里。"),
            Inject(10, "扮演家人的同事请注意：您刚到家，甲把自己关在房间里，隔着门肯说话。"),
            Inject(18, "甲开了门，愿意由家人陪着去医院，但说不想让学校别的人知道。"),
            Inject(30, "扮演医院的同事请注意：甲到了，需要留下观察，家人已签字。请按“到了”，再按“办完了”。"),
        ),
    ),
    Scenario.BREAKDOWN: Written(
        title="情绪失控，可能伤到别人",
        briefing=(
            "演练人员乙，班主任，演练中的人。课间在走廊与家长争执后情绪失控，手里拿着东西，附近有学生。"
            "各位先保学生和自己：清场、隔开、不围观、不争辩，再按真事来办：应答、定等级、叫人、交接。"
            "不打任何电话：该打的号码，大声说出来再按“已拨”。演练不惊动学生，不用真的东西。"
            "有人不舒服，或觉得不对，随时喊出停止口令，在页面上输入，演练马上停。"
        ),
        signs="乙在二楼走廊大声喊叫，把椅子举起来，说“谁过来我就不客气”。两个班的学生还在教室里，一位家长在旁边。",
        kind=IncidentKind.PSYCHOLOGICAL,
        suggested=Grade.EXTREME,
        home=Home.SAFE,
        place=Place.SCHOOL,
        danger_now=True,
        messages=(
            Inject(3, "两个班的学生已由任课老师带到操场，走廊里还有三位同事和那位家长。"),
            Inject(8, "乙把椅子放下，坐在楼梯上哭，不让人靠近，说胸口闷。请校医判断要不要叫 120（只说，不打）。"),
            Inject(15, "有学生家长在班级群里问出了什么事。谁来回、回什么，请说出来。"),
            Inject(25, "乙愿意跟心理老师到咨询室。扮演家人的同事请注意：您二十分钟后到校，请按“到了”。"),
        ),
    ),
}
