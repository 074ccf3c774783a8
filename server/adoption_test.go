package server

import (
	"encoding/csv"
	"errors"
	"html"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// plainText is a page with its entities and fixed spaces as they are read.
func plainText(page string) string {
	return strings.ReplaceAll(html.UnescapeString(page), "\u00a0", " ")
}

// TestAttestationTitles: the sentence above the chart is true for every state of
// the address.
func TestAttestationTitles(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/chart/attestations":                          "31 of the 1,000 most downloaded projects attest every file of their latest stable release; for 947 it is unknown",
		"/chart/attestations?to=2025-03":               "15 of the 1,000 most downloaded projects attested every file of their latest stable release on 31 Mar 2025; for 963 it is unknown",
		"/chart/attestations?by=year&to=2025":          "24 of the 1,000 most downloaded projects attested every file of their latest stable release on 31 Dec 2025; for 954 it is unknown",
		"/chart/attestations?of=downloads":             "Projects that attest every file of their latest stable release carry 3.1 % of the downloads of the top 1,000; for 94.7 % of the downloads it is unknown",
		"/chart/attestations?of=files":                 "30 of 100 files known to be uploaded in Jun 2026 by projects of the top 1,000 carry provenance",
		"/chart/attestations?of=files&by=year":         "165 of 600 files known to be uploaded in 2026 up to 22 Jul 2026 by projects of the top 1,000 carry provenance",
		"/chart/attestations?of=files&from=2026-07":    "No month of attestations in the top 1,000 is known from 1 Jul 2026 on",
		"/chart/attestations?cohort=top15000":          "No month of attestations in the top 15,000 is known yet",
		"/chart/attestation-changes":                   "0 releases are known to have gained provenance in the top 1,000 and 0 to have lost it, in the 12 months to Jun 2026",
		"/chart/attestation-changes?to=2025-05":        "1 release is known to have gained provenance in the top 1,000 and 1 to have lost it, in the 8 months to May 2025",
		"/chart/attestation-changes?by=year&to=2025":   "1 release is known to have gained provenance in the top 1,000 and 1 to have lost it, in 2025",
		"/chart/attestation-changes?from=2026-07":      "No whole month of changes of provenance in the top 1,000 is known from 1 Jul 2026 on",
		"/chart/attestation-changes?cohort=top15000":   "No whole month of changes of provenance in the top 15,000 is known yet",
		"/chart/threats":                               "By threat, 10 to 20 of the 1,000 most downloaded projects show public evidence against it",
		"/chart/threats?cohort=top15000":               "No evidence against threats is known for the top 15,000",
		"/chart/attestations?to=2020":                  "No month of attestations in the top 1,000 is known up to 31 Dec 2020",
		"/chart/attestation-changes?by=year&from=2026": "No whole year of changes of provenance in the top 1,000 is known from 1 Jan 2026 on",
	} {
		w := s.get(t, path)
		if w.Code != http.StatusOK || !strings.Contains(plainText(w.Body.String()), ">"+want+"</h1>") {
			t.Errorf("%s: status %d, without the title %q", path, w.Code, want)
		}
	}
}

// TestAttestationShares: the shares of each month are a whole, and what is not
// known is among them.
func TestAttestationShares(t *testing.T) {
	s := newSite(t)
	for _, of := range []string{"projects", "downloads", "files"} {
		rows, err := csv.NewReader(s.get(t, "/chart/attestations.csv?of="+of).Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sums, unknown := map[string]float64{}, 0
		for _, row := range rows[1:] {
			if row[2] == "" {
				continue
			}
			v, err := strconv.ParseFloat(row[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			sums[row[1]] += v
			if row[0] == "unknown" {
				unknown++
			}
		}
		for month, sum := range sums {
			if sum < 99.99 || sum > 100.01 {
				t.Errorf("of=%s, %s: the shares add up to %v", of, month, sum)
			}
		}
		if unknown != len(sums) || unknown == 0 {
			t.Errorf("of=%s: %d months of %d say what is unknown", of, unknown, len(sums))
		}
	}
}

func TestInitiativesStandBesideTheirChart(t *testing.T) {
	s := newSite(t)
	page := s.get(t, "/chart/attestations").Body.String()
	if !strings.Contains(page, "not evidence of cause") || !strings.Contains(page, `href="https://blog.pypi.org/two"`) {
		t.Error("the initiative is missing")
	}
	if strings.Contains(page, "An event before the chart begins") || strings.Contains(page, "PyPI announces <b>") {
		t.Error("an initiative outside of the chart is told, or one is not escaped")
	}
	if page := s.get(t, "/chart/attestations?from=2025").Body.String(); strings.Contains(page, "blog.pypi.org") {
		t.Error("an initiative before the range is told")
	}
}

// TestInitiativesTouchCharts holds that every line of the ledger is drawn on the
// charts that it touches, and on no other.
func TestInitiativesTouchCharts(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]bool{"/chart/dormancy": true, "/chart/attestations": false, "/chart/coverage": false} {
		if got := strings.Contains(s.get(t, path).Body.String(), "https://blog.pypi.org/three"); got != want {
			t.Errorf("%s tells of archiving: %v, want %v", path, got, want)
		}
	}
	file, err := os.Open("../sql/initiatives.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	apart := []string{"PyPI introduces organizations", "PyPI stops accepting PGP signatures"} // nothing here counts what they changed
	for _, row := range rows[1:] {
		drawn := slices.Contains(apart, row[1])
		for _, k := range chartKinds {
			if k.touches != nil && slices.ContainsFunc(k.touches(query{Check: "Packaging"}), func(word string) bool { return strings.Contains(row[1], word) }) {
				drawn = true
			}
		}
		if !drawn {
			t.Errorf("no chart draws %q", row[1])
		}
	}
}

func TestAdoptionPage(t *testing.T) {
	s := newSite(t)
	page := plainText(s.get(t, "/adoption").Body.String())
	for _, want := range []string{
		"PyPI was asked about 55 of the 1,000 most downloaded projects; for 53 the class is known",
		"Why unknown: not asked (940), no stable release (5) and not fetched (5).",
		"The publisher is known of 30 of 35 projects with an attested file in their latest release",
		"26 changes to less or other provenance are known in the top 1,000", "1 to 20 of 26", `href="/adoption?page=2"`,
		"Other publisher: repository and workflow", "GitHub github.com/psf/requests <b>",
		"1 release of the top 1,000 gained provenance",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("without %q", want)
		}
	}
	second := s.get(t, "/adoption?page=2&cohort=top100").Body.String()
	for _, want := range []string{"21 to 26 of 26", `href="/adoption?cohort=top100"`, "a release of an older line", "noindex"} {
		if !strings.Contains(second, want) {
			t.Errorf("page 2: without %q", want)
		}
	}
	if w := s.get(t, "/adoption?page=3"); w.Code != http.StatusBadRequest {
		t.Errorf("page 3: status %d", w.Code)
	}
	if w := s.get(t, "/adoption?of=bytes"); w.Code != http.StatusBadRequest {
		t.Errorf("of=bytes: status %d", w.Code)
	}
	if page := s.get(t, "/adoption?cohort=top15000").Body.String(); !strings.Contains(page, "the newest rank list does not hold 15,000 projects") {
		t.Error("a cohort larger than the list has no reason")
	}
	s.world.provenance = nil
	if page := plainText(s.get(t, "/adoption?cohort=top5000").Body.String()); !strings.Contains(page, "No change to less or other provenance is known in the top 5,000") ||
		!strings.Contains(page, "Among the 53 of 5,000 projects of the cohort whose provenance is known, as of 22 Jul 2026.") {
		t.Error("no change, without saying among how many")
	}
}

func TestThreatsPage(t *testing.T) {
	s := newSite(t)
	page := plainText(s.get(t, "/threats").Body.String())
	for _, want := range []string{
		`id="threat-a"`, `id="threat-availability"`, "ranks of 1 Apr 2026 · scores up to 15 Jun 2026 · files up to 22 Jul 2026 · data through 15 Jun 2026",
		"Evidence observed for 10 (1.0 %) of 1,000 projects, no public evidence observed for 20 (2.0 %), unknown for 970 (97.0 %).",
		`href="/checks/Maintained"`, `href="/malware"`, "https://slsa.dev/spec/v1.2/threats#d-external-build-parameters",
		"never counted", "never a SLSA level", "does not mean that nothing is done", "no history of this is kept",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("without %q", want)
		}
	}
	if page := s.get(t, "/threats?cohort=top15000").Body.String(); !strings.Contains(page, `id="threat-a"`) || strings.Contains(page, "Evidence observed for") {
		t.Error("a cohort larger than the list: the threats are told, without numbers")
	}
	rows, err := csv.NewReader(s.get(t, "/chart/threats.csv").Body).ReadAll()
	if err != nil || len(rows) != 1+3*11 || strings.Join(rows[1], ",") != "A observed,2026-06-15,1,10,1000," {
		t.Errorf("%d rows, %v: %q", len(rows), err, rows[1])
	}
}

// TestSupplyPagesStand: a part that the store does not answer for says so, and the
// rest of its page stands.
func TestSupplyPagesStand(t *testing.T) {
	for _, method := range []string{"Adoption", "AdoptionNow", "AttestationChangesPage", "AttestationMonths", "Initiatives", "Threats"} {
		s := newSite(t)
		s.world.fail[method] = errors.New("the store is away")
		path, want := "/adoption", "How a project begins"
		if method == "Threats" {
			path, want = "/threats", "Package selection"
		}
		w := s.get(t, path)
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "Unavailable.") || !says(body, want) || strings.Contains(body, "the store is away") {
			t.Errorf("%s fails: %s has status %d, or does not say so", method, path, w.Code)
		}
	}
}

// TestEvidenceOn: what rests on two sources is dated by the older.
func TestEvidenceOn(t *testing.T) {
	for _, tt := range []struct{ scores, files, want string }{
		{"2026-06-15", "2026-07-22", "2026-06-15"}, {"2026-07-22", "2026-06-15", "2026-06-15"}, {"2026-06-15", "", "2026-06-15"}, {"", "2026-06-15", "2026-06-15"}, {"", "", ""},
	} {
		var in observation.Threats
		if tt.scores != "" {
			in.ScoresOn = date(tt.scores)
		}
		if tt.files != "" {
			in.FilesOn = date(tt.files)
		}
		if got := isoDay(evidenceOn(in)); got != tt.want {
			t.Errorf("scores of %s and files of %s: %s, want %s", tt.scores, tt.files, got, tt.want)
		}
	}
}
