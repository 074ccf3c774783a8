package advisory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// events reads "0 <1.2 | 2.0 <=2.4": a number introduces, "<" fixes, "<=" is last
// affected, "~" limits; "|" parts ranges.
func ranges(s string) []observation.Range {
	var out []observation.Range
	for part := range strings.SplitSeq(s, "|") {
		var r observation.Range
		for _, f := range strings.Fields(part) {
			switch {
			case strings.HasPrefix(f, "<="):
				r.Events = append(r.Events, observation.Event{LastAffected: f[2:]})
			case strings.HasPrefix(f, "<"):
				r.Events = append(r.Events, observation.Event{Fixed: f[1:]})
			case strings.HasPrefix(f, "~"):
				r.Events = append(r.Events, observation.Event{Limit: f[1:]})
			default:
				r.Events = append(r.Events, observation.Event{Introduced: f})
			}
		}
		if r.Events != nil {
			out = append(out, r)
		}
	}
	return out
}

func affected(spec string, versions ...string) observation.Affected {
	return observation.Affected{Project: "example", Ranges: ranges(spec), Versions: versions}
}

// TestMatch holds the examples of the OSV schema ("Evaluation", "Examples") and
// the awkward forms that records have. In the columns yes, no and unknown are
// versions.
func TestMatch(t *testing.T) {
	tests := []struct {
		name             string
		affected         []observation.Affected
		yes, no, unknown string
	}{
		{"schema: unfixed", []observation.Affected{affected("0")}, "0.0.0.dev3 0 1.0 99!1 junk", "", ""},
		{"schema: fixed", []observation.Affected{affected("0 <1.0.2")}, "0 0.0.0.dev3 1.0.1 1.0.2rc1 1.0.2.dev1", "1.0.2 1.0.2.0 1.0.2.post1 1.0.3", "junk"},
		{"schema: several pairs", []observation.Affected{affected("1.0.0 <1.0.2 3.0.0 <3.2.5")}, "1.0.0 1.0.1 3.0.0 3.2.4", "0.9 1.0.2 2.5 3.2.5 4", ""},
		{"schema: last_affected", []observation.Affected{affected("0 <=2.1.214")}, "1 2.1.213 2.1.214", "2.1.214.post1 2.1.215", ""},
		{"schema: the same version fixed", []observation.Affected{affected("0 <2.1.214")}, "2.1.213", "2.1.214 2.1.215", ""},
		{"listed or in a range", []observation.Affected{affected("2.0 <2.1", "1.5", "v3.0.0")}, "1.5 1.5.0 2.0.5 3.0", "1.4 2.1 3.0.1", ""},
		{"events out of order", []observation.Affected{affected("1.8 <1.8.4 1.7 <1.7.10 1.4 <1.4.22")}, "1.4 1.4.21 1.7.9 1.8.3 1.8", "1.3 1.4.22 1.5 1.6.99 1.7.10 1.8.4 1.9", ""},
		{"fixed before introduced", []observation.Affected{affected("<1.4.22 <1.8.4 1.8 1.4")}, "1.4 1.4.21 1.8.3", "1.4.22 1.7 1.8.4", ""},
		{"many last_affected: the first ends it", []observation.Affected{affected("0 <=3.2 <=3.0 <=3.1")}, "2.9 3.0", "3.0.1 3.1 3.2 4", ""},
		{"several ranges", []observation.Affected{affected("0 <1.1.3 | 1.2 <1.2.4")}, "1.1.2 1.2 1.2.3", "1.1.3 1.2.4", ""},
		{"several records", []observation.Affected{affected("0 <1.0"), affected("2.0 <2.1", "7")}, "0.9 2.0 7.0", "1.0 2.1 8", ""},
		{"pre-releases lie before the release", []observation.Affected{affected("2.0 <2.1")}, "2.1rc1 2.0.post1", "2.0rc1 2.1", ""},
		{"introduced and fixed in one version", []observation.Affected{affected("1.0 <1.0")}, "", "0.9 1.0 1.1", ""},
		{"the same the other way round", []observation.Affected{affected("<1.0 1.0")}, "", "0.9 1.0 1.1", ""},
		{"a chain that touches", []observation.Affected{affected("0 <1.0 1.0 <1.1")}, "0.9 1.0 1.0.5", "1.1 2", ""},
		{"the same in another order", []observation.Affected{affected("1.0 <1.1 0 <1.0")}, "0.9 1.0 1.0.5", "1.1 2", ""},
		{"one version by last_affected", []observation.Affected{affected("8.0 <=8.0")}, "8.0 8", "7.9 8.0.1", ""},
		{"0.0.0 is a version, 0 is not", []observation.Affected{affected("0.0.0 <1.0")}, "0 0.0.0", "0.dev1 0.0.0a1", ""},
		{"schema: limit", []observation.Affected{affected("0 ~1.0")}, "0.5 1.0rc1", "1.0 2.0", "junk"},
		{"the greatest limit", []observation.Affected{affected("~2.0 0 <0.5 1.0 <3.0 ~1.5")}, "0.4 1.0 1.9", "0.5 2.0 2.5 3.0", ""},
		{"a limit behind all versions", []observation.Affected{affected("0 ~1.0 ~*")}, "0.5 2.0 junk", "", ""},
		{"a limit before the beginning", []observation.Affected{affected("2.0 ~1.0")}, "", "0.5 1.0 2.0 3.0", ""},
		{"a limit that cannot be placed", []observation.Affected{affected("1.0 <2.0 ~1.0-NA")}, "", "0.5 2.0", "1.0 1.9"},
		{"limit of one range alone", []observation.Affected{affected("0 ~1.0 | 3.0")}, "0.5 3.0", "1.0 2.9", ""},
		{"neither ranges nor versions", []observation.Affected{affected("")}, "", "", "1.0 junk"},
		{"nothing at all", nil, "", "", "1.0"},
		{"a range without introduced says nothing", []observation.Affected{affected("<1.0")}, "", "", "0.9 1.1"},
		{"but the list beside it does", []observation.Affected{affected("<1.0", "0.5")}, "0.5", "0.9", ""},
		{"versions only", []observation.Affected{affected("", "0.1.13", "0.1.14")}, "0.1.13 0.1.14", "0.1.12 0.1.15 junk", ""},
		{"not PEP 440: equal as text", []observation.Affected{affected("", "v_05", "0.1-bulbasaur")}, "v_05 0.1-bulbasaur", "0.1 V_05", ""},
		{"an end that cannot be placed", []observation.Affected{affected("0 <=2.9.0-NA")}, "", "", "1.0 3.0"},
		{"beside one that can", []observation.Affected{affected("0 <=2.9.0-NA <=2.9.0b1")}, "", "2.9.0 3.0", "2.9.0b1 1.0"},
		{"only of one pair", []observation.Affected{affected("0 <4.6.0.stable11 4.6.1.dev0 <4.6.1.dev138", "4.6.1.dev9")}, "4.6.1.dev9", "4.6.1 4.7", "4.5 4.6.1.dev5"},
		{"a beginning that cannot be placed", []observation.Affected{affected("v_05 2.0 <3.0")}, "2.0 2.9", "", "1.0 3.0"},
		{"another record decides", []observation.Affected{affected("0 <=2.9.0-NA"), affected("0 <2.9.1")}, "1.0 2.9", "", "2.9.1"},
	}
	for _, tt := range tests {
		for _, group := range []struct {
			versions  string
			is, known bool
		}{{tt.yes, true, true}, {tt.no, false, true}, {tt.unknown, false, false}} {
			for _, v := range strings.Fields(group.versions) {
				if is, known := Match(tt.affected, v); is != group.is || known != group.known {
					t.Errorf("%s: %s: affected %t, known %t; want %t, %t", tt.name, v, is, known, group.is, group.known)
				}
			}
		}
	}
}

// evaluate is the pseudo-code of the OSV schema, word for word, over events
// sorted by version.
func evaluate(list []observation.Affected, version string) bool {
	v := pypa.ParseVersion(version)
	for _, a := range list {
		if slices.Contains(a.Versions, version) {
			return true
		}
		for _, r := range a.Ranges {
			if !beforeLimits(r.Events, v) {
				continue
			}
			sorted := slices.Clone(r.Events)
			slices.SortStableFunc(sorted, func(a, b observation.Event) int { return at(a).Compare(at(b)) })
			vulnerable := false
			for _, e := range sorted {
				switch {
				case e.Introduced != "" && v.Compare(at(e)) >= 0:
					vulnerable = true
				case e.Fixed != "" && v.Compare(at(e)) >= 0:
					vulnerable = false
				case e.LastAffected != "" && v.Compare(at(e)) > 0:
					vulnerable = false
				}
			}
			if vulnerable {
				return true
			}
		}
	}
	return false
}

func beforeLimits(events []observation.Event, v pypa.Version) bool {
	limits := 0
	for _, e := range events {
		if e.Limit == "" {
			continue
		}
		limits++
		if v.Compare(pypa.ParseVersion(e.Limit)) < 0 {
			return true
		}
	}
	return limits == 0
}

func at(e observation.Event) pypa.Version {
	if e.Introduced == "0" {
		return pypa.Version{}
	}
	return pypa.ParseVersion(e.Introduced + e.Fixed + e.LastAffected)
}

// FuzzMatch makes ranges out of bytes and compares Match with the schema's
// pseudo-code, in every order of events. Two events of one range never have one
// version here: the schema does not say what that means.
func FuzzMatch(f *testing.F) {
	f.Add([]byte{0, 10, 1, 20, 0, 30, 2, 40}, uint64(1))
	f.Add([]byte{0x80, 0, 1, 4, 0, 2, 1, 3}, uint64(2))
	f.Add([]byte{0, 1, 1, 9, 4, 5, 3, 0, 4, 3, 0x80, 0, 0, 2}, uint64(4))
	f.Add([]byte{2, 1, 2, 2, 2, 3, 0, 0, 3, 9, 0x40, 5}, uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		list := affectedOf(data)
		random := rand.New(rand.NewPCG(seed, 1))
		shuffled := make([]observation.Affected, len(list))
		for i, a := range list {
			shuffled[i] = observation.Affected{Project: a.Project, Versions: a.Versions}
			for _, r := range a.Ranges {
				events := slices.Clone(r.Events)
				random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
				shuffled[i].Ranges = append(shuffled[i].Ranges, observation.Range{Events: events})
			}
		}
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		said := newScope(list).words()
		if again := newScope(shuffled).words(); said != again {
			t.Errorf("the order of events changes the words: %q, %q", said, again)
		}
		var uploads []Upload
		count := 0
		defer func() {
			if got := NewReleases("", uploads).affected(newScope(list)); got != count {
				t.Errorf("%d releases in %q, one by one %d", got, said, count)
			}
		}()
		for i := range 64 {
			v := versionOf(byte(i))
			is, known := Match(list, v)
			uploads = append(uploads, Upload{Version: v})
			if is {
				count++
			}
			if want := evaluate(list, v); known && is != want || !known && want {
				t.Errorf("%s in %q: %t (known %t), the schema says %t", v, said, is, known, want)
			}
			if is2, known2 := Match(shuffled, v); is2 != is || known2 != known {
				t.Errorf("%s in %q: the order of events makes a difference", v, said)
			}
		}
	})
}

func versionOf(b byte) string { return fmt.Sprintf("%d.%d", b>>3&7, b&7) }

func affectedOf(data []byte) []observation.Affected {
	list := []observation.Affected{{Project: "example"}}
	var events []observation.Event
	used := map[string]bool{}
	end := func() {
		if events != nil {
			last := &list[len(list)-1]
			last.Ranges = append(last.Ranges, observation.Range{Events: events})
		}
		events, used = nil, map[string]bool{}
	}
	for i := 0; i+2 <= len(data) && i < 200; i += 2 {
		op, v := data[i], versionOf(data[i+1])
		if op&0x80 != 0 {
			end()
		}
		if op&0x40 != 0 {
			end()
			list = append(list, observation.Affected{Project: "example", Versions: []string{v}})
		}
		if op&7 != 4 {
			if used[v] {
				continue
			}
			used[v] = true
		}
		switch op & 7 {
		case 0, 5:
			events = append(events, observation.Event{Introduced: v})
		case 1, 6:
			events = append(events, observation.Event{Fixed: v})
		case 2, 7:
			events = append(events, observation.Event{LastAffected: v})
		case 3:
			if !used["0"] {
				used["0"] = true
				events = append(events, observation.Event{Introduced: "0"})
			}
		case 4:
			events = append(events, observation.Event{Limit: v})
		}
	}
	end()
	return list
}
