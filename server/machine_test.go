package server

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
)

// TestSiteMap: every page and every ranked project, and no other; without an
// address of the outside there is none.
func TestSiteMap(t *testing.T) {
	s := newSite(t)
	var found struct {
		URL []struct {
			Loc string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(s.get(t, "/sitemap.xml").Body.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, u := range found.URL {
		path, ours := strings.CutPrefix(u.Loc, s.BaseURL)
		if !ours {
			t.Errorf("%s is not ours", u.Loc)
		}
		paths = append(paths, path)
	}
	got := strings.Join(paths, " ")
	for _, want := range []string{"/ ", "/projects ", "/methods ", "/p/urllib3", "/p/requests"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s: %s", want, got)
		}
	}
	if strings.Contains(got, "/p/lonely") || strings.Contains(got, "/search") {
		t.Errorf("lists an unranked project or the search: %s", got)
	}
	if !strings.Contains(s.get(t, "/robots.txt").Body.String(), "Sitemap: https://pyrometer.example/sitemap.xml\n") {
		t.Error("robots.txt does not name the map")
	}
	s = newSite(t)
	s.BaseURL = ""
	if w := s.get(t, "/sitemap.xml"); w.Code != http.StatusNotFound {
		t.Errorf("without an address: status %d", w.Code)
	}
	if strings.Contains(s.get(t, "/robots.txt").Body.String(), "Sitemap") {
		t.Error("robots.txt names a map that there is not")
	}
}
