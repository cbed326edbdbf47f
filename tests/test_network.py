"""The tests themselves: they reach no other machine."""

import socket
import subprocess
import sys
import urllib.request

import pytest


def test_no_socket_leaves_this_machine() -> None:
    with socket.socket() as connection, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        connection.connect(("192.0.2.1", 80))  # TEST-NET-1, RFC 5737: nobody's address
    with socket.socket() as listening, socket.socket() as connection:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        connection.connect(listening.getsockname())


def test_the_processes_of_tests_ask_a_proxy_that_is_not_there() -> None:
    code = "import urllib.request as r; print(r.getproxies()['https'], r.proxy_bypass('127.0.0.1'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "http://127.0.0.1:9 True\n"
    assert urllib.request.getproxies()["http"] == "http://127.0.0.1:9"
