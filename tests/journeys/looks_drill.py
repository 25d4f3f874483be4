"""The sheet of drills: the list, a plan, the page as who leads, plays a party or only reads sees it, and the report."""

from tests.journeys.looks import Look

HERE = "/centre/emergency/drills"

DRILL_LOOKS = [
    Look("drills", "drill_centre", f"{HERE}/"),
    Look("drills-none-yet", "chain_centre", f"{HERE}/"),
    Look("drill-new", "drill_centre", f"{HERE}/new/suicide/"),
    Look("drill-new-own", "drill_centre", f"{HERE}/new/own/"),
    Look("drill-change", "drill_deputy", "{drill_planned}change/"),
    Look("drill-planned-leader", "drill_deputy", "{drill_planned}"),
    Look("drill-planned-player", "drill_moral", "{drill_planned}"),
    Look("drill-sure-off", "drill_deputy", "{drill_planned}sure/call_off/"),
    Look("drill-sure-end", "drill_deputy", "{drill_running}sure/end/"),
    Look("drill-running-leader", "drill_deputy", "{drill_running}"),
    Look("drill-running-player", "drill_moral", "{drill_running}"),
    Look("drill-task-family", "drill_moral", "{drill_incident}"),
    Look("drill-task-hospital", "drill_head", "{drill_incident}"),
    Look("drill-task-take", "drill_head", "{drill_incident}medical/acknowledge/"),
    Look("drill-incident", "drill_duty", "{drill_incident}"),
    Look("drill-message", "drill_moral", "/my/messages/"),
    Look("drill-over", "drill_deputy", "{drill_over}"),
    Look("drill-over-change", "drill_moral", "{drill_over}"),
    Look("drill-report", "drill_principal", "{drill_over}report/"),
]
