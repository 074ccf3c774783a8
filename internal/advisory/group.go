package advisory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// The guards of OSV.dev against aliases that glue too much together.
const (
	MaxAliases = 5  // a record with more merges nothing by them
	MaxMembers = 32 // a group of more ids, of records and of what they name, is split back
)

// Options are what Groups needs to know beside the records.
type Options struct {
	// Now decides which records are withdrawn and which dates have come; with
	// the zero time every withdrawal and every date has.
	Now        time.Time
	ImportDays ImportDays // from FindImportDays
}

// Groups merges records into groups, sorted by group id. Live records are
// joined by id and alias, never by related or upstream ids. Of two records with
// one id the later modified counts. The order of records makes no difference,
// and the time it takes grows nearly linearly with them.
//
// A withdrawn or deleted record joins nothing. It is attached to the live group that
// shares an id with it (the one that names its own id, else that of its first
// alias by name), so that its id still leads somewhere and the group keeps the
// arrival that the record gave it; without such a group it is one of its own,
// not live.
func Groups(records []Record, opt Options) []Group {
	var live, withdrawn []*Record
	for _, r := range newestOfEachID(records) {
		if r.Gone || isWithdrawn(r, opt.Now) {
			withdrawn = append(withdrawn, r)
		} else {
			live = append(live, r)
		}
	}
	sets := join(live)
	homes := make(map[string]int) // id or alias of a live record -> index of its set
	for i, set := range sets {
		for _, r := range set.records {
			homes[r.ID] = i
		}
	}
	for i, set := range sets {
		for _, r := range set.records {
			for _, a := range r.Aliases {
				if _, taken := homes[a]; !taken {
					homes[a] = i
				}
			}
		}
	}
	var alone []*Record
	for _, r := range withdrawn {
		if i, ok := home(r, homes); ok {
			sets[i].withdrawn = append(sets[i].withdrawn, r)
		} else {
			alone = append(alone, r)
		}
	}
	groups := make([]Group, 0, len(sets)+len(alone))
	for i := range sets {
		groups = append(groups, sets[i].group(homes, opt))
	}
	for _, r := range alone {
		groups = append(groups, withdrawnGroup(r, opt))
	}
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.ID, b.ID) })
	return groups
}

// isWithdrawn reports whether r is withdrawn at now.
func isWithdrawn(r *Record, now time.Time) bool {
	return !r.Withdrawn.IsZero() && (now.IsZero() || !r.Withdrawn.After(now))
}

// newestOfEachID returns records sorted by id, of each id the one modified
// last, with the earliest KnownAt and published of all that have the id.
func newestOfEachID(records []Record) []*Record {
	sorted := make([]*Record, len(records))
	for i := range records {
		sorted[i] = &records[i]
	}
	slices.SortFunc(sorted, func(a, b *Record) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), b.Modified.Compare(a.Modified),
			b.Withdrawn.Compare(a.Withdrawn), b.Published.Compare(a.Published), strings.Compare(a.Summary, b.Summary))
	})
	out := sorted[:0]
	for _, r := range sorted {
		n := len(out)
		if n == 0 || out[n-1].ID != r.ID {
			out = append(out, r)
			continue
		}
		both := *out[n-1] // a copy: the caller's records stay as they are
		if r.KnownAt.Before(both.KnownAt) {
			both.KnownAt = r.KnownAt
		}
		both.FirstPublished = earlier(both.firstPublished(), r.firstPublished())
		out[n-1] = &both
	}
	return out
}

// firstPublished is the earliest published that is known of the record.
func (r *Record) firstPublished() time.Time { return earlier(r.FirstPublished, r.Published) }

// earlier returns the earlier of two times, of which zero is unknown.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// set is a group in the making. Its records are sorted by id.
type set struct {
	records   []*Record
	withdrawn []*Record
	split     bool
}

// join merges live records, which are sorted by id, and splits what has become
// too large.
func join(live []*Record) []set {
	u := newUnion(len(live))
	node := make(map[string]int, 3*len(live))
	at := func(id string) int {
		n, ok := node[id]
		if !ok {
			n = u.add()
			node[id] = n
		}
		return n
	}
	for _, r := range live {
		n := at(r.ID)
		if tooManyAliases(r) {
			continue
		}
		for _, a := range r.Aliases {
			u.merge(n, at(a))
		}
	}
	index := make(map[int]int)
	var sets []set
	for _, r := range live {
		root := u.find(node[r.ID])
		i, ok := index[root]
		if !ok {
			i = len(sets)
			index[root] = i
			sets = append(sets, set{})
		}
		sets[i].records = append(sets[i].records, r)
	}
	return splitLarge(sets)
}

// splitLarge takes sets of more than MaxMembers ids apart again.
func splitLarge(sets []set) []set {
	var out []set
	for _, s := range sets {
		if s.ids() <= MaxMembers {
			out = append(out, s)
			continue
		}
		for _, r := range s.records {
			out = append(out, set{records: []*Record{r}, split: true})
		}
	}
	return out
}

// ids counts the ids that the records have, or name and merge by.
func (s set) ids() int {
	ids := make(map[string]bool)
	for _, r := range s.records {
		ids[r.ID] = true
		if !tooManyAliases(r) {
			for _, a := range r.Aliases {
				ids[a] = true
			}
		}
	}
	return len(ids)
}

// tooManyAliases reports whether r names more ids than one flaw plausibly has.
func tooManyAliases(r *Record) bool {
	if len(r.Aliases) <= MaxAliases {
		return false
	}
	distinct := make(map[string]bool)
	for _, a := range r.Aliases {
		distinct[a] = true
	}
	delete(distinct, r.ID)
	return len(distinct) > MaxAliases
}

// home finds the set that a withdrawn record is attached to.
func home(r *Record, homes map[string]int) (int, bool) {
	if i, ok := homes[r.ID]; ok {
		return i, true
	}
	for _, a := range sortedSet(r.Aliases) {
		if i, ok := homes[a]; ok {
			return i, true
		}
	}
	return 0, false
}

// group turns a set into a Group. homes tells which ids are those of live records.
func (s *set) group(homes map[string]int, opt Options) Group {
	g := Group{Records: values(s.records), Withdrawn: values(s.withdrawn), Roles: make(map[string]Role)}
	for _, r := range g.Records {
		g.Roles[r.ID] = RoleRecord
		g.Members = append(g.Members, r.ID)
		if tooManyAliases(&r) {
			g.Flags = append(g.Flags, FlagUnglued)
		}
	}
	for _, r := range g.Records {
		for _, a := range r.Aliases {
			if g.Roles[a] == "" {
				g.Roles[a] = RoleAlias
			}
		}
	}
	liveIDs := sortedKeys(g.Roles)
	lead := func(ids []string, role Role) {
		for _, id := range ids {
			if _, taken := homes[id]; !taken && g.Roles[id] == "" {
				g.Roles[id] = role
			}
		}
	}
	for i := range g.Withdrawn {
		g.Roles[g.Withdrawn[i].ID] = g.Withdrawn[i].role()
	}
	for i := range g.Withdrawn {
		lead(g.Withdrawn[i].Aliases, g.Withdrawn[i].role())
	}
	for i := range g.Records {
		lead(g.Records[i].Former, RoleFormer)
	}
	for i := range g.Withdrawn {
		lead(g.Withdrawn[i].Former, RoleFormer)
	}
	g.Live = true
	g.describe(g.Records, liveIDs, opt)
	g.arrive(s.records)
	for _, r := range s.withdrawn {
		// A withdrawn one that names ids of other flaws is attached, and says nothing of
		// this one; a deleted one was a part of it once.
		if r.Gone || !slices.ContainsFunc(r.Aliases, func(a string) bool { return g.Roles[a] != RoleRecord && g.Roles[a] != RoleAlias }) {
			g.arrive([]*Record{r})
		}
	}
	if s.split {
		g.Flags = append(g.Flags, FlagSplit)
	}
	slices.Sort(g.Flags)
	g.Flags = slices.Compact(g.Flags)
	return g
}

// role is that of a record which is not live.
func (r *Record) role() Role {
	if r.Gone {
		return RoleGone
	}
	return RoleWithdrawn
}

// withdrawnGroup is the group of a withdrawn or deleted record that no live one
// shares an id with.
func withdrawnGroup(r *Record, opt Options) Group {
	g := Group{Records: []Record{*r}, Roles: map[string]Role{r.ID: r.role()}}
	for _, a := range r.Aliases {
		g.Roles[a] = r.role()
	}
	ids := sortedKeys(g.Roles)
	for _, id := range r.Former {
		if g.Roles[id] == "" {
			g.Roles[id] = RoleFormer
		}
	}
	if r.Gone {
		g.Flags = append(g.Flags, FlagGone)
	}
	g.describe(g.Records, ids, opt)
	g.arrive([]*Record{r})
	slices.Sort(g.Flags)
	return g
}

// describe fills in what records and their ids say of the flaw.
func (g *Group) describe(records []Record, ids []string, opt Options) {
	cve, cves := smallestCVE(ids)
	if cves > 1 {
		g.Flags = append(g.Flags, FlagSeveralCVEs)
	}
	g.Name = nameOf(ids, cve)
	g.Kind = KindVulnerability
	for _, id := range ids {
		if Prefix(id) == malwareDatabase {
			g.Kind = KindMalware
		}
	}
	g.Disclosed, g.Precision = Disclosure(records, cve, opt.ImportDays, opt.Now)
	g.Score, g.Severity, g.Vector = groupSeverity(records)
	if slices.ContainsFunc(records, func(r Record) bool { return slices.ContainsFunc(r.Vectors, isBadVector) }) {
		g.Flags = append(g.Flags, FlagBadVector)
	}
	for i := range records {
		r := &records[i]
		if g.Summary == "" {
			g.Summary = r.Summary
		}
		if r.Modified.After(g.Modified) {
			g.Modified = r.Modified
		}
		for _, a := range r.Affected {
			g.Projects = append(g.Projects, a.Project)
		}
	}
	g.Projects = sortedSet(g.Projects)
	for _, id := range sortedKeys(g.Roles) {
		if role := g.Roles[id]; role != RoleRecord && role != RoleFormer {
			g.Aliases = append(g.Aliases, id)
		}
	}
}

// arrive counts records in for the id and the arrivals of the group, live,
// withdrawn and deleted ones alike: none of these may move because a record is
// withdrawn or vanishes.
func (g *Group) arrive(records []*Record) {
	for _, r := range records {
		c := r.KnownAt.Compare(g.ArrivedHere)
		if g.ID == "" || c < 0 || c == 0 && r.ID < g.ID {
			g.ID, g.ArrivedHere = r.ID, r.KnownAt
		}
		if database(r) == pysecDatabase {
			g.ArrivedPYSEC = earlier(g.ArrivedPYSEC, r.firstPublished())
		}
	}
}

// Affected returns what the group's records say of one project.
func (g *Group) Affected(project string) []observation.Affected {
	var out []observation.Affected
	for i := range g.Records {
		for _, a := range g.Records[i].Affected {
			if a.Project == project {
				out = append(out, a)
			}
		}
	}
	return out
}

// values returns records by value, sorted by id.
func values(records []*Record) []Record {
	out := make([]Record, len(records))
	for i, r := range records {
		out[i] = *r
	}
	slices.SortFunc(out, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func sortedSet(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

func sortedKeys(m map[string]Role) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
