package observation

import "testing"

func TestPanels(t *testing.T) {
	for text, want := range map[Cohort]Panel{
		"panel=2024-07":          {on("2024-07-01"), 0},
		"panel=2024-07:top100":   {on("2024-07-01"), 100},
		"panel=2024-07:top15000": {on("2024-07-01"), 15000},
	} {
		got, ok := text.Panel()
		if !ok || got != want || got.Cohort() != text {
			t.Errorf("%s is %+v, %v", text, got, ok)
		}
	}
	for _, text := range []Cohort{"", "top100", "panel=", "panel=2024", "panel=2024-7", "panel=2024-13", "panel=2024-07-01", "panel=2024-07:", "panel=2024-07:all",
		"panel=2024-07:top99", "panel=2024-07:top100:", "Panel=2024-07", "org=panel=2024-07"} {
		if p, ok := text.Panel(); ok {
			t.Errorf("%s is the panel %+v", text, p)
		}
	}
}

func TestOrganizations(t *testing.T) {
	for text, want := range map[Cohort]string{"org=pallets": "pallets", "org=Pallets Projects": "Pallets Projects", "org==": "="} {
		if got, ok := text.Organization(); !ok || got != want {
			t.Errorf("%s is %q, %v", text, got, ok)
		}
	}
	for _, text := range []Cohort{"", "org", "org=", "top100", "panel=2024-07", "org=a\nb", "org=a\xff", "org=\x7f"} {
		if got, ok := text.Organization(); ok {
			t.Errorf("%q is the organization %q", text, got)
		}
	}
}

func FuzzCohort(f *testing.F) {
	f.Add("panel=2024-07:top1000")
	f.Add("org=x")
	f.Fuzz(func(t *testing.T, text string) {
		if p, ok := Cohort(text).Panel(); ok && p.Cohort() != Cohort(text) {
			t.Errorf("%q is written %q", text, p.Cohort())
		}
	})
}
