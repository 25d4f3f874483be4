"""A camera for a browser that has none: the page's own script runs, and the test says which codes lie before the lens."""

from playwright.sync_api import Page

A_CAMERA = """
window.lying = []; window.felt = 0; window.left = -1;
window.BarcodeDetector = class {
  async detect() {
    if (window.left-- === 0) window.told();
    return window.lying.map((rawValue) => ({ rawValue }));
  }
};
navigator.vibrate = () => { window.felt += 1; return true; };
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  const draw = () => canvas.getContext("2d").fillRect(0, 0, 9, 9);
  draw();
  setInterval(draw, 100);
  return canvas.captureStream();
};
"""
"""``felt``: how often the telephone shook, which it does once for each code it takes."""

_HOLD = """([codes, looks]) => new Promise((told, failed) => {
  window.lying = codes;
  window.told = told;
  window.left = looks;
  setTimeout(() => failed(new Error("the camera is not looking")), 20000);
})"""


def start(page: Page) -> None:
    """Press the button; the picture is shown."""
    page.locator("[data-camera-start]").click()
    page.locator("[data-camera]").wait_for()


def lay(page: Page, *codes: str) -> None:
    """Before the lens, from the next look on."""
    page.evaluate("codes => { window.lying = codes; }", list(codes))


def hold(page: Page, *codes: str) -> None:
    """The same, until the page has looked at them three times."""
    page.evaluate(_HOLD, [list(codes), 3])


def felt(page: Page) -> int:
    """How many codes were taken since the page was opened."""
    return int(page.evaluate("window.felt"))
