package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/config"
)

type doctorCmd struct {
	Listen string `help:"Address the web server would listen on." default:"127.0.0.1:8080" env:"PYROMETER_LISTEN"`
}

// Run prints one line for each thing that Pyrometer needs, with what to do
// about what is missing.
func (c doctorCmd) Run(p *program) error {
	var checks []clickhouse.Check
	if p.cfg.ClickHouse == config.Embedded {
		checks = clickhouse.Doctor(p.ctx, clickhouse.DoctorOptions{Dir: filepath.Join(p.cfg.Data, "clickhouse"), Listen: c.Listen})
	} else {
		checks = append(checks, externalServer(p))
	}
	missing := 0
	for _, check := range checks {
		mark := "ok     "
		if !check.OK {
			mark = "MISSING"
			missing++
		}
		fmt.Fprintf(p.out, "%s  %-22s %s\n", mark, check.Name, check.Detail)
		if check.Fix != "" {
			fmt.Fprintf(p.out, "         %-22s %s\n", "", check.Fix)
		}
	}
	if missing > 0 {
		return fmt.Errorf("%d of %d checks failed", missing, len(checks))
	}
	return nil
}

func externalServer(p *program) clickhouse.Check {
	check := clickhouse.Check{Name: "ClickHouse server", Detail: p.cfg.Redacted()}
	conn, err := clickhouse.Open(p.ctx, clickhouse.DSN(p.cfg.ClickHouse).WithDatabase("system"))
	if err != nil {
		check.Detail, check.Fix = err.Error(), "check the address, the user and the password of --clickhouse, and that the server is up"
		return check
	}
	server, err := conn.ServerVersion()
	if err = errors.Join(err, conn.Close()); err != nil {
		check.Detail = err.Error()
		return check
	}
	check.OK, check.Detail = true, fmt.Sprintf("%s, version %s", p.cfg.Redacted(), server.Version)
	return check
}
