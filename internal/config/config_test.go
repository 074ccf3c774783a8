package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func valid() Config {
	return Config{Data: "var", ClickHouse: Embedded, Upstream: "live", Track: 5000}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   string // part of the error, "" for none
	}{
		{"defaults", func(*Config) {}, ""},
		{"external server", func(c *Config) { c.ClickHouse = "clickhouse://u:p@db:9000/pyrometer" }, ""},
		{"mirror", func(c *Config) { c.Upstream = "mirror:dir" }, ""},
		{"negative track", func(c *Config) { c.Track = -1 }, "--track=-1"},
		{"track beyond the list", func(c *Config) { c.Track = 15001 }, "from 0 to 15000"},
		{"wrong scheme", func(c *Config) { c.ClickHouse = "http://db:8123" }, "clickhouse://user:pass@host:9000"},
		{"database default", func(c *Config) { c.ClickHouse = "clickhouse://u:p@db:9000/default" }, "not Pyrometer's to use"},
		{"mirror without a directory", func(c *Config) { c.Upstream = "mirror:" }, "needs a directory"},
		{"record of a mirror", func(c *Config) { c.Upstream = "mirror:dir"; c.Record = "out" }, "--record"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := valid()
			tt.change(&c)
			err := c.Validate()
			switch {
			case tt.want == "" && err != nil:
				t.Fatalf("Validate: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Fatalf("Validate = %v, want an error with %q", err, tt.want)
			}
			if err == nil && !filepath.IsAbs(c.Data) {
				t.Errorf("Data = %q, want an absolute path", c.Data)
			}
		})
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c := valid()
	c.ClickHouse = "clickhouse://user:hunter2@db:9000/mine"
	if got := c.Redacted(); strings.Contains(got, "hunter2") || !strings.Contains(got, "db:9000") {
		t.Errorf("Redacted = %q", got)
	}
	c.ClickHouse = "ftp://user:hunter2@db"
	if err := c.Validate(); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Validate = %v, want an error without the password", err)
	}
	if got := c.Database(); got != "pyrometer" {
		t.Errorf("Database = %q", got)
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "localhost:80": true,
		":8080": false, "0.0.0.0:8080": false, "192.0.2.1:80": false, "nonsense": false,
	} {
		if got := Loopback(addr); got != want {
			t.Errorf("Loopback(%q) = %v, want %v", addr, got, want)
		}
	}
}
