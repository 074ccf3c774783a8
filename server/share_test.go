package server

import (
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// TestShare: what is to be copied holds the data's date, an address that is
// pinned to it, and nothing that breaks out of its syntax.
func TestShare(t *testing.T) {
	s := &Server{Config: Config{BaseURL: "https://pyrometer.example", Tracker: "https://tracker.example/new", Version: "0.1.0"}}
	q := defaults("/chart/" + slugCoverage)
	q.Cohort = "top100"
	c := Chart{Slug: slugCoverage, Title: `50 % of "a}b" & <c> [d]`, Through: Date{date("2026-06-15")}, Sources: []string{"archive"},
		Params: map[string]string{"cohort": "top100"}, kind: kindOf(slugCoverage), query: q}

	cite := s.cite(&c, now)
	if want := "https://pyrometer.example/chart/coverage?cohort=top100&to=2026-06-15"; cite.URL != want {
		t.Errorf("address %s, want %s", cite.URL, want)
	}
	if want := `Pyrometer 0.1.0: 50 % of "a}b" & <c> [d]. archive; data through 15 Jun 2026. Read on 23 Jul 2026. `; !strings.HasPrefix(cite.Text, want) {
		t.Errorf("text %s, want %s", cite.Text, want)
	}
	for _, want := range []string{"@misc{pyrometer-coverage-2026-06-15,\n", `  title = {50 \% of "ab" \& <c> [d]},`, "year = {2026}", "urldate = {2026-07-23}"} {
		if !strings.Contains(cite.BibTeX, want) {
			t.Errorf("BibTeX lacks %s:\n%s", want, cite.BibTeX)
		}
	}
	embed := s.embed(&c)
	if strings.Count(embed.HTML, "<") != 3 || !strings.Contains(embed.HTML, `src="https://pyrometer.example/chart/coverage.svg?cohort=top100"`) {
		t.Errorf("HTML %s", embed.HTML)
	}
	if want := `[![50 % of "a}b" & <c> d](https://pyrometer.example/chart/coverage.svg?cohort=top100)](https://pyrometer.example/chart/coverage?cohort=top100)`; embed.Markdown != want {
		t.Errorf("Markdown %s, want %s", embed.Markdown, want)
	}
	if report := s.report(&c); !report.External() || !strings.Contains(report.Href, "cohort%3A+top100") {
		t.Errorf("report leads to %s", report.Href)
	}

	c.Simulated = true
	if cite := s.cite(&c, now); !strings.HasPrefix(cite.Text, "SIMULATED DATA. ") || !strings.Contains(cite.BibTeX, "SIMULATED DATA. ") {
		t.Error("a citation does not say that its data are simulated")
	}
	if report := s.report(&c); report != (part.Link{}) {
		t.Error("simulated data are offered for a report")
	}
	s.BaseURL = ""
	if embed := s.embed(&c); embed.HTML != "" || embed.Markdown != "" {
		t.Error("a drawing is offered elsewhere without an address")
	}
}
