"""Texts of the chain. No name, no reason, no illness, no word of what it is about: whoever reads over a shoulder learns nothing.

Carriers approve such texts one by one, so they are fixed; ``number`` is the only thing that may stand behind them.
Found by ``notifications.texts``.
"""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic


def _text(zh: tuple[str, str], en: tuple[str, str]) -> Text:
    return Text(Topic.WORK, zh, en)


_REAL: Final[Mapping[str, Text]] = {
    "emergency_page_school": _text(
        ("紧急：请您接手一件事", "值班系统正在找人接手一件事。请马上打开，按“我来处理”或“现在不行”。没有人按，会继续往下找。"),
        ("Urgent: please take this", "Somebody is needed now. Open it and press “I have it” or “Not now”. Until somebody does, the next person is called."),
    ),
    "emergency_page_team": _text(
        ("紧急：请应急小组成员应答", "有一件事需要应急小组。请马上打开，按“我在”。"),
        ("Urgent: the emergency team is called", "Something needs the team. Please open it now and press “I am here”."),
    ),
    "emergency_page_family": _text(
        ("学校紧急联系", "学校有一件要紧的事需要您帮忙。请按提示回复，或回电学校值班电话。"),
        ("Urgent call from the school", "The school needs your help with something urgent. Please answer as the text says, or call the school's duty line."),
    ),
    "emergency_page_medical": _text(
        ("紧急：请值班人员接手", "有一件事需要贵单位值班人员接手。请按提示回复，或回电学校值班电话。"),
        ("Urgent: your duty desk is needed", "Something needs your duty desk now. Please answer as the text says, or call the school's duty line."),
    ),
    "emergency_page_community": _text(
        ("紧急：请社区值班人员接手", "有一件事需要社区值班人员上门看一看。请按提示回复，或回电学校值班电话。"),
        ("Urgent: the community's duty desk is needed", "Somebody should look in at an address. Please answer as the text says, or call the school's duty line."),
    ),
    "emergency_dial": _text(
        ("请您现在拨打电话", "有一个号码机器从不拨打，要请您现在打，说清地址。号码在打开的页面上；拨过以后按“已拨”。"),
        ("Please make a call now", "There is a number that no machine calls. Please call it now and say the address. The number is on the page; press “Called” afterwards."),
    ),
    "emergency_card_code": _text(
        ("您要的数字", "您在页面上要了九位数字，用来打开那一页。只有正在看那一页的人需要它，请不要告诉别人。数字是："),
        ("The code you asked for", "You asked on the page for a code that opens it. Only whoever has that page before them needs it; tell it to nobody else. The code: "),
    ),
    "emergency_alarm": _text(
        ("紧急：一条线没有人接", "有一条线找遍了人，还没有人接手。请马上打开接下，或指定一个人。每五分钟会再叫一次。"),
        ("Urgent: a line that nobody has taken", "Everybody on one line was called and nobody took it. Open it now and take it, or name somebody. You are called again every five minutes."),
    ),
    "emergency_put_off": _text(
        ("有一方两次推迟了时间", "接手的一方已经把到场时间推迟了两次，不能再推。请打开看看，要不要另找人。"),
        ("A time was put off twice", "Whoever has one line has named another time twice and cannot do so again. Please look whether somebody else should go."),
    ),
    "emergency_ask_review": _text(
        ("有一条线在待命，请看一下", "它还没有开始。请打开看看，现在要不要开始。"),
        ("A line is waiting", "It has not begun. Please look whether it should begin now."),
    ),
    "emergency_ask_arrived": _text(
        ("到了吗？", "您接下的事，时间快到了。到了请按“到了”，来不及请按“换个时间”或“交给别人”。五分钟后会去找下一位。"),
        ("Are you there?", "The time you named is nearly over. Press “I am there”, or name another time, or let somebody else go. In five minutes the next person is called."),
    ),
    "emergency_ask_still_there": _text(
        ("还在处理吗？", "请打开按一下“还在”。十分钟没有回应，会去找下一位。"),
        ("Still with it?", "Please press “Still with it”. Without an answer the next person is called in ten minutes."),
    ),
    "emergency_ask_handed_over": _text(
        ("交接还没有人接", "您请的人还没有接。这件事仍在您手里，请打开再看一下。"),
        ("Nobody has taken over yet", "It is still yours. Please look at it again."),
    ),
    "emergency_ask_take_over": _text(
        ("同事请您接手", "一位同事请您接手一件事。请马上打开，按“我来接手”或“现在不行”。您接手以前，仍由同事负责。"),
        ("A colleague asks you to take over", "Please open it now and press “I take over” or “Not now”. Until you do, it is still your colleague's."),
    ),
    "emergency_taken_over": _text(
        ("已有同事接手", "您请的同事接手了，您可以离开了。谢谢。"),
        ("A colleague has taken over", "Whom you asked has taken over, and you may go. Thank you."),
    ),
    "emergency_task_overdue": _text(
        ("有一项事后告知过期了", "有一项该做的告知已经过期，请打开看看由谁来做，或写明为什么缓一缓。"),
        ("Something that is owed to somebody is overdue", "Please open it and see who does it, or write why it has to wait."),
    ),
    "emergency_told": _text(
        ("有一页记录可以再看", "老师当面跟您说过的内容，现在可以自己再看：谁知道了什么、谁看过。登录后查看，只有您看得到。"),
        ("There is a page for you to read again", "What was told to you in person can be read again now: who was told what, and who looked. Sign in to see it; only you can."),
    ),
    "emergency_ask_hold": _text(
        ("有一条线停着，请看一下", "它被叫停了。请打开看看，要不要继续停，或换一个人联系。"),
        ("A line is held", "It was stopped. Please look whether it stays so, or whether somebody else is called."),
    ),
    "emergency_ask_grade": _text(
        ("请写下等级", "有一件事还没有定等级，别的几方都在等。请打开写下来。"),
        ("Please write the grade", "Something has no grade yet, and the other parties wait for it. Please write it."),
    ),
    "emergency_ask_contact": _text(
        ("还没有联系上本人", "两个小时到了。请打开，记下是否已经见到或说上话。"),
        ("No contact yet", "Two hours are over. Please write whether somebody has seen or spoken to the person."),
    ),
    "emergency_ask_assessment": _text(
        ("还没有做专业评估", "二十四小时到了。请打开安排评估，或记下已经做了。"),
        ("No assessment yet", "24 hours are over. Please arrange it, or write that it was done."),
    ),
    "emergency_ask_watch": _text(
        ("今天还没有看过", "有一位需要每天看一次。请打开记下今天的情况。"),
        ("Not looked in today", "Somebody is to be looked in on each day. Please write how it was today."),
    ),
    "emergency_report_joined": _text(
        ("又有一份报告，请马上看", "您手里的一件事又有人报告，说得更重。请马上打开看看，要不要改等级。"),
        ("Another report: please look now", "Somebody has reported more about what you have, and says that it is graver. Please open it now and see whether the grade still holds."),
    ),
    "emergency_report_new": _text(
        ("有新的报告，请马上看", "您手里的一件事又收到报告，还没有人看。请马上打开看看。"),
        ("A new report: please read it now", "There is a report about what you have that nobody has read. Please open it now."),
    ),
    "emergency_stood_down": _text(
        ("已有人接手", "刚才那件事已经有人接手，您不用再做什么。谢谢。"),
        ("Somebody has it", "What you were called for is taken. Nothing more is asked of you. Thank you."),
    ),
    "emergency_not_needed": _text(
        ("不用再来了", "刚才那件事有了变化，暂时不需要您了。谢谢。"),
        ("You are not needed any more", "Things have changed, and nothing more is asked of you for now. Thank you."),
    ),
    "emergency_joined": _text(
        ("两件事并成一件", "刚才叫您的那件事，和另一件是同一件，已经并到一起，由那边接着处理。请打开看看是否还要您去。"),
        ("Two incidents are one", "What you were called for is the same as another incident and goes on there. Please open it and see whether you are still needed."),
    ),
    "emergency_false_alarm": _text(
        ("虚惊一场", "刚才那件事已经核实，没有发生。谢谢您。"),
        ("A false alarm", "It was looked into and there was nothing. Thank you."),
    ),
    # changed duties
    "emergency_duties": _text(
        ("有一项工作安排请您看一下", "有一位同事的工作安排有变动，需要您落实。登录后查看，看过请按“已收到”，安排好请按“已安排”。"),
        ("Please look at a change of duties", "The duties of a colleague change for a while and you arrange it. Sign in to see it; press “Received”, and “Arranged” when it is done."),
    ),
    "emergency_duties_over": _text(
        ("有一项工作安排提前结束", "之前请您落实的一项工作安排提前结束了。登录后查看。"),
        ("A change of duties has ended early", "A change that you arranged has ended before its last day. Sign in to see it."),
    ),
    "emergency_duties_arranged": _text(
        ("工作安排已落实", "您写下的一项工作安排，负责人已经安排好。登录后查看。"),
        ("A change of duties is arranged", "Whoever arranges it has said that it is done. Sign in to see it."),
    ),
    # afterwards
    "emergency_ask_companion": _text(
        ("陪伴的人没有接上，请马上看", "说好来陪的人没有到，或者要走了还没有人接。请马上打开看看，先请人过去。"),
        ("Nobody may be with them: please look now", "Whoever was to stay has not come, or must go and nobody is there. Please open it now and send somebody."),
    ),
    "emergency_change_due": _text(
        ("有一项改进到期了", "复盘时定下由您改的一项，到期了。登录后查看，改好请按“已改”。"),
        ("A change is due", "Something that you were to change after a review is due. Sign in to see it, and press “It is changed” when it is."),
    ),
    "emergency_grant": _text(
        ("有一位教职工需要工会关心", "有一位教职工征得本人同意，请工会关心。登录后查看；办好请记下哪天给了，或没有给。"),
        ("Support of the union is asked for", "With their yes, support is asked for a colleague. Sign in to see whom; write down the day on which it was given, or not."),
    ),
    "emergency_companion": _text(
        ("想请您帮个忙", "学校想请您帮个忙。登录后看看时间，按“我来”或“来不了”。"),
        ("You are asked for help", "The school asks for your help. Sign in to see when, and press “I come” or “I cannot”."),
    ),
    "emergency_companion_over": _text(
        ("不用再过去了", "之前请您帮忙的那一班不用了，或已有人接上。谢谢您。"),
        ("You need not stay any more", "What you were asked for is not needed any more, or somebody else is there. Thank you."),
    ),
    "emergency_companion_gap": _text(
        ("有一班没有人", "您安排的一班，请的同事来不了。登录后另请一位。"),
        ("Nobody has one of the shifts", "A colleague whom you asked cannot come. Sign in and ask somebody else."),
    ),
    "emergency_follow_up_due": _text(
        ("有一次回访到时间了", "这一周的回访到时间了。登录后查看是哪一位，谈过以后记一笔。"),
        ("A weekly talk is due", "This week's talk is due. Sign in to see which; write down how it went when you have had it."),
    ),
    "emergency_follow_up_word": _text(
        ("一位老师说了要不要回访", "您负责回访的一位老师有话要告诉您。登录后查看，请照本人的意思做。"),
        ("Somebody has said whether they want the talks", "Somebody whose weekly talks you keep has let you know. Sign in to see it, and do as they wish."),
    ),
    # contacts
    "contact_wanted": Text(
        Topic.CONTACTS,
        (
            "请填写紧急联系人",
            "您还没有一位同意接听的紧急联系人。两分钟可以填好，什么时候联系由您决定；现在不填也可以。",
        ),
        (
            "Please name an emergency contact",
            "Nobody has agreed yet to be called for you. It takes two minutes, you decide when they are called, and you may leave it.",
        ),
    ),
    "contacts_still_right": Text(
        Topic.CONTACTS,
        ("紧急联系人还对吗？", "距您上次确认已满一年。打开页面点一下“都还对”，或者修改。"),
        (
            "Are your emergency contacts still right?",
            "A year has passed since you last said so. One tap says yes, one changes them.",
        ),
    ),
    "contact_ended": Text(
        Topic.CONTACTS,
        ("有一位紧急联系人不再同意", "这是对方的权利，不需要理由。请看一看还有谁可以联系。"),
        (
            "An emergency contact no longer agrees",
            "That is their right, and no reason is asked. Please look who can still be called.",
        ),
    ),
    "contact_number_fails": Text(
        Topic.CONTACTS,
        ("有一个紧急联系电话打不通", "请核对号码。改好并重新征得同意之前，不会拨打这个号码。"),
        (
            "An emergency contact's number does not work",
            "Please check it. It is not called until you have mended it and they have agreed again.",
        ),
    ),
    # duty and plans
    "chain_asked": Text(
        Topic.WORK,
        ("有一项切换等您确认", "同事提出切换应急联动的状态，需要另一位负责人确认，24 小时内有效。登录后查看。"),
        (
            "A switch waits for your word",
            "A colleague has asked to switch the emergency chain. A second person has 24 hours to agree. Sign in to see it.",
        ),
    ),
    "chain_faults": Text(
        Topic.WORK,
        (
            "应急预案或值班表有新的缺口",
            "夜间检查发现新的缺口，不补上，真出事时可能没人接。登录后查看缺什么、由谁来补。",
        ),
        (
            "The emergency plans or the rota have a new gap",
            "The check of last night found something new that would stop a call. Sign in to see what it is and who mends it.",
        ),
    ),
    "duty_swap_asked": Text(
        Topic.WORK,
        ("有同事想请您换一个班", "登录后可以看是哪一天、几点到几点，按“我来值”或“值不了”。您答应以前，仍由同事值班。"),
        (
            "A colleague asks you to take a shift",
            "Sign in to see when it is and press “I take it” or “I cannot”. Until you take it, it is your colleague's.",
        ),
    ),
    "duty_swap_accepted": Text(
        Topic.WORK,
        ("您的换班请求，同事答应了", "班次开始以前，两个人都可以撤回。登录后查看。"),
        (
            "A colleague takes your shift",
            "Until it begins, either of you can undo it. Sign in to see it.",
        ),
    ),
    "duty_swap_declined": Text(
        Topic.WORK,
        ("您的换班请求，同事值不了", "这个班仍由您值。登录后可以再请别的同事。"),
        ("A colleague cannot take your shift", "It is still yours. Sign in to ask somebody else."),
    ),
    "duty_swap_over": Text(
        Topic.WORK,
        ("一次换班不再算数", "班次有了变化，请登录后看看现在由谁值班。"),
        ("A swap of shifts does not count any more", "The shift has changed. Please sign in and see who has it now."),
    ),
    "duty_tomorrow": Text(
        Topic.WORK,
        ("您的下一个班，一天之内开始", "登录后可以看几点到几点。来不了，请尽早请同事替班。"),
        (
            "Your next shift begins within a day",
            "Sign in to see from when to when. If you cannot come, please ask a colleague for a swap soon.",
        ),
    ),
    "duty_soon": Text(
        Topic.WORK,
        ("您的班十分钟内开始", "请把手机带在身边，保持能响。登录后可以看几点到几点。"),
        (
            "Your shift begins within ten minutes",
            "Please keep your phone with you and let it ring. Sign in to see from when to when.",
        ),
    ),
    # vacations and kits
    "duty_away": Text(
        Topic.WORK,
        ("有同事报了休假", "值班表里有班要找人补上，请提前三周补满。登录后可以看是哪几天。"),
        ("A colleague will be away", "Shifts have to be filled, three weeks beforehand. Sign in to see which days."),
    ),
    "kit_ends": Text(
        Topic.WORK,
        ("应急箱里有东西快到期了", "三十天内到期，或者已经过期。登录后可以看是哪一样，请换上新的。"),
        ("Something in an emergency kit ends soon", "Within thirty days, or it is over already. Sign in to see what, and please replace it."),
    ),
    # the watchdog
    "watchdog_trouble_operator": _text(
        ("紧急：值守程序报警", "心桥的呼叫程序可能没有在工作，请马上查看服务器。故障排除前每五分钟提醒一次"),
        ("Urgent: the watchdog calls", "Xinqiao may not be calling people. Please look at the server now. You are called every five minutes until it is mended"),
    ),
    "watchdog_well_operator": _text(
        ("值守程序：已恢复", "心桥的呼叫程序恢复正常"),
        ("Watchdog: well again", "Xinqiao calls people again"),
    ),
    "watchdog_trouble_school": _text(
        ("紧急：系统呼叫延误", "系统没有按时呼叫。请应急小组现在打开应急页面，用电话互相通知，不要等系统。"),
        ("Urgent: the system calls late", "The system did not call in time. Team: please open the emergency page now and telephone each other; do not wait."),
    ),
    "watchdog_well_school": _text(
        ("系统呼叫已恢复", "系统恢复按时呼叫。"),
        ("The system calls in time again", "The system calls in time again."),
    ),
}  # fmt: skip

_OUTWARD_ONLY: Final = frozenset({"emergency_card_code"})
_NO_DRILL: Final = ("emergency_duties", "emergency_told", "emergency_task_overdue")
_MARK_ZH, _MARK_EN = "【演练】", "[Drill] "
_SAID_ZH = "这是演练，不是真事：不要拨打任何号码，也不要告诉演练以外的人。"
_SAID_EN = "This is a drill, nothing has happened: call no number and tell nobody who is not in it. "


def in_drill(text: str) -> str:
    """The text that stands for ``text`` in a drill: it says first that it is one."""
    return f"drill_{text}"


def _as_drill(text: Text) -> Text:
    (zh, zh_body), (en, en_body) = text.zh, text.en
    return Text(text.topic, (f"{_MARK_ZH}{zh}", f"{_SAID_ZH}{zh_body}"), (f"{_MARK_EN}{en}", f"{_SAID_EN}{en_body}"))


_DIAL_IN_DRILL: Final = _text(
    (f"{_MARK_ZH}请说出要拨的号码，不要真拨", f"{_SAID_ZH}打开页面，大声说出号码和地址，再按“已拨”。"),
    (f"{_MARK_EN}Say the number, do not call it", f"{_SAID_EN}Open the page, say the number and the address aloud, then press “Called”."),
)  # fmt: skip
_DRILL: Final[Mapping[str, Text]] = {
    "drill_planned": _text(
        (f"{_MARK_ZH}请您参加一次演练", "登录后看您演谁、什么时候开始。看完请按“我看过了”。"),
        (f"{_MARK_EN}Please take part in a drill", "Sign in to see whom you play and when it begins, then press “I have read it”."),
    ),
    "drill_begun": _text(
        (f"{_MARK_ZH}演练现在开始", f"{_SAID_ZH}请打开演练页面。轮到您时，这里会有新消息。"),
        (f"{_MARK_EN}The drill begins now", f"{_SAID_EN}Please open its page. When it is your turn, a message stands here."),
    ),
    "drill_news": _text(
        (f"{_MARK_ZH}有新情况", f"{_SAID_ZH}请打开演练页面看一看。"),
        (f"{_MARK_EN}Something new", f"{_SAID_EN}Please open the page of the drill."),
    ),
    "drill_stopped": _text(
        (f"{_MARK_ZH}演练已停止", "演练已停止，请按平时的职责行事。有什么要您办的，会另有通知。"),
        (f"{_MARK_EN}The drill has been stopped", "The drill has been stopped. Please act as your usual duties ask; what is asked of you comes in a message of its own."),
    ),
    "drill_resumed": _text(
        (f"{_MARK_ZH}演练继续", f"{_SAID_ZH}请打开演练页面，从头叫人。"),
        (f"{_MARK_EN}The drill goes on", f"{_SAID_EN}Please open its page; people are called from the beginning."),
    ),
    "drill_over": _text(
        (f"{_MARK_ZH}演练结束", "这次演练到此结束，不用再做什么。谢谢您。"),
        (f"{_MARK_EN}The drill is over", "The drill ends here, and nothing more is asked of you. Thank you."),
    ),
    "drill_change_due": Text(
        Topic.WORK,
        ("演练后要改的一项到期了", "演练后定下要改的一项，到期了，还没有改好。登录后查看；改好请按“已改”。"),
        ("A change after a drill is due", "Something that was to be changed after a drill is due, and is not done. Sign in to see it, and press “It is changed” when it is."),
    ),
    "drill_wanted": Text(
        Topic.WORK,
        ("这学期还没有演练", "每学期至少演练一次。登录后可以排一次，两个现成的情景可以直接用。"),
        ("No drill this semester yet", "There is one in each semester at least. Sign in to plan it; two scenarios are ready to use."),
    ),
}  # fmt: skip

MESSAGES: Final[Mapping[str, Text]] = {
    **_REAL,
    **_DRILL,
    **{
        in_drill(key): _as_drill(text)
        for key, text in _REAL.items()
        if key.startswith("emergency_") and not key.startswith(_NO_DRILL) and key not in _OUTWARD_ONLY
    },
    in_drill("emergency_dial"): _DIAL_IN_DRILL,
}
