package repositories

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// there is the page of a repository.
var there = collecttest.Answer{Type: "text/html", Body: "<html>"}

func redirect(status int, to string) collecttest.Answer {
	return collecttest.Answer{Status: status, Header: http.Header{"Location": {to}}}
}

// known are repositories that were never asked about.
func known(names ...string) []observation.KnownRepository {
	var all []observation.KnownRepository
	for _, name := range names {
		all = append(all, observation.KnownRepository{Repository: name})
	}
	return all
}

// told writes what was emitted, in order.
func told(m *collecttest.Memory) []string {
	var all []string
	for _, o := range m.Emitted {
		switch o := o.(type) {
		case *observation.Repository:
			all = append(all, fmt.Sprintf("%s %s %s", o.Name, o.State, o.Target))
			if !o.ObservedAt.Equal(collecttest.Now) {
				all = append(all, o.ObservedAt.String())
			}
		case *observation.Reject:
			all = append(all, "reject "+o.Object)
		default:
			all = append(all, fmt.Sprintf("%T", o))
		}
	}
	return all
}

func collect(t *testing.T, s *collecttest.Site, forges []observation.KnownRepository) (*collecttest.Memory, collectors.Report, error) {
	t.Helper()
	m := &collecttest.Memory{}
	report, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), collecttest.Input("", collecttest.Catalog{Forges: forges}), m.Emit)
	return m, report, err
}

func TestCollect(t *testing.T) {
	s := collecttest.NewSite(map[string]collecttest.Answer{
		"https://github.com/a/there":              there,
		"https://github.com/a/renamed":            redirect(301, "https://github.com/B/Renamed"),
		"https://github.com/B/Renamed":            there,
		"https://github.com/a/twice":              redirect(301, "/b/twice"),
		"https://github.com/b/twice":              redirect(302, "https://github.com/c/twice.git"),
		"https://github.com/c/twice":              there,
		"https://github.com/a/left":               redirect(308, "https://github.com/b/left"), // 404 where it went
		"https://gitlab.com/g/s/Tool":             redirect(301, "https://gitlab.com/G/S/tool"),
		"https://gitlab.com/G/S/tool":             there,
		"https://gitlab.com/g/private":            redirect(302, "https://gitlab.com/users/sign_in"),
		"https://codeberg.org/a/there":            there,
		"https://codeberg.org/a/gone":             {Status: 410},
		"https://bitbucket.org/a/there":           redirect(302, "https://bitbucket.org/a/there/src/main/"),
		"https://github.com/a/far":                redirect(301, "https://github.com/f/1"),
		"https://github.com/f/1":                  redirect(301, "https://github.com/f/2"),
		"https://github.com/f/2":                  redirect(301, "https://github.com/f/3"),
		"https://github.com/f/3":                  redirect(301, "https://github.com/f/4"),
		"https://github.com/f/4":                  there,
		"https://github.com/a/loop":               redirect(301, "https://github.com/b/loop"),
		"https://github.com/b/loop":               redirect(301, "https://github.com/a/loop"),
		"https://github.com/a/self":               redirect(301, "https://github.com/a/self"),
		"https://github.com/a/abroad":             redirect(301, "https://evil.example/a/abroad"),
		"https://github.com/a/neighbour":          redirect(301, "https://gitlab.com/a/neighbour"),
		"https://github.com/a/login":              redirect(302, "https://github.com/login?return_to=x"),
		"https://github.com/a/home":               redirect(302, "https://github.com/"),
		"https://github.com/a/inside":             redirect(301, "https://169.254.169.254/a/b"),
		"https://github.com/a/plain":              redirect(301, "http://github.com/a/plain"),
		"https://github.com/a/port":               redirect(301, "https://github.com:8443/a/b"),
		"https://github.com/a/user":               redirect(301, "https://x:y@github.com/a/b"),
		"https://github.com/a/nowhere":            {Status: 301},
		"https://github.com/a/script":             redirect(301, "https://github.com/a/%3Cscript%3E"),
		"https://github.com/a/long":               redirect(301, "https://github.com/a/"+strings.Repeat("b", 200)),
		"https://github.com/a/forbidden":          {Status: 451},
		"https://github.com/a/down":               {Status: 503},
		"https://github.com/a/limited":            {Status: 429},
		"https://github.com/settings/profile":     there,
		"https://git.example.org/not/asked/about": there,
	})
	m, report, err := collect(t, s, known(
		"github.com/a/gone", "github.com/a/there", "github.com/a/renamed", "github.com/a/twice", "github.com/a/left", "gitlab.com/g/s/Tool", "gitlab.com/g/private",
		"codeberg.org/a/there", "codeberg.org/a/gone", "bitbucket.org/a/there", "github.com/A/There",
		"github.com/a/far", "github.com/a/loop", "github.com/a/self", "github.com/a/abroad", "github.com/a/neighbour", "github.com/a/login", "github.com/a/home", "github.com/a/inside",
		"github.com/a/plain", "github.com/a/port", "github.com/a/user", "github.com/a/nowhere", "github.com/a/script", "github.com/a/long", "github.com/a/forbidden",
		"github.com/a/down", "github.com/a/limited",
		"github.com/settings/profile", "git.example.org/a/b", "github.com/a", "../../etc/passwd", "",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"github.com/a/gone gone ", // held back until the next line
		"github.com/a/there found github.com/a/there",
		"github.com/a/renamed moved github.com/B/Renamed",
		"github.com/a/twice moved github.com/c/twice",
		"github.com/a/left gone ",
		"gitlab.com/g/s/Tool moved gitlab.com/G/S/tool",
		"gitlab.com/g/private gone ",
		"codeberg.org/a/there found codeberg.org/a/there",
		"codeberg.org/a/gone gone ",
		"bitbucket.org/a/there found bitbucket.org/a/there",
	}
	for _, name := range []string{"far", "loop", "self", "abroad", "neighbour", "login", "home", "inside", "plain", "port", "user", "nowhere", "script", "long", "forbidden"} {
		want = append(want, "reject https://github.com/a/"+name)
	}
	if diff := cmp.Diff(want, told(m)); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
	if !report.Partial || report.Skipped != 17+5 || !report.Through.Equal(collecttest.Now) ||
		!strings.HasPrefix(report.Note, "Moved: 3. Gone: 4. Could not be asked or believed, and are asked again by the next run: 17. On other hosts: 5. Answers refused: 15.") {
		t.Errorf("report %+v", report)
	}
	for _, url := range s.Asked() {
		if strings.Contains(url, "example") || strings.Contains(url, "169.254") || strings.Contains(url, "8443") {
			t.Errorf("asked %s", url)
		}
	}
}

func TestDue(t *testing.T) {
	ago := func(days int) time.Time { return collecttest.Now.Add(-time.Duration(days)*24*time.Hour - time.Minute) }
	all := []observation.KnownRepository{
		{Repository: "github.com/a/new"},
		{Repository: "github.com/a/fresh", State: observation.RepositoryFound, AskedAt: ago(89)},
		{Repository: "github.com/a/stale", State: observation.RepositoryFound, AskedAt: ago(90)},
		{Repository: "github.com/a/moved", State: observation.RepositoryMoved, AskedAt: ago(20)},
		{Repository: "github.com/a/gone", State: observation.RepositoryGone, AskedAt: ago(13)},
		{Repository: "github.com/a/long-gone", State: observation.RepositoryGone, AskedAt: ago(14)},
	}
	c := choose(all, nil, collecttest.Now)
	if diff := cmp.Diff([]string{"github.com/a/new", "github.com/a/stale", "github.com/a/long-gone"}, c.due); diff != "" || c.fresh != 3 {
		t.Errorf("due (-want +got):\n%s, %d fresh", diff, c.fresh)
	}
	if diff := cmp.Diff([]string{"github.com/a/fresh", "github.com/a/moved"}, c.witnesses["github.com"]); diff != "" {
		t.Errorf("witnesses (-want +got):\n%s", diff)
	}
	c = choose(all, []string{"github.com/a/fresh", "github.com/A/Fresh", "elsewhere.example/a/b"}, collecttest.Now)
	if diff := cmp.Diff([]string{"github.com/a/fresh"}, c.due); diff != "" || c.elsewhere != 1 || c.fresh != 0 {
		t.Errorf("of one project: %+v", c)
	}
	var many []string
	for i := range maxAsked + 7 {
		many = append(many, fmt.Sprintf("github.com/a/%d", i))
	}
	if c = choose(known(many...), nil, collecttest.Now); len(c.due) != maxAsked || c.waiting != 7 || c.due[0] != many[0] {
		t.Errorf("%d due, %d waiting", len(c.due), c.waiting)
	}
}

// A forge that has nothing is not a forge.
func TestNothingThere(t *testing.T) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("github.com/a/%02d", i))
	}
	s := collecttest.NewSite(nil)
	m, _, err := collect(t, s, known(names...))
	if observation.ClassOf(err) != observation.ClassUnavailable || len(m.Emitted) != 0 || len(s.Asked()) != doubtful {
		t.Errorf("error %v, %q", err, told(m))
	}
	// Another forge answers, and all that it says counts.
	s.Set("https://codeberg.org/a/there", there)
	m, report, err := collect(t, s, append(known(names...), known("codeberg.org/a/gone", "codeberg.org/a/there")...))
	if diff := cmp.Diff([]string{"codeberg.org/a/gone gone ", "codeberg.org/a/there found codeberg.org/a/there"}, told(m)); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if !report.Partial || report.Skipped != 100 || !strings.Contains(report.Note, "github.com was left alone") {
		t.Errorf("report %+v", report)
	}
	// One answer is enough.
	s.Set("https://"+names[doubtful-1], there)
	m, report, err = collect(t, s, known(names...))
	if err != nil || report.Partial || len(told(m)) != 100 || told(m)[0] != names[0]+" gone " {
		t.Errorf("error %v, report %+v, %d emitted", err, report, len(m.Emitted))
	}
}

// A few that are all gone are believed when one that was there before still is.
func TestWitness(t *testing.T) {
	few := known("github.com/a/1", "gitlab.com/a/1")
	witness := observation.KnownRepository{Repository: "github.com/a/there", State: observation.RepositoryMoved, AskedAt: collecttest.Now.Add(-time.Hour)}
	wall := observation.KnownRepository{Repository: "gitlab.com/a/there", State: observation.RepositoryFound, AskedAt: collecttest.Now.Add(-time.Hour)}
	s := collecttest.NewSite(map[string]collecttest.Answer{
		"https://github.com/a/there":  redirect(301, "https://github.com/b/there"),
		"https://github.com/b/there":  there,
		"https://gitlab.com/a/there":  redirect(302, "/users/sign_in"),
		"https://gitlab.com/a/1":      redirect(302, "/users/sign_in"),
		"https://codeberg.org/a/down": {Status: 500},
	})
	m, report, err := collect(t, s, append(few, witness, wall))
	if diff := cmp.Diff([]string{"github.com/a/1 gone "}, told(m)); diff != "" || err != nil || !report.Partial || report.Unchanged != 2 {
		t.Errorf("error %v, report %+v (-want +got):\n%s", err, report, diff)
	}
	m, report, err = collect(t, s, few)
	if len(m.Emitted) != 0 || err != nil || !report.Partial || !strings.Contains(report.Note, "gitlab.com was left alone") || !report.Through.IsZero() {
		t.Errorf("without a witness: error %v, report %+v, %q", err, report, told(m))
	}
}

func TestCollectStops(t *testing.T) {
	answers := map[string]collecttest.Answer{"https://codeberg.org/a/there": there}
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("github.com/a/%d", i))
		answers["https://"+names[i]] = collecttest.Answer{Status: 503}
	}
	s := collecttest.NewSite(answers)
	m, _, err := collect(t, s, known(names...))
	if observation.ClassOf(err) != observation.ClassUnavailable || len(m.Emitted) != 0 || len(s.Asked()) != 4*breakerLimit {
		t.Errorf("error %v, %q", err, told(m))
	}
	m, report, err := collect(t, s, append(known(names...), known("codeberg.org/a/there")...))
	if err != nil || !report.Partial || report.Skipped != 100 || len(m.Emitted) != 1 {
		t.Errorf("error %v, report %+v, %q", err, report, told(m))
	}
}

func TestOneProject(t *testing.T) {
	s := collecttest.NewSite(map[string]collecttest.Answer{"https://github.com/a/b": there})
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, s, m))
	in := collecttest.Input(`{"through":"2026-01-01T00:00:00Z"}`, collecttest.Catalog{
		Repositories: []string{"github.com/a/b"},
		Forges:       append(known("github.com/x/y"), observation.KnownRepository{Repository: "github.com/a/b", State: observation.RepositoryFound, AskedAt: collecttest.Now}),
	})
	in.Project = "sample-tool"
	if report, err := c.Collect(t.Context(), in, m.Emit); err != nil || report.Partial {
		t.Errorf("report %+v, error %v", report, err)
	}
	if diff := cmp.Diff([]string{"github.com/a/b found github.com/a/b"}, told(m)); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
	in.Catalog = collecttest.Catalog{Forges: known("github.com/x/y")}
	m.Forget()
	if report, err := c.Collect(t.Context(), in, m.Emit); err != nil || len(m.Emitted) != 0 || report.Cursor != in.Cursor {
		t.Errorf("a project without a repository: %+v, %v", report, err)
	}
	in.Project, in.Catalog = "", collecttest.Catalog{}
	if report, err := c.Collect(t.Context(), in, m.Emit); err != nil || !report.Partial || !strings.Contains(report.Note, "pypi comes first") || report.Cursor != in.Cursor {
		t.Errorf("nothing known: %+v, %v", report, err)
	}
	in.Cursor = "{"
	if _, err := c.Collect(t.Context(), in, m.Emit); err == nil {
		t.Error("no error for a cursor that cannot be read")
	}
}

func TestContract(t *testing.T) {
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		s := collecttest.NewSite(map[string]collecttest.Answer{"https://github.com/a/b": there, "https://github.com/a/c": there})
		_, err := New(collecttest.Client(t, s, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", collecttest.Catalog{Forges: known("github.com/a/b", "github.com/a/c")}), emit)
		return err
	})
}

func FuzzTarget(f *testing.F) {
	for _, to := range []string{"https://github.com/b/c", "https://github.com/users/sign_in", "https://gitlab.com/users/sign_in", "//evil.example/a/b", "https://github.com@evil.example/a/b", "https://github.com/a/../../b"} {
		f.Add(to)
	}
	f.Fuzz(func(t *testing.T, to string) {
		for _, from := range []string{"github.com/a/b", "gitlab.com/a/b/c"} {
			got, err := target(from, to)
			if err == nil && (hostOf(got) != hostOf(from) || got == "") {
				t.Fatalf("%s leads from %s to %q", to, from, got)
			}
		}
	})
}

// The recorded sources hold no forge, and so nothing in them is gone.
func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("github.com/example/%d", i))
	}
	_, err := New(client).Collect(t.Context(), collecttest.Input("", collecttest.Catalog{Forges: known(names...)}), m.Emit)
	if observation.ClassOf(err) != observation.ClassUnavailable || len(m.Emitted) != 0 {
		t.Errorf("error %v, %q", err, told(m))
	}
}
