package server

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Bounds of the page cache. A page is made of the published data, so it stays true
// as long as they are the same, but for what it says of the time of day: a minute.
// Where that is not known, or something is still loading, a page that is a few
// seconds old is as true as a fresh one; without the cache a burst of readers would
// draw the same charts again and again. The memory that it takes is cacheBytes,
// whatever is asked for: an answer counts with its address, and with entryOverhead
// for its headers, because there are as many short answers as anybody cares to ask for.
const (
	sameFor       = time.Minute
	cacheFor      = 3 * time.Second
	staleFor      = 10 * time.Second // after that, while somebody makes it anew
	cacheBytes    = 32 << 20
	cacheEntryMax = 1 << 20
	cacheKeyMax   = 512
	entryOverhead = 4 << 10
)

// pageCache keeps whole answers, the least recently used dropped first. While
// an answer is being made, others who ask for the same get the one before it,
// or wait when there is none.
type pageCache struct {
	mu      sync.Mutex
	entries map[string]*list.Element // of *cacheEntry
	recent  *list.List               // most recently used first
	bytes   int
	flights map[string]*flight
}

type cacheEntry struct {
	key       string
	status    int
	header    http.Header
	body      []byte
	made      time.Time
	published string // the data that it is made of, "" when that is not known
}

// size is what the answer counts against cacheBytes.
func (e *cacheEntry) size() int { return len(e.key) + len(e.body) + entryOverhead }

// fresh reports whether the answer is still true.
func (e *cacheEntry) fresh(now time.Time, published string) bool {
	return now.Before(e.made.Add(cacheFor)) || e.published == published && now.Before(e.expires())
}

// expires is how long the answer is true if nothing else is published.
func (e *cacheEntry) expires() time.Time {
	if e.published == "" {
		return e.made.Add(cacheFor)
	}
	return e.made.Add(sameFor)
}

// flight is an answer that is being made. entry is set before done is closed,
// and stays nil when the answer may not be kept.
type flight struct {
	done  chan struct{}
	entry *cacheEntry
}

func newPageCache() *pageCache {
	return &pageCache{entries: map[string]*list.Element{}, recent: list.New(), flights: map[string]*flight{}}
}

// cached answers from the cache, and keeps what the next handler answers with
// status 200, unless it lacks a part. It stands outside of compress, so that compressed bytes are kept.
func (s *Server) cached(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key := cacheKey(c.Request())
		_, ready := s.Backend()
		if wantsCard(c) || c.Request().Method != http.MethodGet || len(key) > cacheKeyMax || !ready {
			return next(c)
		}
		now, published := s.Now(), s.published(c.Request().Context())
		entry, mine := s.cache.begin(key, now, published)
		if entry != nil {
			return entry.write(c)
		}
		if !mine.first {
			select {
			case <-mine.done:
			case <-c.Request().Context().Done():
				return c.Request().Context().Err()
			}
			if mine.entry != nil {
				return mine.entry.write(c)
			}
			return next(c) // it failed for the other; perhaps not for us
		}
		var made *cacheEntry
		defer func() { s.cache.end(key, mine.flight, made) }()

		res := c.Response()
		rec := &recorder{ResponseWriter: res.Writer, status: http.StatusOK}
		res.Writer = rec
		defer func() { res.Writer = rec.ResponseWriter }() // also when the handler panics
		if err := next(c); err != nil {
			return err
		}
		h := res.Header()
		if rec.status == http.StatusOK {
			sum := sha256.Sum256(rec.body.Bytes())
			h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
			h.Set(echo.HeaderContentLength, strconv.Itoa(rec.body.Len()))
			if h.Get(echo.HeaderSetCookie) == "" && rec.body.Len() <= cacheEntryMax && c.Get(lacking) == nil {
				made = &cacheEntry{key: key, status: rec.status, header: h.Clone(), body: rec.body.Bytes(), made: now, published: published}
			}
			if matches(c.Request(), h.Get("ETag")) {
				h.Del(echo.HeaderContentLength)
				rec.ResponseWriter.WriteHeader(http.StatusNotModified)
				return nil
			}
		}
		rec.ResponseWriter.WriteHeader(rec.status)
		_, err := rec.ResponseWriter.Write(rec.body.Bytes())
		return err
	}
}

// published names the data that pages are made of, "" while that is not known or
// something is loading, of which pages tell how far it is.
func (s *Server) published(ctx context.Context) string {
	if s.Published == nil || len(s.Activity()) > 0 {
		return ""
	}
	name, err := s.Published(ctx)
	if err != nil {
		return ""
	}
	return name
}

// cacheKey holds all that an answer depends on besides the stored data.
func cacheKey(r *http.Request) string {
	key := r.URL.EscapedPath() + "?" + r.URL.RawQuery + " " + themeCookie(r)
	if takesGzip(r) {
		key += " gzip"
	}
	return key
}

type turn struct {
	*flight
	first bool // it is ours to make the answer
}

// begin returns the answer, or the flight of who makes it.
func (p *pageCache) begin(key string, now time.Time, published string) (*cacheEntry, turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.entries[key]; ok {
		entry := e.Value.(*cacheEntry)
		_, making := p.flights[key]
		if entry.fresh(now, published) || making && now.Before(entry.expires().Add(staleFor)) {
			p.recent.MoveToFront(e)
			return entry, turn{}
		}
	}
	if f, ok := p.flights[key]; ok {
		return nil, turn{flight: f}
	}
	f := &flight{done: make(chan struct{})}
	p.flights[key] = f
	return nil, turn{flight: f, first: true}
}

// end hands the answer to who waits for it and keeps it; nil when there is none.
func (p *pageCache) end(key string, f *flight, entry *cacheEntry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.entry = entry
	close(f.done)
	delete(p.flights, key)
	if entry == nil {
		return
	}
	if old, ok := p.entries[key]; ok {
		p.drop(old)
	}
	p.entries[key] = p.recent.PushFront(entry)
	p.bytes += entry.size()
	for p.bytes > cacheBytes {
		p.drop(p.recent.Back())
	}
}

func (p *pageCache) drop(e *list.Element) {
	entry := p.recent.Remove(e).(*cacheEntry)
	delete(p.entries, entry.key)
	p.bytes -= entry.size()
}

func (e *cacheEntry) write(c echo.Context) error {
	h := c.Response().Header()
	for name, values := range e.header {
		h[name] = values
	}
	if matches(c.Request(), h.Get("ETag")) {
		h.Del(echo.HeaderContentLength)
		return c.NoContent(http.StatusNotModified)
	}
	c.Response().WriteHeader(e.status)
	_, err := c.Response().Write(e.body)
	return err
}

// matches reports whether the reader already has this answer.
func matches(r *http.Request, etag string) bool {
	for have := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if have = strings.TrimPrefix(strings.TrimSpace(have), "W/"); have == etag && etag != "" {
			return true
		}
	}
	return false
}

// recorder keeps an answer back until it is whole.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// Flush does nothing: what is kept back leaves at the end.
func (r *recorder) Flush() {}
