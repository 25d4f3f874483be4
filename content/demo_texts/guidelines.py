"""Guidelines for staff. The first follows requirement 13.7: principles, then sentences for hard moments."""

from content.demo_texts.checklist import CHECKLIST
from content.demo_texts.shapes import Guideline, heading, help_with, phrase, points, remember, text

_CENTRE = "心理健康教育中心"
_UNION = "校工会"

_PARENTS = Guideline(
    slug="talking-with-parents",
    title="家校沟通指南",
    summary="和家长说话的五条原则、八句可以直接用的话，还有谈完以后怎么让自己缓一缓。",
    audience="class_teachers",
    reviewed_by=_CENTRE,
    body=(
        text(
            "家长来的时候，常常已经在心里排练过好几遍。您接起电话的时候，可能刚下第四节课。两个都累的人要谈一个都在乎的孩子，"
            "所以开头几句话比后面的道理更要紧。",
        ),
        heading("五条原则"),
        points(
            "<b>先说一件看见的好事，再说希望。</b>好事要小、要真，比如“他昨天自己把值日表补全了”。",
            "<b>只讲发生了什么。</b>时间、地点、次数，像做记录一样；“懒”“不上心”这些词留在心里。",
            "<b>让家长先说完。</b>等三秒再接话，很多火气会在这三秒里自己降下来。",
            "<b>每次只谈一件事，只约一个下一步。</b>谁做、哪天回头看，当场说定。",
            "<b>守住时间和边界。</b>晚上九点以后不在群里谈个别孩子，急事打电话，难事当面谈。",
        ),
        heading("可以直接用的话"),
        phrase(
            "您家孩子最近成绩掉得厉害。",
            "这次卷子里他的几何步骤写得很清楚，丢分主要在阅读题，后两道没来得及写。我想先和您看看他在家写作业时，时间是怎么分的。",
            "先有一处肯定，再是一个看得见的事实。",
        ),
        phrase(
            "家长问：是不是老师教得有问题？",
            "您这么问，是真的替孩子着急。要不我们把最近两次卷子摆在一起看，圈出他反复错的地方；课堂上我会多叫他几次，两周后再碰一次头。",
            "不辩解，先接住着急，再给一个能做的安排。",
        ),
        phrase(
            "您先冷静一下。",
            "我听到您很生气，换了我也坐不住。您慢慢讲，我先不打断，记下来。",
            "叫人冷静的话，往往让人更不冷静。",
        ),
        phrase(
            "他老是欺负同学。",
            "今天第二节课间，他推了前桌一下，那个孩子摔破了膝盖。两边我都听过了，也想听听他回家是怎么说的。",
            "一件事就说一件事，不给孩子贴标签。",
        ),
        phrase(
            "这个我做不了主，您找校长。",
            "这件事要教务处一起定。我今天下班前把您的意思写清楚送过去，明天中午前给您回话。",
            "做不了主，也可以给一个确定的时间。",
        ),
        phrase(
            "作业这么简单，家里怎么不管？",
            "晚上您也刚下班。我们挑最要紧的一样：每天让他给您讲一道题，讲得对不对都行，十分钟就好。",
            "提一个累的人也做得到的请求。",
        ),
        phrase(
            "家长在群里发火。",
            "谢谢您说出来，这件事值得好好谈。我现在给您打电话，或者明天您方便时来学校，哪个合适？",
            "离开众人的眼睛，再开始谈。",
        ),
        phrase(
            "",
            "我今天能答的就到这里，再说下去我怕说不准。我们约周四下午四点，我把情况问清楚了再告诉您。",
            "谈不下去的时候，停下来也是负责。",
        ),
        heading("这些时候不要一个人扛"),
        points(
            "对方威胁您，或者堵在门口不走：离开现场，打学校值班电话，让同事陪着。",
            "谈话里听出孩子可能有危险：当天告诉德育处和心理老师，不要等到下周。",
            "同一位家长第三次为同一件事来：请年级主任或德育处一起见。",
        ),
        remember(
            "谈完以后",
            "先不急着回办公室。走一圈，喝几口水，写下三行：说了什么，约了什么，我现在什么感觉。第三行只给自己看。",
        ),
        help_with("谈完还是堵得慌", "counselling", "mediation"),
    ),
)

_TIRED = Guideline(
    slug="when-you-are-worn-out",
    title="撑不住的时候，从哪里开始",
    summary="怎么看出自己累过了头，今天能做的三件小事，以及在学校里可以找谁。",
    audience="staff",
    reviewed_by=_CENTRE,
    body=(
        text("累不是错，也不用攒到“够格”了才来求助。下面几条不是测验，只是几面小镜子。"),
        heading("可以停下来看看的信号"),
        points(
            "睡够了时间，醒来还是像没睡；或者凌晨三四点醒来，接着想第二天的课。",
            "以前喜欢的事提不起劲，手机刷到很晚，也说不出看了什么。",
            "为一句平常的话突然想哭，或者对家里人特别容易发火。",
            "胃、肩、头痛得多了，检查又没查出什么。",
            "这样的日子已经连着两个星期。",
        ),
        heading("今天就能做的三件小事"),
        text(
            "<b>把一件事推到明天。</b>从清单里挑一件晚一天也不会出事的，给它写上新的日期。",
            "<b>让身体先休息。</b>站起来，双脚踩实，慢慢呼气，比吸气长一点，五次就够。",
            "<b>告诉一个人。</b>不用讲全，一句“我最近有点撑”就是开头。",
        ),
        phrase(
            "我没事，别人都这样。", "我最近睡不好，已经半个月了，想找个人说说。", "说出多久、怎么样，别人就知道怎么帮。"
        ),
        heading("来谈一次会怎样"),
        text(
            "第一次大约五十分钟，多半在聊您现在最烦的那一件事。咨询师不写评语，学校看不到您谈了什么，只知道用了几次。"
            "前几次由学校承担大部分费用，申请时先看到金额，再决定要不要交。",
        ),
        remember(
            "如果此刻很危险", "要是出现伤害自己的念头，不用等预约：拨 12356 或 120，或者打页面最上方的学校值班电话。"
        ),
        help_with("可以从这里开始", "counselling", "psychiatry"),
    ),
)

_COLLEAGUE = Guideline(
    slug="standing-by-a-colleague",
    title="同事不对劲，我能做什么",
    summary="看见、开口、陪着、转交：四步不需要专业知识，也不需要您负全部责任。",
    audience="staff",
    reviewed_by=_CENTRE,
    body=(
        text("最先发现的人，往往不是专家，是隔壁桌。您不用会治疗，只要愿意多问一句。"),
        heading("一、看见"),
        points(
            "平时准点的人连着迟到，爱说话的人忽然安静。",
            "常说“没意思”“我拖累大家了”。",
            "把东西送人、把事情一样样交代清楚。",
        ),
        heading("二、开口"),
        phrase(
            "你怎么了？想开点。",
            "这两周看你中午都没去吃饭，我有点惦记。你愿意走一走，跟我说说吗？",
            "说看见的事，说自己的惦记，不下判断。",
        ),
        phrase("比你难的人多的是。", "听起来真不容易，难怪你累。", "不比较，先站到他那一边。"),
        heading("三、陪着"),
        text(
            "他说的时候，您听就好。沉默也可以。别答应“我谁也不告诉”，可以说：“我不会到处讲，但如果我担心你的安全，会请能帮忙的人一起来。”"
        ),
        heading("四、转交"),
        text(
            "听到和死、伤害有关的话，别让他一个人待着，马上打学校值班电话。其余的时候，可以陪他一起看看下面这些入口，由他自己来选。"
        ),
        remember("也照顾自己", "听了沉重的话，您也会沉。事后找人说说您自己的感受，不提他的名字就行。"),
        help_with("可以一起看看", "counselling", "mediation"),
    ),
)

_CAREGIVERS = Guideline(
    slug="when-home-needs-hands",
    title="家里忙不过来：能用的服务一页看完",
    summary="孩子放学没人接、老人白天没人陪、自己病了没人做饭，分别找谁、谁出钱。",
    audience="staff",
    reviewed_by=_UNION,
    body=(
        text("家里的事也是正事。这些服务由学校和社会机构签约，费用先列清楚，您确认了才提交。"),
        heading("按难处来找"),
        points(
            "<b>孩子放学到您下班之间：</b>课后托管，按次或按月；寒暑假有营。",
            "<b>父母白天要人陪：</b>社区日间照料，有午饭，有人量血压、说说话。",
            "<b>自己或家人刚出院：</b>保洁、做饭、送餐，可以先用两个星期。",
            "<b>家里总吵同一件事：</b>请调解员坐在中间，一家人都能来。",
        ),
        heading("三步办好"),
        text(
            "<b>选</b>：看离家多远、最早哪天有空。",
            "<b>看钱</b>：学校出多少、自己出多少、今年还剩多少，都在提交之前。",
            "<b>用</b>：手机里出示券码，用完就结束，不用垫付再报销。",
        ),
        phrase("不好意思麻烦学校。", "这是学校给每个人准备好的，用了才算数。", "额度每年重新算，用它不占谁的便宜。"),
        help_with("现在就选", "childcare", "elder_care", "home_help", "meals", "camp"),
    ),
)

_EXAM = Guideline(
    slug="exam-season",
    title="高三和中考季：带毕业班的老师怎么过",
    summary="最后一百天，把力气分成三份：学生一份，家长一份，自己一份。",
    audience="class_teachers",
    reviewed_by=_CENTRE,
    kinds=frozenset({"middle"}),
    body=(
        text("毕业班的压力会传。学生看您的脸色，家长听您的口气，所以您稳住一点，他们就稳住很多。"),
        heading("给自己留的三样东西"),
        points(
            "每天一段不谈成绩的时间，哪怕只有一顿饭。",
            "每周一个不改卷的晚上，提前写进日程。",
            "一个可以抱怨的同事，说好谁都不许给建议。",
        ),
        phrase("还有九十天，你们怎么不急！", "今天把这三道题弄明白，就往前走了一步。", "急不会变成分数，走一步会。"),
        help_with("喘不过气的时候", "counselling"),
    ),
)

_RESEARCH = Guideline(
    slug="review-and-deadlines",
    title="评审、论文和截止日期：高校教师的喘息法",
    summary="被拒稿、等结果、赶本子的日子里，怎样不把整个人都押上去。",
    audience="staff",
    reviewed_by=_CENTRE,
    kinds=frozenset({"college"}),
    body=(
        text("结果不由自己定，节奏可以。把“做成”换成“今天写两页”，人会松一点，活儿也会多一点。"),
        heading("收到坏消息的头三天"),
        points(
            "第一天不回邮件，不改稿，只告诉一个信得过的人。",
            "第二天把意见抄成清单，分成能改的、不同意的、看不懂的。",
            "第三天只做清单里最容易的一条。",
        ),
        phrase("我是不是不适合这行？", "这一篇这次没过。我先睡一觉，再看意见。", "一次结果，不等于一个人。"),
        help_with("想找人聊聊", "counselling", "psychiatry"),
    ),
)

_LITTLE_ONES = Guideline(
    slug="voice-and-patience",
    title="小学老师的嗓子和耐心",
    summary="一天说几千句话、被叫几百声“老师”，怎么给嗓子和耐心都留点余量。",
    audience="staff",
    reviewed_by=_CENTRE,
    kinds=frozenset({"primary"}),
    body=(
        text("耐心和嗓子一样，会用完，也会长回来。要紧的是别等哑了才停。"),
        heading("课堂里的小省力"),
        points(
            "用手势和铃声代替三遍“安静”。",
            "每节课给自己两分钟不说话：让学生读、画或者互相讲。",
            "课间到走廊看远处，数十次呼吸再进下一个班。",
        ),
        phrase("我说了多少遍了！", "看我的手，我等你们。", "声音低下来，孩子会跟着低下来。"),
        help_with("累到不想说话的时候", "counselling", "childcare"),
    ),
)

_ALL = (CHECKLIST, _COLLEAGUE, _CAREGIVERS, _TIRED, _EXAM, _RESEARCH, _LITTLE_ONES, _PARENTS)


def guidelines_for(kind: str) -> list[Guideline]:
    """Guidelines of a school of ``kind``, the newest first; a college's staff do not write to parents every week."""
    chosen = [one for one in reversed(_ALL) if not one.kinds or kind in one.kinds]
    if kind == "college":
        chosen.append(chosen.pop(0))
    return chosen


def every_guideline() -> tuple[Guideline, ...]:
    """Those of all kinds of school, the oldest first: what the operator's library holds."""
    return _ALL
