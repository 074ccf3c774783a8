package posture

import (
	"regexp"
	"strings"
)

// maxReason is the length of a normalised reason, in bytes.
const maxReason = 200

var (
	numbers = regexp.MustCompile(`[0-9]+(?:[.,][0-9]+)*`)
	spaces  = regexp.MustCompile(`\s+`)
)

// Reason normalises what Scorecard says of one check's score, so that equal
// reasons of many repositories count together: every number becomes N, "found
// 3 unreviewed changesets out of 30" is "found N unreviewed changesets out of
// N". It is cut at 200 bytes, between characters.
func Reason(text string) string {
	text = strings.TrimSpace(spaces.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), " "))
	text = numbers.ReplaceAllString(text, "N")
	if len(text) > maxReason {
		text = strings.TrimSpace(strings.ToValidUTF8(text[:maxReason], ""))
	}
	return text
}
