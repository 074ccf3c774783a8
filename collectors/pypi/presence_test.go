package pypi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// index is a root index of projects p0 … pN-1, and what else it lists.
func index(n int, more ...string) collecttest.Answer {
	var b strings.Builder
	for i := range n {
		more = append(more, fmt.Sprintf("p%d", i))
	}
	for i, name := range more {
		fmt.Fprintf(&b, `%s{"_last-serial":1,"name":%q}`, strings.Repeat(",", min(i, 1)), name)
	}
	return collecttest.Answer{Type: indexType, Body: `{"meta":{"_last-serial":9,"api-version":"1.4"},"projects":[` + b.String() + `]}`}
}

func presences(m *collecttest.Memory) []string {
	var all []string
	for _, p := range collecttest.Of[*observation.Presence](m) {
		all = append(all, fmt.Sprintf("%s %v", p.Project, p.Listed))
		if !p.ObservedAt.Equal(collecttest.Now) {
			all = append(all, p.ObservedAt.String())
		}
	}
	return all
}

// standing is a page that says nothing but its project's status.
func standing(name, status string) collecttest.Answer {
	return collecttest.Answer{Type: indexType, Body: fmt.Sprintf(`{"meta":{"_last-serial":1,"api-version":"1.4"},"name":%q,"files":[],"versions":[],"project-status":{"status":%q}}`, name, status)}
}

func TestPresence(t *testing.T) {
	seen := map[string]bool{"gone": true, "held": true, "odd": true, "down": true, "cached": true, "back": false, "away": false, "some-name": true}
	for i := range 60 {
		seen[fmt.Sprintf("p%d", i)] = true
	}
	s := collecttest.NewSite(map[string]collecttest.Answer{
		rootURL:           index(60, "Back", "Some.Name"),
		pageURL("held"):   standing("held", "quarantined"),
		pageURL("odd"):    {Type: "text/html", Body: "<html>"},
		pageURL("down"):   {Status: 503},
		pageURL("cached"): standing("cached", "active"),
	})
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, s, m))
	catalog := collecttest.Catalog{Projects: []string{"p0"}, Known: map[string]uint64{"p0": 1}, Listed: seen}
	report, err := c.Collect(t.Context(), collecttest.Input("", catalog), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"cached false", "gone false", "back true"}
	if diff := cmp.Diff(want, presences(m)); diff != "" {
		t.Errorf("presence (-want +got):\n%s", diff)
	}
	if !report.Partial || !strings.Contains(report.Note, "Removed, the root index lists them no longer: 2 (cached, gone).") ||
		!strings.Contains(report.Note, "quarantine: 2 (down, odd).") || !strings.Contains(report.Note, "Listed again: 1 (back).") {
		t.Errorf("report %+v", report)
	}
	// The index is read again, for those that could not be asked; what is settled
	// is not said twice.
	catalog.Listed["cached"], catalog.Listed["gone"], catalog.Listed["back"] = false, false, true
	s.Set(pageURL("odd"), standing("odd", "archived"))
	s.Remove(pageURL("down"))
	m.Forget()
	report, err = c.Collect(t.Context(), collecttest.Input(report.Cursor, catalog), m.Emit)
	if err != nil || report.Partial {
		t.Fatalf("report %+v, error %v", report, err)
	}
	if diff := cmp.Diff([]string{"down false", "odd false"}, presences(m)); diff != "" {
		t.Errorf("the second run (-want +got):\n%s", diff)
	}
	// The index has not changed: nothing is judged, and no page is asked.
	m.Forget()
	s.Asked()
	if _, err = c.Collect(t.Context(), collecttest.Input(report.Cursor, catalog), m.Emit); err != nil || len(m.Emitted) != 0 {
		t.Errorf("error %v, emitted %d", err, len(m.Emitted))
	}
	if diff := cmp.Diff([]string{rootURL}, s.Asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestMassRemoval empties the root index of more and more of what was seen.
func TestMassRemoval(t *testing.T) {
	tests := []struct {
		name                   string
		seen, missing, inQuara int
		refused, asked         bool
	}{
		{"twenty of few", 100, 20, 0, false, true},
		{"twenty-one of few", 100, 21, 0, true, true},
		{"one in a hundred", 3000, 30, 0, false, true},
		{"more than one in a hundred", 3000, 31, 0, true, true},
		{"many of them in quarantine", 100, 60, 45, false, true},
		{"too many to ask", 1000, 200, 200, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seen := map[string]bool{}
			for i := range tt.seen {
				seen[fmt.Sprintf("p%d", i)] = true
			}
			answers := map[string]collecttest.Answer{}
			for i := range tt.inQuara {
				name := fmt.Sprintf("p%d", tt.seen-1-i)
				answers[pageURL(name)] = standing(name, "quarantined")
			}
			// Others keep the whole list as long as it was.
			var others []string
			for i := range tt.missing {
				others = append(others, fmt.Sprintf("new-%d", i))
			}
			answers[rootURL] = index(tt.seen-tt.missing, others...)
			s := collecttest.NewSite(answers)
			m := &collecttest.Memory{}
			catalog := collecttest.Catalog{Projects: []string{"p0"}, Known: map[string]uint64{"p0": 1}, Listed: seen}
			in := collecttest.Input(`{"projects":100}`, catalog)
			_, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), in, m.Emit)
			if tt.refused {
				if observation.ClassOf(err) != observation.ClassEmpty || len(m.Emitted) != 0 {
					t.Errorf("error %v, emitted %d", err, len(m.Emitted))
				}
			} else if err != nil || len(presences(m)) != tt.missing-tt.inQuara {
				t.Errorf("error %v, presence %q", err, presences(m))
			}
			if asked := len(s.Asked()) > 1; asked != tt.asked {
				t.Errorf("pages were asked: %v", asked)
			}
		})
	}
}

// An index with entries that cannot be read may list the missing ones there.
func TestIncompleteIndex(t *testing.T) {
	answer := index(3, "back")
	answer.Body = strings.Replace(answer.Body, `"projects":[`, `"projects":[{"name":"\u0000gone"},`, 1)
	s := collecttest.NewSite(map[string]collecttest.Answer{rootURL: answer})
	m := &collecttest.Memory{}
	catalog := collecttest.Catalog{Projects: []string{"p0"}, Known: map[string]uint64{"p0": 1}, Listed: map[string]bool{"gone": true, "back": false}}
	c := New(collecttest.Client(t, s, m))
	for range 2 { // it is not remembered
		m.Forget()
		report, err := c.Collect(t.Context(), collecttest.Input("", catalog), m.Emit)
		if err != nil || !report.Partial || len(collecttest.Of[*observation.Reject](m)) != 1 {
			t.Errorf("report %+v, error %v", report, err)
		}
		if diff := cmp.Diff([]string{"back true"}, presences(m)); diff != "" {
			t.Errorf("presence (-want +got):\n%s", diff)
		}
	}
}

// A project that is asked for by name is asked alone.
func TestOneProjectJudgesNobody(t *testing.T) {
	s := collecttest.NewSite(map[string]collecttest.Answer{rootURL: index(1), pageURL("sample-tool"): {Type: indexType, Body: read(t, "page.json")}})
	m := &collecttest.Memory{}
	in := collecttest.Input("", collecttest.Catalog{Listed: map[string]bool{"gone": true}})
	in.Project = "sample-tool"
	if _, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), in, m.Emit); err != nil || len(presences(m)) != 0 {
		t.Errorf("error %v, presence %q", err, presences(m))
	}
}
