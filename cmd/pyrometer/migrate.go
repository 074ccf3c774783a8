package main

import (
	"errors"
	"fmt"
)

type migrateCmd struct{}

// Run migrates and ends. It is for an external server; up does it by itself.
func (migrateCmd) Run(p *program) (err error) {
	d, err := p.connect(owning)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	name := p.databaseFor(p.cfg.Upstream)
	s, err := p.open(d, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "The database %s at %s is at this version.\n", name, d.dsn)
	return s.Close()
}
