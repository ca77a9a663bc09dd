"""JSON bodies read strictly: what two parsers could read as two things is refused before anything looks at it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from rag.errors import UsageError

__all__ = ["StrictRoute", "parse"]

_OUTSIDE_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class StrictRoute(APIRoute):
    """A route whose JSON body is parsed by ``parse``, and whose body is read whole before its handler begins.

    Read here, a body that is too large or too slow fails as what it is; inside the framework any failure of reading
    becomes "there was an error parsing the body".
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind == "multipart/form-data":
                await request.form(max_files=100, max_fields=20)
            else:
                body = await request.body()
                if body and (kind == "application/json" or kind.endswith("+json")):
                    depth: int = request.app.state.service.settings.serve.max_json_depth
                    request._json = parse(body, depth)
            return await handler(request)

        return strict


def parse(body: bytes, max_depth: int) -> Any:
    """The value of a JSON document in UTF-8.

    Raises UsageError for what RFC 8259 does not allow or leaves open: NaN and infinities, a name twice in one object,
    half a surrogate pair, and nesting beyond ``max_depth``.
    """
    depth = deepest = 0
    for found in _OUTSIDE_STRINGS.finditer(body):
        bracket = found[0]
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in b"]}":
            depth -= 1
    if deepest > max_depth:
        raise _refused(f"nested {deepest} deep; {max_depth} is the most.", "Send a flatter object.")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_twins)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeError as error:
        raise _refused("not text in UTF-8, or half a surrogate pair in it.", "Send it as UTF-8.") from error
    except ValueError as error:
        raise _refused(f"not JSON that can be taken ({error}).", "Send a JSON object.") from error
    return value


def _no_constant(name: str) -> Any:
    raise _refused(f"{name} is not a number of JSON.", "Leave the field out, or give a number.")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused(f"{twice[:80]!r} is given twice in one object.", "Give each name once.", twice[:80])
    return found


def _refused(message: str, hint: str, subject: str = "body") -> UsageError:
    return UsageError(f"the body: {message}", subject=subject, hint=hint)
