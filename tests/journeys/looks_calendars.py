"""The sheet of calendars: free times for the person, people and the week for the agency."""

from tests.journeys.looks import Look

CALENDAR_LOOKS = [
    Look("free-times", "staff", "{free}"),
    Look("free-times-held", "finance", "{free_held}"),
    Look("free-times-taken", "finance", "{free_taken}"),
    Look("free-who", "finance", "{free_who}"),
    Look("free-who-nobody", "finance", "{free_who}?gender=female&place=online"),
    Look("free-check", "finance", "{free_check}"),
    Look("waiting", "staff2", "/my/waiting/"),
    Look("waiting-none", "fresh", "/my/waiting/"),
    Look("waiting-join", "staff", "{waiting_join}"),
    Look("waiting-leave", "staff2", "{waiting_leave}"),
    Look("counsellor", "staff2", "{free_request}counsellor/"),
    Look("free-request", "staff2", "{free_request}"),
    Look("partner-agency", "beside", "/partner/agency/"),
    Look("partner-service-mode", "beside", "{service_mode}"),
    Look("partner-people", "beside", "/partner/people/"),
    Look("partner-people-empty", "newcomer", "/partner/people/"),
    Look("partner-resource", "beside", "{resource}"),
    Look("partner-resource-change", "beside", "{resource}change/"),
    Look("partner-resource-switch", "beside", "{resource}switch/"),
    Look("partner-resource-new", "newcomer", "/partner/people/new/counsellor/"),
    Look("partner-absence", "beside", "{resource}away/"),
    Look("partner-week", "beside", "/partner/week/"),
    Look("partner-week-alone", "partner", "/partner/week/"),
]
