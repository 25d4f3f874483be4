"""The sheet of what goes on afterwards: weekly talks, reviews, support, who stays with somebody."""

from tests.journeys.looks import Look

HERE = "/centre/emergency"

AFTER_LOOKS = [
    Look("after-talks", "chain_duty", f"{HERE}/follow-ups/"),
    Look("after-talk", "chain_duty", "{after}follow-up/"),
    Look("after-talk-quiet", "chain_second", "{after_quiet}follow-up/"),
    Look("after-talk-stop", "chain_duty", "{after}follow-up/stop/"),
    Look("after-ask-card", "chain_duty", "{after_quiet}ask-card/"),
    Look("after-calls", "chain_after", "/my/calls/"),
    Look("after-review", "chain_centre", "{after}review/"),
    Look("after-review-new", "chain_centre", "{after_quiet}review/"),
    Look("after-reviews", "chain_principal", f"{HERE}/reviews/"),
    Look("after-told", "chain_centre", "{after}told/"),
    Look("after-support", "chain_centre", "{after}support/"),
    Look("after-progress", "chain_centre", "{after}progress/family/"),
    Look("after-return", "chain_centre", "{after}return/"),
    Look("after-grants", "chain_union", "/union/grants/"),
    Look("after-grant", "chain_union", "{after_grant}"),
    Look("after-companions", "chain_duty", "{incident}companions/"),
    Look("after-companion", "chain_moral", "/my/companion/"),
    Look("after-companion-asked", "chain_doctor", "/my/companion/"),
    Look("after-incident", "chain_centre", "{after}"),
]
