"""Keys of schools and sealed fields, on the real database."""

import os
import uuid
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from accounts.models import User
from families.models import Child
from tenancy.models import Tenant
from tenancy.scope import no_scope, use_partner, use_tenant
from tests.conftest import make_school
from vault import cipher, keyring
from vault.blind import blind_index
from vault.keys import create_tenant_key, rotate_kek
from vault.models import TenantKey
from vault.sealed import seal, unseal


def child_of(school, name="张小明"):
    with use_tenant(school.id):
        child = Child(born=date(2019, 3, 4), same_child=os.urandom(32), name=name)
        child.save()
        return child


def test_a_sealed_field_keeps_a_token_and_reads_plain(school):
    child = child_of(school)
    with use_tenant(school.id):
        stored = Child.objects.get(pk=child.pk)
        assert stored.name == "张小明"
        with connection.cursor() as cursor:
            cursor.execute("SELECT name_sealed FROM families_child WHERE id = %s", [child.pk])
            raw = bytes(cursor.fetchone()[0])
    assert "张小明".encode() not in raw
    assert cipher.key_version_of(raw) == 1


def test_nothing_is_kept_for_an_empty_value(school):
    child = child_of(school, name="")
    assert child.name_sealed == b""
    assert child.name == ""


def test_a_token_copied_to_another_row_does_not_open(school):
    one, two = child_of(school), child_of(school, "李小红")
    two.name_sealed = one.name_sealed
    with pytest.raises(cipher.Unreadable):
        _ = two.name


def test_a_token_copied_to_another_school_does_not_open(school, other_school):
    one, two = child_of(school), child_of(other_school)
    two.name_sealed = one.name_sealed
    with pytest.raises(cipher.Unreadable):
        _ = two.name


def test_it_opens_whatever_scope_is_open(school, other_school):
    child = child_of(school)
    for scope in (use_tenant(other_school.id), use_partner(uuid.uuid4()), no_scope()):
        keyring.cache.clear()
        with scope:
            assert child.name == "张小明"


def test_a_school_without_a_key_cannot_seal(db):
    bare = Tenant.objects.create(slug="bare", host="bare.localhost", kind="middle", name="无", code="WU")
    with pytest.raises(keyring.NoKey):
        seal(bare.id, "t", "1", "f", "x")


def test_a_new_key_seals_and_the_older_one_still_opens(school, django_capture_on_commit_callbacks):
    older = child_of(school)
    with django_capture_on_commit_callbacks(execute=True):
        create_tenant_key(school.id)
    newer = child_of(school)
    assert [cipher.key_version_of(bytes(row.name_sealed)) for row in (older, newer)] == [1, 2]
    keyring.cache.clear()
    assert older.name == newer.name == "张小明"
    assert not Child.name.is_current(older)
    assert Child.name.is_current(newer)
    with use_tenant(school.id):
        states = list(TenantKey.objects.order_by("version").values_list("state", flat=True))
    assert states == ["retired", "current"]


def test_rotation_rewraps_and_nothing_becomes_unreadable(school, settings):
    child, old = child_of(school), settings.VAULT_KEYS[0]
    new = os.urandom(32)
    with override_settings(VAULT_KEYS=[new, old]):
        assert rotate_kek() >= 1
        assert rotate_kek() == 0
    keyring.cache.clear()
    with override_settings(VAULT_KEYS=[new]):
        assert child.name == "张小明"
    keyring.cache.clear()
    with override_settings(VAULT_KEYS=[old]), pytest.raises(keyring.NoKey):
        _ = child.name
    keyring.cache.clear()


def test_the_command_wraps_anew_and_gives_a_school_a_new_key(school, settings, capsys):
    child, old = child_of(school), settings.VAULT_KEYS[0]
    settings.VAULT_KEYS = [os.urandom(32), old]
    call_command("rotate_keys")
    assert capsys.readouterr().out.strip() != "重新加封 / wrapped anew: 0"
    call_command("rotate_keys")
    assert capsys.readouterr().out.strip() == "重新加封 / wrapped anew: 0"
    call_command("rotate_keys", school=school.slug)
    assert capsys.readouterr().out.strip() == f"{school.slug}: 2"
    with use_tenant(school.id):
        assert list(TenantKey.objects.order_by("version").values_list("state", flat=True)) == ["retired", "current"]
        assert Child.objects.get(pk=child.pk).name == "张小明"
    with pytest.raises(CommandError, match="no school nowhere"):
        call_command("rotate_keys", school="nowhere")
    keyring.cache.clear()


def test_a_destroyed_key_opens_nothing_and_is_not_wrapped_anew(school, settings):
    """To forget a school, its key is destroyed: a row that still holds the wrapped bytes must not bring it back."""
    child = child_of(school)
    with use_tenant(school.id):
        TenantKey.objects.update(state=TenantKey.State.DESTROYED)
        before = bytes(TenantKey.objects.get().wrapped)
    keyring.cache.clear()
    with use_tenant(school.id):
        for use in (lambda: Child.objects.get(pk=child.pk).name, lambda: Child(born=date(2019, 3, 4), name="张")):
            with pytest.raises(keyring.NoKey):
                use()
    settings.VAULT_KEYS = [os.urandom(32), *settings.VAULT_KEYS]
    rotate_kek()
    with use_tenant(school.id):
        assert bytes(TenantKey.objects.get().wrapped) == before


def test_global_tables_use_a_key_without_a_row(db, settings):
    user = User(email="a@b.example")
    user.phone_sealed = token = seal(keyring.GLOBAL_TENANT, "accounts_user", user.pk, "phone_sealed", "+8613800138000")
    assert unseal(keyring.GLOBAL_TENANT, "accounts_user", user.pk, "phone_sealed", token) == "+8613800138000"
    with override_settings(VAULT_KEYS=[os.urandom(32), *settings.VAULT_KEYS]):
        assert unseal(keyring.GLOBAL_TENANT, "accounts_user", user.pk, "phone_sealed", token) == "+8613800138000"


def test_a_blind_index_is_equal_only_within_school_and_purpose():
    one, two = uuid.uuid4(), uuid.uuid4()
    assert blind_index(one, "child", "x") == blind_index(one, "child", "x")
    assert len({blind_index(one, "child", "x"), blind_index(two, "child", "x"), blind_index(one, "phone", "x")}) == 3


def test_the_cache_forgets_the_longest_unused():
    cache = keyring.KeyCache(2)
    ids = [uuid.uuid4() for _ in range(3)]
    cache.put(ids[0], 1, b"a")
    cache.put(ids[1], 1, b"b")
    cache.get(ids[0], 1)
    cache.put(ids[2], 1, b"c")
    assert cache.get(ids[1], 1) is None
    assert cache.get(ids[0], 1) == b"a"


def test_keys_of_one_school_are_invisible_in_another(school):
    other = make_school()
    with use_tenant(other.id):
        assert set(TenantKey.objects.values_list("tenant_id", flat=True)) == {other.id}
