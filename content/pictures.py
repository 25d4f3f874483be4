"""A picture as it may be kept: its pixels, upright, in the colours of the web, and nothing that tells where and by whom.

Every format is decoded and written anew, so whatever a file carries besides pixels stays behind: EXIF with its place and
its small picture, XMP, comments, text, colour profiles, second pictures, what was put behind the end.
"""

from io import BytesIO
from typing import IO, Any, Final

from django.core.files.base import ContentFile
from PIL import ExifTags, Image, ImageCms, ImageOps, ImageSequence

_WRITTEN_AS: Final = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "GIF": "GIF", "WEBP": "WEBP", "AVIF": "AVIF"}
"""What editors may upload (``WAGTAILIMAGES_EXTENSIONS``), by Pillow's names. MPO is a phone's JPEG of several pictures."""
_READ: Final = tuple(dict.fromkeys(_WRITTEN_AS.values()))
_TELLING_NOTHING: Final = frozenset({"transparency", "duration", "loop", "disposal", "background", "blend", "version"})
"""What Pillow keeps beside the pixels and needs to show them."""
_QUALITY: Final = 92
_NOTHING_BESIDE: Final[dict[str, Any]] = {"exif": b"", "xmp": b"", "comment": b"", "icc_profile": None}
"""Said to every writer: some would else take over what the reader found."""


class UnreadablePicture(ValueError):
    """No picture of a known format, or one whose pixels cannot all be read."""


class CleanPicture(ContentFile):  # generic in its types only
    """A picture's file that has been through ``cleaned``."""


def cleaned(file: IO[bytes], name: str) -> CleanPicture:
    """The picture in ``file``, in the same format, without anything but its pixels. Raises UnreadablePicture."""
    file.seek(0)
    data = file.read()
    try:
        with Image.open(BytesIO(data), formats=_READ) as picture:
            _ask_for_the_end(picture, data)
            return CleanPicture(_written(picture, data), name=name)
    except Exception as error:  # decoders raise a dozen kinds for a broken or hostile file
        raise UnreadablePicture(type(error).__name__) from error


def tells_more_than_pixels(file: IO[bytes]) -> bool:
    """Whether the picture still carries what ``cleaned`` takes away. OSError when it is none."""
    file.seek(0)
    with Image.open(file, formats=_READ) as picture:
        picture.load()
        segments = {name for name, _content in getattr(picture, "applist", ())}
        beside = {key for key, value in picture.info.items() if value} - _TELLING_NOTHING - _OF_THE_FORMAT
        return bool(picture.format == "MPO" or beside or segments - {"APP0", "APP14"} or dict(picture.getexif()))


_OF_THE_FORMAT: Final = frozenset(
    {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform", "progressive", "progression",
     "interlace", "gamma", "timestamp", "extension", "default_image", "bbox"}
)  # fmt: skip
"""How the file is built; the same for every picture that the same writer makes."""


def _ask_for_the_end(picture: Image.Image, data: bytes) -> None:
    """OSError for a picture cut off. The PDF engine tells Pillow, for the whole process, to fill what is missing with grey."""
    last, end = {"JPEG": (b"\xff\xda", b"\xff\xd9"), "PNG": (b"IDAT", b"IEND")}.get(
        _WRITTEN_AS[picture.format or ""], (b"", b"")
    )
    if data.rfind(end) < data.rfind(last):
        raise OSError("the picture is cut off")


def _written(picture: Image.Image, data: bytes) -> bytes:
    out = BytesIO()
    kind = _WRITTEN_AS[picture.format or ""]
    how: dict[str, Any] = {**_NOTHING_BESIDE, **_how(picture, kind, data)}
    if kind != "JPEG" and getattr(picture, "n_frames", 1) > 1:
        first, *others = [_shown(frame.copy(), picture) for frame in ImageSequence.Iterator(picture)]
        durations = [frame.info.get("duration", 0) for frame in (first, *others)]
        first.save(
            out, kind, save_all=True, append_images=others, duration=durations, loop=picture.info.get("loop", 0), **how
        )
        return out.getvalue()
    picture.load()
    shown = _shown(picture, picture)
    if kind == "JPEG":
        # Untouched pixels keep the tables they were packed with: nothing is lost a second time.
        how["quality"] = "keep" if shown is picture and picture.format == "JPEG" else _QUALITY
    shown.save(out, kind, **how)
    return out.getvalue()


def _how(picture: Image.Image, kind: str, data: bytes) -> dict[str, Any]:
    if kind == "WEBP":
        return {"lossless": True} if b"VP8L" in data[:4096] else {"quality": _QUALITY}
    return {"quality": _QUALITY} if kind == "AVIF" else {}


def _shown(frame: Image.Image, picture: Image.Image) -> Image.Image:
    """``frame`` as a reader's screen shows it: turned upright, in sRGB. The same object when nothing is to be done."""
    turned = picture.getexif().get(ExifTags.Base.Orientation, 1)
    profile = picture.info.get("icc_profile")
    if turned in range(2, 9):
        frame = ImageOps.exif_transpose(frame)
    if profile:
        frame = _in_srgb(frame, profile)
    if frame.mode in ("CMYK", "YCbCr", "LAB"):
        frame = frame.convert("RGB")
    frame.info = {key: value for key, value in frame.info.items() if key in _TELLING_NOTHING}
    return frame


def _in_srgb(frame: Image.Image, profile: bytes) -> Image.Image:
    """Converts the colours to sRGB and drops the profile, which often names the screen that it was made for."""
    if frame.mode not in ("RGB", "RGBA", "CMYK"):
        return frame
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        if ImageCms.getProfileDescription(meant).strip().startswith("sRGB"):
            return frame
        colours = frame.convert("RGB") if frame.mode == "RGBA" else frame
        turned = ImageCms.profileToProfile(colours, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return frame  # a false profile: a screen would leave it aside, too
    if turned is None:
        return frame
    if frame.mode == "RGBA":
        turned.putalpha(frame.getchannel("A"))
    return turned
