"""What the server adds to Streamlit's page: the link to our JavaScript, and nothing to the rest."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ui import components, server

PAGE = b"<html><head><title>t</title></head><body></body></html>"


def answered(kind: bytes, parts: list[bytes], method: str = "GET", status: int = 200,
             **headers: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """The headers and the body that a browser gets of an answer in these parts."""
    sent: list[dict[str, Any]] = []

    async def app(scope, receive, send) -> None:
        given = {b"content-type": kind, b"content-length": str(len(b"".join(parts))).encode(),
                 b"etag": b"1", **{name.encode(): value for name, value in headers.items()}}
        await send({"type": "http.response.start", "status": status,
                    "headers": list(given.items())})
        for number, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part,
                        "more_body": number < len(parts) - 1})

    async def send(message) -> None:
        sent.append(message)

    # In a thread of its own: another test's browser may have left an event loop in this one.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, server.Head(app)(
            {"type": "http", "method": method}, None, send)).result()
    assert sent[0]["type"] == "http.response.start"
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("parts", [[PAGE], [PAGE[:9], PAGE[9:20], PAGE[20:], b""]])
def test_a_page_names_the_modules_in_its_head(parts):
    headers, body = answered(b"text/html; charset=utf-8", parts)
    link = f'<link rel="modulepreload" href="./{components.address()}"></head>'.encode()
    assert body == PAGE.replace(b"</head>", link)
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers and headers[b"content-type"].startswith(b"text/html")


@pytest.mark.parametrize(("kind", "more"), [
    (b"text/javascript", {}), (b"text/html", {"method": "HEAD"}), (b"text/html", {"status": 404}),
    (b"text/html", {"content-encoding": b"gzip"})])
def test_everything_else_is_passed_on_as_it_is(kind, more):
    headers, body = answered(kind, [PAGE], **more)
    assert body == PAGE and headers[b"etag"] == b"1"


def test_a_folder_without_runs_is_no_reason_not_to_start(monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path))
    server._prepare()
