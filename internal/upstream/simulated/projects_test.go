package simulated

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

var testDay = date(2026, time.November, 23)

func TestNamesLeadBackToTheirProjects(t *testing.T) {
	w := New(MaxProjects, 1, nil).on(testDay)
	normalised := regexp.MustCompile(`^fictional(-[a-z]+){2,3}$`)
	for i := range w.pool {
		name := nameOf(i)
		if back, ok := w.project(name); !ok || back != i {
			t.Fatalf("%s is project %d, and leads to %d, %v", name, i, back, ok)
		}
		if !normalised.MatchString(name) {
			t.Fatalf("%q is not a normalised name", name)
		}
		path := w.pathOn(i, testDay)
		if back, ok := w.repositoryAt(path); !ok || back != i {
			t.Fatalf("%s is repository %d, and leads to %d, %v", path, i, back, ok)
		}
	}
	for k := range w.families() {
		path := w.pathOn(w.pool+k, testDay)
		if back, ok := w.repositoryAt(path); !ok || back != w.pool+k {
			t.Fatalf("%s is repository %d, and leads to %d, %v", path, w.pool+k, back, ok)
		}
	}
	for _, bad := range []string{"", "fictional", "fictional-otter", "fictional-otter-", "fictional--kit", "fictional-otter-kit-", "fictional-otter-kit-nothing", "otter-kit", nameOf(w.pool)} {
		if i, ok := w.project(bad); ok {
			t.Errorf("%q is project %d", bad, i)
		}
	}
}

func TestIdsLeadBackToTheirRecords(t *testing.T) {
	w := New(2000, 1, nil).on(testDay)
	x := w.records()
	seen := map[string]bool{}
	for _, l := range x.newest {
		id := w.idOf(l.key)
		if seen[id] {
			t.Fatalf("%s is there twice", id)
		}
		seen[id] = true
		if back, ok := w.recordOf(id); !ok || back != l.key {
			t.Fatalf("%s is %+v, and leads to %+v, %v", id, l.key, back, ok)
		}
		r, modified := w.record(l.key)
		if r.ID != id || modified.UnixMicro() != l.modified {
			t.Fatalf("%s: record %s, %v", id, r.ID, modified)
		}
	}
}

func TestReleases(t *testing.T) {
	w := New(500, 1, nil).on(testDay)
	later := New(500, 1, nil).on(testDay + 40)
	odd, pre, more := 0, 0, 0
	for i := range w.pool {
		versions := map[string]bool{}
		last := day(0)
		list := w.releases(i)
		for _, r := range list {
			if versions[r.version] || r.day < last || r.day >= w.today && r.nth > 0 {
				t.Errorf("%s %s comes twice or out of order", nameOf(i), r.version)
			}
			versions[r.version], last = true, r.day
			if r.odd {
				odd++
			}
			if r.pre {
				pre++
			}
		}
		if n := len(versions); n < 1 || n > maxReleases+1 {
			t.Errorf("%s has %d releases", nameOf(i), n)
		}
		then := later.releases(i)
		if !slices.Equal(then[:len(list)], list) || later.serial(i) < w.serial(i) || len(then) > len(list) && later.serial(i) == w.serial(i) {
			t.Errorf("%s: %d releases become %d, serial %d becomes %d", nameOf(i), len(list), len(then), w.serial(i), later.serial(i))
		}
		more += len(then) - len(list)
	}
	if odd == 0 || pre == 0 || more < 20 {
		t.Errorf("%d odd versions, %d pre-releases, %d new ones after forty days", odd, pre, more)
	}
}
