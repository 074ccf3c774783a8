package upstream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limit is how one host is to be treated.
type limit struct {
	PerSecond   float64 // requests begun a second, for live only
	Concurrency int     // requests under way at once, always
	Why         string
}

// limits is the etiquette, host by host. A host that is not named here gets
// otherHosts.
var limits = map[string]limit{
	"pypi.org":                  {2, 1, "PyPI asks for serial requests and against thousands within minutes"},
	"api.scorecard.dev":         {2, 2, "no published limit; 4,000 repositories a week take 34 minutes"},
	"raw.githubusercontent.com": {2, 2, "about fifty small monthly files on a first start"},
	"codeload.github.com":       {1, 1, "one archive at a time; it is packed anew for every request"},
	"hugovk.dev":                {1, 1, "one file a month"},
	"github.com":                {1, 1, "its pages, not its API: one header at a time"},
	"gitlab.com":                {1, 1, "likewise"},
	"codeberg.org":              {1, 1, "likewise"},
	"bitbucket.org":             {1, 1, "likewise"},
	"osv-vulnerabilities.storage.googleapis.com": {10, 4, "object storage that is published for bulk use"},
	"api.deps.dev":               {2, 2, "no published quota; a batch of 1,000 versions is one request"},
	"www.cisa.gov":               {1, 1, "one file a day"},
	"epss.empiricalsecurity.com": {1, 1, "one file a day"},
	"endoflife.date":             {1, 1, "one answer, twice a week"},
}

var otherHosts = limit{1, 1, "unknown host: as carefully as can be"}

// hosts keeps the state of every host that was asked.
type hosts struct {
	rated bool // false: nobody is bothered by our rate
	mu    sync.Mutex
	byKey map[string]*host
}

func newHosts(rated bool) *hosts { return &hosts{rated: rated, byKey: map[string]*host{}} }

func (hs *hosts) of(name string) *host {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.byKey[name]
	if h == nil {
		l, ok := limits[name]
		if !ok {
			l = otherHosts
		}
		per := rate.Inf
		if hs.rated {
			per = rate.Limit(l.PerSecond)
		}
		h = &host{limit: l, name: name, tokens: rate.NewLimiter(per, 1), places: make(chan struct{}, l.Concurrency)}
		hs.byKey[name] = h
	}
	return h
}

// host is one host's share of our attention.
type host struct {
	limit
	name   string
	tokens *rate.Limiter
	places chan struct{} // one for each request under way

	mu    sync.Mutex
	alone time.Time // until when the host asked to be left alone
}

// pauseError says that a host asked for more patience than a request has.
type pauseError struct {
	host  string
	until time.Time
}

func (e *pauseError) Error() string {
	return fmt.Sprintf("%s asked not to be asked before %s; nothing was sent", e.host, e.until.UTC().Format(time.RFC3339))
}

// enter waits until the host may be asked: for a place, for the end of a pause
// it asked for, and for its rate. The caller gives the place back by release.
func (h *host) enter(ctx context.Context, now func() time.Time, sleep func(context.Context, time.Duration) error) (release func(), err error) {
	select {
	case h.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var once sync.Once
	release = func() { once.Do(func() { <-h.places }) }
	if err := h.wait(ctx, now, sleep); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

func (h *host) wait(ctx context.Context, now func() time.Time, sleep func(context.Context, time.Duration) error) error {
	h.mu.Lock()
	until := h.alone
	h.mu.Unlock()
	if d := until.Sub(now()); d > longestWait {
		return &pauseError{h.name, until}
	} else if d > 0 {
		if err := sleep(ctx, d); err != nil {
			return err
		}
	}
	return h.tokens.Wait(ctx)
}

// pause notes that the host asked to be left alone for d.
func (h *host) pause(now time.Time, d time.Duration) {
	if d <= 0 {
		return
	}
	until := now.Add(min(d, longestPause))
	h.mu.Lock()
	defer h.mu.Unlock()
	if until.After(h.alone) {
		h.alone = until
	}
}
