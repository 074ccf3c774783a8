package provenance

import (
	"cmp"
	"slices"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// release is the files of one release whose provenance is to be fetched.
type release struct {
	files []observation.ProvenanceFile // newest upload first
	turn  int
}

// plan puts pending files, which come by project in order of rank and newest
// upload first, into the order in which they are fetched: first the newest
// release of every project, then the one before of every project, and so on. A
// project of whose provenance something newer is stored already has had its
// first turn.
func plan(pending []observation.ProvenanceFile) []*release {
	type key struct{ project, version string }
	var all []*release
	byKey := map[key]*release{}
	turns := map[string]int{} // by project
	for _, f := range pending {
		k := key{f.Project, f.Version}
		r := byKey[k]
		if r == nil {
			turn, begun := turns[f.Project]
			if !begun && !newer(f) {
				turn = 1
			}
			turns[f.Project] = turn + 1
			r = &release{turn: turn}
			byKey[k] = r
			all = append(all, r)
		}
		r.files = append(r.files, f)
	}
	slices.SortStableFunc(all, func(a, b *release) int { return cmp.Compare(a.turn, b.turn) })
	return all
}

// newer reports whether a file was uploaded after those of its project whose
// provenance is stored.
func newer(f observation.ProvenanceFile) bool {
	return f.Newest.IsZero() || f.UploadTime.After(f.Newest)
}
