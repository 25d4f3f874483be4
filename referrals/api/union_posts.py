"""``union-posts/``: who is chair of the trade union and who deputises; the administration names them (books §1)."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, Id, StrictSerializer
from api.views import BaseView
from kernel.clock import now
from referrals.api import enums
from referrals.api.shapes import checked, tenant_of
from referrals.models import PostKind
from referrals.workflow.union_posts import holders, name_post


class PostIn(StrictSerializer):
    """``person`` null: the post is vacant from now on."""

    kind = Choice(enums.UNION_POSTS)
    person = Id(allow_null=True)


class PostOut(serializers.Serializer[Any]):
    """One post; nobody holds it where ``person`` is null."""

    kind = serializers.ChoiceField(enums.UNION_POSTS)
    person = serializers.UUIDField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)


class PostsOut(serializers.Serializer[Any]):
    """Both posts. ``is_led`` false: any two people of the union sign for crisis relief."""

    is_led = serializers.BooleanField()
    results = PostOut(many=True)


class UnionPostsView(BaseView):
    """For the administration."""

    act = "union.post"
    permissions: ClassVar = {"GET": "union.posts", "POST": "union.posts"}

    @extend_schema(operation_id="union_posts_list", responses=PostsOut)
    def get(self, request: Request) -> Response:
        """Both, held or vacant."""
        return Response(_shown())

    @extend_schema(operation_id="union_posts_name", request=PostIn, responses=PostsOut)
    @idempotent
    def post(self, request: Request) -> Response:
        """It counts at once; whoever held it before does so no longer."""
        data = checked(PostIn(data=request.data))
        name_post(actor=self.actor, tenant=tenant_of(request), kind=data["kind"], person_id=data["person"])
        return Response(_shown())


def _shown() -> Any:
    held = holders(now())
    rows = []
    for kind in PostKind.values:
        row = held.get(kind)
        rows.append({"kind": kind, "person": row and row.holder_id, "since": row and row.since})
    return PostsOut({"is_led": bool(held), "results": rows}).data
