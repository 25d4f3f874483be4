"""谁能看到 and "what a role sees" are made of the table: another row, another sentence (T6)."""

from collections.abc import Iterator

import pytest
from django.utils.translation import override
from pytest import MonkeyPatch

from accounts.roles import Role
from disclosure import table
from disclosure.sentences import panel, role_text
from disclosure.table import Row, rows
from disclosure.words import Reader
from families.texts import see_relative
from people.texts import role_sees
from referrals.emergency.texts import see_contacts
from referrals.kinds import KINDS
from referrals.texts import agency_sees, see_rows, share_seen

SUMS = "多人合计。按整周更新，涉及的人数够了才显示，看不出任何一个人的金额。"


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with override("zh-hans"):
        yield


def change(monkeypatch: MonkeyPatch, thing: str, reader: Reader, row: Row | None) -> None:
    """The table with another row, or without."""
    changed = {key: value for key, value in rows().items() if key != (thing, reader)}
    if row is not None:
        changed[thing, reader] = row
    for module in ("disclosure.table", "disclosure.sentences"):
        monkeypatch.setattr(f"{module}.rows", lambda: changed)


def test_the_panel_of_a_talk_says_who_sees_what() -> None:
    assert see_rows("counselling", "晴川心理") == [
        (
            "晴川心理",
            "接受之前：服务、数量、希望的时间、偏好（性别、线上或当面、无障碍）、所在区、日期、金额和提交时间；看不到姓名和手机号。"
            "接受之后，还有：称呼、手机后四位、预约时间、用券时间、券号和费用怎么分；看不到姓名和本人写的备注。",
        ),
        (
            "心理中心和值班老师",
            "姓名、服务、机构、数量、希望的时间、偏好（性别、线上或当面、无障碍）、日期、申请编号、券号、金额、本人写的备注、未通过的理由和提交时间；"
            "看不到手机号和预约时间。即使不需要审批，那里的老师也能打开。每次查看都有记录。",
        ),
        ("工会和校长", SUMS),
        ("学校财务", "月份、券号、金额和多人合计；看不到姓名、服务和日期。"),
        ("学校管理员", "每一步操作的时间；看不到姓名、服务、机构和金额。"),
        (
            "您的家人、门口签到的人、其他机构、部门负责人、同事、网站编辑、教育局、平台运营方和没有登录的人",
            "什么都看不到。",
        ),
    ]


def test_once_the_agency_has_accepted_what_it_sees_is_said_in_one() -> None:
    assert see_rows("counselling", "晴川心理", is_accepted=True)[0] == (
        "晴川心理",
        "称呼、手机后四位、服务、数量、希望的时间、偏好（性别、线上或当面、无障碍）、所在区、日期、预约时间、用券时间、券号、金额、费用怎么分和提交时间；看不到姓名和本人写的备注。",
    )


def test_what_an_agency_is_told_when_it_is_asked_is_said_alike_everywhere() -> None:
    assert agency_sees("childcare", has_child=True) == dict(see_rows("childcare", "晴川", has_child=True))["晴川"]
    assert "看不到姓名、手机号" in agency_sees("childcare", has_child=True)


def test_in_english_it_is_as_plain() -> None:
    with override("en"):
        told = dict(see_rows("childcare", "Dandelion", has_child=True))
    assert told["Dandelion"].startswith("Before it accepts: service, how much, times wished for,")
    assert (
        "the child's age band" in told["Dandelion"] and "never name, telephone, the child's name" in told["Dandelion"]
    )
    assert told["School finance"] == (
        "Month, voucher number, amount and sums over several people; never name, service or day."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_office_that_does_not_decide_sees_sums_at_most(kind: str) -> None:
    other = "工会" if KINDS[kind].decider == "centre" else "心理中心"
    (told,) = {text for who, text in see_rows(kind, "晴川心理") if other in who}
    assert told in (SUMS, "什么都看不到。")


@pytest.mark.parametrize(
    "thing_reader", sorted(key for key in rows() if key[0].startswith(("request.", "line", "pool")))
)
def test_a_facet_taken_from_the_table_is_gone_from_the_sentence(
    monkeypatch: MonkeyPatch, thing_reader: tuple[str, Reader]
) -> None:
    thing, reader = thing_reader
    if reader is Reader.PERSON:
        assert "您：" not in str(panel((thing,)))
        return
    row = rows()[thing_reader]
    said = row.sees - table.seen(thing, Reader.AGENCY_ASKED) if reader is Reader.AGENCY else row.sees
    for facet in said:
        before = panel((thing,), agency="晴川心理")
        with monkeypatch.context() as patch:
            change(patch, thing, reader, Row(row.sees - {facet}, row.never, row.looks, row.remark))
            assert panel((thing,), agency="晴川心理") != before, facet


def test_a_role_without_a_row_sees_nothing(monkeypatch: MonkeyPatch) -> None:
    changed = {key: row for key, row in rows().items() if key[1] is not Reader.EDITOR}
    monkeypatch.setattr("disclosure.sentences.rows", lambda: changed)
    monkeypatch.setattr("disclosure.table.rows", lambda: changed)
    assert role_text(Reader.EDITOR, own=True) == "看不到其他人的任何信息。"


def test_every_role_says_what_it_may_see_where_it_is_given() -> None:
    told = {role: role_sees(role) for role in Role.values}
    assert all(told.values())
    assert told["admin"].endswith("看不到谁申请了什么。")
    assert "每次查看都有记录" in told["centre"] and "每次查看都有记录" in told["duty"]
    assert told["staff"] == told["doctor"] == told["moral"] and told["staff"].startswith("本人的")
    assert told["district"] == "看不到任何人的信息。"
    assert len(set(told.values())) >= len(Role.values) - 3


def test_the_table_is_read_once() -> None:
    assert table.rows() is table.rows()


def test_a_relatives_page_says_who_may_call_them_as_the_contacts_page_does() -> None:
    """One number, two pages: who is told on one that the duty sees it must not read on the other that it sees nothing."""
    own, contacts = dict(see_relative()), dict(see_contacts())
    assert own["心理中心和值班老师"] == contacts["心理中心和值班老师"]
    assert own["心理中心和值班老师"].startswith("平时什么都看不到。帮助您的过程中：")


def test_what_an_agency_learns_of_who_pays_is_the_truth_of_each_share() -> None:
    for subsidy, own, told in (
        (30_000, 0, "一分钱也不用付"),
        (0, 30_000, "全部由您自己付"),
        (21_000, 9_000, "您付多少、学校付多少"),
    ):
        said = share_seen(subsidy, own)
        assert "接受之前，机构只看到总价" in said
        assert told in said


def test_each_agency_that_is_asked_is_named_and_the_others_apart_once_one_has_accepted() -> None:
    asked = see_rows("home_help", "甲", others=["乙", "丙"])
    assert asked[0][0] == "甲、乙和丙"
    accepted = see_rows("home_help", "甲", others=["乙", "丙"], is_accepted=True)
    assert [who for who, _what in accepted[:2]] == ["甲", "乙和丙"]
    assert "称呼" in accepted[0][1]
    assert "称呼" not in accepted[1][1]
