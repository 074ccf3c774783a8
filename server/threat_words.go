package server

// slsaThreats is the page of SLSA that defines the threats.
const slsaThreats = "https://slsa.dev/spec/v1.2/threats"

// threatWords says of one threat what it is, in our words after SLSA 1.2, how
// much our signals can tell of it, and what nobody collects for us.
type threatWords struct {
	what    string
	section string // of slsaThreats
	tells   string
	missing string
}

// threatTexts are the words for each threat that posture knows.
var threatTexts = map[string]threatWords{
	"A": {
		"Whoever makes the software means harm, or works in ways that do not deserve trust.", "a-producer",
		"The signals are weak and indirect: they tell that a project is kept up and by more than one, not what its makers intend.",
		"Changes of ownership.",
	},
	"B": {
		"Somebody without special rights brings in a change that the owners of the source did not want, by the way that every change takes: without review, around the rules, or past a reviewer.", "b-modifying-the-source",
		"The signals are direct: they look at review, protection of branches and tests of what was merged.",
		"Whether those who review are independent of each other.",
	},
	"C": {
		"Somebody changes the source through the administration of the place that hosts it, or by breaking into that place.", "c-source-code-management",
		"The signals are partial: rules that hold for administrators, and what tokens and webhooks may do.",
		"Webhooks beyond the check of Scorecard, and how the forge itself is run.",
	},
	"D": {
		"A release is built from another repository, branch, workflow or parameter than the official one.", "d-external-build-parameters",
		"The signals are partial: what a workflow can be led to do, and whether the repository that provenance names is one that the project declares.",
		"Which branch and which workflow are the expected ones: no project declares them.",
	},
	"E": {
		"The build is tampered with while it runs, or false statements get into its provenance.", "e-build-process",
		"The signals are partial: what a workflow runs and may do, and whether a hosted publisher built a file.",
		"How well the build platform keeps builds apart.",
	},
	"F": {
		"A file is uploaded that does not come from the official source, for instance with a stolen token.", "f-artifact-publication",
		"The signals are direct: signatures and provenance of what was released.",
		"Which projects publish without a long-lived token but do not attest: PyPI does not tell.",
	},
	"G": {
		"A file is changed at the registry, or on its way to whoever installs it.", "g-distribution-channel",
		"The signals are partial: they let a consumer notice. Whether anybody verifies is not seen.",
		"Whether those who install check hashes or provenance.",
	},
	"H": {
		"Whoever installs asks for another package than intended: a name that looks alike, or a public name in the place of an internal one.", "h-package-selection",
		"The signals are partial: age speaks for an established name, a report of malware or a project status against it.",
		"Names that look alike, and how little a project is used.",
	},
	"I": {
		"The software is used in a way that is not safe.", "i-usage",
		"The signals are weak: a policy to report to and a licence say little about use. Nearly every project shows one of them.",
		"Defaults, documentation and interfaces of the software itself.",
	},
	"Dependency": {
		"Something that goes into the build is compromised, and so is what comes out. Each dependency has the threats A to I of its own.", "dependency-threats",
		"The signals are direct, but any one of them counts as evidence: no committed binaries is one, pinned dependencies another.",
		"The state of the dependencies themselves.",
	},
	"Availability": {
		"The source, its history or a release can no longer be had, or no longer be built.", "availability-threats",
		"The signals are partial: activity, releases and the number of owners.",
		"How many people the work rests on.",
	},
}

// signalTexts say what is looked at by each signal that is not a check of
// Scorecard, and where on our pages it is told.
var signalTexts = map[string]struct{ text, href string }{
	"organization on PyPI":            {"PyPI names an organization that owns the project", ""},
	"two or more owners on PyPI":      {"PyPI lists at least two owners", ""},
	"status on PyPI":                  {"PyPI calls it archived, quarantined or deprecated, or it was removed", ""},
	"malware report":                  {"OSV holds a report of malware under the name", "/malware"},
	"attested repository is declared": {"provenance of the latest stable release names a repository that the project declares", "/adoption"},
	"provenance on a file":            {"a file of the latest stable release carries provenance", "/adoption"},
	"provenance on every file":        {"every file of the latest stable release carries provenance", "/adoption"},
	"quarantine on PyPI":              {"PyPI has quarantined the project", ""},
	"first release over a year ago":   {"the first release was uploaded more than a year before the day of the files", "/releases"},
	"ended Pythons only":              {"the latest stable release admits no supported Python", "/releases"},
	"latest release affected":         {"the latest release is in the affected range of an advisory", "/advisories"},
	"a release in the last year":      {"a release was uploaded within a year of the day of the files", "/releases"},
}
