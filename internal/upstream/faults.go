package upstream

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// faults spoils a share of the answers of another transport. Which ones depends
// on the seed, the URL and how often it has been asked for, so a run can be
// repeated exactly and a retry can succeed.
type faults struct {
	next   http.RoundTripper
	host   string // "" for every host
	seed   uint64
	shares []share

	mu    sync.Mutex
	asked map[string]uint64
}

// share is one kind of fault and how many of 1 answers it befalls.
type share struct {
	kind   string // a status from 400 to 599, or one of refusals or spoilers
	status int
	part   float64
}

// refusals are the faults in the place of an answer, beside a status.
var refusals = map[string]func(*http.Request) (*http.Response, error){
	"reset": func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("read from %s: %w", req.URL.Host, syscall.ECONNRESET)
	},
	// Too many requests, without a word of when to come back.
	"busy": func(req *http.Request) (*http.Response, error) {
		return answer(req, http.StatusTooManyRequests, nil), nil
	},
	"loop": func(req *http.Request) (*http.Response, error) {
		return redirect(req, req.URL.String()), nil
	},
	// To where a cloud keeps its secrets.
	"private": func(req *http.Request) (*http.Response, error) {
		return redirect(req, "https://169.254.169.254/latest/meta-data/"), nil
	},
}

func redirect(req *http.Request, to string) *http.Response {
	return answer(req, http.StatusFound, http.Header{"Location": {to}})
}

// FaultKinds lists the faults that are not a status.
func FaultKinds() []string {
	kinds := slices.Collect(maps.Keys(refusals))
	kinds = slices.AppendSeq(kinds, maps.Keys(spoilers))
	slices.Sort(kinds)
	return kinds
}

// newFaults reads a specification such as
// "429=0.1,500=0.05,reset=0.02,truncate=0.01;seed=1;host=pypi.org": shares of 1
// by kind of fault (a status, or one of refusals and spoilers), then options.
func newFaults(spec string, next http.RoundTripper) (*faults, error) {
	f := &faults{next: next, seed: 1, asked: map[string]uint64{}}
	list, options, _ := strings.Cut(spec, ";")
	total := 0.0
	for item := range strings.SplitSeq(list, ",") {
		kind, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		part, err := strconv.ParseFloat(value, 64)
		if err != nil || part < 0 || part > 1 {
			return nil, fmt.Errorf("faults %q: %q needs a share from 0 to 1", spec, kind)
		}
		s := share{kind: kind, part: part}
		if s.status, err = strconv.Atoi(kind); err == nil {
			if s.status < 400 || s.status > 599 {
				return nil, fmt.Errorf("faults %q: %d is not a status of failure", spec, s.status)
			}
		} else if spoilers[kind] == nil && refusals[kind] == nil {
			return nil, fmt.Errorf("faults %q: %q is no fault; want a status or one of %s", spec, kind, strings.Join(FaultKinds(), ", "))
		}
		total += part
		f.shares = append(f.shares, s)
	}
	if total > 1 {
		return nil, fmt.Errorf("faults %q: the shares add up to more than 1", spec)
	}
	if options == "" {
		return f, nil
	}
	for option := range strings.SplitSeq(options, ";") {
		name, value, _ := strings.Cut(option, "=")
		var err error
		switch name {
		case "seed":
			f.seed, err = strconv.ParseUint(value, 10, 64)
		case "host":
			f.host = value
		default:
			err = fmt.Errorf("only seed and host are options")
		}
		if err != nil {
			return nil, fmt.Errorf("faults %q: option %q: %w", spec, option, err)
		}
	}
	return f, nil
}

func (f *faults) RoundTrip(req *http.Request) (*http.Response, error) {
	s, ok := f.draw(req)
	if !ok {
		return f.next.RoundTrip(req)
	}
	if refuse := refusals[s.kind]; refuse != nil {
		return refuse(req)
	}
	if s.status != 0 {
		resp := answer(req, s.status, nil)
		if s.status == http.StatusTooManyRequests {
			resp.Header.Set("Retry-After", "1")
		}
		return resp, nil
	}
	resp, err := f.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	if err := spoilers[s.kind](resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// draw decides whether and how this request goes wrong.
func (f *faults) draw(req *http.Request) (share, bool) {
	if f.host != "" && f.host != req.URL.Hostname() {
		return share{}, false
	}
	url := req.URL.String()
	f.mu.Lock()
	f.asked[url]++
	nth := f.asked[url]
	f.mu.Unlock()
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %d %s", f.seed, nth, url)
	x := h.Sum64() // the low bits of FNV are the mixed ones
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	at := float64(x>>11) / (1 << 53)
	for _, s := range f.shares {
		if at < s.part {
			return s, true
		}
		at -= s.part
	}
	return share{}, false
}
