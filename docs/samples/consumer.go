// A consumer in Go with the standard library only: a small client of the Redis protocol over a socket. With a client
// library of your choice only `client` falls away.
//
//	go run consumer.go
//
// Where to read stands in the environment: RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	stream        = env("RAREWIRE_STREAM", "rarewire:rare-earth:v1")
	group         = os.Getenv("RAREWIRE_GROUP")
	name          = env("RAREWIRE_CONSUMER", "go-"+strconv.Itoa(os.Getpid()))
	claimAfterMs  = number("RAREWIRE_CLAIM_AFTER_MS", 60000)
	maxDeliveries = number("RAREWIRE_MAX_DELIVERIES", 5)
	types         = map[string]bool{
		"rarewire.article.published.v1": true,
		"rarewire.article.updated.v1":   true,
		"rarewire.article.retracted.v1": true,
	}
)

const remember = "1209600" // seconds for which the ids of done events are kept

func env(key, otherwise string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	return otherwise
}

func number(key string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return value
	}
	return otherwise
}

// answered is an error that the server answered, as opposed to a connection that broke.
type answered string

func (text answered) Error() string { return string(text) }

type client struct {
	conn   net.Conn
	reader *bufio.Reader
}

func open() (*client, error) {
	address, err := url.Parse(os.Getenv("RAREWIRE_REDIS_URL"))
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp", address.Host, 5*time.Second)
	if err != nil {
		return nil, err
	}
	c := &client{conn, bufio.NewReader(conn)}
	if password, set := address.User.Password(); set {
		if _, err := c.send("AUTH", password); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return c, nil
}

func (c *client) write(words ...string) error {
	var out strings.Builder
	fmt.Fprintf(&out, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(word), word)
	}
	_, err := io.WriteString(c.conn, out.String())
	return err
}

// send returns a string, an int, nil or a []any.
func (c *client) send(words ...string) (any, error) {
	if err := c.write(words...); err != nil {
		return nil, err
	}
	return c.read()
}

// transaction runs commands together or not at all.
func (c *client) transaction(commands ...[]string) error {
	all := append([][]string{{"MULTI"}}, commands...)
	for _, command := range append(all, []string{"EXEC"}) {
		if err := c.write(command...); err != nil {
			return err
		}
	}
	for range append(all, nil) {
		if _, err := c.read(); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) read() (any, error) {
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, text := line[0], strings.TrimRight(line[1:], "\r\n")
	switch kind {
	case '+':
		return text, nil
	case '-':
		return nil, answered(text)
	case ':':
		return strconv.Atoi(text)
	case '$':
		length, err := strconv.Atoi(text)
		if err != nil || length < 0 {
			return nil, err
		}
		data := make([]byte, length+2)
		if _, err := io.ReadFull(c.reader, data); err != nil {
			return nil, err
		}
		return string(data[:length]), nil
	case '*':
		count, err := strconv.Atoi(text)
		if err != nil || count < 0 {
			return nil, err
		}
		items := make([]any, count)
		for index := range items {
			if items[index], err = c.read(); err != nil {
				return nil, err
			}
		}
		return items, nil
	}
	return nil, errors.New("not the Redis protocol")
}

// work does what is to be done with an event; an error is a failed try.
func work(id string, data map[string]any) error {
	_, err := fmt.Println(id)
	return err
}

func (c *client) acknowledge(entry string) error {
	_, err := c.send("XACK", stream, group, entry)
	return err
}

func (c *client) done(entry, id string) error {
	return c.transaction(
		[]string{"SET", seen(id), "1", "EX", remember},
		[]string{"XACK", stream, group, entry},
	)
}

func (c *client) bury(entry string, flat []string, why string) error {
	add := append([]string{"XADD", stream + ":dead:" + group, "*"}, flat...)
	add = append(add, "deadreason", "failed", "deaderror", why, "deadentry", entry)
	return c.transaction(add, []string{"XACK", stream, group, entry})
}

func seen(id string) string { return stream + ":seen:" + group + ":" + id }

func (c *client) handle(entry string, flat []string) error {
	fields := map[string]string{}
	for index := 0; index+1 < len(flat); index += 2 {
		fields[flat[index]] = flat[index+1]
	}
	if strings.HasPrefix(fields["type"], "rarewire.") && !types[fields["type"]] {
		return c.acknowledge(entry) // a canary, or a type of a later version
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(fields["data"]), &data); err != nil || fields["id"] == "" {
		return c.bury(entry, flat, "unreadable")
	}
	known, err := c.send("EXISTS", seen(fields["id"]))
	if err != nil {
		return err
	}
	if known == 1 {
		return c.acknowledge(entry) // a duplicate
	}
	if err := work(fields["id"], data); err != nil {
		fmt.Fprintln(os.Stderr, fields["id"], "failed:", err) // it stays pending and is given again
		return nil
	}
	return c.done(entry, fields["id"])
}

func (c *client) takeOver() error {
	for start := "0-0"; ; {
		answer, err := c.send("XAUTOCLAIM", stream, group, name, strconv.Itoa(claimAfterMs), start, "COUNT", "50")
		if err != nil {
			return err
		}
		start = answer.([]any)[0].(string)
		for _, row := range answer.([]any)[1].([]any) {
			entry, flat := parts(row)
			pending, err := c.send("XPENDING", stream, group, entry, entry, "1")
			if err != nil {
				return err
			}
			rows := pending.([]any)
			if len(rows) == 1 && rows[0].([]any)[3].(int) > maxDeliveries {
				err = c.bury(entry, flat, "never acknowledged")
			} else {
				err = c.handle(entry, flat)
			}
			if err != nil {
				return err
			}
		}
		if start == "0-0" {
			return nil
		}
	}
}

func parts(row any) (string, []string) {
	pair := row.([]any)
	var flat []string
	for _, text := range pair[1].([]any) {
		flat = append(flat, text.(string))
	}
	return pair[0].(string), flat
}

func (c *client) round(swept *time.Time) error {
	if time.Since(*swept) > time.Duration(claimAfterMs)*time.Millisecond/2 {
		if err := c.takeOver(); err != nil {
			return err
		}
		*swept = time.Now()
	}
	answer, err := c.send("XREADGROUP", "GROUP", group, name, "COUNT", "10", "BLOCK", "500", "STREAMS", stream, ">")
	if err != nil || answer == nil {
		return err
	}
	for _, row := range answer.([]any)[0].([]any)[1].([]any) {
		entry, flat := parts(row)
		if err := c.handle(entry, flat); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	stopping := make(chan os.Signal, 1)
	signal.Notify(stopping, syscall.SIGTERM, syscall.SIGINT)
	var c *client
	var swept time.Time
	for {
		select {
		case <-stopping:
			return
		default:
		}
		var err error
		if c == nil {
			c, err = open()
		}
		if err == nil {
			err = c.round(&swept)
		}
		var refusal answered
		if errors.As(err, &refusal) && !strings.HasPrefix(string(refusal), "LOADING") {
			fmt.Fprintln(os.Stderr, refusal)
			os.Exit(1)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "the server is away:", err)
			if c != nil {
				c.conn.Close()
				c = nil
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
}
