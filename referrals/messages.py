"""Texts of the messages about requests, offers, appointments and vouchers.

No name, no reason, no kind of service (rules §4–§5): an appointment is 预约 and nothing more. Found by ``notifications.texts``.
"""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic
from referrals.leaver_messages import LEAVERS
from referrals.use_messages import USES

MESSAGES: Final[Mapping[str, Text]] = {
    "referral_submitted": Text(
        Topic.REQUESTS,
        ("申请已收到", "您的申请已经收到。下一步和时限写在申请页上，预约开始之前您都可以取消。"),
        (
            "We have your request",
            "Your request has arrived. Its page shows the next step and by when; you can cancel until an appointment begins.",
        ),
    ),
    "referral_by_proxy": Text(
        Topic.REQUESTS,
        ("同事替您提交了申请", "工会的同事按您的同意，替您提交了一份申请。打开看看；要是没有同意过，点一下就能停下。"),
        (
            "A colleague has applied for you",
            "Somebody of the union has sent a request for you, as you had agreed. If you had not, one tap on its page stops it.",
        ),
    ),
    "proxy_stopped": Text(
        Topic.WORK,
        ("代为提交的申请已停下", "您代同事提交的一份申请，本人已经停下，占用的额度已经退回。"),
        (
            "A request you sent for a colleague was stopped",
            "The person has stopped it, and what it held has been given back.",
        ),
    ),
    "hardship_asked": Text(
        Topic.WORK,
        ("有一份补助等您审批", "工会提交了一个档案编号，请您看金额和期限。里面没有姓名。"),
        (
            "A file waits for your word",
            "The union asks about a file: its number, the sum and the last day. There is no name.",
        ),
    ),
    "subsidy_changed": Text(
        Topic.REQUESTS,
        ("您的费用有变化", "您要付的费用有了变化，打开“申请”就能看到。"),
        ("What you pay has changed", "What you pay for services has changed; open “Apply” to see it."),
    ),
    "referral_needs_decision": Text(
        Topic.WORK,
        ("有一份申请等您处理", "请在时限之前处理。详情只在登录后的页面上显示。"),
        ("A request waits for you", "Please decide before its deadline. The details are shown only after you sign in."),
    ),
    "referral_approved": Text(
        Topic.REQUESTS,
        ("申请已通过", "您的申请已经通过，我们正在联系服务方安排时间。"),
        ("Your request is approved", "Your request is approved; we are arranging a time."),
    ),
    "referral_declined": Text(
        Topic.REQUESTS,
        ("申请有了答复", "请打开申请页看答复，也可以请人再看一次。"),
        ("Your request has an answer", "Please open its page to read the answer. You can ask a person to look again."),
    ),
    "referral_declined_again": Text(
        Topic.REQUESTS,
        ("申请再次有了答复", "已经请人再看过一次，请打开申请页看答复。您可以重新申请。"),
        (
            "Your request was looked at again",
            "A person has looked at it again. Please open its page to read the answer; you can apply anew.",
        ),
    ),
    "referral_cancelled": Text(
        Topic.REQUESTS,
        ("申请已取消", "这份申请已经取消，占用的额度已经退回。"),
        ("Your request is cancelled", "The request is cancelled and what it held has been given back."),
    ),
    "referral_no_taker": Text(
        Topic.REQUESTS,
        ("这一家约不上", "占用的额度已经退回。打开申请页，可以用同样的时间问另一家。"),
        (
            "It could not be arranged there",
            "What it held has been given back. On its page you can ask elsewhere with the same times.",
        ),
    ),
    "referral_undecided": Text(
        Topic.REQUESTS,
        (
            "您选的时间没有等到答复",
            "学校没有在时限之前答复，这个时间已经放开，占用的额度已经退回。对不起，您可以马上再选一个时间。",
        ),
        (
            "No answer came for the time you chose",
            "The school did not answer in time, so your time is free again and what it held is given back. We are sorry; you "
            "can choose another time at once.",
        ),
    ),
    "seat_offered": Text(
        Topic.REQUESTS,
        ("有空位了", "您排队等的时间有了空位，先给您留着。留到几点写在页面上，过时会给下一位。"),
        (
            "A place is free",
            "There is a place at the time you wait for, and it is kept for you. The page says until when; then it goes to the "
            "next.",
        ),
    ),
    "reschedule_asked": Text(
        Topic.APPOINTMENTS,
        ("有人想改预约的时间", "对方想改到另一个时间。您答复之前，原来的时间照旧；24 小时内不答复就按原时间。"),
        (
            "Another time is asked for",
            "The other side would like another time. Until you answer, the old one stands; without an answer in 24 hours it stays.",
        ),
    ),
    "reschedule_declined": Text(
        Topic.APPOINTMENTS,
        ("预约时间不变", "对方不方便改时间，预约照原来的时间。"),
        ("The appointment stays where it was", "The other side cannot move it; the old time stands."),
    ),
    "reschedule_withdrawn": Text(
        Topic.APPOINTMENTS,
        ("不用改时间了", "对方收回了改时间的请求，预约照原来的时间。"),
        ("No need to move", "The other side has taken its wish back; the old time stands."),
    ),
    "reschedule_expired": Text(
        Topic.APPOINTMENTS,
        ("改时间没有等到答复", "对方没有在时限内答复，预约照原来的时间。"),
        ("No answer to your wish to move", "The other side did not answer in time; the old time stands."),
    ),
    "booking_moved": Text(
        Topic.APPOINTMENTS,
        ("预约时间已改", "预约改到了新的时间，卡券不变。请打开申请页看新的时间。"),
        (
            "Your appointment has moved",
            "It is at the new time; the voucher stays the same. Open the request to see when.",
        ),
    ),
    "booking_moved_there": Text(
        Topic.WORK,
        ("改时间已被接受", "对方同意了新的时间，请在预约列表里看。"),
        ("The new time is accepted", "The person has agreed to the new time; the list of appointments shows it."),
    ),
    "policy_returned": Text(
        Topic.WORK,
        ("您起草的政策被退回", "同事看过后退回了草稿，并写了原因。请登录后查看、修改，或撤回。"),
        (
            "Your draft of a policy came back",
            "A colleague has given it back with a reason. Sign in to read it, change it or withdraw it.",
        ),
    ),
    "pool_order_asked": Text(
        Topic.WORK,
        ("有一项经费申请等您批准", "同事提出了一项经费申请，请另一位同事看过后决定。详情只在登录后的页面上显示。"),
        (
            "An order for a pool waits for your decision",
            "A colleague has asked for it; a second person looks at it and decides. The details are shown after you sign in.",
        ),
    ),
    "pool_order_done": Text(
        Topic.WORK,
        ("有一项经费申请已经批准", "同事批准了一项经费申请，账已经记好。请登录后查看拨付、收回或结转的结果。"),
        (
            "An order for a pool was approved",
            "A colleague has approved it, and it is in the books. Sign in to see what was granted, returned or carried.",
        ),
    ),
    "pool_order_declined": Text(
        Topic.WORK,
        ("您提出的经费申请没有批准", "同事看过后没有同意，账没有变。请登录后查看，需要时重新申请。"),
        (
            "Your order for a pool was declined",
            "A colleague has looked at it and said no; nothing moved. Sign in to see it, and ask anew where it is needed.",
        ),
    ),
    "correction_asked": Text(
        Topic.WORK,
        ("有一笔更正等您批准", "同事申请更正一次核销的金额，请另一位同事看过后决定。详情只在登录后的页面上显示。"),
        (
            "A correction waits for your decision",
            "A colleague has asked for it; a second person looks at it and decides. The details are shown after you sign in.",
        ),
    ),
    "amount_questioned": Text(
        Topic.WORK,
        (
            "有人反映一笔金额不对",
            "有人反映一次核销的金额不对，请看过后发起更正或说明原因。详情只在登录后的页面上显示。",
        ),
        (
            "An amount is said to be wrong",
            "Somebody says that the amount of one use is wrong: ask for a correction, or say why not. The details are shown "
            "after you sign in.",
        ),
    ),
    "amount_answered": Text(
        Topic.REQUESTS,
        ("财务答复了您反映的金额", "您反映的金额有了答复，请登录后在卡券的使用记录里看。"),
        (
            "Finance has answered about an amount",
            "What you asked about is answered. Sign in and open the use of your voucher.",
        ),
    ),
    "amount_answered_there": Text(
        Topic.WORK,
        ("财务答复了反映的金额", "反映的一次核销金额有了答复，请登录后查看。"),
        ("Finance has answered about an amount", "What was asked about one use is answered. Sign in to read it."),
    ),
    "policy_drafted": Text(
        Topic.WORK,
        ("有一版政策等您批准", "同事起草了一版政策，请另一位同事看过后批准。详情只在登录后的页面上显示。"),
        (
            "A version of a policy waits for your approval",
            "A colleague has drafted it; a second person looks at it and approves. The details are shown after you sign in.",
        ),
    ),
    "offer_new": Text(
        Topic.WORK,
        ("有新的预约请求", "请登录后答复：确认、另提时间或谢绝。答复时限写在页面上。"),
        (
            "A new appointment request",
            "Please sign in and answer: confirm, propose another time or decline. The page shows the deadline.",
        ),
    ),
    "offer_withdrawn": Text(
        Topic.WORK,
        ("一份预约请求已撤回", "这份请求不再需要答复。"),
        ("An appointment request was withdrawn", "It needs no answer any more."),
    ),
    "offer_expired": Text(
        Topic.WORK,
        ("一份预约请求已过时限", "这份请求不再需要答复，已经告知对方。"),
        ("An appointment request is past its time", "It needs no answer any more; the person has been told."),
    ),
    "proposal_new": Text(
        Topic.APPOINTMENTS,
        ("有新的时间可选", "服务方提出了别的时间，请打开申请页选择。"),
        ("Other times to choose from", "Other times have been proposed. Please open your request and choose."),
    ),
    "booking_confirmed": Text(
        Topic.APPOINTMENTS,
        ("预约已确认", "您的预约已经确认，时间和地点在预约页上。"),
        ("Your appointment is confirmed", "The page shows its time and place."),
    ),
    "booking_cancelled": Text(
        Topic.APPOINTMENTS,
        ("预约已取消", "这次预约不再进行，时段已经空出。"),
        ("Your appointment is cancelled", "It will not take place; the time is free again."),
    ),
    "booking_cancelled_by_agency": Text(
        Topic.APPOINTMENTS,
        ("对方取消了预约", "这次预约不再进行，您不用承担任何费用。接下来可以怎么做，请打开申请页看。"),
        (
            "Your appointment was called off",
            "It will not take place and costs you nothing. The page of your request says what you can do now.",
        ),
    ),
    "agency_paused": Text(
        Topic.APPOINTMENTS,
        (
            "您的预约正在重新确认",
            "您预约的机构目前不能接待。学校会在三个工作日之内决定这次预约是照常、换一家还是取消；不用您付任何费用。",
        ),
        (
            "Your appointment is being looked at again",
            "The agency cannot serve you at the moment. Within three working days your school decides whether the appointment stays, moves or "
            "is called off; it costs you nothing.",
        ),
    ),
    "agency_paused_kept": Text(
        Topic.APPOINTMENTS,
        ("您的预约照常进行", "学校已经看过，这次预约照常进行，时间和凭证都不变。"),
        ("Your appointment stays", "Your school has looked: it takes place as agreed, with the same time and voucher."),
    ),
    "agency_paused_move": Text(
        Topic.APPOINTMENTS,
        (
            "请换一家机构",
            "原来的机构目前不能接待，这次预约不再进行，您不用承担任何费用。打开申请页，可以用同样的时间换一家。",
        ),
        (
            "Please choose another agency",
            "The agency cannot serve you at the moment; the appointment will not take place and costs you nothing. On the page of your "
            "request you can ask another one with the same times.",
        ),
    ),
    "agency_paused_off": Text(
        Topic.APPOINTMENTS,
        ("您的预约已取消", "原来的机构目前不能接待，学校取消了这次预约，您不用承担任何费用，占用的额度已经退回。"),
        (
            "Your appointment was called off",
            "The agency cannot serve you at the moment and your school called the appointment off. It costs you nothing, and what it held "
            "is given back.",
        ),
    ),
    "left_school_off": Text(
        Topic.APPOINTMENTS,
        ("您的一份申请已结束", "您已经离开学校，这份申请不再进行，您不用承担任何费用。"),
        (
            "One of your requests has ended",
            "You have left the school; this request has ended, and it costs you nothing.",
        ),
    ),
    "left_school_until": Text(
        Topic.APPOINTMENTS,
        (
            "您的凭证还能用三十天",
            "您已经离开学校。已经约好的服务在离职后三十天内仍然可以使用，之后的安排已经取消，不收费用。",
        ),
        (
            "Your voucher holds for thirty days more",
            "You have left the school. What is booked can be used until thirty days after your last day; what lay beyond "
            "is called off, free of charge.",
        ),
    ),
    "child_place_offered": Text(
        Topic.REQUESTS,
        (
            "有一个名额可以由您接着用",
            "打开看看：时间和机构不变，费用按您的情况重新算。不回答也可以，到时限就不再保留。",
        ),
        (
            "A place can go on with you",
            "Open it to see: time and agency stay, the price is worked out anew for you. Without an answer it is not kept beyond "
            "its time.",
        ),
    ),
    "child_place_passed": Text(
        Topic.REQUESTS,
        ("您的一份申请已转出", "您离职之后，这份申请的名额已经由另一位监护人接着使用，您不用承担任何费用。"),
        (
            "One of your requests has passed on",
            "After you left, another guardian has taken over its place. It costs you nothing.",
        ),
    ),
    "appointment_wanted": Text(
        Topic.WORK,
        ("一次预约已取消，请另约时间", "这次预约不再进行，卡券仍然有效。请登录后录入下一次预约的时间。"),
        (
            "An appointment is off, another is wanted",
            "It will not take place; the voucher stays good. Please sign in and enter the next appointment.",
        ),
    ),
    **USES,
    **LEAVERS,
}
