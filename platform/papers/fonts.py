"""One small Chinese font for PDFs, cut once from the system's Noto Sans CJK and kept under ``var/fonts``.

The whole collection makes a voucher of 215 KB; the 7 500 characters of GB 2312 make one of 30 KB. The fallback families
after it still print a rare name. No font file stands in the repository; without the system's font or the library the
families of the system are used as they are.
"""

import ctypes
import logging
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

log = logging.getLogger(__name__)

FAMILY: Final = "Xinqiao Sans"
_SYSTEM: Final = Path("/usr/share/fonts/opentype/noto")
_WEIGHTS: Final = {400: "Regular", 700: "Bold"}
_SIMPLIFIED: Final = 2
"""Index of the simplified Chinese face in the Noto collections."""
_EXTRA: Final = (
    "¥●○◷▲■□✓✗–—…·‘’“”、。《》〈〉「」『』【】（），．：；！？～‰℃№→←↑↓㎡"
    # characters of given names that GB 2312 lacks
    "㐂㛃䶮昇曌珺祎琇玥翀翊赟頔垚堃喆嫄婳媖嬿彧忞旻昉晞晟暄曈栩桉棽淏湉滢漪潼澍炆烜煊煜犇玘珅珈玮珩琎琬琰瑄瑀瑾璟"
    "璠璎璐甯皓睿稷稼筠箐绾翛芃芊苡茜荞莙菡萱蓁蕙薇蘅袆诩谌豫贇逄邶郗郜鄢酆钰铖锟镕闫闵阚雯霁霏靖韫颀骁骐髙鹍麒黛龢"
)
_NO_HINTS_FLAT: Final = 0x1 | 0x4
"""HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_DESUBROUTINIZE"""
_DROP_TABLES: Final = 3
"""HB_SUBSET_SETS_DROP_TABLE_TAG"""
_UNUSED_TABLES: Final = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx")
"""Vertical text and alternates: nothing of ours uses them."""


def font_faces() -> list[tuple[int, Path]]:
    """``(weight, file)`` of the cut font, made on first need; empty when this machine cannot make it."""
    folder = Path(settings.VAR) / "fonts"
    found = []
    for weight, name in _WEIGHTS.items():
        target = folder / f"xinqiao-{name.lower()}-2.otf"
        if not target.exists() and not _make(target, name):
            return []
        found.append((weight, target))
    return found


def _make(target: Path, name: str) -> bool:
    source = _SYSTEM / f"NotoSansCJK-{name}.ttc"
    try:
        data = _cut(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(draft, target)  # two processes may cut at once: both files are whole, the last one stays
    except OSError as error:
        log.warning("the PDF font was not cut: %s", type(error).__name__)
        return False
    return True


def _wanted() -> list[int]:
    chars = set(range(0x20, 0x180)) | {ord(sign) for sign in _EXTRA}
    for high in (*range(0xA1, 0xAA), *range(0xB0, 0xF8)):
        for low in range(0xA1, 0xFF):
            decoded = bytes([high, low]).decode("gb2312", "ignore")
            if decoded:
                chars.add(ord(decoded))
    return sorted(chars)


@cache
def _harfbuzz() -> tuple[Any, Any]:
    """The two libraries, with the signatures of what is called. OSError when one is missing."""
    hb, subset = (ctypes.CDLL(name) for name in ("libharfbuzz.so.0", "libharfbuzz-subset.so.0"))
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    signatures: tuple[tuple[Any, str, Any, list[Any]], ...] = (
        (hb, "hb_blob_create_from_file_or_fail", pointer, [ctypes.c_char_p]),
        (hb, "hb_face_create", pointer, [pointer, number]),
        (hb, "hb_set_add", None, [pointer, ctypes.c_uint32]),
        (hb, "hb_face_reference_blob", pointer, [pointer]),
        (hb, "hb_blob_get_data", pointer, [pointer, ctypes.POINTER(number)]),
        (hb, "hb_blob_destroy", None, [pointer]),
        (hb, "hb_face_destroy", None, [pointer]),
        (subset, "hb_subset_input_create_or_fail", pointer, []),
        (subset, "hb_subset_input_unicode_set", pointer, [pointer]),
        (subset, "hb_subset_input_set", pointer, [pointer, number]),
        (subset, "hb_subset_input_set_flags", None, [pointer, number]),
        (subset, "hb_subset_input_destroy", None, [pointer]),
        (subset, "hb_subset_or_fail", pointer, [pointer, pointer]),
    )
    for library, function, answer, arguments in signatures:
        getattr(library, function).restype = answer
        getattr(library, function).argtypes = arguments
    return hb, subset


def _cut(source: Path) -> bytes:
    """The simplified face of ``source`` with our characters only. OSError when it cannot be done."""
    if not source.exists():
        raise OSError("no system font")
    hb, subset = _harfbuzz()
    blob = hb.hb_blob_create_from_file_or_fail(os.fsencode(source))
    if not blob:
        raise OSError("the system font cannot be read")
    face = hb.hb_face_create(blob, _SIMPLIFIED)
    plan = subset.hb_subset_input_create_or_fail()
    wanted = subset.hb_subset_input_unicode_set(plan)
    for sign in _wanted():
        hb.hb_set_add(wanted, sign)
    subset.hb_subset_input_set_flags(plan, _NO_HINTS_FLAT)
    dropped = subset.hb_subset_input_set(plan, _DROP_TABLES)
    for table in _UNUSED_TABLES:
        hb.hb_set_add(dropped, int.from_bytes(table.encode()))
    made = subset.hb_subset_or_fail(face, plan)
    try:
        if not made:
            raise OSError("the font cannot be cut")
        size = ctypes.c_uint()
        result = hb.hb_face_reference_blob(made)
        data = ctypes.string_at(hb.hb_blob_get_data(result, ctypes.byref(size)), size.value)
        hb.hb_blob_destroy(result)
        hb.hb_face_destroy(made)
        return data
    finally:
        subset.hb_subset_input_destroy(plan)
        hb.hb_face_destroy(face)
        hb.hb_blob_destroy(blob)
