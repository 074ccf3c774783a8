package posture

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ossf/scorecard/v4/docs/checks"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func checksOf(scores map[string]int) []observation.Check {
	var list []observation.Check
	for name, s := range scores {
		c := observation.Check{Name: name}
		if s >= 0 {
			v := int8(s)
			c.Score = &v
		}
		list = append(list, c)
	}
	return list
}

// urllib3 is what the archive says of urllib3 on 15 June 2026.
var urllib3 = map[string]int{
	"Dangerous-Workflow": 10, "Binary-Artifacts": 10, "Branch-Protection": 8, "Code-Review": 8,
	"Maintained": 10, "Signed-Releases": 0, "Token-Permissions": 10, "Fuzzing": 10, "Packaging": 10,
	"Pinned-Dependencies": 8, "SAST": 10, "Security-Policy": 10, "CII-Best-Practices": 5, "License": 10,
}

func TestRisks(t *testing.T) {
	want := map[string]string{
		"Dangerous-Workflow": Critical, "Webhooks": Critical,
		"Binary-Artifacts": High, "Branch-Protection": High, "Code-Review": High, "Dependency-Update-Tool": High,
		"Maintained": High, "Signed-Releases": High, "Token-Permissions": High, "Vulnerabilities": High,
		"Fuzzing": Medium, "Packaging": Medium, "Pinned-Dependencies": Medium, "SAST": Medium, "Security-Policy": Medium, "SBOM": Medium,
		"CI-Tests": Low, "CII-Best-Practices": Low, "Contributors": Low, "License": Low,
	}
	weights := map[string]float64{Critical: 10, High: 7.5, Medium: 5, Low: 2.5}
	for name, risk := range want {
		w, known := Weight(name)
		if Risk(name) != risk || w != weights[risk] || !known {
			t.Errorf("%s: risk %s, weight %v, known %t; want %s", name, Risk(name), w, known, risk)
		}
		_, documented := Doc(name)
		if documented != (name != "SBOM") {
			t.Errorf("Doc(%s): %t", name, documented)
		}
	}
	if names := Names(); len(names) != len(want)-1 || !slices.IsSorted(names) {
		t.Errorf("Names() = %q: the documentation and this table differ", names)
	}
	if all := Known(); len(all) != len(want) || !slices.IsSorted(all) || !slices.Contains(all, "SBOM") {
		t.Errorf("Known() = %q", all)
	}
	if w, known := Weight("Brand-New"); w != 5 || known || Risk("Brand-New") != Medium {
		t.Errorf("an unknown check weighs %v, known %t, risk %s; want 5, unknown, Medium", w, known, Risk("Brand-New"))
	}
}

func TestDocumentation(t *testing.T) {
	if _, err := checks.Read(); err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		d, ok := Doc(name)
		if !ok || d.Name != name || d.Short == "" || d.Description == "" || len(d.Remediation) == 0 {
			t.Errorf("%s: %+v", name, d)
		}
		if d.URL != "https://github.com/ossf/scorecard/blob/main/docs/checks.md#"+lowerASCII(name) {
			t.Errorf("%s: %s", name, d.URL)
		}
	}
	d, _ := Doc("Maintained")
	d.Remediation[0] = "changed by a caller"
	if again, _ := Doc("Maintained"); again.Remediation[0] == d.Remediation[0] {
		t.Error("a caller can change the documentation")
	}
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func TestCoreChecks(t *testing.T) {
	core := CoreChecks()
	if len(core) != 12 || !slices.IsSorted(core) {
		t.Errorf("CoreChecks() = %q", core)
	}
	for _, name := range core {
		if _, ok := Doc(name); !ok || !IsCore(name) {
			t.Errorf("%s: documented %t, core %t", name, ok, IsCore(name))
		}
	}
	for _, name := range []string{"SAST", "Code-Review", "Vulnerabilities", "SBOM", ""} {
		if IsCore(name) {
			t.Errorf("%q is core", name)
		}
	}
}

func TestAggregate(t *testing.T) {
	tests := []struct {
		name            string
		scores          map[string]int
		aggregate, core float64 // -1: nil
		state           observation.ResultState
	}{
		{"urllib3", urllib3, 8.5, 8.4482758621, observation.StateScored},
		{"nothing", nil, -1, -1, observation.StateNoResult},
		{"all inconclusive", map[string]int{"Maintained": -1, "SAST": -1}, -1, -1, observation.StateNoResult},
		{"inconclusive leaves the denominator", map[string]int{"Maintained": 10, "Fuzzing": -1}, 10, 10, observation.StateScored},
		{"zero counts", map[string]int{"Maintained": 10, "Fuzzing": 0}, 6, 6, observation.StateScored},
		{"outside the core", map[string]int{"SAST": 4, "Code-Review": 10}, 7.6, -1, observation.StateScored},
		{"unknown check is Medium", map[string]int{"Brand-New": 0, "SBOM": 10}, 5, -1, observation.StateScored},
	}
	for _, tt := range tests {
		list := checksOf(tt.scores)
		near(t, tt.name+": aggregate", Aggregate(list), tt.aggregate)
		near(t, tt.name+": core", Core(list), tt.core)
		if got := State(list); got != tt.state {
			t.Errorf("%s: state %s, want %s", tt.name, got, tt.state)
		}
		var names []string
		var scores []int8
		for name, s := range tt.scores {
			names, scores = append(names, name), append(scores, int8(s))
		}
		row := NewColumns(names).Row(scores)
		if row.Scored != (tt.aggregate >= 0) || row.HasCore != (tt.core >= 0) {
			t.Errorf("%s: %+v", tt.name, row)
		}
		if row.Scored {
			near(t, tt.name+": row", &row.Aggregate, tt.aggregate)
		}
		if row.HasCore {
			near(t, tt.name+": row's core", &row.Core, tt.core)
		}
	}
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	switch {
	case got == nil && want < 0:
	case got == nil || want < 0:
		t.Errorf("%s: %v, want %v", what, got, want)
	case math.Abs(*got-want) > 1e-9:
		t.Errorf("%s: %.10f, want %.10f", what, *got, want)
	}
}

func TestColumnsRowDoesNotAllocate(t *testing.T) {
	c := NewColumns(Names())
	scores := make([]int8, len(Names()))
	if n := testing.AllocsPerRun(100, func() { c.Row(scores) }); n != 0 {
		t.Errorf("Row allocates %v times", n)
	}
	// A row shorter or longer than the columns is none of ours to guess at.
	if r := c.Row(nil); r.Scored {
		t.Errorf("an empty row: %+v", r)
	}
	c.Row(make([]int8, 100))
}

func TestValid(t *testing.T) {
	for score, want := range map[int]bool{-2: false, -1: true, 0: true, 10: true, 11: false, 40: false} {
		if Valid(score) != want {
			t.Errorf("Valid(%d) = %t", score, !want)
		}
	}
}

func TestNoted(t *testing.T) {
	p := func(f float64) *float64 { return &f }
	tests := []struct {
		stated, recomputed *float64
		want               bool
	}{
		{p(8.5), p(8.5294117647), false},
		{p(8.5), p(8.55), false}, // half a step: rounding explains it
		{p(8.5), p(8.45), false},
		{p(8.5), p(8.5501), true},
		{p(7), p(7.04), false},
		{p(8.56), p(9.39), true},
		{nil, p(1), false},
		{p(1), nil, false},
	}
	for _, tt := range tests {
		if got := Noted(tt.stated, tt.recomputed); got != tt.want {
			t.Errorf("Noted(%v, %v) = %t", tt.stated, tt.recomputed, got)
		}
	}
}

func TestSuspect(t *testing.T) {
	tests := []struct {
		matched, lost int
		want          bool
	}{{0, 0, false}, {1000, 0, false}, {1000, 49, false}, {1000, 50, true}, {1000, 1000, true}, {3, 1, true}}
	for _, tt := range tests {
		if got := Suspect(tt.matched, tt.lost); got != tt.want {
			t.Errorf("Suspect(%d, %d) = %t", tt.matched, tt.lost, got)
		}
	}
}

func TestCheckSet(t *testing.T) {
	in := []string{"SAST", "License", "SAST", "Fuzzing"}
	if got := CheckSet(in); got != "Fuzzing,License,SAST" {
		t.Errorf("CheckSet = %q", got)
	}
	if in[0] != "SAST" {
		t.Error("CheckSet sorts its argument")
	}
	if CheckSet(nil) != "" {
		t.Error("CheckSet(nil) is not empty")
	}
}

func TestNextSteps(t *testing.T) {
	list := checksOf(urllib3)
	for i := range list {
		if list[i].Name == "Pinned-Dependencies" {
			list[i].Details = []string{"Info: pinned", "Warn: not pinned: ci.yml:3", "Warn: not pinned: ci.yml:9"}
			list[i].Reason = "some are not pinned"
		}
		if list[i].Name == "Code-Review" {
			list[i].Details = []string{"Info: 3 of 30"}
		}
	}
	list = append(list, observation.Check{Name: "Vulnerabilities"}) // inconclusive: no step
	type step struct {
		Check string
		Gain  float64
	}
	var got []step
	steps := NextSteps(&observation.ScorecardResult{Checks: list})
	for _, s := range steps {
		got = append(got, step{s.Check, math.Round(s.Gain*100) / 100})
		if s.Risk == "" || len(s.Remediation) == 0 {
			t.Errorf("%s: %+v", s.Check, s)
		}
	}
	want := []step{{"Signed-Releases", 0.88}, {"Branch-Protection", 0.18}, {"Code-Review", 0.18}, {"CII-Best-Practices", 0.15}, {"Pinned-Dependencies", 0.12}}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("steps (-want +got):\n%s", d)
	}
	if steps[0].Note == "" || steps[2].Note == "" {
		t.Error("Signed-Releases and Code-Review have no note")
	}
	if d := cmp.Diff([]string{"not pinned: ci.yml:3", "not pinned: ci.yml:9"}, steps[4].Evidence); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Info: 3 of 30"}, steps[2].Evidence); d != "" {
		t.Error(d)
	}

	// The gain is what it says: the aggregate with the check at 10 minus the one now.
	before := *Aggregate(list)
	for _, s := range steps {
		better := slices.Clone(list)
		for i := range better {
			if better[i].Name == s.Check {
				ten := int8(10)
				better[i].Score = &ten
			}
		}
		if gain := *Aggregate(better) - before; math.Abs(gain-s.Gain) > 1e-9 {
			t.Errorf("%s: gain %v, the aggregate rises by %v", s.Check, s.Gain, gain)
		}
	}
	if NextSteps(nil) != nil || NextSteps(&observation.ScorecardResult{}) != nil {
		t.Error("steps out of nothing")
	}
}

func BenchmarkAggregate(b *testing.B) {
	list := checksOf(urllib3)
	b.ReportAllocs()
	for b.Loop() {
		_ = Aggregate(list)
	}
}

func BenchmarkColumns(b *testing.B) {
	c := NewColumns(Names())
	scores := make([]int8, len(Names()))
	b.ReportAllocs()
	for b.Loop() {
		c.Row(scores)
	}
}
