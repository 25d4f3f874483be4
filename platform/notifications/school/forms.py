"""What an administrator types of a way out. Reading only: writers decide."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import PlainField, WholeField
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from notifications.models import ChannelRule, ProviderAccount
from notifications.models.providers import MessageKind
from notifications.providers.capability import DEFAULTS, Carries, Kind, may_carry
from notifications.providers.catalogue import Entry, credentials_of
from notifications.workflow import LIMITS
from ui.refusals import explain

_OFF = {"autocomplete": "off", "spellcheck": "false"}


class ChannelForm(WriterForm):
    """Shows a refusal with the sentences of ``ui.refusals``."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal's title."""
        return explain(code, error.params).title


class AccountForm(ChannelForm):
    """An account: its fields are those of the catalogue. A secret is never drawn; left empty it stays."""

    callback_number = PlainField(
        label=_("Number to call back"),
        required=False,
        max_length=20,
        help_text=_("A landline, 400 or 95 number that stands in the templates: carriers allow no other."),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", **_OFF}),
    )
    per_minute = WholeField(
        label=_("At most a minute"), required=False, help_text=_("0 or empty: no limit of our own.")
    )
    per_hour = WholeField(label=_("At most an hour"), required=False)
    per_day = WholeField(label=_("At most a day"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, data: Any = None, *, entry: Entry, account: ProviderAccount | None) -> None:
        kept = credentials_of(account) if account else {}
        super().__init__(data, initial=_initial(entry, account, kept))
        self.entry = entry
        for credential in entry.credentials:
            is_kept = credential.is_secret and bool(kept.get(credential.name))
            self.fields[credential.name] = PlainField(
                label=credential.label,
                required=credential.is_required and not is_kept,
                max_length=200,
                help_text=_("Kept, and never shown. Leave it empty to keep it.") if is_kept else credential.help,
                widget=forms.PasswordInput(attrs={**_OFF, "autocomplete": "new-password"})
                if credential.is_secret
                else forms.TextInput(attrs=_OFF),
            )

    def credential_fields(self) -> Iterator[forms.BoundField]:
        """Those of the provider."""
        return (self[credential.name] for credential in self.entry.credentials)

    def limit_fields(self) -> Iterator[forms.BoundField]:
        """Our own limits."""
        return (self[name] for name in LIMITS)

    def account(self) -> dict[str, Any]:
        """The cleaned form, as ``workflow.save_account`` takes it."""
        data = self.cleaned_data
        return {
            "credentials": {credential.name: data[credential.name] for credential in self.entry.credentials},
            "callback_number": data["callback_number"],
            "is_active": data["is_active"],
            "limits": {name: data[name] or 0 for name in LIMITS},
        }


def _initial(entry: Entry, account: ProviderAccount | None, kept: dict[str, str]) -> dict[str, Any]:
    if account is None:
        return {"is_active": True}
    shown = {
        credential.name: kept.get(credential.name, "") for credential in entry.credentials if not credential.is_secret
    }
    limits = {name: getattr(account, name) for name in LIMITS}
    return {**shown, **limits, "callback_number": account.callback_number, "is_active": account.is_active}


class RulesForm(ChannelForm):
    """What a channel may carry: a line a kind. Kinds that carriers refuse have none."""

    def __init__(self, data: Any = None, *, channel: str, rules: Sequence[ChannelRule]) -> None:
        super().__init__(data)
        self.channel, self.rules = channel, rules
        kept = {row.kind: row for row in rules}
        for kind in self._kinds():
            row = kept.get(kind)
            word = MessageKind(kind).label
            allowed = _("%(kind)s: allowed") % {"kind": word}
            template = _("%(kind)s: number of the template") % {"kind": word}
            self.fields[f"{kind}_allowed"] = forms.BooleanField(
                label=allowed,
                required=False,
                initial=row.is_allowed if row else True,
            )
            self.fields[f"{kind}_template"] = PlainField(
                label=template,
                required=False,
                max_length=80,
                initial=row.template_id if row else "",
                widget=forms.TextInput(attrs={**_OFF, "aria-label": template}),
            )

    def _kinds(self) -> list[str]:
        return [kind.value for kind in Kind if DEFAULTS[self.channel][kind] is not Carries.NEVER]

    def place(self, field: str) -> str | None:
        """A kind's fault stands at its template."""
        return f"{field}_template" if field in self._kinds() else None

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every kind: its word, its fields if it has any, and whether it is carried as things stand."""
        for kind in Kind:
            verdict = may_carry(self.rules, kind, self.channel)
            is_open = DEFAULTS[self.channel][kind] is not Carries.NEVER
            yield {
                "word": MessageKind(kind.value).label,
                "allowed": self[f"{kind.value}_allowed"] if is_open else None,
                "template": self[f"{kind.value}_template"] if is_open else None,
                "is_carried": verdict.is_carried,
                "why": verdict.why.value if verdict.why else "",
            }

    def chosen(self) -> dict[str, tuple[bool, str]]:
        """The cleaned form, as ``workflow.save_rules`` takes it."""
        data = self.cleaned_data
        return {kind: (data[f"{kind}_allowed"], data[f"{kind}_template"]) for kind in self._kinds()}


class ProofForm(ChannelForm):
    """The digits that arrived."""

    elsewhere = "code"
    code = PlainField(
        label=_("The four digits that arrived"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
