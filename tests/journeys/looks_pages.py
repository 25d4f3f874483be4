"""The sheet of what a school shows and writes: quiet corner, activities, the year's festivals, texts that wait to be checked."""

from tests.journeys.looks import Look

PAGES_LOOKS = [
    Look("quiet", "public", "/quiet/"),
    Look("lesson", "public", "/quiet/breathing-out-longer/"),
    Look("activities", "public", "/activities/"),
    Look("campaign", "public", "/activities/six-ones/"),
    Look("report-of-activity", "public", "/activities/double-ninth-walk/"),
    Look("festivals", "public", "/activities/festivals/"),
    Look("search-synonym", "public", "/search/?q=睡不着"),
    Look("texts-to-check", "centre", "/centre/texts/"),
    Look("text-to-check", "centre", "{text_to_check}"),
    Look("text-to-give-back", "centre", "{text_to_check}back/"),
]
