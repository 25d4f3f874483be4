"""The writer of what a person changes of themself: the telephone number. The e-mail address has allauth's own page."""

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.models import User
from audit import record
from kernel.errors import Conflict, Forbidden, Invalid


@transaction.atomic
def change_phone(*, actor: Actor, phone: str, password: str) -> User:
    """Keep ``phone`` (``""`` removes it), confirmed by the person's password.

    Invalid for a wrong password or a number that is none; Conflict when somebody else has it; Refused never: a person
    without a password has no way to be signed in here for long. A number typed by its owner is vouched for by no
    school, so no staff list joins an account by it (``User.phone_typed``).
    """
    if actor.user_id is None:
        raise Forbidden
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    if not user.check_password(password):
        raise Invalid("password_wrong", fields=(("password", "password_wrong", ""),))
    user.keep_phone(phone)
    user.phone_typed = bool(phone)
    taken = user.phone_hash is not None and (
        User.objects.filter(phone_hash=user.phone_hash).exclude(pk=user.pk).exists()
    )
    try:
        if not taken:
            with transaction.atomic():
                user.save(update_fields=["phone_hash", "phone_sealed", "phone_verified", "phone_typed"])
    except IntegrityError:  # two people at the same moment
        taken = True
    if taken:
        raise Conflict("phone_taken", fields=(("phone", "phone_taken", ""),))
    record(actor=actor, action="profile.phone", obj=user, facts={"removed": not phone})
    return user
