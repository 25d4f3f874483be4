"""The pure parts of the vault: nothing opens that was altered, moved or sealed with another key."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault import cipher

KEY = bytes(range(32))
PLACE = cipher.Place(uuid.UUID(int=7), "families_child", "42", "name_sealed")


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_what_was_sealed_opens_at_its_place(plain, version):
    token = cipher.seal(KEY, version, plain, PLACE)
    assert cipher.unseal(KEY, token, PLACE) == plain
    assert cipher.key_version_of(token) == version
    assert token[0] == cipher.TOKEN_VERSION
    assert token[1] == cipher.AES_256_GCM


def test_the_same_text_never_gives_the_same_token():
    assert cipher.seal(KEY, 1, b"x", PLACE) != cipher.seal(KEY, 1, b"x", PLACE)


@pytest.mark.parametrize(
    "place",
    [
        cipher.Place(uuid.UUID(int=8), "families_child", "42", "name_sealed"),
        cipher.Place(uuid.UUID(int=7), "families_relative", "42", "name_sealed"),
        cipher.Place(uuid.UUID(int=7), "families_child", "43", "name_sealed"),
        cipher.Place(uuid.UUID(int=7), "families_child", "42", "note_sealed"),
    ],
)
def test_a_token_copied_elsewhere_does_not_open(place):
    token = cipher.seal(KEY, 1, "张小明".encode(), PLACE)
    with pytest.raises(cipher.Unreadable):
        cipher.unseal(KEY, token, place)


def test_another_key_does_not_open():
    with pytest.raises(cipher.Unreadable):
        cipher.unseal(bytes(32), cipher.seal(KEY, 1, b"x", PLACE), PLACE)


@settings(max_examples=300)
@given(st.data())
def test_no_single_bit_can_be_turned(data):
    token = bytearray(cipher.seal(KEY, 3, b"secret", PLACE))
    bit = data.draw(st.integers(0, len(token) * 8 - 1))
    token[bit // 8] ^= 1 << bit % 8
    with pytest.raises(cipher.Unreadable):
        cipher.unseal(KEY, bytes(token), PLACE)


@given(st.binary(max_size=60))
def test_rubbish_is_unreadable_not_a_crash(rubbish):
    with pytest.raises(cipher.Unreadable):
        cipher.unseal(KEY, rubbish, PLACE)


def test_keys_of_two_uses_differ():
    assert cipher.derive(KEY, "wrap") != cipher.derive(KEY, "global")
    assert len(cipher.derive(KEY, "wrap")) == cipher.KEY_BYTES


def test_a_short_key_is_refused():
    with pytest.raises(ValueError):
        cipher.seal(b"short", 1, b"x", PLACE)
