"""What the server does before Streamlit has anything to show: the first paint waits for less.

The page names our JavaScript in its head, so that the browser has it before the data come; and what
the first visit needs is imported and read while the browser loads Streamlit's front end.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui import components

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
FOREVER = "public, max-age=31536000, immutable"  # the address changes with the content

logger = logging.getLogger(__name__)


class Head:
    """Puts a link to our JavaScript into the head of each page of HTML."""

    def __init__(self, app: Callable[[dict[str, Any], Receive, Send], Awaitable[None]]) -> None:
        self.app = app
        self.link = f'<link rel="modulepreload" href="./{components.address()}">'.encode()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        start: dict[str, Any] | None = None  # of a page, held back until its length is known
        page = b""

        async def pass_on(message: dict[str, Any]) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif message["type"] == "http.response.body" and start:
                page += message.get("body", b"")
                if not message.get("more_body"):
                    page = page.replace(b"</head>", self.link + b"</head>", 1)
                    await send({**start, "headers": _headers(start, len(page))})
                    await send({"type": "http.response.body", "body": page})
            else:
                await send(message)

        whole = scope["type"] == "http" and scope["method"] == "GET"
        await self.app(scope, receive, pass_on if whole else send)


def _is_page(message: dict[str, Any]) -> bool:
    headers = dict(message["headers"])
    return message["status"] == 200 and b"content-encoding" not in headers \
        and headers.get(b"content-type", b"").startswith(b"text/html")


def _headers(start: dict[str, Any], length: int) -> list[tuple[bytes, bytes]]:
    """Those of the page as it was, but for what its content decides."""
    kept = [(name, value) for name, value in start["headers"]
            if name not in (b"content-length", b"etag", b"last-modified")]
    return [*kept, (b"content-length", str(length).encode())]


async def _modules(request: Request) -> Response:
    return Response(components.modules(), media_type="text/javascript",
                    headers={"Cache-Control": FOREVER})


def middleware() -> list[Middleware]:
    return [Middleware(Head)]


def routes() -> list[Route]:
    return [Route(f"/{components.address()}", _modules)]


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    threading.Thread(target=_prepare, daemon=True).start()
    yield


def _prepare() -> None:
    """Import and read what the first visit to Explore will ask for."""
    for name in ("pandas", "ui.explore.page", "ui.explore.saved_page"):
        importlib.import_module(name)
    from ui.explore import page

    try:
        page.prepare()
    except (ValueError, OSError) as error:  # the visit says it on the page
        logger.info("%s", error)
