package server

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// apiProject answers /api/v1/projects/{name}. Another spelling of the name is
// redirected; an unknown one is a 404 with the nearest names.
func (s *Server) apiProject(r *request) error {
	const prefix = "/api/v1/projects/"
	name, moved, err := r.projectName(prefix)
	if err != nil || moved {
		return err
	}
	d, err := s.detail(r.ctx, r, name)
	if err != nil {
		return err
	}
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(projectOf(&d, !o.Advisory.IsZero(), r.mode.Simulated))
	if err != nil {
		return err
	}
	r.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	markSimulated(r.Response().Header(), r)
	return r.Blob(http.StatusOK, echo.MIMEApplicationJSON, append(body, '\n'))
}

// apiProjectBody is the answer for one project. Null is unknown; an empty list
// is known to be empty, apart from checks and releases, whose absence their
// states explain.
type apiProjectBody struct {
	Name       string         `json:"name"`      // PEP 503 normalised
	Rank       *int           `json:"rank"`      // in the newest list; null when not in it
	Downloads  *uint64        `json:"downloads"` // in the period of that list
	Repository *apiRepository `json:"repository"`
	Scorecard  apiScorecard   `json:"scorecard"`
	Advisories []apiAdvisory  `json:"advisories"` // live vulnerability groups, newest disclosure first; null when OSV was never read
	Malware    []apiAdvisory  `json:"malware"`    // live malware reports, counted apart; null as advisories
	Releases   apiReleases    `json:"releases"`
	Simulated  bool           `json:"simulated,omitempty"`
}

type apiRepository struct {
	URL   string            `json:"url"`
	Trust observation.Trust `json:"trust"` // attested, depsdev or declared
}

// apiScorecard is the value of the project: its newest result. State says why
// there is none: no_result, stale, unavailable, no_repository, not_asked or
// not_fetched; scored otherwise.
type apiScorecard struct {
	State      observation.ScoreState `json:"state"`
	Reason     string                 `json:"reason,omitempty"` // in words, without a result
	Source     *string                `json:"source"`           // api or archive
	ObservedOn Date                   `json:"observed_on"`
	Stated     *float64               `json:"stated"`     // the aggregate as the source states it
	Recomputed *float64               `json:"recomputed"` // over the conclusive checks, by risk
	Core       *float64               `json:"core"`       // over the twelve core checks
	Checks     []apiCheck             `json:"checks"`
}

type apiCheck struct {
	Name   string  `json:"name"`
	Risk   string  `json:"risk"`
	Score  *int8   `json:"score"`  // 0 to 10; null is inconclusive, or blank at the source
	Reason *string `json:"reason"` // null when this source gives none
}

type apiAdvisory struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"` // the id that people know: CVE, else PYSEC, else GHSA
	Members   []string    `json:"members"`
	Aliases   []string    `json:"aliases"`
	Severity  apiSeverity `json:"severity"`
	Disclosed *string     `json:"disclosed"` // 2006-01-02, or 2006 when precision is year
	Precision string      `json:"precision"` // day, year or unknown
	FixedIn   []string    `json:"fixed_in"`
	// LatestAffected says whether the latest stable release lies in the affected
	// range, and no more; null is unknown.
	LatestAffected *bool `json:"latest_affected"`
}

type apiSeverity struct {
	Score *float64 `json:"score"` // CVSS base score
	Word  string   `json:"word"`
}

// apiReleases counts the releases on PyPI. Fetched is false when PyPI has not
// been asked about the project; nothing is known then. A release counts as
// attested when the index offers a PEP 740 provenance object for each of its
// files, and as yanked when all of them are.
type apiReleases struct {
	Fetched           bool         `json:"fetched"`
	Latest            *string      `json:"latest"`
	LatestUploaded    *time.Time   `json:"latest_uploaded"`
	LatestAttestation string       `json:"latest_attestation"` // as on /methods#attested
	Count             *int         `json:"count"`
	Attested          *int         `json:"attested"`
	Yanked            *int         `json:"yanked"`
	Files             *int         `json:"files"`
	List              []apiRelease `json:"list"` // newest version first
}

type apiRelease struct {
	Version    string     `json:"version"`
	Uploaded   *time.Time `json:"uploaded"`
	Files      int        `json:"files"`
	Attested   *int       `json:"attested"` // null when the index did not say of any file
	Yanked     int        `json:"yanked"`
	Prerelease bool       `json:"prerelease"`
}

func projectOf(d *observation.ProjectDetail, advisoriesRead, simulated bool) apiProjectBody {
	out := apiProjectBody{
		Name: d.Project, Scorecard: scorecardBody(d), Releases: releasesBody(d), Simulated: simulated,
	}
	if d.Rank > 0 {
		out.Rank, out.Downloads = &d.Rank, &d.Downloads
	}
	if d.Repository != "" {
		out.Repository = &apiRepository{URL: repositoryURL(d.Repository), Trust: d.Trust}
	}
	if advisoriesRead {
		out.Advisories, out.Malware = []apiAdvisory{}, []apiAdvisory{}
	}
	for _, e := range d.Exposures {
		a := advisoryBody(e.Group)
		a.FixedIn, a.LatestAffected = orEmpty(e.FixedIn), e.LatestAffected
		out.Advisories = append(out.Advisories, a)
	}
	for _, g := range d.MalwareGroups {
		out.Malware = append(out.Malware, advisoryBody(g))
	}
	return out
}

func scorecardBody(d *observation.ProjectDetail) apiScorecard {
	out := apiScorecard{State: d.ScoreState, Checks: []apiCheck{}}
	res := d.Result
	if res == nil || res.Aggregate == nil {
		out.Reason = d.Missing
		if out.Reason == "" {
			out.Reason = whyNoScore(d.ProjectRow)
		}
	}
	if res == nil {
		return out
	}
	source := string(res.Source)
	out.Source, out.ObservedOn = &source, Date{res.ObservedOn}
	out.Stated, out.Recomputed, out.Core = rounded(res.Stated), rounded(res.Aggregate), rounded(res.Core)
	names := checkNames(res)
	slices.Sort(names)
	for _, name := range names {
		check := apiCheck{Name: name, Risk: posture.Risk(name)}
		if c := findCheck(res, name); c != nil {
			check.Score = c.Score
			if c.Reason != "" {
				check.Reason = &c.Reason
			}
		}
		out.Checks = append(out.Checks, check)
	}
	return out
}

func advisoryBody(g observation.Group) apiAdvisory {
	a := apiAdvisory{
		ID: g.ID, Name: g.Name, Members: orEmpty(g.Members), Aliases: orEmpty(g.Aliases), FixedIn: []string{},
		Severity: apiSeverity{Word: g.Severity, Score: rounded(g.Score)}, Precision: g.Precision,
	}
	var disclosed string
	switch {
	case g.Disclosed.IsZero():
		return a
	case g.Precision == "year":
		disclosed = g.Disclosed.Format("2006")
	default:
		disclosed = isoDay(g.Disclosed)
	}
	a.Disclosed = &disclosed
	return a
}

func releasesBody(d *observation.ProjectDetail) apiReleases {
	out := apiReleases{Fetched: fetched(d), LatestAttestation: attestation(latestRelease(d)), List: []apiRelease{}}
	if d.LatestVersion != "" {
		out.Latest = &d.LatestVersion
	}
	out.LatestUploaded = moment(d.LatestUpload)
	if !out.Fetched {
		return out
	}
	var attested, yanked, files int
	for _, r := range d.Releases {
		item := apiRelease{Version: r.Version, Uploaded: moment(r.FirstAt), Files: r.Files, Yanked: r.Yanked, Prerelease: r.Prerelease}
		if r.Unknown < r.Files {
			item.Attested = count(r.Attested)
		}
		files += r.Files
		if r.Files > 0 && r.Attested == r.Files {
			attested++
		}
		if r.Files > 0 && r.Yanked == r.Files {
			yanked++
		}
		out.List = append(out.List, item)
	}
	out.Count, out.Attested, out.Yanked, out.Files = count(len(d.Releases)), count(attested), count(yanked), count(files)
	return out
}

// moment returns a time as RFC 3339 in UTC, nil when unknown.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC().Truncate(time.Second)
	return &u
}

// rounded brings a score to four decimals, nil when unknown.
func rounded(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) {
		return nil
	}
	return value(*v)
}

// orEmpty is never null in JSON.
func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
