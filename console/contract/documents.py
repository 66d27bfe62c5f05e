"""The documents under `docs/events/` that are generated: JSON Schema 2020-12 of each event's data, and AsyncAPI 3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.events import (
    CANARY_SCHEMA,
    CANARY_TYPE,
    CONTENT_TYPE,
    DATASCHEMA,
    MAJOR,
    PUBLISHED,
    RETRACTED,
    RETRACTION_SCHEMA,
    SOURCE,
    SPECVERSION,
    UPDATED,
    ArticleEvent,
    Canary,
    Retraction,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

Document = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: dict[str, tuple[type[BaseModel], str]] = {
    f"article.v{MAJOR}.schema.json": (ArticleEvent, DATASCHEMA),
    f"retraction.v{MAJOR}.schema.json": (Retraction, RETRACTION_SCHEMA),
    f"canary.v{MAJOR}.schema.json": (Canary, CANARY_SCHEMA),
}
ENTRY = f"entry.v{MAJOR}.schema.json"
MESSAGES = {
    "published": (PUBLISHED, f"article.v{MAJOR}.schema.json", "An article is new on the topic."),
    "updated": (UPDATED, f"article.v{MAJOR}.schema.json", "A published article was changed materially."),
    "retracted": (RETRACTED, f"retraction.v{MAJOR}.schema.json", "A published article no longer stands."),
    "canary": (CANARY_TYPE, f"canary.v{MAJOR}.schema.json", "Nothing happened, and the stream works; skip it."),
}


def documents() -> dict[str, str]:
    """Return every generated document by its file name."""
    made = {name: schema(model, identifier) for name, (model, identifier) in SCHEMAS.items()}
    made |= {ENTRY: entry_schema(), "asyncapi.json": asyncapi()}
    return {name: json.dumps(document, ensure_ascii=False, indent=2) + "\n" for name, document in made.items()}


def schema(model: type[BaseModel], identifier: str) -> Document:
    """Return the JSON Schema of an event's data. Unknown fields are allowed: a later minor version adds some."""
    return {"$schema": DIALECT, "$id": identifier, **model.model_json_schema()}


def entry_schema() -> Document:
    """Return the JSON Schema of a stream entry: its fields, all of them strings."""
    text = {"type": "string"}
    attributes: Document = {
        "specversion": {"const": SPECVERSION, "description": "CloudEvents."},
        "id": {**text, "minLength": 1, "description": "Deterministic: equal ids are duplicates."},
        "source": {"const": SOURCE},
        "type": {
            **text,
            "pattern": r"^rarewire\.[a-z]+(\.[a-z]+)?\.v[0-9]+$",
            "description": "Skip what you don't know.",
        },
        "subject": {**text, "description": "The article's id; of a canary, the stream."},
        "time": {**text, "format": "date-time", "description": "When what it tells was seen; no order goes by it."},
        "datacontenttype": {"const": CONTENT_TYPE},
        "dataschema": {**text, "format": "uri"},
        "data": {**text, "contentMediaType": CONTENT_TYPE},
        "sequence": {
            **text,
            "pattern": "^[0-9]{16}$",
            "description": "Number of the article event on this stream, without gaps; a canary repeats the last one.",
        },
    }
    return {
        "$schema": DIALECT,
        "$id": f"{DATASCHEMA.rpartition('/')[0]}/entry.v{MAJOR}.json",
        "title": "Entry",
        "description": "A stream entry's flat fields: CloudEvents attributes beside `data`.",
        "type": "object",
        "properties": attributes,
        "required": list(attributes),
    }


def asyncapi() -> Document:
    """Return the AsyncAPI 3 document of all streams."""
    names = list(MESSAGES)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "rarewire streams",
            "version": f"{MAJOR}.0.0",
            "description": "Tagged articles on Redis Streams. The prose contract is README.md beside this file.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "embedded": {
                "host": "127.0.0.1:6390",
                "protocol": "redis",
                "description": "The server of `rarewire up`; `rarewire url` prints its address and password.",
            }
        },
        "channels": {
            "topic": _channel(f"rarewire:{{topic}}:v{MAJOR}", "Everything on a topic.", names),
            "filtered": _channel(
                f"rarewire:{{topic}}:v{MAJOR}:only:{{filter}}", "Of a topic, what has one of a filter's tags.", names
            ),
            "dead": _channel(
                f"rarewire:{{topic}}:v{MAJOR}:dead:{{group}}",
                "What a group gave up: the entry's fields and `dead…` fields that say why.",
                [name for name in names if name != "canary"],
            ),
        },
        "operations": {
            "readTopic": _operation("receive", "topic", names),
            "readFiltered": _operation("receive", "filtered", names),
            "bury": _operation("send", "dead", [name for name in names if name != "canary"]),
        },
        "components": {"messages": {name: _message(name) for name in names}},
    }


PARAMETERS = {
    "topic": {"description": "The topic with hyphens.", "default": "rare-earth"},
    "filter": {"description": "A filtered stream's name in the setting `facet_streams`."},
    "group": {"description": "A registered consumer group."},
}


def _channel(address: str, description: str, messages: list[str]) -> Document:
    return {
        "address": address,
        "description": description,
        "parameters": {name: text for name, text in PARAMETERS.items() if f"{{{name}}}" in address},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }


def _operation(action: str, channel: str, messages: list[str]) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _message(name: str) -> Document:
    kind, file, summary = MESSAGES[name]
    return {
        "name": kind,
        "title": name.capitalize(),
        "summary": summary,
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": f"./{ENTRY}"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{file}"},
        },
    }
