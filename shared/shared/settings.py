"""The only place that reads the environment: one frozen value, made once when a process starts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit


class SettingsMissing(Exception):
    """A setting the process cannot do without is absent or unreadable; says which and what it is for."""


@dataclass(frozen=True)
class OwnDatabase:
    """Where one council's rows live when it asked for a database of its own."""

    database_url: str
    owner_database_url: str


@dataclass(frozen=True)
class Settings:
    """What a process is told by its environment. Every name is the environment variable's, in lower case."""

    database_url: str
    """The service's database, as the application role: postgresql://matching_app@host/hearth_matching."""
    broker_url: str
    """amqp://… for RabbitMQ, postgresql://… for the queue table of the embedded default."""
    issuer: str
    """The OpenID issuer exactly as tokens name it in ``iss``."""
    owner_database_url: str = ""
    """The same database as the owning role; only ``migrate`` needs it."""
    audience: str = "hearth"
    jwks_url: str = ""
    """Where the issuer's key set is, when not where its discovery document says (inside a compose network)."""
    tenancy_map: Mapping[str, OwnDatabase] = field(default_factory=dict)
    """ONS code → the council's own database; every other council shares ``database_url``."""
    host: str = "127.0.0.1"
    port: int = 8000
    development: bool = False
    """True only under the local launcher: lets the development issuer and development keys be used."""
    providers_url: str = ""
    """Base address of ``providers``, for what is too private for the bus."""
    vault_keys_file: str = ""
    """JSON file of each council's encryption keys, newest first."""
    webhook_keys: str = field(default="", repr=False)
    """Keys that webhooks' signing secrets are sealed under, newest first, separated by commas."""
    webhook_keys_file: str = ""
    """The same in a file, one a line: read again whenever it changes."""
    keep_notices_days: int = 30
    """How long an organisation's notices are kept for its feed and for replay."""
    locations_key_file: str = ""
    """The key under which ``providers`` tells ``referrals`` where a household is, past the officer who asks."""
    postcodes_folder: str = ""
    """Where the postcode index is kept; built on first use. Empty: the user's cache folder."""
    queue_prefix: str = "hearth"
    pool_size: int = 10
    max_body_bytes: int = 2_000_000
    max_head_bytes: int = 16_384
    """What a request's first line and headers may come to."""
    max_json_depth: int = 32
    max_json_values: int = 50_000
    """Lists, objects and further values in them; the most that any door's fields may hold is some 30,000."""
    client_seconds: float = 20.0
    """How long a client may take to send a request's head, its body (and a second more for each 20 kB), or to take an answer."""
    requests_at_once: int = 100
    """How many requests one process has in hand; more are refused at once with a time to try again, so that those taken are answered."""
    imports_at_once: int = 2
    """The same of requests whose bodies may be larger than ``max_body_bytes``."""
    reads_a_minute: int = 6_000
    writes_a_minute: int = 3_000
    """What one organisation may ask of one process, a minute's worth at once; 0 is without limit."""
    cors_origins: frozenset[str] = frozenset()
    """Origins whose pages in a browser may call this service; none unless somebody names them."""
    statement_timeout_ms: int = 15_000
    delivery_attempts: int = 5
    """How often a failing event is tried before it is dead-lettered."""
    confirm_seconds: float = 10.0
    """How long the relay waits for the broker's confirmation before it publishes again."""
    keep_events_days: int = 30
    """How long sent events and heard event ids are kept; longer than any replay."""
    pages_url: str = ""
    """Where people's browsers reach the pages of ``monitoring``: https, or http on loopback. Empty: this machine, this very port."""
    pages_client_id: str = "hearth-pages"
    pages_client_secret: str = field(default="", repr=False)
    """The pages' own client at the issuer; without a secret it is a public one, and PKCE alone ties the code to who asked."""
    discovery_url: str = ""
    """Where the issuer's discovery document is, when not below its name (inside a compose network)."""
    pages_idle_minutes: int = 30
    pages_hours: int = 8
    """How long somebody stays signed in to the pages without a request, and altogether."""
    sweep_seconds: int = 20
    """How often what is past its moment is looked for and ended; nothing waits for it to be true."""
    traces_endpoint: str = ""
    """Where traces are told to by OTLP over HTTP, the whole address; empty: nothing is traced (OTEL_EXPORTER_OTLP_…ENDPOINT)."""
    traces_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What the collector wants to be sent besides, as a key of its own (OTEL_EXPORTER_OTLP_…HEADERS)."""
    traces_ratio: float = 1.0
    """Which part of all traces is kept (OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG)."""
    fail_point: str = ""
    """Test only: ``relay.after_publish:1`` kills the process at that point's first pass."""
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        for name in ("database_url", "broker_url", "issuer"):
            if not getattr(self, name):
                raise SettingsMissing(f"{name.upper()} is not set")
        place = urlsplit(self.pages_url)
        here = place.scheme == "http" and place.hostname in ("127.0.0.1", "localhost", "::1")
        if self.pages_url and place.scheme != "https" and not here:
            raise SettingsMissing("PAGES_URL must be https://… (http:// is for this machine alone: 127.0.0.1 or localhost)")


def _own_databases(text: str) -> dict[str, OwnDatabase]:
    try:
        return {council: OwnDatabase(**urls) for council, urls in json.loads(text or "{}").items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsMissing(
            'TENANCY_MAP must be JSON: {"E06000045": {"database_url": "postgresql://…", "owner_database_url": "postgresql://…"}}'
        ) from error


_SAMPLERS = ("always_on", "always_off", "traceidratio")


def _traces_endpoint(source: Mapping[str, str]) -> str:
    """As OpenTelemetry's specification of its exporters has it: the traces' own address as it is, the common one with a path added."""
    if source.get("OTEL_SDK_DISABLED", "").lower() == "true" or source.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return ""
    if source.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") != "http/protobuf":
        raise SettingsMissing("OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf: traces are told in no other way")
    own, common = source.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ""), source.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    return own or (f"{common.rstrip('/')}/v1/traces" if common else "")


def _traces_headers(source: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    text = source.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") or source.get("OTEL_EXPORTER_OTLP_HEADERS") or ""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(name.strip() and between for name, between, _ in pairs):
        raise SettingsMissing("OTEL_EXPORTER_OTLP_HEADERS must be written name=value,name=value")
    return tuple((unquote(name.strip()), unquote(value.strip())) for name, _, value in pairs)


def _traces_ratio(source: Mapping[str, str]) -> float:
    name = source.get("OTEL_TRACES_SAMPLER", "").removeprefix("parentbased_") or "traceidratio"
    if name not in _SAMPLERS:
        raise SettingsMissing(f"OTEL_TRACES_SAMPLER must be one of {', '.join(_SAMPLERS)}")
    try:
        ratio = float(source.get("OTEL_TRACES_SAMPLER_ARG", "") or 1.0)
    except ValueError:
        ratio = -1.0
    if not 0.0 <= ratio <= 1.0:
        raise SettingsMissing("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1")
    return {"always_on": 1.0, "always_off": 0.0}.get(name, ratio)


_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def _log_level(name: str) -> str:
    if name not in _LOG_LEVELS:
        raise SettingsMissing(f"LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}")
    return name


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read every setting once; refuses with the name of the first one that is missing or unreadable."""
    source = os.environ if environment is None else environment

    def text(name: str, default: str = "") -> str:
        return source.get(name.upper(), default)

    def number(name: str, default: int) -> int:
        try:
            return int(text(name) or default)
        except ValueError as error:
            raise SettingsMissing(f"{name.upper()} must be a whole number") from error

    def seconds(name: str, default: float) -> float:
        try:
            return float(text(name) or default)
        except ValueError as error:
            raise SettingsMissing(f"{name.upper()} must be a number of seconds") from error

    return Settings(
        database_url=text("database_url"),
        broker_url=text("broker_url"),
        issuer=text("issuer").rstrip("/"),
        owner_database_url=text("owner_database_url"),
        audience=text("audience", "hearth"),
        jwks_url=text("jwks_url"),
        tenancy_map=_own_databases(text("tenancy_map")),
        host=text("host", "127.0.0.1"),
        port=number("port", 8000),
        development=text("hearth_development") == "1",
        providers_url=text("providers_url").rstrip("/"),
        vault_keys_file=text("vault_keys_file"),
        webhook_keys=text("webhook_keys"),
        webhook_keys_file=text("webhook_keys_file"),
        keep_notices_days=number("keep_notices_days", 30),
        locations_key_file=text("locations_key_file"),
        postcodes_folder=text("postcodes_folder"),
        queue_prefix=text("queue_prefix", "hearth"),
        pool_size=number("pool_size", 10),
        max_body_bytes=number("max_body_bytes", 2_000_000),
        max_head_bytes=number("max_head_bytes", 16_384),
        max_json_depth=number("max_json_depth", 32),
        max_json_values=number("max_json_values", 50_000),
        client_seconds=seconds("client_seconds", 20.0),
        requests_at_once=number("requests_at_once", 100),
        imports_at_once=number("imports_at_once", 2),
        reads_a_minute=number("reads_a_minute", 6_000),
        writes_a_minute=number("writes_a_minute", 3_000),
        cors_origins=frozenset(text("cors_origins").replace(",", " ").split()),
        statement_timeout_ms=number("statement_timeout_ms", 15_000),
        delivery_attempts=number("delivery_attempts", 5),
        confirm_seconds=seconds("confirm_seconds", 10.0),
        keep_events_days=number("keep_events_days", 30),
        pages_url=text("pages_url").rstrip("/"),
        pages_client_id=text("pages_client_id") or "hearth-pages",
        pages_client_secret=text("pages_client_secret"),
        discovery_url=text("discovery_url"),
        pages_idle_minutes=number("pages_idle_minutes", 30),
        pages_hours=number("pages_hours", 8),
        sweep_seconds=number("sweep_seconds", 20),
        traces_endpoint=_traces_endpoint(source),
        traces_headers=_traces_headers(source),
        traces_ratio=_traces_ratio(source),
        fail_point=text("hearth_fail_point"),
        log_level=_log_level(text("log_level", "INFO")),
    )


def postcodes_folder() -> Path:
    """Where the postcode index is kept: POSTCODES_FOLDER, else the user's cache folder."""
    named = os.environ.get("POSTCODES_FOLDER", "")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(named) if named else Path(cache) / "hearth" / "postcodes"
