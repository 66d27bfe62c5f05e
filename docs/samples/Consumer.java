// A consumer in Java (17) with no library: a small client of the Redis protocol over a socket. With a client library of
// your choice only `Client` falls away; a JSON library takes the place of `isObject`.
//
//   java Consumer.java
//
// Where to read stands in the environment: RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP.

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

public class Consumer {
    static final String STREAM = env("RAREWIRE_STREAM", "rarewire:rare-earth:v1");
    static final String GROUP = System.getenv("RAREWIRE_GROUP");
    static final String NAME = env("RAREWIRE_CONSUMER", "java-" + ProcessHandle.current().pid());
    static final long CLAIM_AFTER_MS = Long.parseLong(env("RAREWIRE_CLAIM_AFTER_MS", "60000"));
    static final long MAX_DELIVERIES = Long.parseLong(env("RAREWIRE_MAX_DELIVERIES", "5"));
    static final String REMEMBER = "1209600"; // seconds for which the ids of done events are kept
    static final Set<String> TYPES = Set.of(
            "rarewire.article.published.v1", "rarewire.article.updated.v1", "rarewire.article.retracted.v1");

    static volatile boolean stopping = false;

    static String env(String key, String otherwise) {
        return System.getenv().getOrDefault(key, otherwise);
    }

    /** What the server refused, as opposed to a connection that broke. */
    static class Refused extends RuntimeException {
        Refused(String text) {
            super(text);
        }
    }

    /** One connection. Answers are String, Long, null or List. */
    static class Client implements AutoCloseable {
        final Socket socket;
        final InputStream in;

        Client() throws IOException {
            URI uri = URI.create(System.getenv("RAREWIRE_REDIS_URL"));
            socket = new Socket(uri.getHost(), uri.getPort());
            in = new BufferedInputStream(socket.getInputStream());
            String user = uri.getUserInfo();
            if (user != null) send("AUTH", user.substring(user.indexOf(':') + 1));
        }

        Object send(String... words) throws IOException {
            write(List.<String[]>of(words));
            return read();
        }

        /** Runs commands together or not at all. */
        void transaction(String[]... commands) throws IOException {
            List<String[]> all = new ArrayList<>();
            all.add(new String[] {"MULTI"});
            all.addAll(List.of(commands));
            all.add(new String[] {"EXEC"});
            write(all);
            for (int i = 0; i < all.size(); i++) read();
        }

        void write(List<String[]> commands) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (String[] words : commands) {
                out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.UTF_8));
                for (String word : words) {
                    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
                    out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
                    out.write(bytes);
                    out.write("\r\n".getBytes(StandardCharsets.UTF_8));
                }
            }
            socket.getOutputStream().write(out.toByteArray());
        }

        Object read() throws IOException {
            String line = line();
            String text = line.substring(1);
            switch (line.charAt(0)) {
                case '+':
                    return text;
                case '-':
                    throw new Refused(text);
                case ':':
                    return Long.parseLong(text);
                case '$':
                    int length = Integer.parseInt(text);
                    if (length < 0) return null;
                    byte[] data = in.readNBytes(length + 2);
                    if (data.length < length + 2) throw new EOFException();
                    return new String(data, 0, length, StandardCharsets.UTF_8);
                case '*':
                    int count = Integer.parseInt(text);
                    if (count < 0) return null;
                    List<Object> items = new ArrayList<>();
                    for (int i = 0; i < count; i++) items.add(read());
                    return items;
                default:
                    throw new IOException("not the Redis protocol");
            }
        }

        String line() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\r'; b = in.read()) {
                if (b < 0) throw new EOFException();
                out.write(b);
            }
            in.read();
            return out.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Do what is to be done with an event; an exception is a failed try. */
    static void work(String id, String data) {
        System.out.println(id);
        System.out.flush();
    }

    /** Whether a text is one JSON object, as far as its braces and strings say: what is cut off is not. */
    static boolean isObject(String text) {
        if (text == null || !text.startsWith("{")) return false;
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') i++;
                else if (c == '"') quoted = false;
            } else if (c == '"') quoted = true;
            else if (c == '{' || c == '[') depth++;
            else if (c == '}' || c == ']') depth--;
        }
        return depth == 0 && !quoted;
    }

    static String seen(String id) {
        return STREAM + ":seen:" + GROUP + ":" + id;
    }

    static void bury(Client client, String entry, List<String> flat, String why) throws IOException {
        List<String> add = new ArrayList<>(List.of("XADD", STREAM + ":dead:" + GROUP, "*"));
        add.addAll(flat);
        add.addAll(List.of("deadreason", "failed", "deaderror", why, "deadentry", entry));
        client.transaction(add.toArray(new String[0]), new String[] {"XACK", STREAM, GROUP, entry});
    }

    static void handle(Client client, String entry, List<String> flat) throws IOException {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) fields.put(flat.get(i), flat.get(i + 1));
        String type = fields.getOrDefault("type", "");
        String id = fields.get("id");
        if (type.startsWith("rarewire.") && !TYPES.contains(type)) {
            client.send("XACK", STREAM, GROUP, entry); // a canary, or a type of a later version
            return;
        }
        if (id == null || !isObject(fields.get("data"))) {
            bury(client, entry, flat, "unreadable");
            return;
        }
        if (client.send("EXISTS", seen(id)).equals(1L)) {
            client.send("XACK", STREAM, GROUP, entry); // a duplicate
            return;
        }
        try {
            work(id, fields.get("data"));
        } catch (RuntimeException error) {
            System.err.println(id + " failed: " + error); // it stays pending and is given again
            return;
        }
        client.transaction(
                new String[] {"SET", seen(id), "1", "EX", REMEMBER}, new String[] {"XACK", STREAM, GROUP, entry});
    }

    @SuppressWarnings("unchecked")
    static void takeOver(Client client) throws IOException {
        String start = "0-0";
        do {
            List<Object> answer = (List<Object>) client.send(
                    "XAUTOCLAIM", STREAM, GROUP, NAME, Long.toString(CLAIM_AFTER_MS), start, "COUNT", "50");
            start = (String) answer.get(0);
            for (Object row : (List<Object>) answer.get(1)) {
                String entry = (String) ((List<Object>) row).get(0);
                List<String> flat = (List<String>) ((List<Object>) row).get(1);
                List<Object> pending = (List<Object>) client.send("XPENDING", STREAM, GROUP, entry, entry, "1");
                boolean spent = !pending.isEmpty() && (Long) ((List<Object>) pending.get(0)).get(3) > MAX_DELIVERIES;
                if (spent) bury(client, entry, flat, "never acknowledged");
                else handle(client, entry, flat);
            }
        } while (!start.equals("0-0"));
    }

    @SuppressWarnings("unchecked")
    static void readNew(Client client) throws IOException {
        Object answer = client.send(
                "XREADGROUP", "GROUP", GROUP, NAME, "COUNT", "10", "BLOCK", "500", "STREAMS", STREAM, ">");
        if (answer == null) return;
        List<Object> rows = (List<Object>) ((List<Object>) ((List<Object>) answer).get(0)).get(1);
        for (Object row : rows) {
            if (stopping) return;
            handle(client, (String) ((List<Object>) row).get(0), (List<String>) ((List<Object>) row).get(1));
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping = true;
            try {
                main.join(5000); // the event in work is finished
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }));
        long swept = 0;
        while (!stopping) {
            try (Client client = new Client()) {
                while (!stopping) {
                    if (System.currentTimeMillis() - swept > Math.min(CLAIM_AFTER_MS / 2, 5000)) {
                        takeOver(client);
                        swept = System.currentTimeMillis();
                    }
                    readNew(client);
                }
            } catch (Refused error) {
                if (!error.getMessage().startsWith("LOADING")) throw error;
                Thread.sleep(200);
            } catch (IOException error) {
                System.err.println("the server is away: " + error);
                Thread.sleep(200);
            }
        }
    }
}
