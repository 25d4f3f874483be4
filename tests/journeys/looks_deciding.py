"""The sheet of who decides: the union for a colleague, hardship on two desks, several agencies at once."""

from tests.journeys.looks import Look

DECIDING_LOOKS = [
    Look("proxied", "staff2", "{proxied}"),
    Look("asked-several", "staff2", "{asked_several}"),
    Look("apply-several", "staff2", "{apply_several}"),
    Look("apply-check-several", "staff2", "{apply_check_several}"),
    Look("proxy-find", "union", "/union/proxy/"),
    Look("proxy-nobody", "union", "/union/proxy/?q=zzzz"),
    Look("proxy-for", "union", "{proxy_for}"),
    Look("proxy-form", "union", "{proxy_form}"),
    Look("proxy-union", "union", "{proxy_union}"),
    Look("relief-first", "union", "{relief_first}"),
    Look("relief-first-approve", "union", "{relief_first}approve/"),
    Look("paused", "union", "/union/suspended/"),
    Look("paused-empty", "centre", "/centre/suspended/"),
    Look("paused-one", "union", "{paused_one}"),
    Look("paused-mine", "staff2", "{paused_mine}"),
    Look("hardship-union", "union", "/union/hardship/"),
    Look("hardship-union-empty", "union", "/union/hardship/?state=ended"),
    Look("hardship-find", "union", "/union/hardship/new/"),
    Look("hardship-new", "union", "{hardship_new}"),
    Look("hardship-file-union", "union", "{hardship_union}"),
    Look("hardship-end", "union", "{hardship_union}end/"),
    Look("hardship-finance", "finance2", "/finance/hardship/"),
    Look("hardship-finance-empty", "finance2", "/finance/hardship/?state=ended"),
    Look("hardship-file-finance", "finance2", "{hardship_finance}"),
    Look("hardship-grant", "finance2", "{hardship_finance}grant/"),
    Look("hardship-decline", "finance2", "{hardship_finance}decline/"),
]
