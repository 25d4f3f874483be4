"""``/school/union/``: who is chair of the trade union and who deputises (books §1)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.told_apart import told_apart
from kernel.clock import now
from kernel.errors import DomainError, Forbidden, NotFound, Refused
from kernel.money import yuan
from referrals.models import PostKind, UnionPost
from referrals.offices.forms import OfficeForm
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.union_posts import holders, may_hold, name_post
from ui.navigation import at_desk
from ui.refusals import explain
from ui.templatetags.ui import school_time

_VACANT = gettext_lazy("Nobody (vacant)")


class PostForm(OfficeForm):
    """Who holds it from now on; only people of the union are offered."""

    shows_all = True
    elsewhere = "person"

    person = forms.ChoiceField(
        label=gettext_lazy("Who holds it"),
        required=False,
        help_text=gettext_lazy("People who have the role of the trade union and have signed in before."),
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _VACANT), *people]

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and what to do."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"


@require_safe
@role_required("union.posts")
def posts(request: ActingRequest) -> HttpResponse:
    """Both posts, who holds them since when, and what they mean."""
    held = holders(now())
    rows = [(kind, PostKind(kind).label, _facts(held.get(kind))) for kind in PostKind.values]
    context = at_desk(request, "school", posts=rows, is_led=bool(held), limit=yuan(ONE_CASE_FEN))
    return render(request, "referrals/office/union_posts.html", context)


def _facts(row: UnionPost | None) -> list[tuple[str, str]]:
    if row is None:
        return [(_("Who holds it"), pgettext("post", "Nobody"))]
    return [(_("Who holds it"), row.holder.name), (_("Since"), school_time(row.since))]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("union.posts")
def post(request: ActingRequest, kind: str) -> HttpResponse:
    """Name somebody, or leave the post vacant. It counts at once."""
    if kind not in PostKind.values:
        raise NotFound
    moment = now()
    offered = list(may_hold(moment).order_by("sort_key", "pk"))
    names = told_apart(offered)
    held = holders(moment).get(kind)
    form = PostForm(
        request.POST if request.method == "POST" else None,
        people=[(str(row.pk), names[row.pk]) for row in offered],
        initial={"person": str(held.holder_id) if held else ""},
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["person"] or None
        try:
            name_post(actor=request.actor, tenant=request.tenant, kind=kind, person_id=chosen)
        except (Refused, Forbidden) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. It counts from now on."))
            return redirect("school_union")
    context = at_desk(request, "school", form=form, title=PostKind(kind).label)
    return render(request, "referrals/office/union_post.html", context, status=422 if form.errors else 200)
