"""People who operate the platform: their accounts, and the link by which one chooses a first password."""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.managers import clean_email
from accounts.models import User
from kernel.errors import Conflict


def operators() -> QuerySet[User]:
    """Whoever operates this installation, the earliest first; nobody whose account is disabled."""
    return User.objects.filter(is_operator=True, is_active=True).order_by("date_joined", "pk")


def waiting_operator(email: str) -> User | None:
    """The operator with this address who has not chosen a password yet."""
    found = operators().filter(email=clean_email(email)).first()
    return found if found is not None and not can_sign_in(found) else None


def can_sign_in(operator: User) -> bool:
    """Whether the link of ``first_link`` was used: until then there is no password."""
    return operator.has_usable_password()


@transaction.atomic
def new_operator(*, email: str, name: str) -> User:
    """An operator without a password: nobody can sign in until the link of ``first_link`` has set one.

    Whoever calls this vouches for the address. Conflict ``account_exists`` when somebody has proved it already: one account
    is a person's, and who works for a school or an institution operates the platform with an address of its own.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=email, full_name=name, is_operator=True)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    except IntegrityError as error:
        raise Conflict("account_exists") from error
    return user


def first_link(user: User) -> str:
    """Path of the page that sets a password: once, and within ``settings.PASSWORD_RESET_TIMEOUT`` (three days)."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


def disable(user: User) -> None:
    """Somebody operates the platform no longer. The account stays for the record, and opens nothing."""
    user.is_active = False
    user.save(update_fields=["is_active"])
