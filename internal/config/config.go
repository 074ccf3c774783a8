// Package config turns flags and PYROMETER_* environment variables into one
// validated struct.
package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Embedded is the value of Config.ClickHouse that starts the engine as a child
// process of Pyrometer itself.
const Embedded = "embedded"

// Config is what every subcommand shares. The tags are read by kong.
type Config struct {
	Data       string        `help:"Directory for everything that is stored." default:"./var" env:"PYROMETER_DATA" placeholder:"DIR"`
	ClickHouse string        `name:"clickhouse" help:"'embedded', or clickhouse://user:pass@host:9000/pyrometer for a server of your own." default:"embedded" env:"PYROMETER_CLICKHOUSE" placeholder:"URL"`
	Upstream   string        `help:"Where sources are read: live, mirror:DIR, or simulated:N[,seed=S]." default:"live" env:"PYROMETER_UPSTREAM" placeholder:"SPEC"`
	Record     string        `help:"Write what live sources answer into a mirror tree." env:"PYROMETER_RECORD" placeholder:"DIR"`
	Contact    string        `help:"URL or mail address that sources can reach you at; part of the User-Agent." default:"https://github.com/pyrometer-dev/pyrometer" env:"PYROMETER_CONTACT"`
	Track      int           `help:"How many projects of the rank list are followed on PyPI and api.scorecard.dev." default:"5000" env:"PYROMETER_TRACK" placeholder:"N"`
	LogLevel   string        `help:"Least level that is logged." enum:"debug,info,warn,error" default:"info" env:"PYROMETER_LOG_LEVEL"`
	Faults     string        `hidden:"" help:"Wrap the sources with faults, for tests." env:"PYROMETER_FAULTS"`
	Clock      time.Time     `name:"now" hidden:"" help:"Let the clock start at this time, for tests." env:"PYROMETER_NOW" format:"2006-01-02T15:04:05Z07:00"`
	started    time.Time     // when Clock began to run
	Grace      time.Duration `hidden:"" help:"How long a stop may take." default:"3s" env:"PYROMETER_GRACE"`
}

// Validate is called by kong after parsing. Its errors name the flag, what is
// wrong with the value, and what would be right.
func (c *Config) Validate() error {
	c.started = time.Now()
	if c.Track < 0 || c.Track > 15000 {
		return fmt.Errorf("--track=%d: give a number from 0 to 15000, the length of the rank list", c.Track)
	}
	if c.ClickHouse != Embedded {
		u, err := url.Parse(c.ClickHouse)
		if err != nil || u.Scheme != "clickhouse" || u.Host == "" {
			return fmt.Errorf("--clickhouse: give 'embedded' or clickhouse://user:pass@host:9000/pyrometer")
		}
		if db := strings.Trim(u.Path, "/"); db == "default" || db == "system" {
			return fmt.Errorf("--clickhouse: the database %q is not Pyrometer's to use; name one of its own, such as pyrometer", db)
		}
	}
	if dir, ok := strings.CutPrefix(c.Upstream, "mirror:"); ok && dir == "" {
		return fmt.Errorf("--upstream=mirror: needs a directory, as in mirror:../shared/mirror")
	}
	if c.Record != "" && c.Upstream != "live" {
		return fmt.Errorf("--record writes down what live sources answer; it does not go with --upstream=%s", c.Upstream)
	}
	abs, err := filepath.Abs(c.Data)
	if err != nil {
		return fmt.Errorf("--data=%s: %w", c.Data, err)
	}
	c.Data = abs
	return nil
}

// Now is the clock of the whole program: the wall clock in UTC, or one that
// began to run at Clock when the flags were read.
func (c *Config) Now() time.Time {
	if !c.Clock.IsZero() {
		return c.Clock.Add(time.Since(c.started)).UTC()
	}
	return time.Now().UTC()
}

// Database is the database of an external server, "pyrometer" unless the URL
// names another.
func (c *Config) Database() string {
	if c.ClickHouse == Embedded {
		return "pyrometer"
	}
	if u, err := url.Parse(c.ClickHouse); err == nil {
		if db := strings.Trim(u.Path, "/"); db != "" {
			return db
		}
	}
	return "pyrometer"
}

// Redacted is the ClickHouse setting without its password, for logs and pages.
func (c *Config) Redacted() string {
	if c.ClickHouse == Embedded {
		return Embedded
	}
	u, err := url.Parse(c.ClickHouse)
	if err != nil {
		return "clickhouse://?"
	}
	return u.Redacted()
}

// Loopback reports whether a listen address can be reached from this machine
// only.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
