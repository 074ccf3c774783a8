// Package layout holds the frame that every page stands in: head, banner,
// navigation, search, freshness and foot.
package layout

import "github.com/pyrometer-dev/pyrometer/ui/part"

// Nav names the entry of the main navigation that is current.
type Nav string

// The entries of the main navigation, then those of the foot; NavNone marks none
// as current.
const (
	NavNone       Nav = ""
	NavOverview   Nav = "overview"
	NavProjects   Nav = "projects"
	NavChecks     Nav = "checks"
	NavAdvisories Nav = "advisories"
	NavThreats    Nav = "threats"
	NavAdoption   Nav = "adoption"
	NavReleases   Nav = "releases"
	NavCPython    Nav = "cpython"
	NavChanges    Nav = "changes"
	NavData       Nav = "data"
	NavMalware    Nav = "malware"
	NavCompare    Nav = "compare"
	NavStatus     Nav = "status"
	NavMethods    Nav = "methods"
	NavSearch     Nav = "search"
)

// Frame is what all pages share.
type Frame struct {
	Title       string // of the document, without the name of the site
	Description string // one sentence for search engines, "" for none
	Canonical   string // absolute URL, "" when unknown (error pages)
	Card        string // absolute URL of the picture that others show beside a link, "" for none
	Path        string // local address of this state of the page, without defaults
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

// Entry is one entry of the navigation.
type Entry struct {
	Nav     Nav
	Text    string
	Href    string
	Current bool
}

// Entries lists the main navigation in order.
func (f Frame) Entries() []Entry {
	return f.mark([]Entry{
		{Nav: NavOverview, Text: "Overview", Href: "/"},
		{Nav: NavProjects, Text: "Projects", Href: "/projects"},
		{Nav: NavChecks, Text: "Checks", Href: "/checks"},
		{Nav: NavAdvisories, Text: "Advisories", Href: "/advisories"},
		{Nav: NavThreats, Text: "Threats", Href: "/threats"},
		{Nav: NavAdoption, Text: "Adoption", Href: "/adoption"},
		{Nav: NavReleases, Text: "Releases", Href: "/releases"},
		{Nav: NavCPython, Text: "CPython", Href: "/cpython"},
		{Nav: NavChanges, Text: "Changes", Href: "/changes"},
		{Nav: NavData, Text: "Data", Href: "/data"},
	})
}

// More lists the pages beside the main navigation, in order.
func (f Frame) More() []Entry {
	return f.mark([]Entry{
		{Nav: NavMethods, Text: "Methods", Href: "/methods"},
		{Nav: NavStatus, Text: "Status", Href: "/status"},
		{Nav: NavMalware, Text: "Malware", Href: "/malware"},
		{Nav: NavCompare, Text: "Compare", Href: "/compare"},
		{Nav: NavSearch, Text: "Search", Href: "/search"},
	})
}

// Menu lists all pages, for the menu of a narrow screen.
func (f Frame) Menu() []Entry { return append(f.Entries(), f.More()...) }

// Here is the name of the current entry, "" for none.
func (f Frame) Here() string {
	for _, e := range f.Menu() {
		if e.Current {
			return e.Text
		}
	}
	return ""
}

func (f Frame) mark(entries []Entry) []Entry {
	for i := range entries {
		entries[i].Current = entries[i].Nav == f.Nav
	}
	return entries
}

// CanonicalURL returns the canonical address when it is one of the web, "" otherwise.
func (f Frame) CanonicalURL() string {
	if link := (part.Link{Href: f.Canonical}); link.External() {
		return link.Href
	}
	return ""
}

// LocalPath returns the path when it is one of this site, "" otherwise.
func (f Frame) LocalPath() string {
	if link := (part.Link{Href: f.Path}); link.Local() {
		return link.Href
	}
	return ""
}

// CardURL returns the address of the card when it is one of the web, "" otherwise.
func (f Frame) CardURL() string {
	if link := (part.Link{Href: f.Card}); link.External() {
		return link.Href
	}
	return ""
}

// Head returns the frame itself: what a page says about itself, for who draws
// its card.
func (f Frame) Head() Frame { return f }

// DataTheme returns the theme when it is one of ours, "" otherwise.
func (f Frame) DataTheme() string {
	if f.Theme == "light" || f.Theme == "dark" {
		return f.Theme
	}
	return ""
}
