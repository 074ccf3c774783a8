package clickhouse

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// DSN is the address of a ClickHouse server with its user and password, as
// clickhouse://user:password@host:9000/database?secure=true. Several hosts are
// separated by commas. Printed, logged or marshalled it shows no password; the
// raw text is had by converting it to string.
type DSN string

// NewDSN builds the DSN of one server.
func NewDSN(addr, user, password, database string) DSN {
	u := url.URL{Scheme: "clickhouse", User: url.UserPassword(user, password), Host: addr, Path: "/" + database}
	return DSN(u.String())
}

// Database returns the database named by the DSN, "" when there is none.
func (d DSN) Database() string {
	opt, err := d.parse()
	if err != nil {
		return ""
	}
	return opt.Auth.Database
}

// WithDatabase returns the same server and user with another database. A DSN
// that does not parse is returned as it is; Validate says why.
func (d DSN) WithDatabase(name string) DSN {
	u, err := d.url()
	if err != nil {
		return d
	}
	q := u.Query()
	q.Del("database")
	u.RawQuery = q.Encode()
	u.Path = "/" + name
	return DSN(u.String())
}

// Validate reports what is wrong with the DSN, without its password.
func (d DSN) Validate() error {
	_, err := d.parse()
	return err
}

// String returns the DSN without its password.
func (d DSN) String() string {
	u, err := d.url()
	if err != nil {
		// Whatever cannot be taken apart cannot be redacted in part.
		return "clickhouse://(unreadable)"
	}
	if _, ok := u.User.Password(); ok {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	}
	q := u.Query()
	for key := range q {
		// http_proxy may carry a password of its own.
		if k := strings.ToLower(key); k == "password" || k == "http_proxy" {
			q.Set(key, "xxxxx")
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// GoString returns the DSN without its password.
func (d DSN) GoString() string { return fmt.Sprintf("clickhouse.DSN(%q)", d.String()) }

// MarshalText returns the DSN without its password, so that a configuration
// written as JSON holds no secret.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// url takes the DSN apart. The comma-separated hosts that the driver allows
// make an invalid port for net/url, so all but the first go to alt_hosts.
func (d DSN) url() (*url.URL, error) {
	const bad = "ClickHouse address is not of the form clickhouse://USER:PASSWORD@HOST:9000/DATABASE (escape special characters in user and password as in a URL)"
	scheme, rest, ok := strings.Cut(string(d), "://")
	if !ok {
		return nil, errors.New(bad)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	start := strings.LastIndex(authority, "@") + 1
	first, others, _ := strings.Cut(authority[start:], ",")

	// The error of url.Parse quotes its input, password and all: it is not
	// passed on.
	u, err := url.Parse(scheme + "://" + authority[:start] + first + tail)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return nil, errors.New(bad)
	}
	if others != "" {
		q := u.Query()
		if more := q.Get("alt_hosts"); more != "" {
			others += "," + more
		}
		q.Set("alt_hosts", others)
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// parse returns the driver's options for the DSN.
func (d DSN) parse() (*clickhouse.Options, error) {
	u, err := d.url()
	if err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "clickhouse", "tcp", "native":
	default:
		return nil, fmt.Errorf("ClickHouse address has the scheme %q, expected clickhouse:// (the native protocol, usually port 9000, or 9440 with ?secure=true)", u.Scheme)
	}
	if u.Port() == "" {
		port := "9000"
		if secure := u.Query().Get("secure"); u.Query().Has("secure") && secure != "false" && secure != "0" {
			port = "9440"
		}
		u.Host += ":" + port
	}
	opt, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		return nil, fmt.Errorf("ClickHouse address %s: %w", d, err)
	}
	return opt, nil
}
