package store

import (
	"math"
	"slices"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

var nan = float32(math.NaN())

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is unknown, want %v", what, want)
	} else if math.Abs(*got-want) > 1e-6 {
		t.Errorf("%s is %v, want %v", what, *got, want)
	}
}

func TestQuantiles(t *testing.T) {
	equal := []weighted{{1, 1}, {2, 1}, {3, 1}, {4, 1}}
	for level, want := range map[float64]float64{0: 1, 0.1: 1.3, 0.25: 1.75, 0.5: 2.5, 0.75: 3.25, 0.9: 3.7, 1: 4} {
		got := inclusiveQuantile(equal, level)
		near(t, "inclusive quantile", &got, want)
	}
	// Weights 1, 3, 6: the distribution function reaches 0.1, 0.4 and 1.
	unequal := []weighted{{1, 1}, {2, 3}, {5, 6}}
	for level, want := range map[float64]float64{0: 1, 0.1: 1, 0.11: 2, 0.25: 2, 0.4: 2, 0.41: 5, 0.5: 5, 1: 5} {
		if got := weightedQuantile(unequal, 10, level); got != want {
			t.Errorf("weighted quantile %v is %v, want %v", level, got, want)
		}
	}
	one := []weighted{{7, 3}}
	if a, b := inclusiveQuantile(one, 0.9), weightedQuantile(one, 3, 0.1); a != 7 || b != 7 {
		t.Errorf("quantiles of one value are %v and %v, want it", a, b)
	}
}

func TestRollUp(t *testing.T) {
	scored := func(core float32, downloads uint64) member {
		return member{value: value{on: 100, scored: true, core: core}, asked: true, downloads: downloads}
	}
	members := []member{
		scored(8, 600),
		scored(2, 200),
		{value: value{on: 99, core: nan}, asked: true, downloads: 100}, // no result
		scored(nan, 50),              // scored, but in no core check
		{downloads: 30},              // not asked
		{asked: true, downloads: 20}, // asked, no answer that counts
		{value: value{on: 100, scored: true, core: 4, api: true}, asked: true, downloads: 1000},
	}
	order := byCore(members)
	if want := []int32{1, 6, 0}; !slices.Equal(order, want) {
		t.Fatalf("order by core %v, want %v", order, want)
	}

	r := rollUp(members[:6], order, observation.WeightPackage)
	if r.size != 6 || r.asked != 5 || r.noResult != 1 || r.scored != 3 || r.n != 2 || r.source != "archive" {
		t.Errorf("counts %+v", r)
	}
	near(t, "coverage", &r.shares.scored, 0.5)
	near(t, "mean", r.mean, 5)
	near(t, "p10", r.quantiles[0], 2.6)
	near(t, "median", r.quantiles[2], 5)

	r = rollUp(members[:6], order, observation.WeightDownload)
	near(t, "coverage by download", &r.shares.scored, 0.85)
	near(t, "mean by download", r.mean, (8*600+2*200)/800.0)
	near(t, "p25 by download", r.quantiles[1], 2)
	near(t, "median by download", r.quantiles[2], 8)

	if r = rollUp(members, order, observation.WeightPackage); r.source != "both" || r.n != 3 {
		t.Errorf("with a value of the API: source %q, n %d", r.source, r.n)
	}
	if r = rollUp(members[2:3], order, observation.WeightPackage); r.mean != nil || r.quantiles[2] != nil || r.shares.scored != 0 || r.scored != 0 {
		t.Errorf("without a value there is no average: %+v", r)
	}
}

func TestVotes(t *testing.T) {
	of := func(repositories ...int32) []member {
		members := make([]member, len(repositories))
		for i, r := range repositories {
			members[i] = member{repository: r, downloads: uint64(10 * i)}
		}
		return members
	}
	third, half := 1/3.0, 0.5
	for _, test := range []struct {
		weighting observation.Weighting
		members   []member
		want      []float64
	}{
		{observation.WeightPackage, of(7, 7, 0), []float64{1, 1, 1}},
		{observation.WeightDownload, of(7, 7, 0), []float64{0, 10, 20}},
		{observation.WeightRepository, of(7, 2, 7, 0, 2, 7, 0, 9), []float64{third, half, third, 1, half, third, 1, 1}},
		{observation.WeightRepository, of(0, 0), []float64{1, 1}}, // no repository is not one that they share
		{observation.WeightRepository, of(), []float64{}},
	} {
		if got := votes(test.members, test.weighting); !slices.Equal(got, test.want) {
			t.Errorf("%s over %v: %v, want %v", test.weighting, test.members, got, test.want)
		}
	}
	// Thirds add up: half of two votes is reached by the three that share one.
	shared := []weighted{{1, third}, {2, third}, {3, third}, {9, 1}}
	if got := weightedQuantile(shared, third+third+third+1, 0.5); got != 3 {
		t.Errorf("the median of two repositories is %v, want 3", got)
	}
	var many []weighted // a hundred repositories of seven projects each
	total := 0.0
	for i := range 700 {
		many = append(many, weighted{float64(i / 7), 1 / 7.0})
		total += 1 / 7.0
	}
	for level, want := range map[float64]float64{0.1: 9, 0.25: 24, 0.5: 49, 0.75: 74, 0.9: 89} {
		if got := weightedQuantile(many, total, level); got != want {
			t.Errorf("quantile %v of a hundred repositories is %v, want %v", level, got, want)
		}
	}
}

func TestBetter(t *testing.T) {
	archive := value{on: 100, scored: true, core: 5}
	for _, test := range []struct {
		name      string
		api, want value
	}{
		{"no other", value{}, archive},
		{"newer of the API", value{on: 101, scored: true, api: true}, value{on: 101, scored: true, api: true}},
		{"older of the API", value{on: 99, scored: true, api: true}, archive},
		{"same day", value{on: 100, scored: true, api: true}, value{on: 100, scored: true, api: true}},
		{"newer without a result", value{on: 110, api: true}, archive},
	} {
		if got := better(archive, test.api); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
		if got := better(test.api, archive); test.api.on != 0 && test.name != "same day" && got != test.want {
			t.Errorf("%s, turned round: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestValueCountsFor60Days(t *testing.T) {
	v := value{on: 1000, scored: true}
	for d, want := range map[day]bool{999: false, 1000: true, 1060: true, 1061: false} {
		if got := v.at(d).on != 0; got != want {
			t.Errorf("a result of day 1000 counts on day %d: %v, want %v", d, got, want)
		}
	}
	if (value{}).at(30).on != 0 {
		t.Error("no value counts on no day")
	}
}
