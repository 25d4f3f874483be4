"""The only writers of the partners app."""

from partners.workflow.agreements import (
    LineDraft,
    advance_agreements,
    approve_agreement,
    draft_agreement,
    end_agreement,
)
from partners.workflow.institutions import (
    add_licence,
    add_member,
    add_service,
    create_institution,
    move_institution,
    set_service_active,
)

__all__ = [
    "LineDraft",
    "add_licence",
    "add_member",
    "add_service",
    "advance_agreements",
    "approve_agreement",
    "create_institution",
    "draft_agreement",
    "end_agreement",
    "move_institution",
    "set_service_active",
]
