// A consumer in Node with no package: a small client of the Redis protocol over a socket. With a client library of your
// choice only `Client` falls away.
//
//   node consumer.mjs
//
// Where to read stands in the environment: RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP.

import net from "node:net";
import os from "node:os";

const url = new URL(process.env.RAREWIRE_REDIS_URL);
const STREAM = process.env.RAREWIRE_STREAM ?? "rarewire:rare-earth:v1";
const GROUP = process.env.RAREWIRE_GROUP;
const NAME = process.env.RAREWIRE_CONSUMER ?? `${os.hostname()}-${process.pid}`;
const CLAIM_AFTER_MS = Number(process.env.RAREWIRE_CLAIM_AFTER_MS ?? 60000);
const MAX_DELIVERIES = Number(process.env.RAREWIRE_MAX_DELIVERIES ?? 5);
const REMEMBER = 14 * 86400; // seconds for which the ids of done events are kept
const TYPES = new Set(["published", "updated", "retracted"].map((kind) => `rarewire.article.${kind}.v1`));

let stopping = false;
for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => (stopping = true));

/** One connection; `send` answers in the order of the commands. */
class Client {
  static async open() {
    const client = new Client();
    client.socket = net.connect(Number(url.port || 6379), url.hostname);
    client.waiting = [];
    client.buffer = Buffer.alloc(0);
    client.socket.on("data", (data) => client.#read(data));
    client.socket.on("error", (error) => client.#fail(error));
    client.socket.on("close", () => client.#fail(new Error("connection closed")));
    if (url.password) await client.send("AUTH", ...(url.username ? [url.username] : []), decodeURIComponent(url.password));
    return client;
  }

  send(...words) {
    const parts = words.map((word) => Buffer.from(String(word)));
    const sized = parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from("\r\n")]);
    return new Promise((resolve, reject) => {
      if (this.broken) return reject(this.broken);
      this.waiting.push({ resolve, reject });
      this.socket.write(Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...sized]));
    });
  }

  close() {
    this.socket.destroy();
  }

  #fail(error) {
    this.broken ??= error;
    for (const one of this.waiting.splice(0)) one.reject(this.broken);
  }

  #read(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    for (let found; (found = parse(this.buffer, 0)); ) {
      this.buffer = this.buffer.subarray(found.at);
      const { resolve, reject } = this.waiting.shift();
      if (found.value instanceof Error) reject(found.value);
      else resolve(found.value);
    }
  }
}

/** Returns {value, at} of the answer that starts at an offset, or null if it is not all there. */
function parse(buffer, start) {
  const end = buffer.indexOf("\r\n", start);
  if (end < 0) return null;
  const text = buffer.toString("utf8", start + 1, end);
  let at = end + 2;
  switch (String.fromCharCode(buffer[start])) {
    case "+": return { value: text, at };
    case "-": return { value: Object.assign(new Error(text), { answered: true }), at };
    case ":": return { value: Number(text), at };
    case "$": {
      const length = Number(text);
      if (length < 0) return { value: null, at };
      if (buffer.length < at + length + 2) return null;
      return { value: buffer.toString("utf8", at, at + length), at: at + length + 2 };
    }
    case "*": {
      if (Number(text) < 0) return { value: null, at };
      const value = [];
      for (let index = 0; index < Number(text); index++) {
        const item = parse(buffer, at);
        if (!item) return null;
        value.push(item.value);
        at = item.at;
      }
      return { value, at };
    }
    default: throw new Error("not the Redis protocol");
  }
}

/** Do what is to be done with an event; an exception is a failed try. */
async function work(id, data) {
  await new Promise((resolve) => process.stdout.write(`${id}\n`, resolve));
}

async function acknowledge(client, entry, id) {
  const answers = [client.send("MULTI")];
  if (id) answers.push(client.send("SET", `${STREAM}:seen:${GROUP}:${id}`, "1", "EX", REMEMBER));
  answers.push(client.send("XACK", STREAM, GROUP, entry), client.send("EXEC"));
  await Promise.all(answers);
}

async function bury(client, entry, flat, why) {
  const about = ["deadreason", "failed", "deaderror", why, "deadentry", entry];
  await Promise.all([
    client.send("MULTI"),
    client.send("XADD", `${STREAM}:dead:${GROUP}`, "*", ...flat, ...about),
    client.send("XACK", STREAM, GROUP, entry),
    client.send("EXEC"),
  ]);
}

async function handle(client, [entry, flat]) {
  const fields = {};
  for (let index = 0; index < flat.length; index += 2) fields[flat[index]] = flat[index + 1];
  if (fields.type?.startsWith("rarewire.") && !TYPES.has(fields.type)) return acknowledge(client, entry); // canaries, later types
  let data;
  try {
    if (!fields.id) throw new Error("no id");
    data = JSON.parse(fields.data);
  } catch (error) {
    return bury(client, entry, flat, `unreadable: ${error.message}`);
  }
  if (await client.send("EXISTS", `${STREAM}:seen:${GROUP}:${fields.id}`)) return acknowledge(client, entry); // a duplicate
  try {
    await work(fields.id, data);
  } catch (error) {
    console.error(`${fields.id} failed: ${error.message}`); // it stays pending and is given again
    return;
  }
  return acknowledge(client, entry, fields.id);
}

async function takeOver(client) {
  let start = "0-0";
  do {
    const [next, entries] = await client.send("XAUTOCLAIM", STREAM, GROUP, NAME, CLAIM_AFTER_MS, start, "COUNT", 50);
    for (const row of entries) {
      const [pending] = await client.send("XPENDING", STREAM, GROUP, row[0], row[0], 1);
      if (pending && pending[3] > MAX_DELIVERIES) await bury(client, ...row, "never acknowledged");
      else await handle(client, row);
    }
    start = next;
  } while (start !== "0-0");
}

async function main() {
  let client;
  let swept = 0;
  while (!stopping) {
    try {
      client ??= await Client.open();
      if (Date.now() - swept > Math.min(CLAIM_AFTER_MS / 2, 5000)) {
        await takeOver(client);
        swept = Date.now();
      }
      const answer = await client.send("XREADGROUP", "GROUP", GROUP, NAME, "COUNT", 10, "BLOCK", 500, "STREAMS", STREAM, ">");
      for (const row of answer?.[0][1] ?? []) {
        if (stopping) break;
        await handle(client, row);
      }
    } catch (error) {
      if (error.answered && !error.message.startsWith("LOADING")) throw error;
      console.error(`the server is away: ${error.message}`);
      client?.close();
      client = undefined;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  client?.close();
}

await main();
