"""A contract may only grow, and what is written about it is what it is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing

from shared import asyncapi
from shared.contracts import HEARD_BY, SERVICES, event_types
from shared.contracts.keep import breaks, kept, main, schema_of
from tests.shared.bus.effects import news

DOCUMENT = Path(__file__).parents[3] / "docs" / "asyncapi.json"


@pytest.mark.parametrize("type", sorted(event_types))
def test_every_contract_only_grew_since_it_was_kept(type: str) -> None:
    before = kept()
    assert type in before, "run: python -m shared.contracts.keep"
    assert breaks(before[type], schema_of(event_types[type])) == []


def test_no_kept_contract_was_removed() -> None:
    assert kept().keys() <= event_types.keys()


def test_every_event_is_heard_by_a_service_that_exists() -> None:
    assert HEARD_BY.keys() == event_types.keys()
    assert all(hearers and set(hearers) <= set(SERVICES) for hearers in HEARD_BY.values())


BROADCAST = schema_of(event_types["referral.broadcast"])


def changed(*path: str | int) -> tuple[dict[str, Any], Any]:
    """A copy of the broadcast's schema, and the place in it at ``path``."""
    schema = copy.deepcopy(BROADCAST)
    place: Any = schema
    for step in path:
        place = place[step]
    return schema, place


def test_a_removed_field_is_a_break() -> None:
    schema, fields = changed("$defs", "ReferralView", "properties")
    del fields["urgency"]
    assert breaks(BROADCAST, schema) == ["data.view.urgency: was removed"]


def test_a_retyped_field_is_a_break() -> None:
    schema, field = changed("$defs", "ChildView", "properties", "age_years")
    field["type"] = "string"
    assert breaks(BROADCAST, schema) == ["data.view.children[].age_years: type was integer and would be string"]


def test_a_newly_required_field_is_a_break_and_an_optional_one_is_not() -> None:
    schema, view = changed("$defs", "ReferralView")
    view["properties"]["floor"] = {"type": "integer"}
    assert breaks(BROADCAST, schema) == []
    view["required"].append("floor")
    assert breaks(BROADCAST, schema) == ["data.view.floor: would be required, and events already on their way lack it"]


def test_an_optional_field_made_required_and_a_required_one_made_optional_are_breaks() -> None:
    schema, view = changed("$defs", "ReferralView")
    view["required"].append("home_district")
    assert len(breaks(BROADCAST, schema)) == 1
    assert breaks(schema, BROADCAST) == ["data.view.home_district: was always there and could be absent"]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (("$defs", "ChildView", "properties", "age_years"), "maximum", 25),
        (("$defs", "ReferralView", "properties", "council"), "pattern", "^W"),
        (("$defs", "ReferralView", "properties", "needed_by"), "format", "date-time"),
        (("$defs", "ReferralView", "properties", "preferred_miles"), "anyOf", [{"type": "integer"}]),
        (("$defs", "ReferralView", "properties", "children"), "items", {"type": "string"}),
    ],
)
def test_a_changed_bound_pattern_format_or_shape_is_a_break(path: tuple[str, ...], name: str, value: Any) -> None:
    schema, place = changed(*path)
    place[name] = value
    assert breaks(BROADCAST, schema)


def test_a_word_may_be_added_to_a_closed_list_and_none_removed() -> None:
    schema, words = changed("$defs", "Urgency", "enum")
    words.append("within_the_hour")
    assert breaks(BROADCAST, schema) == []
    assert breaks(schema, BROADCAST) == ["data.view.urgency: the word within_the_hour was removed"]


def test_keeping_refuses_to_overwrite_a_contract_that_would_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shared.contracts.keep.FOLDER", tmp_path)
    monkeypatch.setattr("shared.contracts.keep.kept", lambda: kept(tmp_path))
    assert main([]) == 0
    assert kept(tmp_path).keys() == event_types.keys()
    schema, fields = changed("properties")
    fields["extra"] = {"type": "string"}  # as if an earlier release had had it
    (tmp_path / "referral.broadcast.json").write_text(json.dumps(schema))
    assert main([]) == 1
    assert "data.extra: was removed" in capsys.readouterr().err
    assert kept(tmp_path)["referral.broadcast"] == schema
    assert main(["--replace"]) == 0
    assert kept(tmp_path)["referral.broadcast"] == BROADCAST


def test_the_kept_asyncapi_document_is_what_the_contracts_say() -> None:
    assert DOCUMENT.read_text() == asyncapi.text(), "run: python -m shared.asyncapi > docs/asyncapi.json"


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_the_asyncapi_document_has_the_shape_of_version_three_and_every_reference_leads_somewhere() -> None:
    document = asyncapi.document()
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for type, channel in document["channels"].items():
        assert channel["address"] == type
        assert channel["description"]
        assert channel["messages"].keys() == {type}
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])
    hears = [name for name, operation in document["operations"].items() if operation["action"] == "receive"]
    assert len(hears) == sum(len(hearers) for hearers in HEARD_BY.values())


def test_an_envelope_as_it_travels_fits_the_document() -> None:
    document = asyncapi.document()
    resource = referencing.Resource.from_contents(document, default_specification=referencing.jsonschema.DRAFT202012)
    registry: Any = referencing.Registry().with_resource("urn:hearth", resource)
    validator = jsonschema.Draft202012Validator({"$ref": "urn:hearth#/components/messages/council.recorded/payload"}, registry=registry)
    envelope = json.loads(news("Bristol").to_json())
    validator.validate(envelope)
    for wrong in ({"type": "lot.recorded"}, {"version": 0}, {"data": {"council": "Bristol"}}):
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(envelope | wrong)
