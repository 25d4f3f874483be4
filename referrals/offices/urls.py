"""The offices' pages on a school's host: who decides, and who keeps the money."""

from django.urls import URLPattern, path

from accounts.access import role_required
from referrals.offices import (
    views_agencies,
    views_claims,
    views_corrections,
    views_disputes,
    views_drafts,
    views_finance,
    views_hardship,
    views_leavers,
    views_missed,
    views_orders,
    views_paused,
    views_policies,
    views_pools,
    views_proxy,
    views_requests,
    views_union_posts,
)


def _desk(office: str) -> list[URLPattern]:
    """The pages of one deciding office, each behind its own permission."""
    read, decide = role_required(f"referral.read.{office}"), role_required(f"referral.decide.{office}")
    one, here = f"{office}/referrals/<uuid:referral_id>/", {"office": office}
    return [
        path(f"{office}/", read(views_requests.requests), here, name=f"{office}_home"),
        path(f"{office}/export.csv", read(views_requests.requests_csv), here, name=f"{office}_requests_csv"),
        path(one, read(views_requests.referral), here, name=f"{office}_referral"),
        path(f"{one}approve/", decide(views_requests.approve), here, name=f"{office}_referral_approve"),
        path(f"{one}decline/", decide(views_requests.decline), here, name=f"{office}_referral_decline"),
        path(f"{one}stop/", decide(views_requests.stop), here, name=f"{office}_referral_stop"),
        path(f"{office}/disputes/", read(views_disputes.disputes), here, name=f"{office}_disputes"),
        path(f"{office}/disputes/export.csv", read(views_disputes.disputes_csv), here, name=f"{office}_disputes_csv"),
        path(
            f"{office}/disputes/<uuid:redemption_id>/", read(views_disputes.objection), here, name=f"{office}_objection"
        ),
        path(f"{office}/suspended/", read(views_paused.paused), here, name=f"{office}_paused"),
        path(f"{office}/suspended/export.csv", read(views_paused.paused_csv), here, name=f"{office}_paused_csv"),
        path(
            f"{office}/suspended/<uuid:referral_id>/", read(views_paused.paused_one), here, name=f"{office}_paused_one"
        ),
        path(f"{office}/unscanned/", read(views_missed.quarrels), here, name=f"{office}_quarrels"),
        path(f"{office}/unscanned/export.csv", read(views_missed.quarrels_csv), here, name=f"{office}_quarrels_csv"),
        path(f"{office}/unscanned/<uuid:booking_id>/", read(views_missed.quarrel), here, name=f"{office}_quarrel"),
    ]


urlpatterns = [
    *_desk("centre"),
    *_desk("union"),
    path("union/agencies/", views_agencies.agencies, name="union_agencies"),
    path("union/amounts/", views_claims.union_amounts, name="union_amounts"),
    path("union/amounts/<uuid:redemption_id>/", views_claims.union_amount, name="union_amount"),
    path(
        "union/amounts/claims/<uuid:claim_id>/withdraw/",
        views_claims.union_amount_withdraw,
        name="union_amount_withdraw",
    ),
    path("school/left/", views_leavers.leavers, name="school_leavers"),
    path("school/left/export.csv", views_leavers.leavers_csv, name="school_leavers_csv"),
    path("school/left/<uuid:membership_id>/", views_leavers.send, name="school_leaver_link"),
    path("school/union/", views_union_posts.posts, name="school_union"),
    path("school/union/<str:kind>/", views_union_posts.post, name="school_union_post"),
    path("union/proxy/", views_proxy.find, name="union_proxy"),
    path("union/proxy/<uuid:person_id>/", views_proxy.ask, name="union_proxy_for"),
    path("union/hardship/", views_hardship.union_files, name="union_hardship"),
    path("union/hardship/export.csv", views_hardship.union_files_csv, name="union_hardship_csv"),
    path("union/hardship/new/", views_hardship.union_find, name="union_hardship_find"),
    path("union/hardship/new/<uuid:person_id>/", views_hardship.union_new, name="union_hardship_new"),
    path("union/hardship/<uuid:file_id>/", views_hardship.union_file, name="union_hardship_file"),
    path("union/hardship/<uuid:file_id>/end/", views_hardship.union_end, name="union_hardship_end"),
    path("finance/hardship/", views_hardship.finance_files, name="finance_hardship"),
    path("finance/hardship/export.csv", views_hardship.finance_files_csv, name="finance_hardship_csv"),
    path("finance/hardship/<uuid:file_id>/", views_hardship.finance_file, name="finance_hardship_file"),
    path("finance/hardship/<uuid:file_id>/grant/", views_hardship.finance_grant, name="finance_hardship_grant"),
    path("finance/hardship/<uuid:file_id>/decline/", views_hardship.finance_decline, name="finance_hardship_decline"),
    path("finance/", views_finance.home, name="finance_home"),
    path("finance/pools/", views_orders.ask, name="finance_pools"),
    path("finance/pools/<int:year>/<str:scheme>/", views_pools.pool, name="finance_pool"),
    path("finance/payers/", views_pools.payer_list, name="finance_payers"),
    path("finance/payers/<str:kind>/", views_pools.payer, name="finance_payer"),
    path("finance/orders/", views_orders.orders, name="finance_orders"),
    path("finance/orders/export.csv", views_orders.orders_csv, name="finance_orders_csv"),
    path("finance/orders/<uuid:order_id>/", views_orders.order, name="finance_order"),
    path("finance/orders/<uuid:order_id>/approve/", views_orders.approve, name="finance_order_approve"),
    path("finance/orders/<uuid:order_id>/decline/", views_orders.decline, name="finance_order_decline"),
    path("finance/orders/<uuid:order_id>/withdraw/", views_orders.withdraw, name="finance_order_withdraw"),
    path("finance/corrections/", views_corrections.corrections, name="finance_corrections"),
    path("finance/corrections/export.csv", views_corrections.corrections_csv, name="finance_corrections_csv"),
    path("finance/corrections/claims/", views_claims.finance_claims, name="finance_claims"),
    path("finance/corrections/claims/export.csv", views_claims.finance_claims_csv, name="finance_claims_csv"),
    path("finance/corrections/claims/<uuid:claim_id>/", views_claims.finance_claim, name="finance_claim"),
    path(
        "finance/corrections/claims/<uuid:claim_id>/decline/",
        views_claims.finance_claim_decline,
        name="finance_claim_decline",
    ),
    path("finance/corrections/new/", views_corrections.find, name="finance_correction_find"),
    path("finance/corrections/new/<uuid:redemption_id>/", views_corrections.ask, name="finance_correction_new"),
    path("finance/corrections/<uuid:correction_id>/", views_corrections.correction, name="finance_correction"),
    path(
        "finance/corrections/<uuid:correction_id>/approve/",
        views_corrections.approve,
        name="finance_correction_approve",
    ),
    path(
        "finance/corrections/<uuid:correction_id>/decline/",
        views_corrections.decline,
        name="finance_correction_decline",
    ),
    path(
        "finance/corrections/<uuid:correction_id>/withdraw/",
        views_corrections.withdraw,
        name="finance_correction_withdraw",
    ),
    path("finance/ledger/", views_finance.ledger, name="finance_ledger"),
    path("finance/ledger/export.csv", views_finance.ledger_csv, name="finance_ledger_csv"),
    path("finance/policies/", views_policies.policy_list, name="finance_policies"),
    path("finance/policies/export.csv", views_policies.policy_csv, name="finance_policies_csv"),
    path("finance/policies/new/", views_policies.policy_new, name="finance_policy_new"),
    path("finance/policies/<uuid:policy_id>/", views_policies.policy, name="finance_policy"),
    path("finance/policies/<uuid:policy_id>/approve/", views_policies.policy_approve, name="finance_policy_approve"),
    path("finance/policies/<uuid:policy_id>/end/", views_policies.policy_end, name="finance_policy_end"),
    path("finance/policies/<uuid:policy_id>/edit/", views_drafts.policy_edit, name="finance_policy_edit"),
    path("finance/policies/<uuid:policy_id>/return/", views_drafts.policy_return, name="finance_policy_return"),
    path("finance/policies/<uuid:policy_id>/withdraw/", views_drafts.policy_withdraw, name="finance_policy_withdraw"),
]
