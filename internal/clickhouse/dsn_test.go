package clickhouse

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestDSN(t *testing.T) {
	tests := []struct {
		dsn      DSN
		shown    string
		database string
		addrs    string // as the driver gets them
	}{
		{"clickhouse://app:geheim@127.0.0.1:9000/pyrometer", "clickhouse://app:xxxxx@127.0.0.1:9000/pyrometer", "pyrometer", "[127.0.0.1:9000]"},
		{"clickhouse://app:geheim@db.example.org/pyrometer", "clickhouse://app:xxxxx@db.example.org/pyrometer", "pyrometer", "[db.example.org:9000]"},
		{"clickhouse://app:geheim@db.example.org/pyrometer?secure=true", "clickhouse://app:xxxxx@db.example.org/pyrometer?secure=true", "pyrometer", "[db.example.org:9440]"},
		{"clickhouse://app@db.example.org:9000", "clickhouse://app@db.example.org:9000", "", "[db.example.org:9000]"},
		{"tcp://db.example.org:9000/x?password=geheim&username=app", "tcp://db.example.org:9000/x?password=xxxxx&username=app", "x", "[db.example.org:9000]"},
		{"clickhouse://a:ge%2Fheim@one:9000,two:9001,three:9002/x", "clickhouse://a:xxxxx@one:9000/x?alt_hosts=two%3A9001%2Cthree%3A9002", "x", "[one:9000 two:9001 three:9002]"},
		{"clickhouse://a:geheim@[::1]:9000/x?dial_timeout=1s", "clickhouse://a:xxxxx@[::1]:9000/x?dial_timeout=1s", "x", "[[::1]:9000]"},
	}
	for _, test := range tests {
		t.Run(test.shown, func(t *testing.T) {
			opt, err := test.dsn.parse()
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(opt.Addr); got != test.addrs {
				t.Errorf("addresses %s, want %s", got, test.addrs)
			}
			if got := test.dsn.Database(); got != test.database {
				t.Errorf("database %q, want %q", got, test.database)
			}
			if got := test.dsn.String(); got != test.shown {
				t.Errorf("shown as %s, want %s", got, test.shown)
			}
			moved := test.dsn.WithDatabase("other")
			if got := moved.Database(); got != "other" {
				t.Errorf("WithDatabase: database %q", got)
			}
			after, err := moved.parse()
			if err != nil {
				t.Fatal(err)
			}
			if after.Auth.Password != opt.Auth.Password || fmt.Sprint(after.Addr) != fmt.Sprint(opt.Addr) {
				t.Errorf("WithDatabase changed more than the database: %s", moved)
			}
		})
	}
}

func TestBadDSN(t *testing.T) {
	tests := []DSN{
		"", "embedded", "localhost:9000", "clickhouse://", "clickhouse:///pyrometer",
		"http://app:geheim@localhost:8123/x", "postgres://app:geheim@localhost/x",
		"clickhouse://app:geheim#1@localhost:9000/x", "clickhouse://app:ge/heim@localhost:9000/x",
		"clickhouse://app:geheim%zz@localhost:9000/x", "clickhouse://app:geheim@localhost:port/x",
		"clickhouse://app:geheim@localhost:9000/x?dial_timeout=geheim",
	}
	for _, dsn := range tests {
		t.Run(string(dsn), func(t *testing.T) {
			err := dsn.Validate()
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), "ClickHouse address") {
				t.Errorf("the error does not say what it is about: %v", err)
			}
			if strings.Contains(strings.ReplaceAll(err.Error(), "dial_timeout=geheim", ""), "app:geheim") {
				t.Errorf("the error tells the password: %v", err)
			}
			if _, err := Open(t.Context(), dsn); err == nil {
				t.Error("Open accepted it")
			}
		})
	}
}

func TestNewDSNEscapes(t *testing.T) {
	const user, password = "a@b:c/d", "p@s/s:w#o?r,d%"
	opt, err := NewDSN("127.0.0.1:9000", user, password, "x").parse()
	if err != nil {
		t.Fatal(err)
	}
	if opt.Auth.Username != user || opt.Auth.Password != password || opt.Auth.Database != "x" {
		t.Errorf("got %q %q %q", opt.Auth.Username, opt.Auth.Password, opt.Auth.Database)
	}
}

// No way of printing a DSN shows its password.
func FuzzDSNHidesPassword(f *testing.F) {
	for _, seed := range []string{
		"clickhouse://app:%s@localhost:9000/x", "clickhouse://app:%s@a:1,b:2/x?secure=true", "clickhouse://h:1/?password=%s",
		"clickhouse://h:1/?PASSWORD=%s", "clickhouse://a:%s@h:1/#frag", "://%s", "%s", "a:%s@b", "clickhouse://a:b@%s", "http://a:%s@b/?http_proxy=http://x:%s@y",
		"clickhouse://a:%s@%zz/", "clickhouse://[::1:%s@x", "clickhouse://h:1/?a=1;password=%s", "clickhouse://h:1/?pass%%77ord=%s",
	} {
		f.Add(strings.ReplaceAll(seed, "%s", "{}"))
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		const secret = "geheimes-wort"
		dsn := DSN(strings.ReplaceAll(pattern, "{}", secret))
		opt, err := dsn.parse()
		if err != nil || opt.Auth.Password != secret || strings.Count(string(dsn), secret) != 1 {
			return // not a DSN, or the word stands elsewhere than in the password alone
		}
		shown, err := json.Marshal(dsn)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{fmt.Sprint(dsn), fmt.Sprintf("%+v", dsn), fmt.Sprintf("%#v", dsn), fmt.Sprintf("%q", dsn), string(shown)} {
			if strings.Contains(text, secret) {
				t.Error(text)
			}
		}
	})
}
