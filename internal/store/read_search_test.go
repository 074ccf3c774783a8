package store

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// hits shows what was found, one word each: kind:text, "=" before an exact one.
func hits(found []observation.Hit) string {
	var words []string
	for _, h := range found {
		word := string(h.Kind[:1]) + ":" + h.Text
		if h.Exact {
			word = "=" + word
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func aProject(name string, rank int) findable {
	return findable{observation.Hit{Kind: observation.HitProject, Text: name, Project: name, Rank: rank}, []string{name}}
}

func aRepository(name, project string, rank int) findable {
	return findable{observation.Hit{Kind: observation.HitRepository, Text: name, Project: project, Rank: rank, Projects: 1}, []string{name}}
}

func aGroup(name string, rank int, ids ...string) findable {
	return findable{observation.Hit{Kind: observation.HitAdvisory, Text: name, Group: ids[0], Rank: rank, Live: true}, ids}
}

func TestSearchOrder(t *testing.T) {
	x := newSearchIndex([]findable{
		aProject("requests-oauthlib", 90), aProject("requests", 5), aProject("request", 0), aProject("old-requests", 2), aProject("my-requests", 0),
		aProject("zope-interface", 300), aProject("azure-core", 40), aProject("azure-identity", 60),
		aRepository("github.com/psf/requests", "requests", 5), aRepository("github.com/Azure/azure-sdk_for.python", "azure-core", 40),
		aRepository("gitlab.com/group/sub/tool.git", "azure-identity", 60),
		aGroup("CVE-2024-35195", 5, "GHSA-9wx4-h78v-vm56", "CVE-2024-35195", "PYSEC-2024-9"),
		aGroup("CVE-2023-32681", 0, "GHSA-j8r2-6x86-q33q", "CVE-2023-32681"),
		aGroup("MAL-2024-35195", 0, "MAL-2024-35195"),
		aProject("line\nbreak", 1),
		{observation.Hit{Kind: observation.HitProject, Text: "requestss", Project: "requestss", Malware: true}, []string{"requestss"}},
	})
	for text, want := range map[string]string{
		"requests":                            "=p:requests p:requests-oauthlib p:old-requests p:my-requests p:requestss",
		"  REQUESTS ":                         "=p:requests p:requests-oauthlib p:old-requests p:my-requests p:requestss",
		"request":                             "=p:request p:requests p:requests-oauthlib p:old-requests p:my-requests p:requestss",
		"Zope.Interface":                      "=p:zope-interface",
		"zope_int":                            "p:zope-interface",
		"psf/requests":                        "=r:github.com/psf/requests",
		"psf":                                 "r:github.com/psf/requests",
		"https://github.com/psf/requests.git": "=r:github.com/psf/requests",
		"https://www.github.com/azure/azure-sdk_for.python/": "=r:github.com/Azure/azure-sdk_for.python",
		"azure":                  "p:azure-core p:azure-identity",
		"azure-sdk_for":          "r:github.com/Azure/azure-sdk_for.python",
		"sub/tool":               "r:gitlab.com/group/sub/tool.git",
		"cve-2024-35195":         "=a:CVE-2024-35195",
		"GHSA-9wx4-h78v-vm56":    "=a:CVE-2024-35195",
		"pysec-2024-9":           "=a:CVE-2024-35195",
		"2024-35195":             "a:CVE-2024-35195 a:MAL-2024-35195",
		"cve-202":                "a:CVE-2024-35195 a:CVE-2023-32681",
		"break":                  "p:line\nbreak",
		"\n":                     "",
		"line\nbreak":            "=p:line\nbreak",
		"interface\nazure":       "",
		"/":                      "",
		"":                       "",
		"nothing here":           "",
		strings.Repeat("a", 101): "",
	} {
		if got := hits(x.search(text, 8)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := hits(x.search("requestss", 8)); got != "=p:requestss" {
		t.Errorf("known from malware reports alone: %s", got)
	}
	if got := hits(x.search("requests", 2)); got != "=p:requests p:requests-oauthlib" {
		t.Errorf("two asked for: %s", got)
	}
	if got := x.search("requests", 0); len(got) > 0 {
		t.Errorf("none asked for: %s", hits(got))
	}
	if got := x.search("pysec-2024", 1); got[0].Matched != "PYSEC-2024-9" || got[0].Text != "CVE-2024-35195" {
		t.Errorf("the id that matched: %+v", got[0])
	}
}

func TestSearch(t *testing.T) {
	w := projectsWorld(t)
	w.link("django", "github.com/django/django", observation.TrustDeclared)
	w.link("pytest-django", "github.com/django/django", observation.TrustDeclared)
	w.must(w.DeriveAll(w.ctx))
	for text, want := range map[string]string{
		"Django":        "=p:DJANGO p:django-rest p:django-old p:pytest-django",
		"django/django": "=r:github.com/django/django",
		"djang0":        "=p:djang0",
		"pysec-2024-1":  "=a:PYSEC-2024-1",
		"2024-1":        "a:PYSEC-2024-1 a:MAL-2024-1",
	} {
		found, err := w.Search(w.ctx, text, 8)
		w.must(err)
		if got := hits(found); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	one := func(text string) observation.Hit {
		found, err := w.Search(w.ctx, text, 1)
		w.must(err)
		if len(found) != 1 {
			t.Fatalf("%q: %d hits", text, len(found))
		}
		return found[0]
	}
	if h := one("django/django"); h.Project != "django" || h.Rank != 2 || h.Projects != 2 {
		t.Errorf("repository %+v", h)
	}
	if h := one("pysec-2024-1"); h.Group != "PYSEC-2024-1" || h.Rank != 3 || h.Projects != 1 || !h.Live || h.Malware || h.Severity != "unknown" || h.Score != nil {
		t.Errorf("advisory %+v", h)
	}
	if h := one("mal-2024-1"); !h.Malware || h.Rank != 0 {
		t.Errorf("malware report %+v", h)
	}
	if h := one("djang0"); !h.Malware || h.Rank != 0 {
		t.Errorf("project known from a malware report %+v", h)
	}
}

// However often a text occurs, what is found is what a look at every name finds.
func TestSearchFindsTheFirstOfEachWay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(longest int) string {
		text := []byte{"ab"[random.IntN(2)]}
		for range random.IntN(longest) {
			text = append(text, "abc"[random.IntN(3)])
		}
		return string(text)
	}
	names := make(map[string]bool)
	var things []findable
	for len(things) < 500 {
		if name := word(8) + "a"; !names[name] {
			names[name] = true
			things = append(things, aProject(name, len(things)+1))
		}
	}
	x := newSearchIndex(things)
	for range 200 {
		text := word(3)
		var want [matchWays][]string
		for _, thing := range things {
			switch name := thing.Project; {
			case name == text:
				want[matchWhole] = append(want[matchWhole], name)
			case strings.HasPrefix(name, text):
				want[matchBeginning] = append(want[matchBeginning], name)
			case strings.Contains(name, text):
				want[matchPart] = append(want[matchPart], name)
			}
		}
		all := slices.Concat(want[:]...)
		var got []string
		for _, hit := range x.search(text, 8) {
			got = append(got, hit.Project)
		}
		if all = all[:min(8, len(all))]; !slices.Equal(got, all) {
			t.Fatalf("%q: found %v, want %v", text, got, all)
		}
	}
}

// BenchmarkSearch searches 100,000 projects with as many repositories and
// 40,000 ids of advisories. The budget of one search is 20 ms.
func BenchmarkSearch(b *testing.B) {
	before := heap()
	x := newSearchIndex(manyThings())
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newSearchIndex(manyThings())
		}
		b.ReportMetric(float64(heap()-before)/1e6, "MB-kept") // by x alone
	})
	for _, text := range []string{"project-3f2a-of-many", "p", "e", "3f2", "owner-4999", "cve-2025-199", "nothing-of-the-kind", "Nothing_of.the kind"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				x.search(text, 8)
			}
		})
	}
}

// manyThings are all that BenchmarkSearch can find.
func manyThings() []findable {
	var things []findable
	for i := range 100_000 {
		name := fmt.Sprintf("project-%x-of-many", i*2654435761%1_000_003)
		things = append(things, aProject(name, i+1), aRepository(fmt.Sprintf("github.com/owner-%d/%s", i%5000, name), name, i+1))
	}
	for i := range 20_000 {
		cve := fmt.Sprintf("CVE-20%02d-%d", i%26, i)
		things = append(things, aGroup(cve, i, fmt.Sprintf("GHSA-%04x-%04x-aaaa", i, i*7), cve))
	}
	return things
}

// heap is how many bytes are in use once the garbage is gone.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
