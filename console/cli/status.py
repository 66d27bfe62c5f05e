"""`rarewire status`: what is in each stage, what came of the work, and whether it moves."""

from __future__ import annotations

from console.cli.output import JSON, database, print_json, print_table, talk


def status(as_json: JSON = False) -> None:
    """Show what is in each stage, what came of the work, and whether it moves.

    Example: rarewire status --json | jq .stages.fetch.due
    """
    from console.overview import overview  # noqa: PLC0415

    with database() as db:
        found = overview(db)
    if as_json:
        print_json(found)
        return
    columns = ("stage", "due", "waiting", "in work", "oldest s", "forwarded", "dropped", "retried", "dead")
    rows = [
        (
            name, int(stage["due"]), int(stage["waiting"]), int(stage["leased"]), f"{stage['oldest']:.1f}",
            stage["forwarded"], stage["dropped"], stage["retried"], stage["dead"],
        )
        for name, stage in found["stages"].items()
    ]  # fmt: skip
    print_table(columns, rows, empty="no stages")
    for name, stream in found["streams"].items():
        talk(f"{name}: {stream['length']} entries, {stream['published']} published")
    talk(f"{found['feeds']} feeds, {found['dead_letters']} dead letters, {found['waiting_retries']} retries waiting")
    for problem in found["problems"]:
        talk(f"! {problem}")
