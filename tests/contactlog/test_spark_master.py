"""What is no Spark master is refused at once, without Java."""

import re
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from tangente.contactlog import spark_master
from tangente.contactlog.spark_master import MASTERS, check_master
from tangente.errors import TangenteError

HERE = "127.0.0.1"
RESET = b"reset"
NO_SUCH_FILE = (8 + 1 + 4).to_bytes(8) + b"\x08" + bytes(4)


@contextmanager
def listening(*answers: bytes | None) -> Iterator[str]:
    """Gives each who connects the next answer, None by silence, RESET by throwing out; then nobody is answered."""
    with socket.create_server((HERE, 0)) as server:

        def answer() -> None:
            for text in answers:
                with server.accept()[0] as connection, suppress(OSError):
                    connection.recv(4096)
                    if text is RESET:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    elif text is None:
                        connection.recv(1)
                    else:
                        connection.sendall(text)

        Thread(target=answer, daemon=True).start()
        yield f"{HERE}:{server.getsockname()[1]}"


def refused(master: str) -> bool:
    begun = time.monotonic()
    with pytest.raises(TangenteError, match=f"^No Spark answers at {re.escape(master)}; ") as refusal:
        check_master(master)
    return refusal.value.code == "E-SPARK" and time.monotonic() - begun < 5


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1", "127.0.0.1:1,127.0.0.1:2", "127.0.0.1:99999"])
def test_master_where_nobody_listens_is_refused_at_once(address: str) -> None:
    assert refused(f"spark://{address}")


@pytest.mark.parametrize(
    "answers", [(b"HTTP/1.1 400 Bad Request",), (b"SSH-2.0-OpenSSH",), (b"", b""), (RESET, RESET), (None,)]
)
def test_master_that_is_something_else_is_refused(answers: tuple[bytes | None, ...], monkeypatch) -> None:
    monkeypatch.setattr(spark_master, "PATIENCE", 0.5)
    with listening(*answers) as address:
        assert refused(f"spark://{address}")


def test_master_that_answers_as_spark_is_accepted() -> None:
    with listening(NO_SUCH_FILE) as address:
        check_master(f"spark://{address}")


def test_one_of_several_masters_is_enough() -> None:
    with listening(NO_SUCH_FILE) as address:
        check_master(f"spark://{HERE}:1,{address}")


def test_encrypted_master_is_left_to_spark() -> None:
    alert = bytes([21, 3, 3, 0, 2, 2, 40])  # of TLS: the handshake failed
    with listening(b"", alert) as address:
        check_master(f"spark://{address}")


def test_encrypted_master_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", lambda context, plain: plain)
    with listening(b"", NO_SUCH_FILE) as address:
        check_master(f"spark://{address}")


@pytest.mark.parametrize("master", ["foo", "local[2", "local[x]", "http://127.0.0.1:8080", ""])
def test_spark_refuses_what_is_no_master_before_it_starts(master: str) -> None:
    with pytest.raises(TangenteError, match="is no Spark master; give --spark-master") as refusal:
        check_master(master)
    assert refusal.value.code == "E-SPARK"


@pytest.mark.parametrize("master", ["local", "local[2]", "local[*]", "local[2,3]", "yarn", "k8s://https://host:443"])
def test_spark_takes_its_own_masters(master: str) -> None:
    assert MASTERS.fullmatch(master)
    check_master(master)
