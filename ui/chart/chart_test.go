package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

func on(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func num64(v float64) *float64 { return &v }

// weekly returns n weekly points from a day on, their values from f.
func weekly(from string, n int, f func(i int) float64) []Point {
	points := make([]Point, n)
	for i := range points {
		points[i] = Point{T: on(from).AddDate(0, 0, 7*i), V: num64(f(i))}
	}
	return points
}

var testFlags = Letters([]Flag{
	{At: on("2024-06-03"), Text: "3 Jun 2024: rank list method"},
	{At: on("2023-05-08"), Cut: true, Text: "8 May 2023: Token-Permissions changed meaning"},
	{At: on("2023-10-15"), Cut: true, Text: "15 Oct 2023: Pinned-Dependencies changed meaning"},
})

func sampleLines() Lines {
	main := weekly("2022-07-20", 130, func(i int) float64 { return 70 + 5*math.Sin(float64(i)/9) })
	main[10].V = nil
	main[11].V = nil
	main[20].Suspect, main[20].V = true, num64(61)
	return Lines{
		Head: Head{ID: "coverage", Title: "Share of the top 1,000 with a result", Desc: "A line from July 2022, cut in May and October 2023."},
		Time: Time{Flags: testFlags, Frozen: []Span{{on("2024-07-29"), on("2024-10-08")}}},
		Y:    Axis{Unit: "%", Min: 60, Max: 80, Decimals: 1},
		Series: []Series{
			{Name: "Top 1,000", Label: "73.8 %", Main: true, Points: main},
			{Name: "Top 100", Label: "73.9 %", Points: weekly("2022-07-20", 130, func(i int) float64 { return 72 + 5*math.Sin(float64(i)/9) })},
		},
		SuspectText: "outages, left out",
	}
}

func sampleBand() Band {
	b := Band{
		Head: Head{ID: "score-distribution", Title: "Core aggregate: median and quantiles", Desc: "Bands with the median."},
		Time: Time{Flags: testFlags},
		Y:    Axis{Max: 10, Decimals: 1},
	}
	for i := range 130 {
		m := 5 + math.Sin(float64(i)/20)/2
		b.Points = append(b.Points, Quantiles{
			T:   on("2022-07-20").AddDate(0, 0, 7*i),
			P10: num64(m - 2), P25: num64(m - 1), P50: num64(m), P75: num64(m + 1.1), P90: num64(m + 1.3),
		})
	}
	b.Points[12].Suspect = true
	b.Points[14].P50, b.Points[14].P10 = nil, nil
	return b
}

func sampleBars() Bars {
	b := Bars{
		Head:        Head{ID: "advisories-by-month", Title: "Advisory groups by month", Desc: "Stacked bars, the newest two hatched."},
		Classes:     SeverityClasses(),
		NarrowFrom:  on("2024-01-01"),
		FillingText: "still filling",
		Initiatives: sampleInitiatives,
	}
	for i := range 30 {
		b.Months = append(b.Months, Month{T: on("2023-01-01").AddDate(0, i, 0), Values: []int{i % 3, i % 7, i, i % 2, 3}, Filling: i >= 28})
	}
	b.Months[4].Values = []int{0, 0, 0, 0, 0}
	return b
}

func sampleReleases() Releases {
	r := Releases{
		Head: Head{ID: "project-releases", Title: "Releases since 2022", Desc: "One mark a release."},
		Time: Time{From: on("2022-01-01"), To: on("2026-07-01"), NarrowFrom: on("2024-01-01")},
		Mark: &Mark{At: on("2024-10-29"), Text: "attestations possible"},
		Lanes: []Lane{
			{Name: "2.x", Dots: []Dot{{T: on("2023-05-01"), Label: "2.0", Title: "2.0, 1 May 2023: 0 of 2 files attested"}, {T: on("2025-01-01"), Full: true, Label: "2.1", Title: "2.1"}, {T: on("2025-01-20"), Full: true, Label: "2.2", Title: "2.2"}}},
			{Name: "1.x", Dots: []Dot{{T: on("2022-02-01"), Title: "1.9"}}},
		},
	}
	return r
}

func sampleArea() Area {
	a := Area{
		Head:    Head{ID: "adoption", Title: "Attestation classes of the top 1,000", Desc: "Stacked shares, cut in October 2023."},
		Time:    Time{Flags: testFlags, Initiatives: sampleInitiatives},
		Y:       Axis{Unit: "%"},
		Classes: []Class{{Name: "Attested", Tone: ToneShare5}, {Name: "Partly", Tone: ToneShare3}, {Name: "None observed, could", Tone: ToneShare1}, {Name: "Unsupported host", Tone: ToneNone}, {Name: "Unknown", Tone: ToneHatch}},
	}
	for i := range 120 {
		v := float64(i) / 4
		a.Points = append(a.Points, Stack{T: on("2022-07-20").AddDate(0, 0, 7*i), Values: []*float64{num64(v), num64(4), num64(50 - v), num64(26), num64(20)}})
	}
	a.Points[20].Values[1] = nil
	a.Points[21].Values = nil
	return a
}

var sampleInitiatives = []Initiative{{on("2023-04-20"), "20 Apr 2023: trusted publishing"}, {on("2023-05-02"), "2 May 2023: another"}, {on("2024-01-01"), "1 Jan 2024: two factors"}}

func sampleHeatmap() Heatmap {
	h := Heatmap{Head: Head{ID: "checks-heatmap", Title: "Checks by quarter", Desc: "One row a check."}, NHead: "Conclusive n"}
	for i := range 16 {
		t := on("2022-07-01").AddDate(0, 3*i, 0)
		c := HeatColumn{T: t}
		if i == 0 || t.Month() == time.January {
			c.Label = t.Format("2006")
		}
		h.Columns = append(h.Columns, c)
	}
	for i, name := range []string{"Dangerous-Workflow", "Binary-Artifacts", "Branch-Protection", "Fuzzing"} {
		row := HeatRow{Group: "High", Name: name, Href: "/checks/" + name, N: "679 of 1,000"}
		if i == 0 {
			row.Group, row.Href = "Critical", "https://example.org/"
		}
		for j := range 16 {
			v := float64((i*23+j*5)%101) / 100
			row.Cells = append(row.Cells, HeatCell{V: &v, Text: fmt.Sprint(math.Round(v * 100)), Title: fmt.Sprintf("%s %d", name, j), Break: j == 4+i})
		}
		row.Cells[i] = HeatCell{Title: "not asked"}
		h.Rows = append(h.Rows, row)
	}
	return h
}

func sampleCurves() Curves {
	s := Curves{Head: Head{ID: "time-to-fix", Title: "Share not yet fixed", Desc: "Survival by severity."}, X: Axis{Unit: "days", Max: 730}, Y: Axis{Unit: "%", Zero: true, Max: 100, Decimals: 1}}
	for k, name := range []string{"All severities", "Critical"} {
		curve := Curve{Name: name, Label: "median 41 days", Main: k == 0}
		for i := range 40 {
			v := 100 * math.Exp(-float64(i*(k+1))/20)
			step := Step{X: i * 18, V: v, Censored: i % 5 / 4}
			if i > 0 && i < 35 {
				step.Low, step.High = num64(v-4), num64(v+4)
			}
			curve.Steps = append(curve.Steps, step)
		}
		s.Series = append(s.Series, curve)
	}
	return s
}

func sampleColumns() Columns {
	s := Columns{Head: Head{ID: "check-scores", Title: "Scores of Code-Review", Desc: "A histogram, minus one apart."}}
	for i := range 11 {
		n := (i*37)%90 + 3*i
		s.Bars = append(s.Bars, ColumnBar{Name: fmt.Sprint(i), Value: float64(n), Text: fmt.Sprint(n), Title: fmt.Sprintf("%d projects score %d", n, i), Tone: Tone(shade(float64(i)))})
	}
	s.Bars[3].Value, s.Bars[3].Text = 0, "0"
	s.Bars = append(s.Bars, ColumnBar{Name: "−1", Value: 61, Text: "61", Title: "61 inconclusive", Apart: true})
	return s
}

func sampleDots() Dots {
	s := Dots{Head: Head{ID: "dots", Title: "Score and rank", Desc: "A scatter."}, X: Axis{Unit: "rank"}, Y: Axis{Max: 10, Zero: true, Decimals: 1}}
	for i := range 60 {
		s.Points = append(s.Points, DotPoint{X: float64(i * 17), Y: 5 + 4*math.Sin(float64(i)), Title: fmt.Sprintf("project-%d", i)})
	}
	s.Points = append(s.Points, DotPoint{X: math.NaN(), Y: 1})
	return s
}

func samplePicture() Picture {
	p := Picture{Head: Head{ID: "threats", Title: "Evidence against the threats of SLSA", Desc: "The supply chain with eleven threats."}}
	for i, id := range []string{"A", "B", "C", "D", "E", "F", "G", "H", "I", "Dependency", "Availability"} {
		p.Nodes = append(p.Nodes, Threat{ID: id, Name: "Threat " + id, Href: "/threats#" + strings.ToLower(id), Observed: 80 * i, NotObserved: 700 - 50*i, Unknown: 300 - 30*i, Size: 1000})
	}
	return p
}

// hostile is text that would break out of SVG, HTML or the line it stands in.
const hostile = "</title></svg><script>alert(1)</script> \" ' & \x00\x1b\u202e\u2066 \xff 漢字"

func specs() map[string]Spec {
	single := Lines{Head: Head{ID: "single", Title: "One observation", Desc: "A dot."}, Y: Axis{Decimals: 1}, Series: []Series{{Name: "x", Label: "5.0", Main: true, Points: []Point{{T: on("2026-06-15"), V: num64(5)}}}}}
	step := sampleLines()
	step.ID, step.Step, step.Y = "project-score", true, Axis{Max: 100, Zero: true}
	bad := sampleLines()
	bad.Head = Head{ID: `x"><script>`, Title: hostile, Desc: hostile}
	bad.Y.Unit, bad.SuspectText = hostile, hostile
	for i := range bad.Series {
		bad.Series[i].Name, bad.Series[i].Label = hostile, hostile
	}
	for i := range bad.Flags {
		bad.Flags = append([]Flag(nil), bad.Flags...)
		bad.Flags[i].Letter = `<b>`
	}
	huge := Lines{Head: Head{ID: "huge", Title: "Downloads", Desc: "A line."}, Y: Axis{}, Series: []Series{{Name: "all", Label: "9.1 bn", Main: true, Points: weekly("2022-07-20", 20, func(i int) float64 { return 1e9 * float64(i+1) })}}}
	weeks := sampleBars()
	weeks.ID, weeks.By, weeks.Months = "by-week", "week", weeks.Months[:12]
	for i := range weeks.Months {
		weeks.Months[i].T = on("2026-01-05").AddDate(0, 0, 7*i)
	}
	return map[string]Spec{
		"area": sampleArea(), "heatmap": sampleHeatmap(), "curves": sampleCurves(), "columns": sampleColumns(), "dots": sampleDots(), "picture": samplePicture(),
		"lines": sampleLines(), "step": step, "band": sampleBand(), "bars": sampleBars(), "weeks": weeks,
		"releases": sampleReleases(), "single": single, "hostile": bad, "huge": huge,
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with go test ./ui/chart -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; see it with git diff after go test ./ui/chart -update", path)
	}
}

// wellFormed reads a whole drawing as XML and returns its ids.
func wellFormed(t *testing.T, name string, svg []byte) []string {
	t.Helper()
	var ids []string
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ids
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local == "script" {
			t.Errorf("%s holds a script", name)
		}
		for _, a := range start.Attr {
			if a.Name.Local == "id" {
				ids = append(ids, a.Value)
			}
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "/") {
				t.Errorf("%s: attribute %s", name, a.Name.Local)
			}
		}
	}
}

var coordinates = regexp.MustCompile(`\d\.\d\d|NaN|Inf|e\+|%!`)

func TestDraw(t *testing.T) {
	for name, spec := range specs() {
		t.Run(name, func(t *testing.T) {
			d := Draw(spec)
			both := string(d.Wide) + "\n" + string(d.Narrow) + "\n"
			golden(t, name+".svg", []byte(both))
			ids := append(wellFormed(t, name, []byte(d.Wide)), wellFormed(t, name, []byte(d.Narrow))...)
			seen := map[string]bool{}
			for _, id := range ids {
				if seen[id] {
					t.Errorf("id %q twice on one page", id)
				}
				seen[id] = true
			}
			for _, m := range regexp.MustCompile(` (?:d|x|y|cx|cy|width|height)="([^"]*)"`).FindAllStringSubmatch(both, -1) {
				if coordinates.MatchString(m[1]) {
					t.Errorf("coordinates %q", m[1])
				}
			}
			role := `role="img"`
			if strings.Contains(both, "<a ") {
				role = `role="group"`
			}
			for _, want := range []string{role, `aria-labelledby="`, "<title id=", "<desc id="} {
				if strings.Count(both, want) != 2 {
					t.Errorf("%q is not in both drawings", want)
				}
			}
		})
	}
}

func TestExport(t *testing.T) {
	words := Words{Title: "Half of the scored top 1,000 lie between 4.5 and 7.0 of 10", Sub: "Core aggregate, 0 to 10 · data through 15 Jun 2026", Note: "A 8 May 2023: Token-Permissions changed meaning", Source: "Pyrometer · pypi-scorecards archive"}
	for name, spec := range specs() {
		for _, theme := range []Theme{Light, Dark} {
			w := words
			if name == "hostile" {
				w = Words{Title: hostile, Sub: hostile, Note: hostile, Source: hostile, Key: []Class{{Name: hostile, Tone: ToneHigh}}}
			}
			if name == "bars" {
				w.Key = SeverityClasses()
			}
			svg := Export(spec, theme, w)
			wellFormed(t, name, svg)
			for _, no := range []string{"class=", "var(", "currentColor", "<style", "<a ", "data-"} {
				if bytes.Contains(svg, []byte(no)) {
					t.Errorf("%s %s holds %s", name, theme, no)
				}
			}
			ground := colour(theme, "paper")
			if !bytes.Contains(svg, []byte(`fill="`+ground+`"/>`)) {
				t.Errorf("%s %s has no ground of %s", name, theme, ground)
			}
			switch name {
			case "step", "weeks", "releases", "single", "hostile", "huge": // as the others
			default:
				golden(t, "export-"+name+"-"+string(theme)+".svg", svg)
			}
		}
	}
	empty := Export(Lines{Head: Head{ID: "x", Title: "t"}}, "sepia", Words{Title: "t", State: "No result: not fetched yet."})
	wellFormed(t, "empty", empty)
	if !bytes.Contains(empty, []byte("not fetched yet")) || !bytes.Contains(empty, []byte(colour(Light, "paper"))) {
		t.Errorf("an empty export does not say why, or has no ground: %s", empty)
	}
}

func TestNothing(t *testing.T) {
	nan := Lines{Series: []Series{{Points: []Point{{T: on("2026-01-01"), V: num64(math.NaN())}, {T: on("2026-01-08")}}}}}
	for name, spec := range map[string]Spec{
		"area":    Area{Classes: []Class{{Name: "x", Tone: ToneHatch}}, Points: []Stack{{T: on("2026-01-01"), Values: []*float64{nil}}}},
		"heatmap": Heatmap{Rows: []HeatRow{{Name: "x", Cells: make([]HeatCell, 3)}}}, "curves": Curves{Series: []Curve{{}}},
		"columns": Columns{}, "dots": Dots{Points: []DotPoint{{X: math.NaN()}}}, "picture": Picture{},
		"lines": Lines{}, "nan": nan, "band": Band{Points: []Quantiles{{T: on("2026-01-01")}}}, "bars": Bars{Classes: SeverityClasses()}, "releases": Releases{Lanes: []Lane{{Name: "1.x"}}},
	} {
		if d := Draw(spec); d.Wide != "" || d.Narrow != "" || d.Cursor != nil || d.Labels != nil {
			t.Errorf("%s: drew %q", name, d.Wide)
		}
	}
	if Spark(nil, nil) != "" || Spark([]Point{{T: on("2026-01-01")}}, nil) != "" || Strip("x", nil) != "" || ScoreBar(math.NaN()) != "" {
		t.Error("a small drawing of nothing is not empty")
	}
}

// TestHostileKinds draws each of the newer kinds with names that would break out
// of SVG, and with links that may not be followed.
func TestHostileKinds(t *testing.T) {
	area, heat, curves, columns, dots, picture := sampleArea(), sampleHeatmap(), sampleCurves(), sampleColumns(), sampleDots(), samplePicture()
	for i := range area.Classes {
		area.Classes[i].Name = hostile
	}
	area.Y.Unit, heat.NHead = hostile, hostile
	heat.Columns[0].Label = hostile
	for i, href := range []string{"javascript:alert(1)", "//example.org", "/\\example.org", `/x"><script>`} {
		heat.Rows[i].Group, heat.Rows[i].Name, heat.Rows[i].N, heat.Rows[i].Href = hostile, hostile, hostile, href
		heat.Rows[i].Cells[1].Text, heat.Rows[i].Cells[1].Title = hostile, hostile
		picture.Nodes[i].Name, picture.Nodes[i].State, picture.Nodes[i].Href = hostile, hostile, href
	}
	for i := range curves.Series {
		curves.Series[i].Name, curves.Series[i].Label = hostile, hostile
	}
	for i := range columns.Bars {
		columns.Bars[i].Name, columns.Bars[i].Text, columns.Bars[i].Title = hostile, hostile, hostile
	}
	dots.X.Unit, dots.Points[0].Title = hostile, hostile
	for name, spec := range map[string]Spec{"area": area, "heatmap": heat, "curves": curves, "columns": columns, "dots": dots, "picture": picture} {
		d := Draw(spec)
		wellFormed(t, name, []byte(d.Wide))
		wellFormed(t, name, []byte(d.Narrow))
		wellFormed(t, name, Export(spec, Dark, Words{}))
		if strings.Contains(string(d.Wide), "javascript:") || strings.Contains(string(d.Wide), `href="//`) {
			t.Errorf("%s: a link that may not be followed", name)
		}
		if d.Cursor != nil && strings.Count(d.Cursor.N, "|") != strings.Count(d.Cursor.V, "|") {
			t.Errorf("%s: %d names for %d series", name, strings.Count(d.Cursor.N, "|")+1, strings.Count(d.Cursor.V, "|")+1)
		}
	}
}

// TestOne draws each of the newer kinds with one value and nothing else.
func TestOne(t *testing.T) {
	v := 42.0
	for name, spec := range map[string]Spec{
		"area":    Area{Classes: []Class{{Name: "Attested", Tone: ToneShare5}, {Name: "Unknown", Tone: ToneHatch}}, Points: []Stack{{T: on("2026-01-01"), Values: []*float64{&v, &v}}}},
		"heatmap": Heatmap{Columns: []HeatColumn{{T: on("2026-01-01")}}, Rows: []HeatRow{{Name: "License", Cells: []HeatCell{{V: num64(1)}}}}},
		"curves":  Curves{Series: []Curve{{Name: "all", Main: true, Steps: []Step{{X: 0, V: 100}}}}},
		"columns": Columns{Bars: []ColumnBar{{Name: "-1", Value: 3, Apart: true}}},
		"dots":    Dots{Points: []DotPoint{{X: 1, Y: 1}}},
		"picture": Picture{Nodes: []Threat{{ID: "Z"}}},
	} {
		d := Draw(spec)
		for _, svg := range []template.HTML{d.Wide, d.Narrow} {
			wellFormed(t, name, []byte(svg))
			if m := broken.FindString(string(svg)); m != "" || svg == "" {
				t.Errorf("%s draws %q", name, m)
			}
		}
	}
}

var broken = regexp.MustCompile(`NaN|Inf|%!`)

// TestExtremes draws values that hardly fit a number, and very many of them,
// within bounds of size.
func TestExtremes(t *testing.T) {
	const many = 100_000
	area, curves, columns, dots := sampleArea(), sampleCurves(), sampleColumns(), sampleDots()
	heat := sampleHeatmap()
	area.Points, curves.Series[0].Steps, columns.Bars, dots.Points = nil, nil, nil, nil
	heat.Rows[0].Cells, heat.Columns = make([]HeatCell, many), nil
	for i := range many {
		area.Points = append(area.Points, Stack{T: on("1900-01-01").AddDate(0, 0, i), Values: []*float64{num64(20), num64(20), num64(1e12), num64(0), num64(20)}})
		curves.Series[0].Steps = append(curves.Series[0].Steps, Step{X: i, V: 100 - float64(i)/many*100, Censored: 1})
		columns.Bars = append(columns.Bars, ColumnBar{Name: fmt.Sprint(i), Value: math.Pow(10, float64(i%300))})
		dots.Points = append(dots.Points, DotPoint{X: float64(i), Y: float64(i * i % 977)})
		heat.Rows[0].Cells[i].V = num64(float64(i%100) / 100)
	}
	infinite := sampleDots()
	infinite.Points = append(infinite.Points, DotPoint{X: math.Inf(1), Y: 1}, DotPoint{X: 1e299, Y: -1e299}, DotPoint{X: 5, Y: 5e-324})
	for name, spec := range map[string]Spec{"area": area, "curves": curves, "columns": columns, "dots": dots, "heatmap": heat, "infinite": infinite} {
		d := Draw(spec)
		wellFormed(t, name, []byte(d.Wide))
		if m := broken.FindString(string(d.Wide + d.Narrow)); m != "" {
			t.Errorf("%s draws %q", name, m)
		}
		if n := len(d.Wide); n > 500_000 {
			t.Errorf("%s: %d bytes for %d values", name, n, many)
		}
		if d.Cursor != nil && len(d.Cursor.T)+len(d.Cursor.V) > 200_000 {
			t.Errorf("%s: a cursor of %d bytes", name, len(d.Cursor.T)+len(d.Cursor.V))
		}
	}
	if !dots.Binned() || sampleDots().Binned() {
		t.Error("Binned does not tell dots from fields")
	}
}

// TestStack holds that a missing class is a gap of all, and that shares do not
// leave the plot.
func TestStack(t *testing.T) {
	a := sampleArea()
	tops := a.tops()
	if tops[20].tops != nil || tops[21].tops != nil || tops[22].tops == nil {
		t.Error("a missing class is not a gap of the whole")
	}
	a.Points[0].Values[0] = num64(150)
	if got := a.tops()[0].tops; got[0] != 100 || got[4] != 100 {
		t.Errorf("tops %v, want no more than 100", got)
	}
	if got := Draw(sampleArea()).Cursor; got == nil || got.Hide || !strings.HasPrefix(got.V, "0 ") {
		t.Errorf("cursor %+v", got)
	}
}

// TestSteps holds that a curve goes by right angles only, and holds its value.
func TestSteps(t *testing.T) {
	s := sampleCurves()
	for _, m := range regexp.MustCompile(`class="ln [^"]*" d="([^"]*)"`).FindAllStringSubmatch(string(Draw(s).Wide), -1) {
		if strings.ContainsAny(m[1], "LlCcQq") {
			t.Errorf("a slope in %.60s", m[1])
		}
	}
	got := s.Series[0].held([]int{0, 17, 18, 702, 703}, 1)
	if strings.Join(got, " ") != "100.0 100.0 95.1 14.2 -" {
		t.Errorf("held %v", got)
	}
}

func TestDayCounts(t *testing.T) {
	for _, c := range []struct {
		end  float64
		max  int
		want string
	}{
		{5, 8, "[0 1 2 3 4 5]"}, {30, 8, "[0 7 14 21 28]"}, {400, 5, "[0 90 180 270 360]"}, {730, 3, "[0 365 730]"}, {100000, 4, "[0 46720 93440]"},
	} {
		if got := fmt.Sprint(dayCounts(c.end, c.max)); got != c.want {
			t.Errorf("dayCounts(%v, %d) = %s, want %s", c.end, c.max, got, c.want)
		}
	}
}

// TestShareTone holds the steps of the ramp of shares.
func TestShareTone(t *testing.T) {
	for v, want := range map[float64]Tone{0: "h0", 0.049: "h0", 0.05: "h1", 0.2: "h2", 0.4: "h3", 0.6: "h4", 0.8: "h5", 1: "h5"} {
		if got := shareTone(v); got != want {
			t.Errorf("shareTone(%v) = %s, want %s", v, got, want)
		}
	}
}

// TestPicture holds that every threat stands in the picture with its three
// shares, that those that are missing are unknown, and that each is one link.
func TestPicture(t *testing.T) {
	d := Draw(samplePicture())
	for _, svg := range []template.HTML{d.Wide, d.Narrow} {
		if n := strings.Count(string(svg), "<a href="); n != 11 {
			t.Errorf("%d links, want 11", n)
		}
		if !strings.Contains(string(svg), `aria-label="B Threat B: evidence observed for 80 of 1,000, no public evidence observed for 650, unknown for 270"`) {
			t.Error("a threat is not named by what is seen of it")
		}
	}
	few := Picture{Nodes: []Threat{{ID: "F", Observed: 1, NotObserved: 299, Unknown: 700, Size: 1000}}}
	svg := string(Draw(few).Wide)
	for _, want := range []string{"&lt;1 %", ">30 %<", ">70 %<", "Artifact publication"} {
		if !strings.Contains(svg, want) {
			t.Errorf("lacks %q", want)
		}
	}
	if n := strings.Count(svg, ">unknown</text>"); n != 11 { // ten threats and the key
		t.Errorf("%d times unknown, want 11", n)
	}
	if strings.Contains(svg, "<a ") || !strings.Contains(svg, `role="img"`) {
		t.Error("a picture without links is not one image")
	}
}

// TestInitiatives holds that the diamonds stand on every axis of time, numbered,
// and only inside it.
func TestInitiatives(t *testing.T) {
	band, bars, lines, releases, area := sampleBand(), sampleBars(), sampleLines(), sampleReleases(), sampleArea()
	all := append([]Initiative{{on("1999-01-01"), "before"}}, sampleInitiatives...)
	band.Initiatives, bars.Initiatives, lines.Initiatives, releases.Initiatives, area.Initiatives = all, all, all, all, all
	for name, spec := range map[string]Spec{"band": band, "bars": bars, "lines": lines, "releases": releases, "area": area} {
		svg := string(Draw(spec).Wide)
		got := regexp.MustCompile(`class="num"[^>]*>([^<]*)<`).FindAllStringSubmatch(svg, -1)
		if len(got) != 3 || got[0][1] != "2" || got[2][1] != "4" || strings.Count(svg, `class="dia"`) != 3 {
			t.Errorf("%s: numbers %v, want 2 to 4", name, got)
		}
	}
}

// TestColumnsApart holds that what is outside the order stands behind a space.
func TestColumnsApart(t *testing.T) {
	edges, slot := columnEdges(sampleColumns().Bars, 0, 1250)
	if slot != 100 || edges[10] != 1000 || edges[11] != 1150 {
		t.Errorf("slot %v, edges %v", slot, edges)
	}
}

func TestSmall(t *testing.T) {
	points := weekly("2023-01-01", 60, func(i int) float64 { return float64(i % 9) })
	points[5].V = nil
	cells := []Cell{{Score: num64(0), Title: "2025-Q1: 0"}, {Title: "2025-Q2: not run"}, {Score: num64(10), Break: true, Title: "<2025-Q3>"}}
	for name, svg := range map[string]template.HTML{
		"spark": Spark(points, testFlags), "spark-one": Spark(points[:1], nil), "spark-flat": Spark(weekly("2023-01-01", 3, func(int) float64 { return 0 }), nil),
		"strip": Strip(hostile, cells), "score-bar": ScoreBar(7.5), "score-zero": ScoreBar(0), "move-bar": MoveBar(67, 49, 67), "move-none": MoveBar(0, 0, 0),
	} {
		wellFormed(t, name, []byte(svg))
		golden(t, "small-"+name+".svg", []byte(svg+"\n"))
	}
	many := make([]Cell, 500)
	if n := strings.Count(string(Strip("x", many)), "<g>"); n != 40 {
		t.Errorf("%d cells drawn of 500, want 40", n)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		whole  bool
		want   string
	}{
		{0, 10, false, "0 2 4 6 8 10"},
		{61, 88, false, "60 70 80 90"},
		{60, 90, false, "60 70 80 90"},
		{0, 95, true, "0 20 40 60 80 100"},
		{0, 3, true, "0 1 2 3"},
		{0, 1, true, "0 1"},
		{0, 0, true, "0 1"},
		{5, 5, false, "4 4.5 5 5.5 6"},
		{-1, 1, false, "-1 -0.5 0 0.5 1"},
		{3.61, 3.64, false, "3.61 3.62 3.63 3.64"},
		{0, 9.1e9, false, "0 2e+09 4e+09 6e+09 8e+09 1e+10"},
	} {
		var got []string
		for _, v := range ticks(c.lo, c.hi, c.whole) {
			got = append(got, fmt.Sprint(math.Round(v*1e6)/1e6))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("ticks(%v, %v) = %s, want %s", c.lo, c.hi, s, c.want)
		}
	}
}

func FuzzTicks(f *testing.F) {
	f.Add(0.0, 10.0, false)
	f.Add(-3.2, 1e12, true)
	f.Add(5.0, 5.0, false)
	f.Add(math.NaN(), math.Inf(1), true)
	f.Add(1e-300, 2e-300, false)
	f.Add(1e299, 1.1e299, false)
	f.Fuzz(func(t *testing.T, lo, hi float64, whole bool) {
		got := ticks(lo, hi, whole)
		if len(got) < 2 || len(got) > 6 {
			t.Fatalf("ticks(%v, %v, %v): %d of them", lo, hi, whole, len(got))
		}
		for i := 1; i < len(got); i++ {
			if !(got[i] > got[i-1]) {
				t.Fatalf("ticks(%v, %v, %v) = %v: not rising", lo, hi, whole, got)
			}
		}
		tickText(got)
	})
}

func TestTickText(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want string
	}{
		{[]float64{0, 25, 50}, "0|25|50"},
		{[]float64{0, 0.5, 1}, "0|0.5|1.0"},
		{[]float64{-1, 0}, "−1|0"},
		{[]float64{0, 2500, 5000}, "0|2,500|5,000"},
		{[]float64{0, 25000, 50000}, "0|25 k|50 k"},
		{[]float64{0, 2.5e6, 5e6}, "0|2.5 m|5.0 m"},
		{[]float64{0, 2e9, 4e9}, "0|2 bn|4 bn"},
		{[]float64{0, 1e13}, "0|10 tn"},
		{[]float64{0, 1e19}, "0|1e+19"},
	} {
		if got := strings.Join(tickText(c.in), "|"); got != c.want {
			t.Errorf("tickText(%v) = %s, want %s", c.in, got, c.want)
		}
	}
}

// TestAxis holds what an axis shows beyond its data.
func TestAxis(t *testing.T) {
	for _, c := range []struct {
		axis   Axis
		lo, hi float64
		want   string
	}{
		{Axis{Min: 0, Max: 10}, 8.4, 9.3, "0 2 4 6 8 10"},
		{Axis{Min: 60, Max: 90}, 55, 80, "50 60 70 80 90"},
		{Axis{Zero: true}, 40, 90, "0 20 40 60 80 100"},
		{Axis{Unit: "%"}, 99, 99, "97 98 99 100"},
		{Axis{Unit: "%"}, 0, 0, "0 0.5 1 1.5 2"},
	} {
		if got := strings.Trim(fmt.Sprint(c.axis.ticks(c.lo, c.hi, false)), "[]"); got != c.want {
			t.Errorf("%+v over %v to %v: %s, want %s", c.axis, c.lo, c.hi, got, c.want)
		}
	}
}

func TestDateTicks(t *testing.T) {
	for _, c := range []struct {
		from, to string
		max      int
		want     string
	}{
		{"2022-07-01", "2026-06-30", 15, "2023 2024 2025 2026"},
		{"2022-07-01", "2026-06-30", 4, "2023 2024 2025 2026"},
		{"2022-07-01", "2026-06-30", 3, "2024 2026"},
		{"2000-01-01", "2026-06-30", 6, "2000 2005 2010 2015 2020 2025"},
		{"2025-11-10", "2026-06-30", 15, "Dec 2025, Jan 2026, Feb, Mar, Apr, May, Jun"},
		{"2025-11-10", "2026-06-30", 4, "Jan 2026, Mar, May"},
		{"2026-06-01", "2026-07-12", 15, "1 Jun 2026, 8 Jun, 15 Jun, 22 Jun, 29 Jun, 6 Jul"},
		{"2026-06-08", "2026-06-15", 15, "8 Jun 2026, 9 Jun, 10 Jun, 11 Jun, 12 Jun, 13 Jun, 14 Jun, 15 Jun"},
	} {
		var got []string
		for _, tick := range dateTicks(on(c.from), on(c.to), c.max) {
			got = append(got, tick.text)
		}
		if s := strings.Join(got, ", "); s != c.want && strings.Join(got, " ") != c.want {
			t.Errorf("dateTicks(%s, %s, %d) = %s, want %s", c.from, c.to, c.max, s, c.want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		want, size []float64
		lo, hi     float64
		got        string
	}{
		{nil, nil, 0, 100, "[]"},
		{[]float64{50}, []float64{15}, 0, 100, "[50]"},
		{[]float64{50, 52}, []float64{15, 15}, 0, 100, "[43.5 58.5]"},
		{[]float64{50, 50, 50}, []float64{15, 15, 15}, 0, 100, "[35 50 65]"},
		{[]float64{2, 3}, []float64{15, 15}, 0, 100, "[7.5 22.5]"},
		{[]float64{98, 99}, []float64{15, 15}, 0, 100, "[77.5 92.5]"},
		{[]float64{10, 60, 62}, []float64{15, 15, 15}, 0, 100, "[10 53.5 68.5]"},
		{[]float64{50, 51}, []float64{30, 15}, 0, 100, "[39.25 61.75]"},
		{[]float64{5, 5, 5, 5}, []float64{20, 20, 20, 20}, 0, 40, "[5 15 25 35]"}, // no room: evenly
	} {
		if got := fmt.Sprint(spread(c.want, c.size, c.lo, c.hi)); got != c.got {
			t.Errorf("spread(%v) = %s, want %s", c.want, got, c.got)
		}
	}
}

func FuzzSpread(f *testing.F) {
	f.Add([]byte{50, 52, 52, 90})
	f.Add([]byte{0, 0, 0, 255, 255})
	f.Fuzz(func(t *testing.T, at []byte) {
		if len(at) > 12 {
			at = at[:12]
		}
		want, size := make([]float64, len(at)), make([]float64, len(at))
		last := 0.0
		for i, b := range at {
			last = math.Max(last, float64(b))
			want[i], size[i] = last, 15
		}
		got := spread(want, size, 0, 255)
		for i := range got {
			if got[i] < 7.5-1e-6 || got[i] > 255-7.5+1e-6 || i > 0 && got[i]-got[i-1] < 15-1e-6 {
				t.Fatalf("spread(%v) = %v", want, got)
			}
		}
	})
}

func TestRuns(t *testing.T) {
	points := weekly("2023-04-01", 10, func(i int) float64 { return float64(i) })
	points[2].V = nil        // a gap, bridged
	points[4].Suspect = true // a gap, bridged
	points[6].V = nil        // a gap with a cut inside, not bridged
	cut := []time.Time{on("2023-05-14")}
	stretches, joints := runs(points, cut)
	if got := fmt.Sprint(stretches); got != "[{0 1} {3 3} {5 5} {7 9}]" {
		t.Errorf("stretches %s", got)
	}
	if got := fmt.Sprint(joints); got != "[{1 3} {3 5}]" {
		t.Errorf("joints %s", got)
	}
	// A cut on the day of an observation stands before it; one after the last is nothing.
	stretches, joints = runs(weekly("2023-04-01", 3, func(int) float64 { return 1 }), []time.Time{on("2023-04-08"), on("2024-01-01")})
	if got := fmt.Sprint(stretches, joints); got != "[{0 0} {1 2}] []" {
		t.Errorf("cut on an observation: %s", got)
	}
}

// TestCut holds that no path of a line or band crosses a cut.
func TestCut(t *testing.T) {
	for name, spec := range map[string]Spec{"lines": sampleLines(), "band": sampleBand()} {
		for _, svg := range []template.HTML{Draw(spec).Wide, Draw(spec).Narrow} {
			var at []float64
			for _, m := range regexp.MustCompile(`class="br" d="M([\d.]+) `).FindAllStringSubmatch(string(svg), -1) {
				var x float64
				fmt.Sscan(m[1], &x)
				at = append(at, x)
			}
			if len(at) != 2 {
				t.Fatalf("%s: %d cuts drawn, want 2", name, len(at))
			}
			for _, m := range regexp.MustCompile(`class="(?:ln|b\d)[^"]*" d="([^"]*)"`).FindAllStringSubmatch(string(svg), -1) {
				lo, hi := reach(t, m[1])
				for _, x := range at {
					if lo < x-0.05 && hi > x+0.05 {
						t.Errorf("%s: a path from %v to %v crosses the cut at %v", name, lo, hi, x)
					}
				}
			}
		}
	}
}

// reach returns how far to the left and right a path of the pen goes.
func reach(t *testing.T, d string) (lo, hi float64) {
	t.Helper()
	lo, hi = math.Inf(1), math.Inf(-1)
	x := 0.0
	for _, p := range regexp.MustCompile(`([MLlhvz])(-?[\d.]*)[ ]?(-?[\d.]*)`).FindAllStringSubmatch(d, -1) {
		v, _ := strconv.ParseFloat(p[2], 64)
		switch p[1] {
		case "M", "L":
			x = v
		case "l", "h":
			x += v
		}
		lo, hi = math.Min(lo, x), math.Max(hi, x)
	}
	if !finite(lo) {
		t.Fatalf("no places in %q", d)
	}
	return lo, hi
}

// TestPen holds that the steps of a long path end where its points end.
func TestPen(t *testing.T) {
	var p pen
	p.move(0.04, 7.77)
	for i := range 1000 {
		p.line(float64(i)*0.777, 5+math.Sin(float64(i)))
	}
	if _, hi := reach(t, p.String()); math.Abs(hi-776.2) > 0.05 {
		t.Errorf("the path reaches %v, want 776.2", hi)
	}
}

func TestMaxPoints(t *testing.T) {
	points := weekly("1900-01-01", 50000, func(i int) float64 { return float64(i % 1000) })
	points[777].V = nil
	points[30001].V = num64(99999)
	got := thin(points, MaxPoints)
	if len(got) > MaxPoints {
		t.Errorf("%d points kept, at most %d", len(got), MaxPoints)
	}
	peak, gap := false, false
	for i, p := range got {
		if i > 0 && p.T.Before(got[i-1].T) {
			t.Fatal("the order was lost")
		}
		peak = peak || p.V != nil && *p.V == 99999
		gap = gap || p.V == nil
	}
	if !peak || !gap {
		t.Error("the peak or the gap was thinned away")
	}
	bars := Bars{Classes: SeverityClasses()[:1]}
	for i := range 5000 {
		bars.Months = append(bars.Months, Month{T: on("1900-01-01").AddDate(0, i, 0), Values: []int{1}})
	}
	if n := strings.Count(string(Draw(bars).Wide), "<rect"); n > MaxPoints {
		t.Errorf("%d bars drawn, at most %d", n, MaxPoints)
	}
}

func TestCursor(t *testing.T) {
	c := Draw(sampleLines()).Cursor
	days, values := strings.Fields(c.T), strings.Split(c.V, "|")
	if len(days) != 130 || len(values) != 2 || len(strings.Fields(values[0])) != 130 {
		t.Fatalf("%d days, %d series", len(days), len(values))
	}
	if days[0] != "19193" || days[1] != "7" {
		t.Errorf("days begin %v, want 19193 7", days[:2])
	}
	main := strings.Fields(values[0])
	if main[10] != "-" || main[20] != "~61.0" || c.N != "Top 1,000|Top 100" || c.Unit != "\u00a0%" {
		t.Errorf("gap %q, suspect %q, names %q, unit %q", main[10], main[20], c.N, c.Unit)
	}
}

func TestLetters(t *testing.T) {
	flags := make([]Flag, 30)
	for i := range flags {
		flags[i].At = on("2026-01-30").AddDate(0, 0, -i)
	}
	got := Letters(flags)
	if got[0].Letter != "A" || got[25].Letter != "Z" || got[26].Letter != "AA" || got[29].Letter != "AD" || !got[0].At.Before(got[29].At) {
		t.Errorf("letters %s %s %s %s", got[0].Letter, got[25].Letter, got[26].Letter, got[29].Letter)
	}
	if flags[0].Letter != "" {
		t.Error("Letters changed what it was given")
	}
}

// TestManyFlags holds that the boxes of crowded flags do not overlap.
func TestManyFlags(t *testing.T) {
	s := sampleLines()
	s.Flags = nil
	for i := range 12 {
		s.Flags = append(s.Flags, Flag{At: on("2023-05-01").AddDate(0, 0, i), Cut: i%2 == 0})
	}
	s.Flags = Letters(s.Flags)
	for _, svg := range []template.HTML{Draw(s).Wide, Draw(s).Narrow} {
		last := -1e9
		for _, m := range regexp.MustCompile(`<rect x="([\d.]+)" y="14"`).FindAllStringSubmatch(string(svg), -1) {
			var x float64
			fmt.Sscan(m[1], &x)
			if x-last < 16 {
				t.Fatalf("boxes at %v and %v overlap", last, x)
			}
			last = x
		}
	}
}

// TestTheme holds that the literal colours are those of the stylesheet and that
// every class that a drawing uses is known to both.
func TestTheme(t *testing.T) {
	tokens, err := os.ReadFile("../layout/layout.css")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := os.ReadFile("chart.css")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): light-dark\(#([0-9a-f]+), #([0-9a-f]+)\)`).FindAllStringSubmatch(string(tokens), -1) {
		literal, ok := colours[m[1]]
		if !ok {
			continue
		}
		found++
		if long(m[2]) != literal[0] || long(m[3]) != literal[1] {
			t.Errorf("--%s is #%s and #%s in the stylesheet, %v here", m[1], m[2], m[3], literal)
		}
	}
	if found != len(colours) {
		t.Errorf("%d of %d colours are in the stylesheet", found, len(colours))
	}
	for name, spec := range specs() {
		for _, m := range regexp.MustCompile(`<(path|rect|circle|text)[^>]* class="([^"]*)"`).FindAllStringSubmatch(string(Draw(spec).Wide), -1) {
			for _, class := range strings.Fields(m[2]) {
				if _, ok := classes[class]; !ok {
					t.Errorf("%s: class %q has no literal colours", name, class)
				}
				if !regexp.MustCompile(`\.` + class + `\b`).Match(sheet) {
					t.Errorf("%s: class %q is not in the stylesheet", name, class)
				}
			}
		}
	}
}

func long(hex string) string {
	if len(hex) == 3 {
		return "#" + strings.Repeat(hex[:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:], 2)
	}
	return "#" + hex
}

func BenchmarkDraw(b *testing.B) {
	s := sampleLines()
	for b.Loop() {
		Draw(s)
	}
}

// TestWordsOfOne: of one flaw nobody says "1 flaws".
func TestWordsOfOne(t *testing.T) {
	bars := Bars{Classes: []Class{{Name: "Flaws", One: "flaw"}, {Name: "High"}}}
	for want, values := range map[string][]int{
		"Jan 2026: 1 flaw, 1 high": {1, 1}, "Jan 2026: 2 flaws, 3 high": {2, 3}, "Jan 2026: 1 flaw": {1, 0},
	} {
		if got := bars.words(Month{T: on("2026-01-01"), Values: values}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
