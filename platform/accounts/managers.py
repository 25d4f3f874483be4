"""Creates users, from code only: sign-up is closed."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager

from kernel.fold import fold_email

if TYPE_CHECKING:
    from accounts.models import User


class UserManager(BaseUserManager["User"]):
    """Finds a user by lower-cased e-mail address; makes one without a usable password unless given."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this e-mail address, in whatever case it was typed."""
        return self.get(email=clean_email(username))

    def with_address(self, address: str, *, active: bool | None = None) -> list["User"]:
        """Whoever has proved ``address``: one or nobody. allauth also finds who has only asked to use it (seen in 65.x)."""
        found = self.filter(email=clean_email(address)) if clean_email(address) else self.none()
        return list(found if active is None else found.filter(is_active=active))

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        """A user. Without ``password`` nobody can sign in until a link has set one (no hash is computed)."""
        user = self.model(email=clean_email(email), **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An operator with every framework permission: for the platform's own staff only."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True, "is_operator": True, **fields}
        )


def clean_email(value: str | None) -> str | None:
    """``value`` in the one spelling of an address; None when empty, so that many users may have no address."""
    return fold_email(value or "") or None
