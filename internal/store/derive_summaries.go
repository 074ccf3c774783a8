package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// standing is the newest answer of one source about one subject. The zero
// value is none.
type standing struct {
	value
	aggregate, coreOrNil *float32
}

// question is all that decides the state of a project's Scorecard value.
type question struct {
	archive     standing // newest row of an accepted snapshot
	api         standing // newest answer about the strongest repository
	unavailable day      // newest day on which the API could not be asked about it
	newest      day      // newest accepted observation of all, 0 without any
	repository  string   // strongest repository, "" when none is known
	asked       bool     // PyPI was asked
	answered    bool     // and its JSON API has answered, so that "" means that it names none
	tracked     bool     // among the projects that are asked about one by one
}

// answer is the state of a project's Scorecard value and what it speaks of.
type answer struct {
	state observation.ScoreState
	about standing // of scored, no_result and stale: that result; of the others zero, or what the archive said
	other standing // the newest answer beside it
}

// scoreState decides why a project has or lacks a Scorecard value, the first of:
//
//	scored         a result not older than valueDays before the newest accepted
//	               observation of any source, or newer than that. The reference is
//	               not today: a source that has stopped takes its date with it. It
//	               is one for all sources, so that a project has a value here
//	               exactly when it has one in the newest point of the cohort lines,
//	               or in something newer still.
//	no_repository  PyPI names no repository: the reason behind any "no result"
//	no_result      a source answered that it has none, not longer ago than that
//	stale          there is a result, but an older one
//	unavailable    the API could not be asked, not longer ago than that; or PyPI was
//	               asked and did not give the metadata that names a repository
//	not_fetched    tracked, and its turn has not come
//	not_asked      outside the list of the archive and of ours, or at a forge that
//	               Scorecard does not serve
func scoreState(q question) answer {
	current := func(s standing) value {
		if s.on < q.newest-valueDays {
			return value{}
		}
		return s.value
	}
	archive, api := current(q.archive), current(q.api)
	v := better(archive, api)
	first, second := q.archive, q.api
	if v.api || v.on == 0 && q.api.on > q.archive.on {
		first, second = second, first
	}
	switch {
	case v.scored:
		return answer{observation.ScoreScored, first, second}
	case q.answered && q.repository == "":
		if v.on == 0 {
			return answer{observation.ScoreNoRepository, standing{}, first}
		}
		return answer{observation.ScoreNoRepository, first, second}
	case v.on != 0:
		return answer{observation.ScoreNoResult, first, second}
	case first.scored:
		return answer{observation.ScoreStale, first, second}
	case second.scored:
		return answer{observation.ScoreStale, second, first}
	case q.unavailable != 0 && q.unavailable > q.newest-valueDays:
		return answer{observation.ScoreUnavailable, standing{value: value{on: q.unavailable, api: true}}, first}
	case q.asked && !q.answered && q.repository == "":
		return answer{observation.ScoreUnavailable, standing{}, first}
	case q.tracked && (q.repository == "" || served(q.repository)):
		return answer{observation.ScoreNotFetched, standing{}, first}
	}
	return answer{observation.ScoreNotAsked, standing{}, first}
}

// served reports whether api.scorecard.dev can be asked about a repository: it
// knows two forges, and on them host/owner/name alone.
func served(repository string) bool {
	parts := strings.Split(repository, "/")
	return len(parts) == 3 && (parts[0] == "github.com" || parts[0] == "gitlab.com")
}

// summary is one row of project_summaries without its score.
type summary struct {
	displayName    string
	rank           uint32
	downloads      uint64
	latestVersion  string
	latestUpload   *time.Time
	status         string
	organization   string
	askedAt        *time.Time
	fromJSON       bool
	groups         uint32
	malware        uint32
	latestAffected uint32
	latestUnknown  uint32
}

// deriveSummaries writes one row for every project that the newest rank list,
// the archive, PyPI or an advisory names.
func (s *Store) deriveSummaries(ctx context.Context, g generation) error {
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	rows, err := s.loadSummaries(ctx, published[datasetAdvisories])
	if err != nil {
		return err
	}
	links, err := s.repositories(ctx)
	if err != nil {
		return err
	}
	newest, archive, err := s.loadArchiveStandings(ctx, published[datasetScores])
	if err != nil {
		return err
	}
	api, err := s.loadAPIStandings(ctx)
	if err != nil {
		return err
	}
	for project := range archive {
		if _, ok := rows[project]; !ok {
			rows[project] = &summary{}
		}
	}

	names := slices.Sorted(maps.Keys(rows))
	n := len(names)
	var (
		display, version, status, repository, trust = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		organization                                = make([]string, n)
		state, source, otherSource                  = make([]string, n), make([]string, n), make([]string, n)
		rank, groups, malware                       = make([]uint32, n), make([]uint32, n), make([]uint32, n)
		affected, unknown                           = make([]uint32, n), make([]uint32, n)
		downloads                                   = make([]uint64, n)
		upload, askedAt, scoreOn, otherOn           = make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
		aggregate, core                             = make([]*float32, n), make([]*float32, n)
	)
	for i, name := range names {
		r, link := rows[name], links.projects[name]
		asked := api[link.key()]
		a := scoreState(question{
			archive: archive[name], api: asked.standing, unavailable: asked.unavailable, newest: newest,
			repository: link.Repository, asked: r.askedAt != nil, answered: r.fromJSON, tracked: 0 < r.rank && int(r.rank) <= s.track,
		})
		display[i], rank[i], downloads[i] = cmp.Or(r.displayName, name), r.rank, r.downloads
		version[i], upload[i], status[i], askedAt[i] = r.latestVersion, r.latestUpload, r.status, r.askedAt
		organization[i] = r.organization
		repository[i], trust[i] = cmp.Or(asked.subject, link.Repository), string(link.Trust)
		groups[i], malware[i], affected[i], unknown[i] = r.groups, r.malware, r.latestAffected, r.latestUnknown
		state[i] = string(a.state)
		source[i], scoreOn[i] = a.about.columns()
		otherSource[i], otherOn[i] = a.other.columns()
		if a.state == observation.ScoreScored {
			aggregate[i], core[i] = a.about.aggregate, a.about.coreOrNil
		}
	}
	return s.writeColumns(ctx, g, "project_summaries", n,
		column{"project", names},
		column{"display_name", display},
		column{"rank", rank},
		column{"downloads", downloads},
		column{"latest_version", version},
		column{"latest_upload", upload},
		column{"status", status},
		column{"organization", organization},
		column{"asked_at", askedAt},
		column{"repository", repository},
		column{"trust", trust},
		column{"score_state", state},
		column{"score_source", source},
		column{"score_on", scoreOn},
		column{"other_source", otherSource},
		column{"other_on", otherOn},
		column{"aggregate", aggregate},
		column{"core", core},
		column{"groups", groups},
		column{"malware", malware},
		column{"latest_affected", affected},
		column{"latest_unknown", unknown})
}

// columns returns the source and date of a standing, empty without one.
func (s standing) columns() (source string, on *time.Time) {
	if s.on == 0 {
		return "", nil
	}
	t := s.on.time()
	return sourceName(s.api), &t
}

// loadSummaries reads what the rank list, PyPI and the advisories of a
// generation say of each project.
func (s *Store) loadSummaries(ctx context.Context, advisories uint64) (map[string]*summary, error) {
	all := make(map[string]*summary)
	at := func(project string) *summary {
		r, ok := all[project]
		if !ok {
			r = new(summary)
			all[project] = r
		}
		return r
	}
	var project string
	err := s.queryEach(ctx, "summaries.ranks", func(rows driver.Rows) error {
		var rank uint32
		var downloads uint64
		if err := rows.Scan(&project, &rank, &downloads); err != nil {
			return err
		}
		r := at(project)
		r.rank, r.downloads = rank, downloads
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.queryEach(ctx, "summaries.projects", func(rows driver.Rows) error {
		var p summary
		if err := rows.Scan(&project, &p.displayName, &p.latestVersion, &p.latestUpload, &p.status, &p.organization, &p.askedAt, &p.fromJSON); err != nil {
			return err
		}
		r := at(project)
		r.displayName, r.latestVersion, r.latestUpload = p.displayName, p.latestVersion, p.latestUpload
		r.status, r.organization, r.askedAt, r.fromJSON = p.status, p.organization, p.askedAt, p.fromJSON
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.queryEach(ctx, "summaries.exposures", func(rows driver.Rows) error {
		var groups, malware, affected, unknown uint64
		if err := rows.Scan(&project, &groups, &malware, &affected, &unknown); err != nil {
			return err
		}
		r := at(project)
		r.groups, r.malware, r.latestAffected, r.latestUnknown = uint32(groups), uint32(malware), uint32(affected), uint32(unknown)
		return nil
	}, param("generation", advisories))
	return all, err
}

// loadArchiveStandings reads each project's newest row of an accepted snapshot
// of the archive, and the newest accepted observation of all.
func (s *Store) loadArchiveStandings(ctx context.Context, scores uint64) (newest day, archive map[string]standing, err error) {
	decided, err := s.snapshots(ctx, scores)
	if err != nil {
		return 0, nil, err
	}
	var accepted []string
	for _, d := range decided {
		if d.accepted() {
			newest = d.on
			if !d.api {
				accepted = append(accepted, d.on.time().Format(time.DateOnly))
			}
		}
	}
	archive = make(map[string]standing)
	err = s.queryEach(ctx, "summaries.archive", func(rows driver.Rows) error {
		var project string
		n, err := scanStanding(rows, false, &project)
		if err != nil {
			return err
		}
		archive[project] = n
		return nil
	}, param("days", accepted))
	return newest, archive, err
}

// apiStanding is what the API said last of one repository.
type apiStanding struct {
	standing
	subject     string // the repository as the forge writes it
	unavailable day    // newest day on which it could not be asked, 0 never
}

// loadAPIStandings reads the newest answers of the API by repository, in lower
// case because links are written in any.
func (s *Store) loadAPIStandings(ctx context.Context) (map[string]apiStanding, error) {
	all := make(map[string]apiStanding)
	err := s.queryEach(ctx, "summaries.api", func(rows driver.Rows) error {
		var subject string
		var unavailable uint16
		n, err := scanStanding(rows, true, &subject, &unavailable)
		if err != nil {
			return err
		}
		key := strings.ToLower(subject)
		known, ok := all[key]
		if !ok || n.on > known.on {
			known.standing, known.subject = n, subject
		}
		known.unavailable = max(known.unavailable, day(unavailable))
		all[key] = known
		return nil
	})
	return all, err
}

// scanStanding scans first and then the columns state, on, aggregate and core.
func scanStanding(rows driver.Rows, api bool, first ...any) (standing, error) {
	var state string
	var on uint16
	n := standing{value: value{api: api}}
	if err := rows.Scan(append(first, &state, &on, &n.aggregate, &n.coreOrNil)...); err != nil {
		return n, err
	}
	n.on, n.scored = day(on), state == string(observation.StateScored)
	return n, nil
}
