#!/usr/bin/env bash
# A consumer in shell with redis-cli (or valkey-cli) and python3 for JSON: the contract, one command at a time. One process
# an event makes it slow; it is for looking, and for small jobs.
#
#   ./consumer.sh
#
# Where to read stands in the environment: RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP.
set -uo pipefail

STREAM=${RAREWIRE_STREAM:-rarewire:rare-earth:v1}
GROUP=$RAREWIRE_GROUP
NAME=${RAREWIRE_CONSUMER:-$(hostname)-$$}
CLAIM_AFTER_MS=${RAREWIRE_CLAIM_AFTER_MS:-60000}
MAX_DELIVERIES=${RAREWIRE_MAX_DELIVERIES:-5}
REMEMBER=1209600  # seconds for which the ids of done events are kept

# Every answer comes as one line of JSON; an error answers nothing and is looked at by the caller.
redis() { redis-cli -u "$RAREWIRE_REDIS_URL" --no-auth-warning --json "$@" 2>/dev/null | tr -d '\n'; }

# Do what is to be done with an event; another exit code than 0 is a failed try.
work() { echo "$1"; }

# Prints what an entry's fields (a JSON array of names and values) are: skip, unreadable, or the event's id.
look() {
  python3 -c '
import json, sys
flat = json.loads(sys.argv[1])
fields = dict(zip(flat[::2], flat[1::2]))
kinds = {f"rarewire.article.{kind}.v1" for kind in ("published", "updated", "retracted")}
if fields.get("type", "").startswith("rarewire.") and fields["type"] not in kinds:
    print("skip")  # a canary, or a type of a later version
else:
    try:
        json.loads(fields["data"])
        print(fields["id"])
    except (KeyError, ValueError):
        print("unreadable")
' "$1"
}

# Cuts an answer into entries: the id and the fields as JSON, one line each. `$1` says where in the answer they are.
entries() {
  python3 -c '
import json, sys
try:
    answer = json.loads(sys.stdin.read() or "null")
except ValueError:
    answer = None
if isinstance(answer, dict):
    rows = next(iter(answer.values()))
elif isinstance(answer, list):
    rows = answer[0][1] if sys.argv[1] == "new" else answer[1]
else:
    rows = []
for entry, fields in rows:
    flat = fields if isinstance(fields, list) else [text for pair in fields.items() for text in pair]
    print(entry, json.dumps(flat))
' "$1"
}

bury() {  # entry, fields, why
  local words=()
  while IFS= read -r -d '' word; do words+=("$word"); done < <(
    python3 -c 'import json, sys; [sys.stdout.write(text + "\0") for text in json.loads(sys.argv[1])]' "$2"
  )
  [ "$(redis XADD "$STREAM:dead:$GROUP" '*' "${words[@]}" deadreason failed deaderror "$3" deadentry "$1")" ] &&
    redis XACK "$STREAM" "$GROUP" "$1" >/dev/null
}

handle() {  # entry, fields
  local id
  id=$(look "$2")
  case $id in
    skip) redis XACK "$STREAM" "$GROUP" "$1" >/dev/null; return ;;
    unreadable) bury "$1" "$2" unreadable; return ;;
  esac
  case $(redis EXISTS "$STREAM:seen:$GROUP:$id") in
    1) redis XACK "$STREAM" "$GROUP" "$1" >/dev/null; return ;;  # a duplicate
    0) ;;
    *) return ;;  # the server is away: it stays pending
  esac
  if work "$id"; then
    redis SET "$STREAM:seen:$GROUP:$id" 1 EX "$REMEMBER" >/dev/null
    redis XACK "$STREAM" "$GROUP" "$1" >/dev/null
  fi
}

take_over() {
  local entry fields deliveries
  while read -r entry fields; do
    deliveries=$(redis XPENDING "$STREAM" "$GROUP" "$entry" "$entry" 1 | python3 -c '
import json, sys
rows = json.loads(sys.stdin.read() or "[]")
print(rows[0][3] if rows else 0)')
    if [ "$deliveries" -gt "$MAX_DELIVERIES" ]; then bury "$entry" "$fields" "never acknowledged"
    else handle "$entry" "$fields"; fi
  done < <(redis XAUTOCLAIM "$STREAM" "$GROUP" "$NAME" "$CLAIM_AFTER_MS" 0-0 COUNT 50 | entries stale)
}

stopping=
trap 'stopping=1' TERM INT
until [ "$stopping" ]; do
  take_over
  answer=$(redis XREADGROUP GROUP "$GROUP" "$NAME" COUNT 10 BLOCK 500 STREAMS "$STREAM" '>')
  [ "$answer" ] || sleep 0.2  # the server is away
  while read -r entry fields; do handle "$entry" "$fields"; done < <(printf '%s' "$answer" | entries new)
done
