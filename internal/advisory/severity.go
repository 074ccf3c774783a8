package advisory

import (
	"slices"
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"
)

// Severity computes the score (0 to 10) of the newest CVSS version among
// vectors: 4.0, 3.1, 3.0, 2.0; between two of one version the higher score
// counts, and a vector that cannot be read is passed over. The score is the base
// score of versions 2 and 3, and of 4.0 the one score it has, that of the whole
// vector: a stated exploit maturity is part of it. Without a vector, word (GHSA's
// LOW, MODERATE, HIGH, CRITICAL) decides and score is nil; without either the
// severity is unknown.
func Severity(vectors []string, word string) (score *float64, severity, vector string) {
	best := -1
	for _, v := range vectors {
		v = strings.TrimSpace(v)
		version := cvssVersion(v)
		if version < best {
			continue
		}
		s, ok := cvssScore(v, version)
		if !ok {
			continue
		}
		if version > best || s > *score || s == *score && v < vector {
			best, score, vector = version, &s, v
		}
	}
	if score != nil {
		return score, rate(*score, best), vector
	}
	return nil, wordSeverity(word), ""
}

// isBadVector reports whether a CVSS vector cannot be read.
func isBadVector(vector string) bool {
	vector = strings.TrimSpace(vector)
	_, ok := cvssScore(vector, cvssVersion(vector))
	return !ok
}

// groupSeverity is Severity over all records of a group: the newest CVSS
// version and then the highest score wins, whichever record has it; without
// vectors the highest word.
func groupSeverity(records []Record) (score *float64, severity, vector string) {
	var vectors []string
	var word string
	for i := range records {
		vectors = append(vectors, records[i].Vectors...)
		if w := records[i].SeverityWord; severityRank(w) > severityRank(word) {
			word = w
		}
	}
	return Severity(vectors, word)
}

// The CVSS versions in order of preference.
const (
	cvss2 = iota
	cvss3
	cvss3point1
	cvss4
)

func cvssVersion(vector string) int {
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		return cvss4
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		return cvss3point1
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		return cvss3
	case strings.HasPrefix(vector, "CVSS:"):
		return -1
	}
	return cvss2
}

func cvssScore(vector string, version int) (float64, bool) {
	switch version {
	case cvss4:
		v, err := cvss40.ParseVector(vector)
		if err != nil {
			return 0, false
		}
		return v.Score(), true
	case cvss3point1:
		v, err := cvss31.ParseVector(vector)
		if err != nil {
			return 0, false
		}
		return v.BaseScore(), true
	case cvss3:
		v, err := cvss30.ParseVector(vector)
		if err != nil {
			return 0, false
		}
		return v.BaseScore(), true
	}
	// In version 2 vectors are sometimes written in parentheses.
	v, err := cvss20.ParseVector(strings.TrimSuffix(strings.TrimPrefix(vector, "("), ")"))
	if err != nil {
		return 0, false
	}
	return v.BaseScore(), true
}

// rate turns a score into a word: by the qualitative scale that CVSS 3 and 4
// share, and for CVSS 2, which has none of its own, by that of the NVD, which ends
// at high.
func rate(score float64, version int) string {
	switch {
	case version == cvss2 && score < 4:
		return SeverityLow
	case version == cvss2 && score >= 7:
		return SeverityHigh
	case score <= 0:
		return SeverityNone
	case score < 4:
		return SeverityLow
	case score < 7:
		return SeverityMedium
	case score < 9:
		return SeverityHigh
	}
	return SeverityCritical
}

// wordSeverity reads the word of a database, in which GHSA's MODERATE is medium.
func wordSeverity(word string) string {
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "CRITICAL":
		return SeverityCritical
	case "HIGH":
		return SeverityHigh
	case "MODERATE", "MEDIUM":
		return SeverityMedium
	case "LOW":
		return SeverityLow
	}
	return SeverityUnknown
}

// severityRank orders the words of databases, 0 for one that is none.
func severityRank(word string) int {
	return 1 + slices.Index([]string{SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical}, wordSeverity(word))
}
