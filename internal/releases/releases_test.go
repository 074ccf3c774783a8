package releases

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

func at(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // of the test's own text
	}
	return t
}

const (
	present = observation.ProvenancePresent
	absent  = observation.ProvenanceAbsent
	unknown = observation.ProvenanceUnknown
)

func file(version, uploaded string, provenance observation.Provenance) File {
	return File{Filename: version + "-" + uploaded + "-" + string(provenance), Version: version, UploadedAt: at(uploaded), Provenance: provenance}
}

func yanked(f File, reason string) File {
	f.Yanked, f.YankedReason = true, reason
	return f
}

// by says who published a file; nobody means that its object names nobody.
func by(f File, publishers ...observation.Publisher) File {
	f.Fetched, f.Publishers = true, publishers
	return f
}

func same(repository string) string { return repository }

func TestClass(t *testing.T) {
	const before, after = "2024-10-28", "2024-10-29"
	for _, tt := range []struct {
		name   string
		files  []File
		could  bool
		class  observation.AttestationClass
		reason string
		latest string
	}{
		{"no files", nil, true, observation.AttestationUnknown, ReasonNoFiles, ""},
		{"every file", []File{file("1", after, present), file("1", "2025-01-01", present)}, false, observation.AttestationFull, "", "1"},
		{"some files", []File{file("1", after, present), file("1", after, absent)}, true, observation.AttestationPartly, "", "1"},
		{"some files, and one unknown", []File{file("1", after, present), file("1", after, absent), file("1", after, unknown)}, true, observation.AttestationPartly, "", "1"},
		{"all that is known", []File{file("1", after, present), file("1", after, unknown)}, true, observation.AttestationUnknown, ReasonNotStated, "1"},
		{"the last day before", []File{file("1", before, absent)}, true, observation.AttestationPredates, "", "1"},
		{"the first day", []File{file("1", after, absent)}, true, observation.AttestationPossible, "", "1"},
		{"other host", []File{file("1", after, absent)}, false, observation.AttestationUnsupported, "", "1"},
		{"wheels came later, without", []File{file("1", before, absent), file("1", "2025-05-01", absent)}, true, observation.AttestationPredates, "", "1"},
		{"wheels came later, with", []File{file("1", before, absent), file("1", "2025-05-01", present)}, true, observation.AttestationPartly, "", "1"},
		{"wheels came later, not stated", []File{file("1", before, absent), file("1", "2025-05-01", unknown)}, true, observation.AttestationUnknown, ReasonNotStated, "1"},
		{"not stated, but too old", []File{file("1", before, unknown)}, true, observation.AttestationPredates, "", "1"},
		{"not stated", []File{file("1", after, unknown)}, true, observation.AttestationUnknown, ReasonNotStated, "1"},
		{"no upload time", []File{file("1", "", absent)}, true, observation.AttestationUnknown, ReasonNoTime, "1"},
		{"no upload time, but all attested", []File{file("1", "", present)}, true, observation.AttestationFull, "", "1"},
		{"one upload time is enough", []File{file("1", "", absent), file("1", before, absent)}, true, observation.AttestationPredates, "", "1"},
		{"an earlier release attested", []File{file("1", after, present), file("2", "2025-01-01", absent)}, false, observation.AttestationPossible, "", "2"},
		{"highest, not newest", []File{file("2", after, present), file("1.9", "2025-06-01", absent)}, false, observation.AttestationFull, "", "2"},
		{"a pre-release does not count", []File{file("1", after, present), file("2rc1", "2025-06-01", absent), file("2.dev3", "2025-06-02", absent)}, false, observation.AttestationFull, "", "1"},
		{"a post-release does", []File{file("1", after, absent), file("1.post1", "2025-06-01", present)}, false, observation.AttestationFull, "", "1.post1"},
		{"pre-releases only", []File{file("1a1", after, present), file("0.1.dev1", after, present)}, true, observation.AttestationUnknown, ReasonNoStable, ""},
		{"not PEP 440 only", []File{file("2004d", before, absent)}, true, observation.AttestationUnknown, ReasonNoStable, ""},
		{"the latest is yanked", []File{file("1", after, present), yanked(file("2", "2025-06-01", absent), "")}, false, observation.AttestationFull, "", "1"},
		{"one file of it is yanked", []File{file("1", after, present), yanked(file("1", after, absent), "")}, false, observation.AttestationPartly, "", "1"},
		{"everything is yanked", []File{yanked(file("1", after, present), "")}, true, observation.AttestationUnknown, ReasonYanked, ""},
	} {
		latest, class, reason := NewProject(tt.files).Class(tt.could)
		version := ""
		if latest != nil {
			version = latest.Version.String()
		}
		if class != tt.class || reason != tt.reason || version != tt.latest {
			t.Errorf("%s: %s %q of %q, want %s %q of %q", tt.name, class, reason, version, tt.class, tt.reason, tt.latest)
		}
	}
}

func TestClassBefore(t *testing.T) {
	p := NewProject([]File{
		file("1", "2024-06-01", absent),
		file("2", "2024-12-01", absent), file("2", "2025-02-10", present),
		yanked(file("3", "2025-04-01", present), "broken"),
		file("4rc1", "2025-05-01", absent),
		file("1.1", "2025-06-01", absent),
	})
	for end, want := range map[string]observation.AttestationClass{
		"2024-06-01": observation.AttestationUnknown, // nothing was uploaded before that day
		"2024-06-02": observation.AttestationPredates,
		"2024-12-01": observation.AttestationPredates,
		"2025-01-01": observation.AttestationUnsupported,
		"2025-02-10": observation.AttestationUnsupported, // no file with provenance before that day
		"2025-02-11": observation.AttestationPartly,
		"2025-05-01": observation.AttestationFull, // yanked since: nobody recorded when
		"2026-01-01": observation.AttestationFull,
	} {
		if got := p.ClassBefore(at(end), false); got != want {
			t.Errorf("before %s: %s, want %s", end, got, want)
		}
	}
	if got := p.ClassBefore(at("2025-01-01"), true); got != observation.AttestationPossible {
		t.Errorf("with a host that is supported: %s", got)
	}
	if got := NewProject([]File{file("1", "2024-06-01", absent), file("2", "", absent)}).ClassBefore(at("2025-01-01"), true); got != observation.AttestationUnknown {
		t.Errorf("a file without upload time: %s", got)
	}
}

func TestSupported(t *testing.T) {
	for repository, want := range map[string]bool{
		"github.com/a/b": true, "GitHub.com/a/b": true, "gitlab.com/g/s/b": true,
		"gitlab.example.org/a/b": false, "codeberg.org/a/b": false, "": false, "github.company.com/a/b": false,
	} {
		if Supported(repository) != want {
			t.Errorf("Supported(%q) = %t", repository, !want)
		}
	}
}

func TestChanges(t *testing.T) {
	gh := func(repository, workflow string) observation.Publisher {
		return observation.Publisher{Kind: "GitHub", Repository: repository, Workflow: workflow}
	}
	old, renamed, fork := gh("github.com/o/old", "release.yml"), gh("github.com/n/new", "release.yml"), gh("github.com/x/fork", "release.yml")
	canonical := func(r string) string {
		if r == "github.com/o/old" {
			return "github.com/n/new"
		}
		return r
	}
	lab := observation.Publisher{Kind: "GitLab", Repository: "gitlab.com/x/fork", Workflow: "ci.yml"}
	type change struct {
		Kind            observation.AttestationChangeKind
		Before, Version string
		Older           bool
		Fields          []string
		From, To        string
	}
	for _, tt := range []struct {
		name  string
		files []File
		want  []change
	}{
		{"nothing", nil, nil},
		{"the first release", []File{file("1", "2025-01-01", present)}, nil},
		{"gained and lost", []File{
			file("1", "2024-01-01", absent),
			file("2", "2025-01-01", present), file("2", "2025-01-02", present),
			file("3", "2025-02-01", present), file("3", "2025-02-02", absent),
			file("4", "2025-03-01", absent),
			file("5", "2025-04-01", present),
		}, []change{
			{Kind: observation.ChangeGained, Before: "1", Version: "2", From: "0 of 1 files with provenance", To: "2 of 2 files with provenance"},
			{Kind: observation.ChangeLost, Before: "2", Version: "3", From: "2 of 2 files with provenance", To: "1 of 2 files with provenance"},
			{Kind: observation.ChangeGained, Before: "4", Version: "5", From: "0 of 1 files with provenance", To: "1 of 1 files with provenance"},
		}},
		{"an older line", []File{file("2", "2025-01-01", present), file("1.9", "2025-02-01", absent)},
			[]change{{Kind: observation.ChangeLost, Before: "2", Version: "1.9", Older: true, From: "1 of 1 files with provenance", To: "0 of 1 files with provenance"}}},
		{"unknown ones, pre-releases and undated ones are passed over", []File{
			file("1", "2025-01-01", present), file("2", "2025-02-01", unknown), file("3rc1", "2025-03-01", absent), file("2.5", "", absent), file("3", "2025-04-01", present),
		}, nil},
		{"yanked ones are not", []File{file("1", "2025-01-01", present), yanked(file("2", "2025-02-01", absent), "")},
			[]change{{Kind: observation.ChangeLost, Before: "1", Version: "2", From: "1 of 1 files with provenance", To: "0 of 1 files with provenance"}}},
		{"a renamed repository is the same", []File{by(file("1", "2025-01-01", present), old), by(file("2", "2025-02-01", present), renamed)}, nil},
		{"case is no change", []File{by(file("1", "2025-01-01", present), gh("github.com/O/R", "w.yml")), by(file("2", "2025-02-01", present), gh("github.com/o/r", "w.yml"))}, nil},
		{"another repository", []File{by(file("1", "2025-01-01", present), old), by(file("2", "2025-02-01", present), fork)},
			[]change{{Kind: observation.ChangePublisher, Before: "1", Version: "2", Fields: []string{"repository"},
				From: "GitHub github.com/n/new release.yml", To: "GitHub github.com/x/fork release.yml"}}},
		{"everything, across a release without", []File{by(file("1", "2025-01-01", present), old), file("2", "2025-02-01", absent), by(file("3", "2025-03-01", present), lab)},
			[]change{
				{Kind: observation.ChangeLost, Before: "1", Version: "2", From: "1 of 1 files with provenance", To: "0 of 1 files with provenance"},
				{Kind: observation.ChangeGained, Before: "2", Version: "3", From: "0 of 1 files with provenance", To: "1 of 1 files with provenance"},
				{Kind: observation.ChangePublisher, Before: "1", Version: "3", Fields: []string{"kind", "repository", "workflow"},
					From: "GitHub github.com/n/new release.yml", To: "GitLab gitlab.com/x/fork ci.yml"},
			}},
		{"a workflow more", []File{by(file("1", "2025-01-01", present), fork),
			by(file("2", "2025-02-01", present), fork), by(file("2", "2025-02-02", present), gh("github.com/x/fork", "wheels.yml"))},
			[]change{{Kind: observation.ChangePublisher, Before: "1", Version: "2", Fields: []string{"workflow"},
				From: "GitHub github.com/x/fork release.yml", To: "GitHub github.com/x/fork release.yml, GitHub github.com/x/fork wheels.yml"}}},
		{"objects that were not read say nothing", []File{by(file("1", "2025-01-01", present), old),
			by(file("2", "2025-02-01", present), fork), file("2", "2025-02-02", present), by(file("3", "2025-03-01", present))}, nil},
	} {
		var got []change
		for _, c := range NewProject(slices.Clone(tt.files)).Changes(canonical) {
			got = append(got, change{c.Kind, c.Before, c.Version, c.Older, c.Fields, c.From, c.To})
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestUndeclared(t *testing.T) {
	attested := by(file("1", "2025-01-01", present), observation.Publisher{Kind: "GitHub", Repository: "github.com/O/R"})
	for _, tt := range []struct {
		name     string
		files    []File
		declared []string
		want     bool
	}{
		{"declared", []File{attested}, []string{"github.com/docs/site", "github.com/o/r"}, false},
		{"another", []File{attested}, []string{"github.com/o/other"}, true},
		{"none declared", []File{attested}, nil, false},
		{"not read", []File{file("1", "2025-01-01", present)}, []string{"github.com/o/other"}, false},
		{"no repository", []File{by(file("1", "2025-01-01", present), observation.Publisher{Kind: "Google"})}, []string{"github.com/o/other"}, false},
		{"an older release only", []File{attested, file("2", "2025-02-01", absent)}, []string{"github.com/o/other"}, false},
		{"no release", nil, []string{"github.com/o/other"}, false},
	} {
		c, ok := NewProject(slices.Clone(tt.files)).Undeclared(tt.declared, same)
		if ok != tt.want || ok && (c.Kind != observation.ChangeRepository || c.From != "github.com/o/other" || c.To != "github.com/O/R") {
			t.Errorf("%s: %t %+v", tt.name, ok, c)
		}
	}
}

func TestHealth(t *testing.T) {
	p := NewProject([]File{
		file("1", "2024-01-01", absent),
		file("2", "2024-01-11", absent), file("2", "2025-06-01", absent), // a wheel came later: no release
		yanked(file("3", "2024-01-31", absent), "bad"), yanked(file("3", "2024-02-01", absent), "bad"),
		file("4", "2024-03-01", absent), yanked(file("4", "2024-03-02", absent), "wrong tag"),
		file("5rc1", "2025-01-01", absent),
		file("2004d", "2023-12-31", absent),
		file("6", "", absent),
	})
	h := p.Health(at("2024-12-31"))
	if h.Releases != 7 || h.Stable != 5 || h.Prereleases != 1 || h.Files != 10 || h.YankedFiles != 3 || h.YankedReleases != 1 {
		t.Errorf("counts: %+v", h)
	}
	if !h.FirstAt.Equal(at("2023-12-31")) || !h.LastAt.Equal(at("2025-01-01")) || !h.LastStableAt.Equal(at("2024-03-01")) {
		t.Errorf("dates: %+v", h)
	}
	if h.LastYear != 3 { // from 2024-01-02 on: the year 2024 has 366 days
		t.Errorf("%d releases in the last year, want 3", h.LastYear)
	}
	// 1, 10, 20, 30 and 306 days
	if h.MedianInterval == nil || *h.MedianInterval != 20 {
		t.Errorf("interval %v, want 20", h.MedianInterval)
	}
	if diff := cmp.Diff([]string{"wrong tag", "bad"}, h.YankReasons); diff != "" {
		t.Error(diff)
	}
	none := NewProject(nil).Health(at("2024-12-31"))
	if none.MedianInterval != nil || !none.LastAt.IsZero() || none.Releases != 0 {
		t.Errorf("without files: %+v", none)
	}
	if one := NewProject([]File{file("1", "2024-01-01", absent)}).Health(at("2024-12-31")); one.MedianInterval != nil {
		t.Error("one release has an interval")
	}
}

func TestMedianIntervalOfTheLastTen(t *testing.T) {
	var files []File
	day := at("2020-01-01")
	for i := range 20 {
		gap := 100
		if i > 10 {
			gap = 2 + i%2 // nine intervals between the last ten: 2 and 3 by turns
		}
		day = day.AddDate(0, 0, gap)
		files = append(files, File{Filename: day.String(), Version: day.Format("2006.1.2"), UploadedAt: day})
	}
	h := NewProject(files).Health(at("2026-01-01"))
	if h.MedianInterval == nil || *h.MedianInterval != 3 {
		t.Errorf("interval %v, want 3", *h.MedianInterval)
	}
}

func TestSupport(t *testing.T) {
	cycles := NewCycles([]observation.PythonCycle{
		{Name: "2.7", ReleasedOn: at("2010-07-03"), EndsOn: at("2020-01-01"), Ended: true, Latest: "2.7.18"},
		{Name: "3.8", ReleasedOn: at("2019-10-14"), EndsOn: at("2024-10-07"), Ended: true, Latest: "3.8.20"},
		{Name: "3.9", ReleasedOn: at("2020-10-05"), EndsOn: at("2025-10-31"), Ended: true, Latest: "3.9.24"},
		{Name: "3.10", ReleasedOn: at("2021-10-04"), EndsOn: at("2026-10-31"), Latest: "3.10.19"},
		{Name: "3.13", ReleasedOn: at("2024-10-07"), EndsOn: at("2029-10-31"), Latest: "3.13.9"},
		{Name: "3.14", ReleasedOn: at("2025-10-07"), Latest: "3.14.0"},
	})
	yes, no := true, false
	for _, tt := range []struct {
		requires []string
		on       string
		support  observation.PythonSupport
		newest   *bool
	}{
		{[]string{">=3.10"}, "2025-11-01", observation.PythonCurrent, &yes},
		{[]string{">=3.9"}, "2025-10-30", observation.PythonCurrent, &yes},
		{[]string{">=3.9"}, "2025-10-31", observation.PythonAdmits, &yes}, // its end of life
		{[]string{">=3.9"}, "2025-10-06", observation.PythonCurrent, &yes},
		{[]string{">=3.9,<3.14"}, "2025-10-06", observation.PythonCurrent, &yes}, // 3.14 is not out
		{[]string{">=3.9,<3.14"}, "2025-10-07", observation.PythonCurrent, &no},
		{[]string{">=2.7, !=3.0.*, !=3.1.*"}, "2025-11-01", observation.PythonAdmits, &yes},
		{[]string{"<3.10"}, "2025-11-01", observation.PythonOnlyEOL, &no},
		{[]string{"==2.7.*"}, "2019-12-31", observation.PythonCurrent, &no},
		{[]string{">3.8,<3.9"}, "2025-11-01", observation.PythonOnlyEOL, &no}, // 3.8.1 and later
		{[]string{">=3.8.1,<4.0.0"}, "2025-11-01", observation.PythonAdmits, &yes},
		{[]string{">=3.15"}, "2025-11-01", observation.PythonUnknown, &no},
		{[]string{""}, "2025-11-01", observation.PythonUnknown, nil},
		{nil, "2025-11-01", observation.PythonUnknown, nil},
		{[]string{">=3.6.*"}, "2025-11-01", observation.PythonUnknown, nil},
		{[]string{"", ">=3.10"}, "2025-11-01", observation.PythonCurrent, &yes},
		{[]string{"<3.10", ">=3.13"}, "2025-11-01", observation.PythonAdmits, &yes}, // one file each
	} {
		support, newest := cycles.Support(tt.requires, at(tt.on))
		if support != tt.support || (newest == nil) != (tt.newest == nil) || newest != nil && *newest != *tt.newest {
			t.Errorf("%q on %s: %s %v, want %s %v", tt.requires, tt.on, support, newest, tt.support, tt.newest)
		}
	}
	if support, newest := NewCycles(nil).Support([]string{">=3.10"}, at("2025-11-01")); support != observation.PythonUnknown || newest != nil {
		t.Errorf("without cycles: %s %v", support, newest)
	}
}

// FuzzReleases holds what must be true of any files.
func FuzzReleases(f *testing.F) {
	f.Add("1.0", "1.0.0", "2rc1", uint8(3), uint16(1), uint16(900))
	f.Add("", "2004d", "1!0+x", uint8(255), uint16(0), uint16(65535))
	f.Fuzz(func(t *testing.T, a, b, c string, flags uint8, day1, day2 uint16) {
		provenances := []observation.Provenance{present, absent, unknown}
		var files []File
		for i, v := range []string{a, b, c, a} {
			x := File{Filename: v + string(rune('0'+i)), Version: v, Provenance: provenances[(int(flags)>>i)%3], Yanked: flags>>(i+3)&1 == 1}
			if day := []uint16{day1, day2}[i%2]; day > 0 {
				x.UploadedAt = at("2020-01-01").AddDate(0, 0, int(day%4000))
			}
			files = append(files, x)
		}
		p := NewProject(files)
		latest, class, reason := p.Class(flags&1 == 0)
		if (reason == "") == (class == observation.AttestationUnknown) {
			t.Errorf("class %s for reason %q", class, reason)
		}
		if latest != nil && (!latest.Version.Stable() || latest.Yanked()) {
			t.Errorf("%q is the latest release", latest.Version)
		}
		if !slices.IsSortedFunc(p.Releases, func(a, b Release) int { return b.Version.Compare(a.Version) }) {
			t.Error("releases out of order")
		}
		h := p.Health(at("2025-01-01"))
		if h.Files != 4 || h.Stable+h.Prereleases > h.Releases || h.YankedFiles > h.Files {
			t.Errorf("%+v", h)
		}
		for _, c := range p.Changes(same) {
			if c.At.Before(c.BeforeAt) || !pypa.IsStable(c.Version) {
				t.Errorf("%+v", c)
			}
		}
	})
}
