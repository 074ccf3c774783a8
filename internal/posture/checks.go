package posture

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ossf/scorecard/v4/docs/checks"
)

// The risks that Scorecard gives its checks.
const (
	Critical = "Critical"
	High     = "High"
	Medium   = "Medium"
	Low      = "Low"
)

// MaxScore is the highest score of a check and of an aggregate.
const MaxScore = 10

// coreChecks are the checks that every snapshot of the archive has.
var coreChecks = [...]string{
	"Binary-Artifacts", "Branch-Protection", "CII-Best-Practices", "Dangerous-Workflow",
	"Fuzzing", "License", "Maintained", "Packaging",
	"Pinned-Dependencies", "Security-Policy", "Signed-Releases", "Token-Permissions",
}

// CoreChecks returns the names of the twelve checks present in every archive
// snapshot, sorted. The aggregate over them does not move when the set of
// checks changes.
func CoreChecks() []string { return slices.Clone(coreChecks[:]) }

// IsCore reports whether check is one of the CoreChecks.
func IsCore(check string) bool { return lookup(check).core }

// overrides are the checks of later Scorecard versions that the documentation
// we link does not know, with the risk that those versions give them.
var overrides = map[string]string{"SBOM": Medium}

// CheckDoc is what Scorecard's documentation says of one check.
type CheckDoc struct {
	Name        string
	Risk        string   // Critical, High, Medium or Low
	Short       string   // one sentence
	Description string   // Markdown
	Remediation []string // Markdown, one step each
	URL         string   // of the check's section
}

// info is what is known of one check.
type info struct {
	doc        CheckDoc
	weight     float64
	known      bool // by the documentation or the overrides
	documented bool
	core       bool
}

// unknownCheck stands for every check that nobody knows: Medium, and flagged.
var unknownCheck = &info{doc: CheckDoc{Risk: Medium}, weight: weightOf(Medium)}

// table reads the embedded documentation once.
var table = sync.OnceValue(func() map[string]*info {
	t := make(map[string]*info)
	for name, risk := range overrides {
		t[name] = &info{doc: CheckDoc{Name: name, Risk: risk}, weight: weightOf(risk), known: true}
	}
	docs, err := checks.Read()
	if err != nil {
		// The documentation is compiled in and a test reads it; without it every
		// check is an unknown one.
		return t
	}
	for _, d := range docs.GetChecks() {
		name := d.GetName()
		t[name] = &info{
			doc: CheckDoc{
				Name:        name,
				Risk:        d.GetRisk(),
				Short:       strings.TrimSpace(d.GetShort()),
				Description: strings.TrimSpace(d.GetDescription()),
				Remediation: trimAll(d.GetRemediation()),
				URL:         d.GetDocumentationURL("main"),
			},
			weight:     weightOf(d.GetRisk()),
			known:      true,
			documented: true,
			core:       slices.Contains(coreChecks[:], name),
		}
	}
	return t
})

func lookup(check string) *info {
	if i, ok := table()[check]; ok {
		return i
	}
	return unknownCheck
}

// Names returns the names of all checks that the documentation knows, sorted.
func Names() []string {
	var names []string
	for name, i := range table() {
		if i.documented {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Known returns the names of all checks whose risk is known, sorted: those of
// the documentation and those of later versions.
func Known() []string {
	names := slices.AppendSeq(Names(), maps.Keys(overrides))
	slices.Sort(names)
	return names
}

// Risk returns the risk of a check: Critical, High, Medium or Low. A check that
// nobody knows is Medium; Weight tells.
func Risk(check string) string { return lookup(check).doc.Risk }

// Weight returns the weight of a check in an aggregate: Critical 10, High 7.5,
// Medium 5, Low 2.5. A check that nobody knows weighs 5 and is not known.
func Weight(check string) (w float64, known bool) {
	i := lookup(check)
	return i.weight, i.known
}

// Doc returns what Scorecard's documentation says of a check; not ok when it
// does not know it.
func Doc(check string) (d CheckDoc, ok bool) {
	i := lookup(check)
	d = i.doc
	d.Remediation = slices.Clone(d.Remediation)
	return d, i.documented
}

func weightOf(risk string) float64 {
	switch risk {
	case Critical:
		return 10
	case High:
		return 7.5
	case Low:
		return 2.5
	}
	return 5
}

func trimAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// readCodeOnly are the checks that look at the files of the commit alone. The
// others look at activity, reviews, settings, releases or other sites as well, so
// that their scores move while no commit does.
var readCodeOnly = map[string]bool{
	"Binary-Artifacts":    true,
	"Dangerous-Workflow":  true,
	"Pinned-Dependencies": true,
	"Token-Permissions":   true,
}

// ReadsCodeOnly reports whether a check scores the same commit the same, unless
// Scorecard itself changes.
func ReadsCodeOnly(check string) bool { return readCodeOnly[check] }
