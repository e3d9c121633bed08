"""Which addresses may be sent to, and when another attempt is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.address import Address, faults_in_address, is_public, may_be_sent_to
from matching.domain.webhook import JITTER, LONGEST_WAIT, WAITS, Failure, Outcome, StoppedBecause, pause, stops
from matching.sending.requests import retry_after

NOT_PUBLIC = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8", "168.63.129.16", "169.254.169.254",
    "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::7f00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1", "not an address", "",
)  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_inside_some_network_or_standing_for_another_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4009::200e"]
)
def test_an_address_that_anybody_can_reach_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_nothing_the_address_library_calls_private_or_special_is_ever_public(address: IPv4Address | IPv6Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_loopback or not address.is_global:
        assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_no_ipv6_form_of_an_ipv4_address_is_public(address: IPv4Address) -> None:
    number = int(address)
    forms = (number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80, 0x20010000 << 96 | number)
    assert not any(is_public(str(IPv6Address(form))) for form in forms)


def test_the_development_flag_allows_this_machine_and_nothing_else_inside() -> None:
    assert may_be_sent_to("127.0.0.1", development=True)
    assert may_be_sent_to("::1", development=True)
    assert not any(may_be_sent_to(one, development=True) for one in ("10.0.0.1", "169.254.169.254", "192.168.1.1", "fe80::1"))
    assert not may_be_sent_to("127.0.0.1", development=False)


@pytest.mark.parametrize(
    ("address", "rules"),
    [
        (Address("https", "hooks.example", 443, has_userinfo=False, has_fragment=False), []),
        (Address("https", "hooks.example", 8443, has_userinfo=False, has_fragment=False), []),
        (Address("http", "hooks.example", 80, has_userinfo=False, has_fragment=False), ["https_only", "port_allowed"]),
        (Address("ftp", "hooks.example", 0, has_userinfo=False, has_fragment=False), ["https_only", "port_allowed"]),
        (Address("https", "hooks.example", 22, has_userinfo=False, has_fragment=False), ["port_allowed"]),
        (Address("https", "localhost", 443, has_userinfo=False, has_fragment=False), ["public_address"]),
        (Address("https", "LOCALHOST.", 443, has_userinfo=False, has_fragment=False), ["public_address"]),
        (
            Address("http", "", 80, has_userinfo=True, has_fragment=True),
            ["https_only", "no_userinfo", "no_fragment", "host_named", "port_allowed"],
        ),
    ],
)  # fmt: skip
def test_every_rule_an_address_breaks_is_named_at_once(address: Address, rules: list[str]) -> None:
    assert [fault.rule for fault in faults_in_address(address, development=False)] == rules


@given(st.integers(1, len(WAITS) + 2), st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=9)) | st.none())
def test_a_pause_is_the_schedules_with_a_little_chance_or_what_the_receiver_asks_for_up_to_a_day(
    attempts: int, chance: float, asked: timedelta | None
) -> None:
    wait = pause(attempts, chance, asked)
    if attempts >= len(WAITS):
        assert wait is None
    else:
        assert wait is not None
        assert WAITS[attempts] <= wait <= max(WAITS[attempts] * (1 + JITTER), LONGEST_WAIT)
        assert wait >= min(asked or timedelta(0), LONGEST_WAIT)


def test_the_schedule_spans_three_days_in_ten_attempts() -> None:
    assert len(WAITS) == 10
    assert sum(WAITS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failure", "exhausted", "succeeded_at", "because"),
    [
        (Failure.STATUS, False, None, None),
        (Failure.STATUS, True, None, StoppedBecause.FAILED_FOR_DAYS),
        (Failure.STATUS, True, NOW - timedelta(days=4), StoppedBecause.FAILED_FOR_DAYS),
        (Failure.STATUS, True, NOW - timedelta(hours=1), None),
        (Failure.GONE, False, NOW, StoppedBecause.GONE),
    ],
)
def test_a_webhook_is_stopped_when_nothing_was_accepted_through_all_attempts_or_when_it_is_gone(
    failure: Failure, exhausted: bool, succeeded_at: datetime | None, because: StoppedBecause | None
) -> None:
    assert stops(Outcome(500, failure), NOW - timedelta(days=3), succeeded_at, exhausted=exhausted) is because


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("Sun, 22 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Sun, 22 Nov 2026 11:00:00 GMT", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date_and_nonsense_asks_for_nothing(text: str, wait: timedelta | None) -> None:
    assert retry_after(text, NOW) == wait
