"""Whether an edited message may take the place of a dead letter's. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from shared.topology import TOPOLOGY, Stage

if TYPE_CHECKING:
    from shared.stores.dead_letters import Letter


def fitting(found: Letter, draft: str) -> str:
    """Return an edited message as it is queued. Raises ValueError where it cannot take the old one's place."""
    try:
        new = TOPOLOGY[Stage(found.stage)].takes.model_validate_json(draft)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the message"
        raise ValueError(f"{where}: {first['msg']}") from error
    if new.id != found.id:
        raise ValueError(f"its id must stay {found.id}: another id is other work")
    return new.model_dump_json(exclude_defaults=True)
