"""Starting the app where a port is taken."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.parse

from tests.browser.conftest import ROOT

COMMAND = [sys.executable, "-m", "streamlit", "run", "app.py"]


def test_a_taken_port_that_was_asked_for_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run([*COMMAND, "--server.port", str(port)], cwd=ROOT, timeout=60,
                               capture_output=True, text=True)
    assert ended.returncode != 0
    assert f"Port {port} is not available" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_port_the_next_free_one_is_taken_and_printed():
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8501))
            taken.listen()
        except OSError:
            pass  # another program has it, which is as good
        process = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.DEVNULL)
        try:
            said = ""
            while "URL" not in said:
                said = process.stdout.readline()
                assert said, "the app ended without an address"
        finally:
            process.terminate()
            process.wait(10)
    port = int(re.search(r"URL: http://127\.0\.0\.1:(\d+)", said)[1])
    assert port > 8501


def test_a_page_of_another_name_cannot_drive_the_app(server):
    """DNS rebinding: another host's name that leads to this machine."""
    address = urllib.parse.urlsplit(server.url)
    replies = {}
    for host in (address.netloc, f"evil.example:{address.port}"):
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall((
                f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
            replies[host] = connection.recv(100).split(b" ")[1]
    assert replies[address.netloc] == b"101"
    assert replies[f"evil.example:{address.port}"] in (b"400", b"403")
