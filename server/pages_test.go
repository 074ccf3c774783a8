package server

import (
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/ui/layout"
)

// menu returns the addresses of all pages of the navigation.
func menu() []string {
	var paths []string
	for _, e := range (layout.Frame{}).Menu() {
		paths = append(paths, e.Href)
	}
	return paths
}

// TestHeads: every page of the navigation says what it is, to readers, search
// engines and whoever shows a link to it, and where it stands in the navigation.
func TestHeads(t *testing.T) {
	s := newSite(t)
	titles := map[string]string{}
	for _, path := range menu() {
		head := map[string]string{}
		current := 0
		for _, n := range attributes(parse(t, s.get(t, path).Body.String())) {
			if n.name == "aria-current" && n.value == "page" {
				current++
			}
		}
		for n := range parse(t, s.get(t, path).Body.String()).Descendants() {
			key, value := "", ""
			for _, a := range n.Attr {
				switch a.Key {
				case "name", "property", "rel":
					key = a.Val
				case "content", "href":
					value = a.Val
				}
			}
			switch {
			case n.Data == "title" && n.FirstChild != nil && head["title"] == "":
				head["title"] = n.FirstChild.Data
			case n.Data == "meta" || n.Data == "link":
				head[key] = value
			}
		}
		if other := titles[head["title"]]; other != "" {
			t.Errorf("%s and %s have the title %q", path, other, head["title"])
		}
		titles[head["title"]] = path
		if want := s.BaseURL + path; head["canonical"] != want || head["og:url"] != want {
			t.Errorf("%s: canonical %q, og:url %q", path, head["canonical"], head["og:url"])
		}
		for _, key := range []string{"title", "description", "og:title", "og:description", "og:image", "og:type", "twitter:card"} {
			if strings.TrimSpace(head[key]) == "" {
				t.Errorf("%s has no %s", path, key)
			}
		}
		// A sentence with its number is what others show beside a link.
		if m := firstHeading.FindSubmatch(s.get(t, path).Body.Bytes()); m != nil && strings.ContainsAny(string(m[1]), "0123456789") {
			if h1 := plainText(tags.ReplaceAllString(string(m[1]), "")); head["og:title"] != h1 {
				t.Errorf("%s: og:title %q, the page says %q", path, head["og:title"], h1)
			}
		}
		if current < 2 { // the main navigation or the foot, and the menu
			t.Errorf("%s is marked %d times as current", path, current)
		}
	}
}

// TestLoadingEverywhere: while the database starts, and while the first
// collection is not complete, every page says so.
func TestLoadingEverywhere(t *testing.T) {
	paths := menu()
	s := newSite(t)
	s.activity = []Activity{{Source: "osv", Done: 3, Total: 9, What: "records"}}
	for _, path := range paths {
		if body := s.get(t, path).Body.String(); !strings.Contains(body, "Still loading: advisories (3 of 9 records)") {
			t.Errorf("%s does not say what is still loading", path)
		}
	}
	s.ready = false
	for _, path := range paths {
		if body := s.get(t, path).Body.String(); !strings.Contains(body, "Pyrometer is starting") || !strings.Contains(body, `data-refresh="2"`) {
			t.Errorf("%s does not say that the database starts", path)
		}
	}
}

// TestCountsApartNameTheirRange holds that counts of the whole record do not read
// as those of the range that is chosen.
func TestCountsApartNameTheirRange(t *testing.T) {
	s := newSite(t)
	const words = ", in the range and outside of it"
	if body := s.get(t, "/chart/advisories-by-month").Body.String(); says(body, words) {
		t.Error("the whole range speaks of another")
	}
	if body := bodyText(t, s.get(t, "/chart/advisories-by-month?to=2025-12-31").Body.String()); strings.Count(body, words) != 2 {
		t.Errorf("a range is not told from the whole:\n%.3000s", body)
	}
}
