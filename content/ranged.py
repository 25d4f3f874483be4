"""Files that a browser plays: it asks for parts of them, and telephones play nothing that is not given out in parts."""

import re
from collections.abc import Iterator
from typing import IO, Any, Final

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

_ONE_PART: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_AT_ONCE: Final = 65_536


def given(request: HttpRequest, file: IO[bytes], size: int, content_type: str) -> HttpResponseBase:
    """``file`` whole, or the one part that is asked for (RFC 9110 §14); 416 for a part that it does not have.

    Several parts at once are answered by the whole, as the rule allows.
    """
    asked = _ONE_PART.fullmatch(request.headers.get("range", "").strip())
    response: Any
    if asked is None or not any(asked.groups()):
        response = FileResponse(file, content_type=content_type)
        response["Content-Length"] = str(size)
    else:
        first, last = _part(asked[1], asked[2], size)
        if first > last or first >= size:
            file.close()
            response = HttpResponse(status=416)
            response["Content-Range"] = f"bytes */{size}"
        else:
            response = StreamingHttpResponse(_read(file, first, last), status=206, content_type=content_type)
            response["Content-Range"] = f"bytes {first}-{last}/{size}"
            response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; media-src 'self'"
    answer: HttpResponseBase = response
    return answer


def _part(begin: str, end: str, size: int) -> tuple[int, int]:
    """First and last byte; without a beginning the last so many bytes are meant."""
    if not begin:
        return max(size - int(end), 0), size - 1 if int(end) else -1
    return int(begin), min(int(end), size - 1) if end else size - 1


def _read(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left and (piece := file.read(min(_AT_ONCE, left))):
            left -= len(piece)
            yield piece
