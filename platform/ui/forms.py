"""The form renderer: one template for a form, one for a field, everywhere (``FORM_RENDERER``)."""

from collections.abc import Iterator
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest

_KEYBOARDS: Final = {"number": "decimal", "email": "email"}
"""What a phone offers instead: of these kinds of field a browser refuses what an input method writes, digits and ＠ alike."""
_FORBIDDING: Final = ("maxlength", "minlength", "min", "max", "step", "pattern")
"""Cut a paste without a word, or refuse it with the browser's message. The server reads what came and says what is wrong."""


class XinqiaoRenderer(DjangoTemplates):
    """Error summary first, label above help above errors above the input; tied by aria-describedby.

    No page forbids what the server would read: every field for writing takes whatever is typed or pasted, whole.
    """

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    formset_template_name = "ui/forms/formset.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The widget or form, with its fields for writing open to everything."""
        for widget in _widgets(context.get("widget")):
            kind = widget.get("type")
            if kind in _KEYBOARDS:
                widget["attrs"] = {"inputmode": _keyboard(kind, widget["attrs"]), **widget["attrs"]}
                widget["type"] = "text"
            if kind in (None, "text", "search", "tel", "password", "url", *_KEYBOARDS):
                widget["attrs"] = {name: value for name, value in widget["attrs"].items() if name not in _FORBIDDING}
        return super().render(template_name, context, request)


def _widgets(widget: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if widget is not None:
        yield widget
        for part in widget.get("subwidgets", ()):
            yield from _widgets(part if isinstance(part, dict) else None)


def _keyboard(kind: str, attrs: dict[str, Any]) -> str:
    """Digits alone for whole numbers that are not below zero."""
    is_whole = kind == "number" and str(attrs.get("step", "1")) == "1" and float(attrs.get("min", -1)) >= 0
    return "numeric" if is_whole else _KEYBOARDS[kind]
