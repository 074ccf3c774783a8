package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/server"
)

type exportCmd struct {
	What   string   `arg:"" help:"A table (see /data) or a chart: coverage, score-distribution, advisories-by-month, project-score." placeholder:"TABLE|CHART"`
	Format string   `help:"csv, or json for charts." enum:"csv,json" default:"csv"`
	Param  []string `short:"p" help:"Parameter of a chart as in its URL, such as cohort=top100; may be repeated." placeholder:"NAME=VALUE"`
}

// Run writes what the web server would: the same handler makes the bytes.
func (c exportCmd) Run(p *program) error {
	return p.withStore(func(_ *database, s *store.Store, demo bool) error {
		web, err := server.New(server.Config{
			Backend: func() (server.Reader, bool) { return s, true },
			Mode:    func() server.Mode { return server.Mode{Upstream: p.cfg.Upstream, Simulated: demo} },
			Version: version, Now: p.cfg.Now, Log: p.log,
		})
		if err != nil {
			return err
		}
		address, err := c.address(p, s)
		if err != nil {
			return err
		}
		return get(p, web, address)
	})
}

// address is the path of the export on the web.
func (c exportCmd) address(p *program, s *store.Store) (string, error) {
	tables, err := s.Tables(p.ctx)
	if err != nil {
		return "", err
	}
	for _, t := range tables {
		if t.Name != c.What {
			continue
		}
		if c.Format != "csv" || len(c.Param) > 0 {
			return "", fmt.Errorf("the table %s is exported whole, as csv", t.Name)
		}
		return "/data/" + url.PathEscape(t.Name) + ".csv", nil
	}
	params := url.Values{}
	for _, pair := range c.Param {
		one, err := url.ParseQuery(pair)
		if err != nil || len(one) != 1 {
			return "", fmt.Errorf("--param=%s: give NAME=VALUE", pair)
		}
		for name := range one {
			params.Add(name, one.Get(name))
		}
	}
	address := url.URL{Path: "/chart/" + c.What + "." + c.Format, RawQuery: params.Encode()}
	return address.String(), nil
}

// get asks the handler in this process and streams its answer to the output.
func get(p *program, web http.Handler, address string) (err error) {
	defer func() {
		if recover() != nil { // http.ErrAbortHandler: the stream broke after its first byte
			err = errors.New("the export broke off; what was written is not whole (the log says why)")
		}
	}()
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer := &streamed{header: http.Header{}, out: p.out, problem: p.err}
	web.ServeHTTP(answer, request)
	if answer.status >= http.StatusBadRequest {
		return fmt.Errorf("%s: %d %s", address, answer.status, http.StatusText(answer.status))
	}
	return answer.err
}

// streamed is a response that goes to out, or to problem when it is an error.
type streamed struct {
	header       http.Header
	status       int
	out, problem io.Writer
	err          error
}

func (s *streamed) Header() http.Header { return s.header }

func (s *streamed) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
}

func (s *streamed) Write(b []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	to := s.out
	if s.status >= http.StatusBadRequest {
		to = s.problem
	}
	n, err := to.Write(b)
	s.err = errors.Join(s.err, err)
	return n, err
}
