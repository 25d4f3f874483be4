"""What a staff list would change is worked out without touching anything."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from people.roster.parse import RosterRow
from people.roster.plan import Entry, Known, Plan, plan_roster, read_entries

TODAY = date(2026, 12, 1)
FULL = frozenset({"staff_no", "name", "email", "phone", "department"})


def entry(staff_no: str, row: int = 2, given: frozenset[str] = FULL, **values: Any) -> Entry:
    return Entry(row=row, given=given, staff_no=staff_no, name=values.pop("name", "李明华"), **values)


def member(staff_no: str, **values: Any) -> Known:
    return Known(
        membership_id=values.pop("id", None) or uuid4(), staff_no=staff_no, name=values.pop("name", "李明华"), **values
    )


def plan(entries: list[Entry], known: list[Known], leavers: bool = False, listed: tuple[str, ...] = ()) -> Plan:
    return plan_roster(entries, known, today=TODAY, listed=dict.fromkeys(listed, ""), mark_leavers=leavers)


def codes(result: Plan) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.field, issue.code) for issue in result.issues]


def test_new_changed_and_unchanged_rows_are_told_apart() -> None:
    same, changed = member("T1", email="a@x.example"), member("T2", email="b@x.example", department="语文组")
    result = plan(
        [
            entry("T1", 2, email="a@x.example"),
            entry("T2", 3, email="b@x.example", department="数学组"),
            entry("T3", 4, email="c@x.example"),
        ],
        [same, changed],
    )
    assert result.unchanged == (2,)
    assert [(c.membership_id, c.fields) for c in result.update] == [(changed.membership_id, {"department"})]
    assert [e.staff_no for e in result.create] == ["T3"]


def test_a_column_the_list_does_not_have_is_left_alone() -> None:
    result = plan(
        [entry("T1", given=frozenset({"staff_no", "name"}), name="李明华")],
        [member("T1", department="语文组", email="a@x.example", title="李老师")],
    )
    assert result.unchanged == (2,)


def test_address_and_number_are_what_the_school_writes_to_and_change_as_the_list_says() -> None:
    stored = member("T1", email="old@x.example", phone_hash=b"1")
    moved = plan([entry("T1", email="new@x.example", phone="2", phone_hash=b"2")], [stored])
    assert moved.update[0].fields == {"email", "phone"}
    assert moved.issues == ()
    assert plan([entry("T1")], [stored]).unchanged == (2,), "an empty cell leaves what stands"


def test_a_number_of_another_member_is_refused_beside_a_good_address() -> None:
    result = plan(
        [entry("T2", email="b@x.example", phone="1", phone_hash=b"1")],
        [member("T1", phone_hash=b"1"), member("T2", email="b@x.example")],
    )
    assert codes(result) == [(2, "phone", "taken")]
    assert result.update == result.create == ()


def test_an_address_of_another_member_is_refused() -> None:
    result = plan(
        [entry("T2", email="a@x.example")], [member("T1", email="a@x.example"), member("T2", email="b@x.example")]
    )
    assert codes(result) == [(2, "email", "taken")]
    assert result.update == result.create == ()


def test_a_member_made_by_hand_receives_the_number_of_the_list() -> None:
    known = member("", email="a@x.example")
    result = plan([entry("T1", email="a@x.example")], [known])
    assert result.update[0].membership_id == known.membership_id
    assert "staff_no" in result.update[0].fields


def test_a_new_person_needs_a_way_to_sign_in() -> None:
    assert codes(plan([entry("T9")], [])) == [(2, "email", "no_contact")]


def test_who_is_not_on_a_complete_list_leaves_but_never_an_administrator_and_never_a_faulty_row() -> None:
    gone, kept, boss, by_hand = member("T1"), member("T2"), member("T3", protected=True), member("")
    result = plan(
        [entry("T8", name="赵新", email="z@x.example")], [gone, kept, boss, by_hand], leavers=True, listed=("T2",)
    )
    assert result.leave == (gone.membership_id,)
    assert plan([entry("T8", email="z@x.example")], [gone, kept]).leave == ()


def test_a_list_does_not_bring_a_leaver_back_by_itself() -> None:
    left = member("T1", left_on=date(2026, 6, 30))
    assert codes(plan([entry("T1")], [left])) == [(2, "left_on", "has_left")]
    back = plan([entry("T1", given=FULL | {"left_on"})], [left])
    assert back.update[0].fields == {"left_on"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": ""}, ("name", "required")),
        ({"staff_no": ""}, ("staff_no", "required")),
        ({"email": "not-an-address"}, ("email", "not_email")),
        ({"phone": "12345"}, ("phone", "not_phone")),
        ({"gender": "?"}, ("gender", "not_gender")),
        ({"active_from": "昨天"}, ("active_from", "not_date")),
        ({"active_from": "2026-09-01", "left_on": "2026-08-31"}, ("left_on", "before_start")),
        ({"title": "老" * 41}, ("title", "too_long")),
    ],
)
def test_a_faulty_row_names_field_and_fault(values: dict[str, str], expected: tuple[str, str]) -> None:
    entries, issues = read_entries([RosterRow(2, {"staff_no": "T1", "name": "李明华", **values})])
    assert entries == []
    assert [(issue.field, issue.code) for issue in issues] == [expected]


def test_dates_are_read_as_people_write_them() -> None:
    forms = ["2026-09-01", "2026/9/1", "2026.09.01", "2026年9月1日", "20260901"]
    rows = [RosterRow(n, {"staff_no": f"T{n}", "name": "李", "active_from": form}) for n, form in enumerate(forms)]
    entries, issues = read_entries(rows)
    assert issues == []
    assert {e.active_from for e in entries} == {date(2026, 9, 1)}


def test_the_second_row_with_the_same_number_address_or_telephone_is_refused() -> None:
    rows = [
        RosterRow(2, {"staff_no": "T1", "name": "李", "email": "A@x.example", "phone": "13800138000"}),
        RosterRow(3, {"staff_no": "T1", "name": "王"}),
        RosterRow(4, {"staff_no": "T2", "name": "王", "email": "a@X.example"}),
        RosterRow(5, {"staff_no": "T3", "name": "王", "phone": "+86 138 0013 8000"}),
    ]
    entries, issues = read_entries(rows)
    assert [e.row for e in entries] == [2]
    assert [(i.row, i.field, i.code, i.detail) for i in issues] == [
        (3, "staff_no", "twice", "2"),
        (4, "email", "twice", "2"),
        (5, "phone", "twice", "2"),
    ]


def test_ids_are_those_of_the_members() -> None:
    known = member("T1", id=UUID(int=7), name="李")
    assert plan([entry("T1", name="王")], [known]).update[0].membership_id == UUID(int=7)


def test_a_list_dismisses_no_administrator_by_a_day_either() -> None:
    """Whoever uploads may be one of two administrators: a column of days must not end the other's membership."""
    boss = member("T1", protected=True)
    given = FULL | {"left_on"}
    result = plan([entry("T1", given=given, left_on=date(2026, 12, 31), name="王校办")], [boss])
    assert codes(result) == [(2, "left_on", "protected")]
    assert (result.update, result.leave) == ((), ())
    assert plan([entry("T1", given=given, name="王校办")], [boss]).update, "an empty day changes nothing of it"


def test_nobody_leaves_when_a_newcomer_bears_the_name_of_a_leaver() -> None:
    wang, other = member("T1", name="王芳"), member("T2", name="赵新")
    same = plan([entry("T9", name="王\u3000芳", email="w@x.example")], [wang, other], leavers=True)
    assert (same.leave, same.namesakes) == ((), (wang.membership_id,))
    assert codes(same) == [(2, "name", "namesake")]
    assert same.refused_rows == 0
    refused = plan([], [wang, other], leavers=True, listed=("T8",))
    assert refused.leave == (wang.membership_id, other.membership_id)
    by_refused_row = plan_roster([], [wang, other], today=TODAY, listed={"T8": "王芳"}, mark_leavers=True)
    assert by_refused_row.leave == ()
    known_number = plan([entry("T2", name="王芳")], [wang, other], leavers=True)
    assert known_number.leave == (wang.membership_id,), "who has the number is nobody new"


@pytest.mark.parametrize("number", ["ＹＣ０１３６", "yc0136", "YC\u200b0136", "\u202dYC0136\u202c", "yc0136\u3000"])
@pytest.mark.parametrize("name", ["于晓燕", "于　晓燕", "于 晓燕", "于\u200b晓燕", "于晓燕\ufeff"])
def test_a_spelling_that_only_looks_different_is_no_change(number: str, name: str) -> None:
    stored = member("YC0136", name="于晓燕", department="心理教研组", email="yu@x.example")
    row = {"staff_no": number, "name": name, "department": "⼼理 教研组", "email": "ＹＵ＠x。example"}
    entries, issues = read_entries([RosterRow(2, row)])
    assert issues == []
    assert plan(entries, [stored]).unchanged == (2,)


def test_the_same_number_in_two_spellings_stands_there_twice() -> None:
    rows = [RosterRow(2, {"staff_no": "YC1", "name": "李"}), RosterRow(3, {"staff_no": "ｙｃ１", "name": "王"})]
    assert [(issue.row, issue.code) for issue in read_entries(rows)[1]] == [(3, "twice")]


def test_a_day_written_with_midnight_is_the_day() -> None:
    rows = [
        RosterRow(n, {"staff_no": f"T{n}", "name": "李", "active_from": form})
        for n, form in enumerate(["2024-09-01 00:00:00", "2024/9/1 0:00", "2024-09-01T00:00"])
    ]
    assert [entry.active_from for entry in read_entries(rows)[0]] == [date(2024, 9, 1)] * 3
