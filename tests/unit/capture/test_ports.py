"""Media ports: even ones, the longest free first, and none that somebody else has."""

from __future__ import annotations

import resource
import socket

import pytest

from callvault.capture.ports import MediaPorts
from callvault.errors import MediaError, OperatorError, TooMany
from tests.system.media_node import free_ports


def test_ports_are_even_and_given_again_as_late_as_can_be() -> None:
    first = free_ports(8)
    ports = MediaPorts(first - 1, first + 7)
    opened, numbers = zip(*(ports.open("127.0.0.1") for _ in range(4)), strict=True)
    assert numbers == (first, first + 2, first + 4, first + 6)
    with pytest.raises(TooMany, match="No media port is free"):
        ports.open("127.0.0.1")
    for place in (2, 0):
        opened[place].close()
        ports.give_back(numbers[place])
    again, number = ports.open("127.0.0.1")
    assert number == first + 4
    for each in (*opened, again):
        each.close()


def test_a_port_that_somebody_else_has_is_passed_over() -> None:
    first = free_ports(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first))
        opened, number = MediaPorts(first, first + 3).open("127.0.0.1")
        opened.close()
    assert number == first + 2


def test_a_port_that_was_taken_back_is_not_given_to_another() -> None:
    first = free_ports(4)
    ports = MediaPorts(first, first + 3)
    ports.take(first)
    opened, number = ports.open("127.0.0.1")
    opened.close()
    assert number == first + 2


def test_a_machine_that_gives_no_more_sockets_is_said_to() -> None:
    first = free_ports(4)
    ports = MediaPorts(first, first + 3)
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, most))
    try:
        with pytest.raises(TooMany, match="No socket for media can be opened: Too many open files"):
            ports.open("127.0.0.1")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
    ports.open("127.0.0.1")[0].close()


def test_an_address_of_somebody_else_is_said() -> None:
    with pytest.raises(MediaError, match=r"No media can come to 192\.0\.2\.9: Cannot assign"):
        MediaPorts(23_030, 23_040).open("192.0.2.9")


@pytest.mark.parametrize(("first", "last"), [(20, 2000), (30_000, 20_000), (60_000, 70_000), (23_001, 23_001)])
def test_a_range_that_cannot_be_is_refused(first: int, last: int) -> None:
    with pytest.raises(OperatorError, match="must be a range"):
        MediaPorts(first, last)


def test_a_range_that_meets_the_kernels_own_is_told(caplog: pytest.LogCaptureFixture) -> None:
    MediaPorts(1024, 65_535)
    assert "net.ipv4.ip_local_port_range" in caplog.text
