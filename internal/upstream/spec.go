package upstream

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
)

// The kinds of upstream.
const (
	Live      = "live"
	Mirror    = "mirror"
	Simulated = "simulated"
)

// Spec says where sources are asked.
type Spec struct {
	Kind     string // Live, Mirror or Simulated
	Dir      string // of a mirror
	Projects int    // of a simulation
	Seed     uint64 // of a simulation
}

// ParseSpec reads live, mirror:DIR or simulated:N[,seed=S]. The empty string is
// live.
func ParseSpec(s string) (Spec, error) {
	kind, rest, _ := strings.Cut(s, ":")
	switch kind {
	case "", Live:
		if rest != "" {
			return Spec{}, fmt.Errorf("upstream %q: live takes nothing after it", s)
		}
		return Spec{Kind: Live}, nil
	case Mirror:
		if rest == "" {
			return Spec{}, fmt.Errorf("upstream %q: name the directory, as in mirror:DIR", s)
		}
		return Spec{Kind: Mirror, Dir: rest}, nil
	case Simulated:
		return parseSimulated(s, rest)
	}
	return Spec{}, fmt.Errorf("upstream %q: want live, mirror:DIR or simulated:N[,seed=S]", s)
}

// Check reports what can be told to be wrong before anything is asked: a mirror
// that is not there.
func (s Spec) Check() error {
	if s.Kind != Mirror {
		return nil
	}
	root, err := openTree(s.Dir)
	if err != nil {
		return err
	}
	return root.Close()
}

func parseSimulated(s, rest string) (Spec, error) {
	count, option, hasOption := strings.Cut(rest, ",")
	n, err := strconv.Atoi(count)
	if err != nil || n < simulated.MinProjects || n > simulated.MaxProjects {
		return Spec{}, fmt.Errorf("upstream %q: a simulation has %d to %d projects", s, simulated.MinProjects, simulated.MaxProjects)
	}
	spec := Spec{Kind: Simulated, Projects: n, Seed: 1}
	if hasOption {
		value, ok := strings.CutPrefix(option, "seed=")
		if spec.Seed, err = strconv.ParseUint(value, 10, 64); !ok || err != nil {
			return Spec{}, fmt.Errorf("upstream %q: after the number only seed=NUMBER is understood", s)
		}
	}
	return spec, nil
}

// transport builds what answers the requests.
func (s Spec) transport(now func() time.Time, t Timeouts) (http.RoundTripper, error) {
	switch s.Kind {
	case Mirror:
		return newMirror(s.Dir)
	case Simulated:
		return simulated.New(s.Projects, s.Seed, now), nil
	}
	return newLive(t), nil
}
