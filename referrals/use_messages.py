"""Texts of the messages about what became of an appointment: used, missed, objected to, solved. Found with ``referrals.messages``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

USES: Final[Mapping[str, Text]] = {
    "voucher_disputed_there": Text(
        Topic.WORK,
        ("一次核销有异议", "本人对一次核销有异议，学校正在核对；这一笔先不结算，其他不受影响。"),
        (
            "A redemption is objected to",
            "The person objects to one; the school is looking at it. It alone waits with its settlement.",
        ),
    ),
    "voucher_decided_there": Text(
        Topic.WORK,
        ("异议已有结论", "请在核销列表里看结果。"),
        ("An objection is decided", "The list of redemptions shows the result."),
    ),
    "use_corrected": Text(
        Topic.VOUCHERS,
        ("一次使用的金额已更正", "学校更正了您一次使用的金额。您多付或少付多少，请打开您的券看。"),
        (
            "An amount of yours was corrected",
            "The school has corrected what one use of your voucher costs. Open your voucher to see what you pay more or get back.",
        ),
    ),
    "use_corrected_there": Text(
        Topic.WORK,
        ("一笔核销已更正", "学校更正了一笔核销的金额，差额写在核销列表里。"),
        (
            "A redemption was corrected",
            "The school has corrected the amounts of one; the list of redemptions shows the difference.",
        ),
    ),
    "voucher_upheld": Text(
        Topic.VOUCHERS,
        ("异议已有结论", "学校核对后，这次使用照旧有效。请打开申请页看。"),
        (
            "Your objection is decided",
            "The school has looked, and the use of your voucher counts. Open the request to read it.",
        ),
    ),
    "voucher_passed_on": Text(
        Topic.VOUCHERS,
        ("异议换人处理", "您的异议过了十个工作日还没有结论，对不起。现在由另一位同事接着处理，有了结论就告诉您。"),
        (
            "A colleague goes on with your objection",
            "Ten working days have passed without a decision; we are sorry. Another colleague goes on with it and tells you.",
        ),
    ),
    "voucher_still_waits": Text(
        Topic.VOUCHERS,
        (
            "异议还在处理",
            "您的异议过了十个工作日还没有结论，对不起。已经再次提醒负责的部门，这次使用在有结论之前不会结算。",
        ),
        (
            "Your objection still waits",
            "Ten working days have passed without a decision; we are sorry. The office has been told again, and nothing is paid for "
            "this use until it is decided.",
        ),
    ),
    "was_it_solved": Text(
        Topic.REQUESTS,
        ("问题解决了吗？", "您的这份申请已经用完了。打开申请页，点一下就行；还需要帮助的话，可以接着约。只问这一次。"),
        (
            "Was it solved?",
            "This request of yours is used up. One tap on its page says so; if you need more, you can go on from there. You are asked once.",
        ),
    ),
    "booking_reminder": Text(
        Topic.APPOINTMENTS,
        ("预约快到了", "您有一个预约快到了，时间写在登录后的页面上。来不了的话，请尽早取消或改时间。"),
        (
            "An appointment is near",
            "You have an appointment soon; your page shows when. If you cannot come, please cancel or move it early.",
        ),
    ),
    "booking_reassigned": Text(
        Topic.APPOINTMENTS,
        ("您的预约换了人接待", "时间、券和价格都不变，换了谁请打开申请页看。不合适的话，开始前都可以免费取消。"),
        (
            "Somebody else has your appointment",
            "Time, voucher and price stay; open the request to see with whom it is. If you would rather not, cancel it without a "
            "fee until it begins.",
        ),
    ),
    "booking_unscanned": Text(
        Topic.APPOINTMENTS,
        ("预约有没有进行？", "有一次预约没有扫码记录。请在 48 小时内说一声有没有进行，点两下就好。"),
        (
            "Did your appointment take place?",
            "Nobody scanned a voucher for it. Please say within 48 hours whether it took place; two taps are enough.",
        ),
    ),
    "booking_unscanned_there": Text(
        Topic.WORK,
        ("有预约没有扫码", "请在 48 小时内说一声这次预约有没有进行。"),
        ("An appointment was not scanned", "Please say within 48 hours whether it took place."),
    ),
    "booking_no_show": Text(
        Topic.APPOINTMENTS,
        ("对方记录您没有到", "如果您到了，请在 48 小时内打开申请页说明；之后才会按协议处理。"),
        (
            "It was noted that you did not come",
            "If you did, please open the request within 48 hours and say so; only then does anything follow from it.",
        ),
    ),
    "booking_decided": Text(
        Topic.APPOINTMENTS,
        ("预约的情况已有结论", "您和对方说得不一样，学校已经核对。请打开申请页看结果。"),
        (
            "What became of your appointment is settled",
            "You and the other side said different things; the school has looked. Open the request to read it.",
        ),
    ),
    "booking_decided_there": Text(
        Topic.WORK,
        ("一次预约的情况已有结论", "学校已经核对，请在列表里看结果。"),
        ("What became of an appointment is settled", "The school has looked at it; the list shows the result."),
    ),
    "missed_fee_waived": Text(
        Topic.APPOINTMENTS,
        ("对方不收爽约费了", "学校为这次预约付的费用已经退回学校。"),
        ("A fee was waived", "What the school paid for the missed appointment has gone back to it."),
    ),
    "voucher_redeemed_late": Text(
        Topic.VOUCHERS,
        ("预约已补记", "没有扫码的那次预约已记为进行过，卡券用了一次。"),
        (
            "Your appointment is noted",
            "The appointment that nobody scanned counts as having taken place; one unit was used.",
        ),
    ),
    "voucher_redeemed": Text(
        Topic.VOUCHERS,
        ("卡券已使用", "您的卡券刚刚使用了一次。如果不是您本人，请尽快告诉学校。"),
        ("Your voucher was used", "It was used just now. If that was not you, please tell the school soon."),
    ),
    "voucher_reversed": Text(
        Topic.VOUCHERS,
        ("卡券使用已撤销", "刚才的一次使用已经撤销，次数已退回。"),
        ("A use of your voucher was undone", "The unit is back on your voucher."),
    ),
    "voucher_value_returned": Text(
        Topic.VOUCHERS,
        ("卡券使用已撤销", "刚才撤销了一次使用。卡券的最后一天已过，次数不再恢复；学校如有承担，已退回学校。"),
        (
            "A use of your voucher was undone",
            "The voucher's last day is over, so the unit does not come back; what the school paid for it, if anything, has gone back.",
        ),
    ),
    "voucher_ends_soon": Text(
        Topic.VOUCHERS,
        ("卡券快到期了", "您有一张卡券快到期了，还没有用过。最后一天写在登录后的页面上，过了这一天就不能用了。"),
        (
            "A voucher ends soon",
            "You have a voucher that has not been used and ends soon. Your page shows its last day; after it, it can no longer be used.",
        ),
    ),
    "voucher_rest_ends_soon": Text(
        Topic.VOUCHERS,
        (
            "卡券快到期了",
            "您有一张卡券还没有用完，快到期了。还剩多少、最后一天是哪天，都写在登录后的页面上，过了这一天就不能用了。",
        ),
        (
            "What is left of a voucher ends soon",
            "You have used a part of a voucher that ends soon. Your page shows what is left and its last day; after it, it can no longer be "
            "used.",
        ),
    ),
    "voucher_expired": Text(
        Topic.VOUCHERS,
        ("卡券已到期", "一张卡券已到期，没有用完的部分已退回。"),
        ("A voucher has ended", "What was not used has been given back."),
    ),
    "course_stopped": Text(
        Topic.VOUCHERS,
        ("后面的安排已停止", "还没有用的次数已退回，已经用过的不变。需要时可以再申请。"),
        ("What was to come is stopped", "What was not used has been given back. You can apply again at any time."),
    ),
}
