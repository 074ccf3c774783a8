package upstream

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// failed names what was asked in a failure.
func failed(class observation.Class, rawURL string, err error) error {
	return &observation.Error{Class: class, Op: "GET " + rawURL, Err: err}
}

// ended is the failure of a request whose context is over: our deadline, or a
// run that was stopped.
func ended(ctx context.Context, rawURL string) error {
	class := observation.ClassInternal
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		class = observation.ClassTimeout
	}
	return failed(class, rawURL, ctx.Err())
}

// statusError is an answer whose status is the failure.
type statusError struct {
	status     int
	retryAfter time.Duration // 0: the source did not say
}

func (e *statusError) Error() string {
	s := fmt.Sprintf("answered %d", e.status)
	if text := http.StatusText(e.status); text != "" {
		s += " " + text
	}
	if e.retryAfter > 0 {
		s += fmt.Sprintf(" and asked to wait %s", e.retryAfter)
	}
	return s
}

// statusFailure maps a status other than 200 onto the closed set of classes.
func statusFailure(rawURL string, answer *http.Response, now time.Time) error {
	e := &statusError{status: answer.StatusCode, retryAfter: retryAfter(answer.Header, now)}
	return failed(classOfStatus(e.status, e.retryAfter > 0), rawURL, e)
}

func classOfStatus(status int, saysWhen bool) observation.Class {
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return observation.ClassNotFound
	case status == http.StatusTooManyRequests:
		return observation.ClassRateLimited
	case saysWhen && (status == http.StatusForbidden || status == http.StatusServiceUnavailable):
		return observation.ClassRateLimited
	case status == http.StatusAccepted, status >= 500:
		return observation.ClassUnavailable // 202: the answer is being made
	case status >= 400:
		return observation.ClassRefused
	}
	return observation.ClassMalformed // no other status answers an unconditional GET
}

// retryAfter reads a Retry-After header, in seconds or as a date (RFC 9110
// section 10.2.3). Anything else, and the past, is 0.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(0, t.Sub(now).Round(time.Second))
	}
	return 0
}

// repeatable reports whether the same request may be sent again at once: its
// class allows it, it is not our own refusal to ask, and of the 4xx it is 429. A
// 202 that says when to come back concerns this one URL: the host is asked for
// others in the meantime, and for this one in the next run.
func repeatable(err error) bool {
	if !observation.ClassOf(err).Retryable() {
		return false
	}
	if _, ok := errors.AsType[*pauseError](err); ok {
		return false
	}
	s, ok := errors.AsType[*statusError](err)
	if !ok {
		return true
	}
	if s.status == http.StatusAccepted && s.retryAfter > 0 {
		return false
	}
	return (s.status == http.StatusTooManyRequests || s.status >= 500 || s.status < 400) && s.retryAfter <= longestWait
}

// checkType holds an answer to the media types that were asked for.
func checkType(header string, req Request) error {
	if len(req.ContentTypes) == 0 && !req.ExpectJSON {
		return nil
	}
	got, _, err := mime.ParseMediaType(header)
	if err != nil {
		got = strings.ToLower(strings.TrimSpace(header))
	}
	if len(req.ContentTypes) == 0 {
		if got == "text/html" || got == "application/xhtml+xml" {
			return fmt.Errorf("answered %s where JSON was expected", got)
		}
		return nil
	}
	for _, want := range req.ContentTypes {
		if strings.EqualFold(got, want) {
			return nil
		}
	}
	return fmt.Errorf("answered the media type %q; expected %s", got, strings.Join(req.ContentTypes, " or "))
}

// classify maps an error of the transport onto the closed set of classes.
func classify(ctx context.Context, w *watch, rawURL string, err error) error {
	if ctx.Err() != nil {
		return ended(ctx, rawURL)
	}
	if e, ok := errors.AsType[*silence](context.Cause(w.ctx)); ok {
		return failed(observation.ClassTimeout, rawURL, e)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // it repeats the URL
	}
	if e, ok := errors.AsType[*refusal](err); ok {
		return failed(observation.ClassRefused, rawURL, e)
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return failed(observation.ClassTimeout, rawURL, err)
	}
	return failed(observation.ClassUnavailable, rawURL, err)
}

// classifyBody is classify for an error in the middle of a body, where an early
// end and broken compression are faults of the answer itself.
func classifyBody(ctx context.Context, w *watch, rawURL string, err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, io.ErrUnexpectedEOF):
		return failed(observation.ClassMalformed, rawURL, errors.New("the answer ends before its end"))
	case corrupt, errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return failed(observation.ClassMalformed, rawURL, fmt.Errorf("the answer's compression is broken: %w", err))
	}
	return classify(ctx, w, rawURL, err)
}
