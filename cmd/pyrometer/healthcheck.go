package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthcheckCmd struct {
	Listen string `help:"Address the server listens on." default:"127.0.0.1:8080" env:"PYROMETER_LISTEN"`
}

// Run asks /readyz of the server in the same container, which has no curl.
func (c healthcheckCmd) Run(p *program) error {
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen=%s: %w", c.Listen, err)
	}
	client := http.Client{Timeout: 4 * time.Second}
	answer, err := client.Get("http://" + net.JoinHostPort("127.0.0.1", port) + "/readyz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", answer.Status)
	}
	return nil
}
