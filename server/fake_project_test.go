package server

import (
	"context"
	"fmt"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// projectWorld is what a world answers about single projects.
type projectWorld struct {
	checkDays  map[string][]observation.CheckDay
	peers      observation.Peers
	publishing map[string]observation.Publishing
	queries    []observation.ProjectsQuery // asked of Projects, guarded by mu
	seen       map[string][]observation.ThreatEvidence
}

func (w *world) ProjectChecks(_ context.Context, name string) ([]observation.CheckDay, error) {
	return w.checkDays[name], w.fail["ProjectChecks"]
}

func (w *world) Peers(_ context.Context, rank int) (observation.Peers, error) {
	if rank < w.peers.First || rank > w.peers.Last {
		return observation.Peers{}, fmt.Errorf("rank %d: %w", rank, ErrNotFound)
	}
	return w.peers, w.fail["Peers"]
}

func (w *world) Publishing(_ context.Context, name string) (observation.Publishing, error) {
	return w.publishing[name], w.fail["Publishing"]
}

func (w *world) ProjectThreats(_ context.Context, name string) ([]observation.ThreatEvidence, error) {
	if found, ok := w.seen[name]; ok {
		return found, w.fail["ProjectThreats"]
	}
	return nil, fmt.Errorf("threats of %s: %w", name, ErrNotFound)
}

// newProjectWorld knows four observations of urllib3, its peers and who
// publishes it.
func newProjectWorld() projectWorld {
	day := func(on string, source observation.ScorecardSource, scores map[string]int8, listed ...string) observation.CheckDay {
		return observation.CheckDay{On: date(on), Source: source, Scores: scores, Listed: listed}
	}
	checks := []string{"Branch-Protection", "License", "Packaging", "Token-Permissions"}
	return projectWorld{
		checkDays: map[string][]observation.CheckDay{"urllib3": {
			day("2023-09-29", observation.SourceAPI, map[string]int8{"Token-Permissions": 10, "License": 10}, checks...),
			day("2023-12-30", observation.SourceArchive, map[string]int8{"Token-Permissions": 4, "License": 10}, checks...),
			day("2026-06-05", observation.SourceArchive, map[string]int8{"Token-Permissions": 4, "License": 9, "Branch-Protection": 8}, checks...),
			day("2026-06-15", observation.SourceArchive, map[string]int8{"License": 10, "Branch-Protection": 7}, checks...),
		}},
		peers: observation.Peers{
			Decile: 1, First: 1, Last: 500, ListOn: date("2026-04-01"), Size: 500, N: 401, P25: ptr(4.1), P50: ptr(5.2), P75: ptr(6.3),
			Checks: map[string]observation.PeerCheck{"License": {N: 400, High: 390, Median: 10}, "Branch-Protection": {N: 3, High: 1, Median: 4.5}},
		},
		publishing: map[string]observation.Publishing{"urllib3": {
			Attestation: &observation.Attestation{Project: "urllib3", Version: "2.7.0", Class: observation.AttestationFull, Files: 2, FilesAttested: 2, Declared: ptr(true), Through: date("2026-07-22")},
			Publishers: []observation.PublisherUse{
				{Publisher: observation.Publisher{Kind: "GitHub", Repository: "github.com/urllib3/urllib3", Workflow: "publish.yml"}, First: date("2025-01-02"), Last: date("2026-05-07"), Releases: 8, Files: 16},
				{Publisher: observation.Publisher{Kind: "Google", Workflow: "<b>"}, Releases: 1, Files: 1},
			},
			Changes: []observation.AttestationChange{{Kind: observation.ChangeGained, Version: "2.3.0", At: date("2024-12-22"), Before: "2.2.3"}},
			Health: &observation.ReleaseHealth{Through: date("2026-07-22"), Releases: 3, Stable: 2, Prereleases: 1, FirstAt: date("2014-09-12"), LastAt: date("2026-05-07"), MedianInterval: ptr(30.5), LastYear: 1,
				Files: 5, YankedFiles: 1, YankedReleases: 1, YankReasons: []string{"broken"}, Version: "2.7.0", RequiresPython: []string{">=3.10"}, Python: observation.PythonCurrent},
			Owners: []observation.OwnersVersion{
				{KnownAt: date("2026-07-20"), Owners: []string{"ann", "cleo"}},
				{KnownAt: date("2026-07-10"), Owners: []string{"ann", "bo"}},
			},
			Forges: []observation.Repository{{Name: "github.com/urllib3/urllib3", State: observation.RepositoryMoved, Target: "github.com/new/urllib3", ObservedAt: date("2026-07-20")}},
		}},
		seen: map[string][]observation.ThreatEvidence{"urllib3": {{Threat: "A", State: observation.EvidenceObserved, Signals: []observation.Signal{{Name: "Code-Review", State: observation.EvidenceObserved}}}}},
	}
}

func (w *world) EachProject(ctx context.Context, q observation.ProjectsQuery, each func(observation.ProjectRow) error) error {
	q.Limit, q.Offset = 1000, 0
	rows, _, err := w.Projects(ctx, q)
	for _, row := range rows {
		if err := each(row); err != nil {
			return err
		}
	}
	return err
}
