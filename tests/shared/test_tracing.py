"""Traces: a request and what it records are one, nothing of a person is in them, and off they are not there at all."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import logs, tracing
from shared.hearing import told_in_logs
from shared.settings import SettingsMissing, from_environment
from shared.traced_statements import described
from tests.running.services import RunningService
from tests.running.spans import open_values, traced, tree

COUNCIL = "council:E06000045"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLERS = f"00-{TRACE}-00f067aa0ba902b7-01"
Notes = Callable[..., Awaitable[RunningService]]


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    with traced() as kept:
        yield kept


async def test_a_request_its_statements_and_what_it_records_are_one_trace(spans: InMemorySpanExporter, notes: Notes) -> None:
    service = await notes()
    await service.as_(COUNCIL).post("/notes", json={"words": "x"})  # on a new connection the driver asks about the server's types
    await asyncio.sleep(0.01)  # the driver says a turn of the loop later that COMMIT was answered
    spans.clear()
    reply = await service.as_(COUNCIL).post("/notes", json={"words": "x"}, headers={"traceparent": CALLERS})
    assert reply.status_code == 201
    await asyncio.sleep(0.01)
    found = spans.get_finished_spans()
    assert {f"{one.context.trace_id:032x}" for one in found if one.context} == {TRACE}
    assert tree(found) == ["POST /notes", "  create vacancy.closed"]
    summaries = [one.name for one in found if "db.system.name" in (one.attributes or {})]
    assert summaries == ["SELECT", "INSERT notes", "INSERT outbox unnest", "COMMIT"], "SQLAlchemy's statements and the kit's own, in order"
    _, said = await service.published()
    [recorded] = [one for one in found if one.name == "create vacancy.closed"]
    assert recorded.context
    assert said.traceparent == f"00-{TRACE}-{recorded.context.span_id:016x}-01"
    [request] = [one for one in found if one.name == "POST /notes"]
    assert dict(request.attributes or {}) == {"http.request.method": "POST", "http.route": "/notes", "http.response.status_code": 201}
    assert request.parent
    assert f"{request.parent.span_id:016x}" == CALLERS.split("-")[2]


async def test_nothing_that_a_caller_sends_or_a_row_holds_is_in_a_span(spans: InMemorySpanExporter, notes: Notes) -> None:
    service, name = await notes(), "Jane Smith of Acacia Avenue"
    about = {"X-Request-Id": "jane.smith.2014", "User-Agent": name, "tracestate": "v=jane-smith,ot=th:8", "baggage": "child=jane"}
    client = service.as_(COUNCIL)
    written = await client.post("/notes", json={"words": name}, headers=about | {"traceparent": CALLERS})
    await client.put(written.headers["location"], json={"words": name}, headers={"If-Match": '"1"'})
    await client.get("/notes", params={"limit": 3, "after": name, "child": name})
    await client.get("/fault")
    await client.get(f"/there-is-no/{name}")
    await client.request("JANESMITH", "/notes")
    found = spans.get_finished_spans()
    assert len(found) > 15
    assert [wrong for one in found for wrong in open_values(one.name, dict(one.attributes or {}))] == []
    assert not any(one.events for one in found), "an exception's message could quote a row"
    told = json.dumps([[one.name, dict(one.attributes or {}), one.status.description, dict(one.resource.attributes)] for one in found])
    assert not any(part in told.lower() for part in ("jane", "smith", "acacia"))
    assert {one.context.trace_state.to_header() for one in found if one.context} == {"ot=th:8", ""}
    [said] = await service.published()
    assert said.tracestate == "ot=th:8", "a stranger's entry is free text, and goes no further"
    [failed] = [one for one in found if one.name == "GET /fault"]
    assert (failed.attributes or {})["error.type"] == "500"


async def test_a_statement_that_fails_says_which_error_and_not_what_it_said(spans: InMemorySpanExporter, notes: Notes) -> None:
    from sqlalchemy import text

    from shared import tenancy
    from shared.organisation import CONSORTIUM

    service = await notes()
    with pytest.raises(Exception, match="division"), tracing.span("GET /notes", tracing.Kind.SERVER):
        async with tenancy.transaction(service.databases, CONSORTIUM) as transaction:
            await transaction.execute(text("SELECT 1 / 0 AS private"))
    [wrong] = [one for one in spans.get_finished_spans() if "db.response.status_code" in (one.attributes or {})]
    told = dict(wrong.attributes or {})
    assert (told["db.response.status_code"], told["db.query.text"]) == ("22012", "SELECT ? / ? AS private")
    assert wrong.status.description is None


async def test_work_that_has_no_span_of_its_own_starts_none(spans: InMemorySpanExporter, notes: Notes) -> None:
    from shared import relay

    await relay.prune((await notes()).databases.shared, days=1)
    assert spans.get_finished_spans() == ()


async def test_while_nothing_is_traced_an_event_says_nothing_of_a_trace(notes: Notes) -> None:
    service = await notes()
    await service.as_(COUNCIL).post("/notes", json={"words": "x"}, headers={"traceparent": CALLERS})
    [said] = await service.published()
    assert b"trace" not in said.to_json()


def test_while_nothing_is_traced_neither_the_sdk_nor_an_exporter_is_loaded() -> None:
    code = (
        "import sys, shared.service, shared.tenancy\n"
        "engine = shared.tenancy.engine_for('postgresql://nobody@127.0.0.1:9/none')\n"
        "unwanted = ('opentelemetry.sdk', 'opentelemetry.exporter', 'sqlparse', 'requests')\n"
        "print([name for name in sys.modules if name.startswith(unwanted)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_a_line_about_an_event_whose_span_is_over_names_the_trace_that_recorded_it(
    notes: Notes, capsys: pytest.CaptureFixture[str]
) -> None:
    service = await notes()
    await service.as_(COUNCIL).post("/notes", json={"words": "x"})
    [said] = await service.published()
    logs.configure("notes")
    for traceparent, named in ((CALLERS, TRACE), ("made up", None), (None, None)):
        with told_in_logs(said.model_copy(update={"traceparent": traceparent})):
            logs.logger("test").info("heard")
        [line] = [told for line in capsys.readouterr().out.splitlines() if (told := json.loads(line))["event"] == "heard"]
        assert line.get("trace_id") == named
    logging.getLogger().handlers[:] = [logging.NullHandler()]


async def test_a_line_of_the_log_names_its_trace(spans: InMemorySpanExporter, notes: Notes, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("notes")
    await (await notes()).as_(COUNCIL).post("/notes", json={"words": "x"}, headers={"traceparent": CALLERS})
    logging.getLogger().handlers[:] = [logging.NullHandler()]
    [line] = [told for line in capsys.readouterr().out.splitlines() if (told := json.loads(line))["event"] == "request"]
    [request] = [one for one in spans.get_finished_spans() if one.name == "POST /notes"]
    assert request.context
    assert (line["event"], line["trace_id"], line["span_id"]) == ("request", TRACE, f"{request.context.span_id:016x}")


async def test_which_traces_are_kept_is_decided_by_us_and_alike_everywhere(notes: Notes) -> None:
    with traced(traces_ratio=0.0) as kept:
        service = await notes()
        await service.as_(COUNCIL).post("/notes", json={"words": "x"}, headers={"traceparent": CALLERS})
        [said] = await service.published()
    assert kept.get_finished_spans() == ()
    assert said.traceparent
    assert said.traceparent.endswith("-00"), "its trace goes on, unkept"


def test_the_collectors_address_is_read_as_the_specification_has_it() -> None:
    needed = {"DATABASE_URL": "postgresql://d", "BROKER_URL": "amqp://b", "ISSUER": "http://i"}

    def of(**given: str) -> tuple[str, tuple[tuple[str, str], ...], float]:
        read = from_environment(needed | given)
        return read.traces_endpoint, read.traces_headers, read.traces_ratio

    common = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/"}
    assert of() == ("", (), 1.0)
    assert of(**common)[0] == "http://collector:4318/v1/traces"
    assert of(**common, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://other/x")[0] == "http://other/x"
    assert of(**common, OTEL_SDK_DISABLED="true")[0] == ""
    assert of(**common, OTEL_TRACES_EXPORTER="none")[0] == ""
    assert of(OTEL_EXPORTER_OTLP_HEADERS="api-key=a%3Db, x=1")[1] == (("api-key", "a=b"), ("x", "1"))
    assert of(OTEL_TRACES_SAMPLER="parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG="0.25")[2] == 0.25
    assert of(OTEL_TRACES_SAMPLER="always_off")[2] == 0.0
    for wrong, named in [
        ({"OTEL_TRACES_SAMPLER": "jaeger_remote"}, "OTEL_TRACES_SAMPLER"),
        ({"OTEL_TRACES_SAMPLER_ARG": "2"}, "OTEL_TRACES_SAMPLER_ARG"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "no value"}, "OTEL_EXPORTER_OTLP_HEADERS"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
    ]:
        with pytest.raises(SettingsMissing, match=named):
            of(**wrong)
    assert "secret" not in repr(from_environment(needed | {"OTEL_EXPORTER_OTLP_HEADERS": "api-key=secret"}))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT set_config('app.organisation', 'council:E06000045', true)", "SELECT set_config(?, ?, true)"),
        ("SELECT a WHERE b = 'it''s Jane' AND c IN (1, -2.5) -- Jane\n AND d = $1", "SELECT a WHERE b = ? AND c IN (?, ?) AND d = $1"),
        ("SELECT $x$Jane 'Smith'$x$, /* Jane */ \"a column\"::text, :named, %s", 'SELECT ?, "a column"::text, :named, %s'),
        ("SELECT E'Jane\\'s'", None),
        ("SELECT '\\', 'Jane', '\\'", None),
        ("SELECT 'never closed, Jane", None),
    ],
)  # fmt: skip
def test_a_statements_literals_are_taken_out_or_its_text_is_not_told(statement: str, told: str | None) -> None:
    summary, text = described(statement)
    assert (text, "Jane" in summary) == (told, False)


def test_no_attribute_is_kept_that_was_not_declared() -> None:
    with traced() as kept, tracing.span("GET /notes", tracing.Kind.SERVER, attributes={"child": "Jane", "http.route": "/notes"}) as one:
        one.tell({"postcode": "SO14 7LY", "http.response.status_code": None})
    assert [dict(span.attributes or {}) for span in kept.get_finished_spans()] == [{"http.route": "/notes"}]
    assert Path(tracing.__file__).name == "tracing.py"


async def test_the_frameworks_own_telemetry_stays_off_whatever_the_environment_says(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    from opentelemetry import trace

    from shared.service import create_app
    from tests.shared.notes_service import SERVICE

    app = create_app(SERVICE, (await notes()).settings)
    async with app.router.lifespan_context(app):
        assert not app._native_telemetry.enabled()
        assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider", "nobody has set one for the whole process"
