"""Rows with what the desk's pages hang on them, named for the type checker. Nothing here exists when the product runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Membership

    class ShownMember(Membership):
        """A member with roles and the state of the place in words."""

        role_words: list[str]
        account_text: str
