"""A picture to upload."""

from io import BytesIO

from PIL import Image


def png(colour: str = "green") -> bytes:
    """A small one."""
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()
