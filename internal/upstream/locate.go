package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// maxLocation is the longest redirect that is believed, in bytes.
const maxLocation = 2000

// Location is where a URL leads.
type Location struct {
	Status int // 200, 301, 302, 307 or 308
	// To is the absolute URL of a redirect, "" with 200. It has been checked as Get
	// checks redirects, and has not been asked.
	To string
}

// Locate asks where a URL leads: whether it answers there (200) or redirects.
// It asks for the header only (HEAD), does not follow the redirect, and keeps to
// the limits, retries and failure classes of Get; a redirect that Get would
// refuse is ClassRefused, one without a target ClassMalformed. Every error is an
// *observation.Error.
func (c *Client) Locate(ctx context.Context, rawURL string) (Location, error) {
	u, err := c.target(rawURL)
	if err != nil {
		return Location{}, failed(observation.ClassRefused, rawURL, err)
	}
	var at Location
	err = c.insist(ctx, u, func() (err error) {
		at, err = c.locate(ctx, u, rawURL)
		return err
	})
	return at, err
}

// locate asks once, within the limits of the host.
func (c *Client) locate(ctx context.Context, u *url.URL, rawURL string) (Location, error) {
	host := c.hosts.of(u.Hostname())
	release, err := host.enter(ctx, c.now, c.sleep)
	if err != nil {
		if ctx.Err() != nil {
			return Location{}, ended(ctx, rawURL)
		}
		return Location{}, failed(observation.ClassRateLimited, rawURL, err)
	}
	defer release()
	watch := newWatch(ctx, c.timeouts)
	defer watch.end()
	watch.expect(c.timeouts.Answer, "no answer")
	r := c.request(watch.ctx, u, Request{}, nil)
	r.Method = http.MethodHead
	answer, err := c.http.Transport.RoundTrip(r)
	if err != nil {
		return Location{}, classify(ctx, watch, rawURL, err)
	}
	answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return Location{Status: answer.StatusCode}, nil
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to, err := redirectTarget(u, answer.Header.Get("Location"))
		if _, refused := errors.AsType[*refusal](err); refused {
			return Location{}, failed(observation.ClassRefused, rawURL, err)
		}
		if err != nil {
			return Location{}, failed(observation.ClassMalformed, rawURL, err)
		}
		return Location{Status: answer.StatusCode, To: to}, nil
	}
	err = statusFailure(rawURL, answer, c.now())
	if s, ok := errors.AsType[*statusError](err); ok {
		host.pause(c.now(), s.retryAfter)
	}
	return Location{}, err
}

// redirectTarget resolves and checks the target of a redirect.
func redirectTarget(from *url.URL, location string) (string, error) {
	switch {
	case location == "":
		return "", errors.New("it redirects without saying where")
	case len(location) > maxLocation:
		return "", fmt.Errorf("it redirects to a URL of %d bytes", len(location))
	}
	to, err := from.Parse(location)
	if err != nil {
		return "", errors.New("it redirects to what is no URL")
	}
	if err := checkTarget(to); err != nil {
		return "", err
	}
	return to.String(), nil
}
