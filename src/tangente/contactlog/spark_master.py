"""Whether something is a Spark master, told before Java starts."""

import re
import socket
import ssl
from contextlib import suppress

from tangente.errors import TangenteError
from tangente.messages import Message

STANDALONE = "spark://"
MASTERS = re.compile(r"local(\[(\d+|\*)(, *\d+)?\])?|local-cluster\[.+\]|spark://.+|yarn|k8s://.+")
"""What Spark takes for a master; anything else it refuses late and in its own words."""

PATIENCE = 5.0
"""Seconds a master has to take a connection, and to answer."""

STREAM_REQUEST = b"\x06"
NO_FILE = b"files/tangente\r\n\r\n"  # the empty line ends a request for those who speak HTTP: they answer at once
_BODY = STREAM_REQUEST + len(NO_FILE).to_bytes(4) + NO_FILE
QUESTION = (8 + len(_BODY)).to_bytes(8) + _BODY
"""Asks in Spark's own protocol for a file that nobody has; also a master that wants a secret answers that it has not."""

FRAME = bytes(4)
"""How an answer of Spark begins: with its length, eight bytes long."""


def check_master(master: str) -> None:
    """Refuse what Spark would try for a minute, which no setting shortens; several masters stand in for each other."""
    if not MASTERS.fullmatch(master):
        raise TangenteError(
            Message(
                "E-SPARK",
                "{master} is no Spark master; give --spark-master local[2], spark://HOST:7077, yarn or k8s://URL",
                master=repr(master),
            )
        )
    if not master.startswith(STANDALONE):
        return
    for address in master.removeprefix(STANDALONE).split(","):
        host, _, port = address.rpartition(":")
        with suppress(OSError, ValueError, OverflowError):
            if _is_spark(host, int(port)):
                return
    raise no_spark(master)


def no_spark(master: str) -> TangenteError:
    """The refusal of an address where no master is."""
    return TangenteError(
        Message(
            "E-SPARK",
            "No Spark answers at {master}; --spark-master names its master, as spark://host:7077",
            master=master,
        )
    )


def _is_spark(host: str, port: int) -> bool:
    """Whether Spark answers, in clear or encrypted; whoever asks for a certificate is given the benefit of the doubt."""
    with socket.create_connection((host, port), PATIENCE) as connection:
        answer = _asked(connection)
    if answer:
        return answer.startswith(FRAME)
    encrypted = ssl.create_default_context()
    encrypted.check_hostname, encrypted.verify_mode = (
        False,
        ssl.CERT_NONE,
    )  # nothing is told here; Spark itself verifies
    try:
        with (
            socket.create_connection((host, port), PATIENCE) as plain,
            encrypted.wrap_socket(plain) as connection,
        ):
            return _asked(connection).startswith(FRAME)
    except ssl.SSLEOFError:
        return False
    except ssl.SSLError:
        return True


def _asked(connection: socket.socket) -> bytes:
    """The first of what is answered; nothing if the other side hangs up."""
    with suppress(ConnectionError):
        connection.sendall(QUESTION)
        return connection.recv(len(FRAME))
    return b""
