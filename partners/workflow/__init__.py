"""The only writers of the partners app."""

from partners.workflow.agreements import (
    LineDraft,
    advance_agreements,
    approve_agreement,
    draft_agreement,
    end_agreement,
)
from partners.workflow.institutions import NEEDS_PAPERS, create_institution, move_institution
from partners.workflow.papers import add_licence, change_licence, end_licence
from partners.workflow.pausing import can, resume_agreement, suspend_agreement, terminate_agreement
from partners.workflow.people import add_member, change_member, end_member, invite_member
from partners.workflow.services import AGREED, add_service, change_service, set_service_active

__all__ = [
    "AGREED",
    "NEEDS_PAPERS",
    "LineDraft",
    "add_licence",
    "add_member",
    "add_service",
    "advance_agreements",
    "approve_agreement",
    "can",
    "change_licence",
    "change_member",
    "change_service",
    "create_institution",
    "draft_agreement",
    "end_agreement",
    "end_licence",
    "end_member",
    "invite_member",
    "move_institution",
    "resume_agreement",
    "set_service_active",
    "suspend_agreement",
    "terminate_agreement",
]
