package upstream

import (
	"context"
	"net/http"
	"time"
)

// probes is one small URL at each of the hosts that a collection begins with.
var probes = []string{
	"https://hugovk.dev/top-pypi-packages/top-pypi-packages.min.json",
	"https://codeload.github.com/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main",
	"https://osv-vulnerabilities.storage.googleapis.com/PyPI/modified_id.csv",
	"https://pypi.org/simple/",
	"https://api.scorecard.dev/projects/github.com/ossf/scorecard",
}

const probeTimeout = 5 * time.Second

// Reachable reports whether any source answers at all, with whatever status.
// It asks each host once, at the same time, and takes five seconds at most.
func (c *Client) Reachable(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	answers := make(chan bool, len(probes))
	for _, url := range probes {
		go func() { answers <- c.probe(ctx, url) }()
	}
	for range probes {
		if <-answers {
			return true
		}
	}
	return false
}

func (c *Client) probe(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return false
	}
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.http.Transport.RoundTrip(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}
