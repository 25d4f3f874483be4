"""What people type, and which pages of the demo schools answer it: judged by reading every page, not by running the search.

A row is a page and the queries that it answers. A query may stand in several rows: then each of those pages is right.
``NOTHING`` are queries that no page answers.
"""

from typing import Final

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "talking-with-parents": (
        "家长", "家校沟通", "怎么和家长说话", "家长投诉", "家长群", "家长发火", "沟通指南", "和家长沟通", "家长生气", "作业",
        "沟通", "家长会", "家长骂人", "成绩掉得厉害", "冷静", "家校", "欺负同学", "和家长谈话", "talking with parents",
    ),
    "when-you-are-worn-out": (
        "撑不住", "累", "疲惫", "倦怠", "累过头", "太累了", "睡不着", "失眠", "睡不好", "疲劳", "找谁", "三件小事", "信号",
    ),
    "standing-by-a-colleague": (
        "同事", "同事不对劲", "担心同事", "陪着", "帮助同事", "看见、开口", "转交", "担心一位同事", "同事情绪", "安静的地方",
    ),
    "when-home-needs-hands": (
        "家政", "托管", "带孩子", "看孩子", "保洁", "打扫", "老人", "照护", "送餐", "做饭", "家里忙不过来", "谁出钱", "没人接",
        "放学没人接", "老人没人陪", "家务", "爸妈", "生病了没人做饭", "服务",
    ),
    "exam-season": ("高三", "中考", "毕业班", "最后一百天", "带毕业班", "高三压力", "中考季", "高考", "学生一份"),
    "review-and-deadlines": ("评审", "论文", "截止日期", "拒稿", "被拒稿", "高校教师", "赶本子", "等结果", "基金", "喘息"),
    "voice-and-patience": ("嗓子", "耐心", "小学老师", "嗓子疼", "保护嗓子", "喊哑", "声音"),
    "the-quiet-at-the-door": ("不想说话", "回家不说话", "进门", "一刻钟", "先别问", "沉默", "拉着脸", "下班回家"),
    "listening-without-fixing": ("倾听", "听他说完", "出主意", "不急着出主意", "吵架", "矛盾", "难怪你生气", "想办法"),
    "ten-minutes-together": ("放松", "十分钟", "一起做", "歇一歇", "休息", "不用动脑", "并排"),
    "sharing-the-load": ("家务", "家务分工", "值班表", "期末", "开学", "分家务", "算账", "谁做家务"),
    "signs-worth-a-word": ("变化", "轻轻问一句", "家人的变化", "问一句", "看见了不必慌", "值得问"),
    "your-own-cup": ("照顾自己", "照顾人的人", "一杯茶", "偷懒", "歇一会儿", "自己的一杯茶"),
    "when-the-phone-keeps-ringing": ("家长群", "手机响", "群消息", "班主任", "晚上群消息", "群里", "响个不停", "带班"),
    "little-hands-at-home": ("老师妈妈", "自己的孩子", "陪孩子", "妈妈下班", "抱孩子", "别人的孩子"),
    "the-long-third-year": ("毕业班", "高三", "带毕业班的那一年", "家里怎么过", "高三家属", "平常"),
    "teens-on-both-sides": ("青春期", "叛逆", "孩子青春期", "耐心", "换个人上场", "学校里是青春期"),
    "waiting-for-the-letter": ("职称", "等结果", "评职称", "项目", "论文", "散步", "几个月"),
    "two-cities-one-home": ("两地分居", "异地", "周五晚上", "吵架", "夫妻", "一周见一次"),
    "breathing-out-longer": ("呼吸", "呼气", "呼吸练习", "心慌", "数到六", "铃响之前"),
    "putting-down-the-day": ("下班路上", "放下", "三个问题", "放下一天", "校门口"),
    "shoulders-between-classes": ("肩膀", "课间", "课间五分钟", "腰酸", "伸懒腰", "批作业"),
    "six-ones": ("六个一", "讲座", "电影", "签名墙", "心理健康活动周", "自测", "广播", "一封信", "活动周", "校工会"),
    "double-ninth-walk": ("重阳", "退休老师", "登高", "退休", "重阳节活动", "老同事", "茶话会"),
    "festivals": ("中秋", "中秋节", "国庆", "教师节", "春节", "妇女节", "植树节", "元旦", "节日", "月饼", "春联"),
    "quiet": ("白噪音", "海浪", "雨声", "声音", "静一静", "铜钵", "松林"),
}  # fmt: skip
"""Address of the page (its last part) → queries."""

NOTHING: Final = (
    "挂科", "停车位", "食谱", "股票", "理财", "中理", "班车", "校服", "工资条", "公积金", "房贷", "口红", "足球", "钢琴", "火车票",
    "签证", "驾照", "装修", "宠物", "外卖", "xyz", "python", "ipad", "，。！", "123456789",
)  # fmt: skip
