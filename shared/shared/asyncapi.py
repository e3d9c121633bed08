"""The AsyncAPI 3.0 document of the event bus, generated from the contracts: ``python -m shared.asyncapi > docs/asyncapi.json``."""

from __future__ import annotations

import inspect
import json
import sys
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts import CONTENT_TYPE, HEARD_BY, SERVICES, Envelope, Event, event_types

VERSION = "1.0.0"


def document() -> dict[str, Any]:
    """Every event as a channel, who sends it, who receives it, and the envelope it travels in."""
    models = [(model, "validation") for model in (Envelope, *event_types.values())]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    events = sorted(event_types.items())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hearth events",
            "version": VERSION,
            "description": (
                "What the four services of Hearth tell each other. About a child or a carer's home the bus carries only what every "
                "provider of the lot may see. Delivered at least once and in no order to rely on: the envelope's id tells a repetition, "
                "the subject's version tells late news."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "rabbitmq": {
                "host": "localhost:5672",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "One topic exchange; a durable quorum queue a service, named hearth.<service>, with hearth.<service>.dead.",
            }
        },
        "channels": {type: _channel(type, event) for type, event in events},
        "operations": {
            **{f"{_owner(event)} says {type}": _operation("send", type, _owner(event)) for type, event in events},
            **{
                f"{service} hears {type}": _operation("receive", type, service)
                for service in SERVICES
                for type, hearers in sorted(HEARD_BY.items())
                if service in hearers
            },
        },
        "components": {
            "messages": {type: _message(type, event) for type, event in events},
            "schemas": schemas["$defs"],
        },
    }


def _owner(event: type[Event]) -> str:
    """The service whose contract it is: contracts are kept one module a service."""
    return event.__module__.rpartition(".")[2]


def _channel(type: str, event: type[Event]) -> dict[str, Any]:
    return {
        "address": type,
        "title": event.__name__,
        "description": inspect.getdoc(event) or "",
        "messages": {type: {"$ref": f"#/components/messages/{type}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": "hearth", "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operation(action: str, type: str, service: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{type}"},
        "messages": [{"$ref": f"#/channels/{type}/messages/{type}"}],
        "tags": [{"name": service}],
    }


def _message(type: str, event: type[Event]) -> dict[str, Any]:
    return {
        "name": type,
        "title": event.__name__,
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {"properties": {"type": {"const": type}, "data": {"$ref": f"#/components/schemas/{event.__name__}"}}},
            ]
        },
    }


def text() -> str:
    """The document as it is kept in ``docs/asyncapi.json``."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
