// Package layout holds the frame that every page stands in: head, banner,
// navigation, search, freshness and foot.
package layout

import "github.com/pyrometer-dev/pyrometer/ui/part"

// Nav names the entry of the main navigation that is current.
type Nav string

// The entries of the main navigation; NavNone marks none as current.
const (
	NavNone       Nav = ""
	NavOverview   Nav = "overview"
	NavProjects   Nav = "projects"
	NavCompare    Nav = "compare"
	NavChecks     Nav = "checks"
	NavAdvisories Nav = "advisories"
	NavMalware    Nav = "malware"
	NavThreats    Nav = "threats"
	NavAdoption   Nav = "adoption"
	NavReleases   Nav = "releases"
	NavCPython    Nav = "cpython"
	NavChanges    Nav = "changes"
	NavData       Nav = "data"
	NavStatus     Nav = "status"
	NavMethods    Nav = "methods"
)

// Frame is what all pages share.
type Frame struct {
	Title       string // of the document, without the name of the site
	Description string // one sentence for search engines, "" for none
	Canonical   string // absolute URL, "" when unknown (error pages)
	Nav         Nav
	Query       string      // what stands in the search box
	Theme       string      // "light", "dark" or "" for the reader's own setting
	Themes      []part.Link // choices of theme in the foot, empty for none
	Banner      *Banner     // nil on real data
	Loading     *Loading    // nil when the first collection is complete
	Fresh       []part.Stat // "As of", "Scorecard through", …; pages with a heading show it below
	Refresh     int         // seconds after which the script asks again for a page that is still loading, 0 for never
	Version     string      // of Pyrometer, in the foot
	NoIndex     bool        // error pages and lists that filter
}

// Banner says on every page that the data is simulated.
type Banner struct {
	Lead string // "Simulated data."
	Text string // "No source answered, so … Nothing here is real."
	Link part.Link
}

// Loading says what is still on its way during the first collection.
type Loading struct {
	Text string // "Still loading: advisories (12,000 of 15,900), releases (not begun)."
	Link part.Link
}

// Entry is one entry of the main navigation.
type Entry struct {
	Nav  Nav
	Text string
	Href string
}

// Entries lists the main navigation in order.
func (Frame) Entries() []Entry {
	return []Entry{
		{NavOverview, "Overview", "/"},
		{NavProjects, "Projects", "/projects"},
		{NavData, "Data", "/data"},
		{NavStatus, "Status", "/status"},
		{NavMethods, "Methods", "/methods"},
	}
}

// CanonicalURL returns the canonical address when it is one of the web, "" otherwise.
func (f Frame) CanonicalURL() string {
	if link := (part.Link{Href: f.Canonical}); link.External() {
		return link.Href
	}
	return ""
}

// DataTheme returns the theme when it is one of ours, "" otherwise.
func (f Frame) DataTheme() string {
	if f.Theme == "light" || f.Theme == "dark" {
		return f.Theme
	}
	return ""
}
