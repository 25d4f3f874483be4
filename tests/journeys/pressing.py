"""What is half typed on a page of the sheet, after the language switch, Back and a reload (issue C: on every form).

``bin/test --looks`` presses all three on each form; a run of the whole one of them, chosen by the page's name.
"""

from collections.abc import Callable
from zlib import crc32

from playwright.sync_api import Page

from tests.journeys.looking import Seats
from tests.journeys.looks import Look
from tests.journeys.ways import LOOK_ALL

TYPED = (
    "main form[method=post i] :is(textarea, input:not([type]), input[type=text], input[type=search], input[type=tel],"
    " input[type=email], input[type=number])[name]:not([autocomplete=one-time-code], [readonly], [disabled])"
)
#: Words into whatever is empty and takes words, a number into what counts: then what each field says, with its place among
#: those of its name, and which choice stands.
TYPE = f"""() => [...document.querySelectorAll('{TYPED}')].filter((field) => field.checkVisibility()).forEach((field) => {{
  const least = Number(field.min || 1), most = Number(field.max || least + 1);
  field.value = field.type === 'number' ? Math.min(most, least + 1) : (field.value + '王老师 1').slice(field.maxLength > 0 ? -field.maxLength : 0);
  field.dispatchEvent(new Event('input', {{bubbles: true}}));
}})"""
SAYS = f"""() => [...document.querySelectorAll('{TYPED}')].filter((field) => field.checkVisibility())
  .map((field) => field.name + ': ' + field.value)"""

SWITCH = "footer form button[name=language]"


def _switch(page: Page) -> None:
    """The other language, and back."""
    for _ in range(2):
        page.locator(SWITCH).click()
        page.wait_for_load_state()


def _back(page: Page) -> None:
    """Away by the frame's first link, and back."""
    here = page.url
    page.evaluate("location.href = '/accounts/'")
    page.wait_for_url(lambda address: address != here)
    page.go_back()
    page.wait_for_url(here)


def _reload(page: Page) -> None:
    page.reload()


PRESSES: dict[str, Callable[[Page], None]] = {"language": _switch, "back": _back, "reload": _reload}


def presses_of(look: Look, page: Page) -> list[str]:
    """The same ones on every day. Of a page that knows nobody a tab must keep nothing, a report least of all: the switch alone."""
    if not page.locator("details.who").count():
        return ["language"]
    return list(PRESSES) if LOOK_ALL else [list(PRESSES)[crc32(look.name.encode()) % len(PRESSES)]]


def lost_by_pressing(look: Look, seats: Seats) -> list[str]:
    """What was typed on the page that was just looked at and is gone. A page reached by an act is pressed by ``test_back``."""
    if look.act or look.is_file or look.status != 200:
        return []
    page, _noted = seats.page(look.who, "zh")
    if not page.locator(TYPED).locator("visible=true").count() or not page.locator(SWITCH).count():
        return []
    faults = []
    for press in presses_of(look, page):
        page.goto(seats.house.url(seats.town.host(look.who), look.path.format(**seats.town.paths)))
        page.evaluate(TYPE)
        typed = page.evaluate(SAYS)
        PRESSES[press](page)
        page.locator("main#main").wait_for(state="attached")
        faults += [f"lost by {press}: {field}" for field in typed if field not in page.evaluate(SAYS)]
    return faults
