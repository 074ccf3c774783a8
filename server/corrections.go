package server

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// slips is how many letters of a name or value may be wrong for it to be told
// which one was meant.
const slips = 2

// correct adds to the refusal of a parameter the addresses that lead on: what was
// probably meant, when only one thing is near, and the page without it.
func correct(err error, a accepts, allowed []string, values url.Values, name string) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	with := maps.Clone(values)
	delete(with, name)
	without := part.Link{Text: "The same without " + name, Href: "?" + with.Encode()}
	written := ""
	if len(values[name]) > 0 {
		written = strings.TrimSpace(values[name][0])
	}
	switch meant := nearestWord(name, allowed); {
	case !slices.Contains(allowed, name):
		if meant != "" && !values.Has(meant) {
			with[meant] = values[name]
			f.Links = append(f.Links, part.Link{Text: "With " + meant + "=" + quote(written), Href: "?" + with.Encode()})
		}
	case len(values[name]) > 1:
		with.Set(name, values[name][len(values[name])-1])
		f.Links = append(f.Links, part.Link{Text: "With the last one alone", Href: "?" + with.Encode()})
	default:
		if value := nearestWord(written, wordsOf(a, name)); value != "" {
			with.Set(name, value)
			f.Links = append(f.Links, part.Link{Text: "With " + name + "=" + value, Href: "?" + with.Encode()})
		}
	}
	f.Links = append(f.Links, without)
	return err
}

// wordsOf are the values of a parameter that has a closed set of them.
func wordsOf(a accepts, name string) []string {
	switch name {
	case "cohort":
		return words(a.cohortOptions())
	case "weighting":
		return words(observation.Weightings())
	case "by":
		return words(a.by)
	case "sort":
		return a.sorts
	case "of":
		return countables
	case "severity":
		return severities
	case "check":
		return posture.Names()
	case "state":
		return scoreStates
	case "attested":
		return words(observation.AttestationClasses())
	case "status":
		return projectStatuses
	case "fixed":
		return []string{"yes", "no"}
	case "kev", "withdrawn", "affected":
		return []string{"yes"}
	}
	return nil
}

// nearestWord returns the word that is written but for its case, or else the only
// one that is a slip away; "" when there is none or a choice.
func nearestWord(written string, known []string) string {
	var near []string
	for _, word := range known {
		switch d := levenshtein.ComputeDistance(strings.ToLower(written), strings.ToLower(word)); {
		case d == 0:
			return word
		case d <= slips && d < len(word):
			near = append(near, word)
		}
	}
	if len(near) == 1 {
		return near[0]
	}
	return ""
}
