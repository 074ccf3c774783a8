package pypa

import (
	"slices"
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"
)

// Version is a release's version, ready to be compared.
//
// Versions are totally ordered: those that PEP 440 does not know ("2004d",
// "v_05", "1.0-SNAPSHOT") come before all that it knows and among themselves as
// text, so that "newest first" puts them last; the others follow PEP 440, where
// "1.0" and "1.0.0" are equal. Order and equality are those of key, a text made
// to sort bytewise: that is what makes the order total. The zero Version is
// before every other.
type Version struct {
	text  string
	key   string
	known bool
	pre   bool
}

// ParseVersion reads a version. It never fails: a text that is not a PEP 440
// version is kept and Valid is false.
func ParseVersion(s string) Version {
	if c, ok := canonicalOf(s); ok {
		return c.version(s)
	}
	return Version{text: s, key: keyText + s}
}

// canonicalOf reads a version in any spelling of PEP 440.
func canonicalOf(s string) (canonical, bool) {
	if !isASCII(s) { // lower case must not turn another script's letter into one of ours
		return canonical{}, false
	}
	t := strings.ToLower(strings.TrimFunc(s, isSpace))
	if c, ok := scan(t); ok {
		return c, true
	}
	v, err := pep440.Parse(t)
	if err != nil {
		return canonical{}, false
	}
	return scan(v.String())
}

// String returns the text that was parsed.
func (v Version) String() string { return v.text }

// Valid reports whether the text is a PEP 440 version.
func (v Version) Valid() bool { return v.known }

// Stable reports whether the version is valid and neither a pre-release nor a
// development release. A post-release and a local version are stable.
func (v Version) Stable() bool { return v.known && !v.pre }

// Prerelease reports whether the version is valid and a pre-release or a
// development release.
func (v Version) Prerelease() bool { return v.known && v.pre }

// Compare returns -1, 0 or +1 as v is before, equal to or after o.
func (v Version) Compare(o Version) int { return strings.Compare(v.key, o.key) }

// Equal reports whether v and o are the same version, as "1.0" and "v1.0.0" are.
func (v Version) Equal(o Version) bool { return v.key == o.key }

// Compare compares two versions by their text; see Version for the order.
func Compare(a, b string) int { return ParseVersion(a).Compare(ParseVersion(b)) }

// IsStable reports whether v is a valid version and not a pre-release.
func IsStable(v string) bool { return ParseVersion(v).Stable() }

// LatestStable returns the newest stable version as it is written in versions,
// "" when there is none. Of equal ones the first wins.
func LatestStable(versions []string) string {
	var best Version
	for _, s := range versions {
		if v := ParseVersion(s); v.Stable() && v.Compare(best) > 0 {
			best = v
		}
	}
	return best.text
}

// Latest returns the newest stable version, else the newest of all, as it is
// written in versions; "" when versions is empty.
func Latest(versions []string) string {
	if s := LatestStable(versions); s != "" {
		return s
	}
	var best Version
	for i, s := range versions {
		if v := ParseVersion(s); i == 0 || v.Compare(best) > 0 {
			best = v
		}
	}
	return best.text
}

// SortNewest sorts versions newest first, equal ones as text, those that are
// not PEP 440 last.
func SortNewest(versions []string) {
	parsed := make([]Version, len(versions))
	for i, s := range versions {
		parsed[i] = ParseVersion(s)
	}
	slices.SortFunc(parsed, func(a, b Version) int {
		if c := b.Compare(a); c != 0 {
			return c
		}
		return strings.Compare(b.text, a.text)
	})
	for i, v := range parsed {
		versions[i] = v.text
	}
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func isSpace(r rune) bool {
	return r == ' ' || '\t' <= r && r <= '\r'
}

// canonical is a version in the canonical spelling of PEP 440,
// [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local], cut into its parts. Parts that
// are absent are "".
type canonical struct {
	epoch   string
	release string // digits and dots
	phase   string // a, b or rc
	pre     string
	post    string
	dev     string
	local   string
}

// scan reads the canonical spelling. Nearly every version on PyPI is written
// so; the rest goes through the library, which knows every spelling and answers
// with this one.
func scan(s string) (canonical, bool) {
	var c canonical
	rest := s
	if n := digits(rest); n > 0 && n < len(rest) && rest[n] == '!' {
		c.epoch, rest = rest[:n], rest[n+1:]
	}
	n := releaseLen(rest)
	if n == 0 {
		return c, false
	}
	c.release, rest = rest[:n], rest[n:]
	for _, phase := range [...]string{"a", "b", "rc"} {
		if num, tail, ok := numbered(rest, phase); ok {
			c.phase, c.pre, rest = phase, num, tail
			break
		}
	}
	if num, tail, ok := numbered(rest, ".post"); ok {
		c.post, rest = num, tail
	}
	if num, tail, ok := numbered(rest, ".dev"); ok {
		c.dev, rest = num, tail
	}
	if strings.HasPrefix(rest, "+") {
		c.local, rest = rest[1:], ""
		if !isLocal(c.local) {
			return c, false
		}
	}
	return c, rest == "" && len(s) <= maxVersion
}

// maxVersion bounds the length of a version that is understood, so that the
// length of every number fits one byte of the key.
const maxVersion = 250

// digits returns the length of the run of digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// releaseLen returns the length of the release segment N(.N)* that s begins with.
func releaseLen(s string) int {
	n := digits(s)
	for n > 0 && n+1 < len(s) && s[n] == '.' {
		d := digits(s[n+1:])
		if d == 0 {
			break
		}
		n += 1 + d
	}
	return n
}

// numbered cuts prefix and the number after it from s.
func numbered(s, prefix string) (num, rest string, ok bool) {
	t, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return "", s, false
	}
	n := digits(t)
	if n == 0 {
		return "", s, false
	}
	return t[:n], t[n:], true
}

// isLocal reports whether s is a local version label: parts of letters and
// digits with one separator between them.
func isLocal(s string) bool {
	if s == "" || isSeparator(s[0]) || isSeparator(s[len(s)-1]) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if isSeparator(s[i]) {
			if isSeparator(s[i-1]) {
				return false
			}
		} else if !isAlnum(s[i]) {
			return false
		}
	}
	return true
}

// The bytes that stand for an absent or present part in a key. Each compares
// with the others as PEP 440 wants it at its place: a development release of
// nothing else before a, b and rc, these before the final release; no
// post-release before any; a development release before what it leads to; no
// local label before any, and of its parts letters before numbers.
const (
	keyEnd      = "\x00" // end of release, of local; no post-release
	keyDevOnly  = "\x01"
	keyAlpha    = "\x02"
	keyBeta     = "\x03"
	keyRC       = "\x04"
	keyFinal    = "\x05"
	keyPresent  = "\x01"
	keyAbsent   = "\x02" // no development part: after those with one
	keyLetters  = "\x01"
	keyNumber   = "\x02"
	keyText     = "\x00" // what PEP 440 does not know: before every version
	keyPEP440   = "\x01"
	keyNextPart = "\x01"
)

// version makes the Version of c for the text s.
func (c canonical) version(s string) Version {
	var buf [64]byte
	k := append(buf[:0], keyPEP440...)
	k = appendNumber(k, c.epoch)
	k = appendRelease(k, c.release)
	switch {
	case c.phase == "a":
		k = appendNumber(append(k, keyAlpha...), c.pre)
	case c.phase == "b":
		k = appendNumber(append(k, keyBeta...), c.pre)
	case c.phase == "rc":
		k = appendNumber(append(k, keyRC...), c.pre)
	case c.post == "" && c.dev != "":
		k = append(k, keyDevOnly...)
	default:
		k = append(k, keyFinal...)
	}
	if c.post == "" {
		k = append(k, keyEnd...)
	} else {
		k = appendNumber(append(k, keyPresent...), c.post)
	}
	if c.dev == "" {
		k = append(k, keyAbsent...)
	} else {
		k = appendNumber(append(k, keyPresent...), c.dev)
	}
	k = appendLocal(k, c.local)
	return Version{text: s, key: string(k), known: true, pre: c.phase != "" || c.dev != ""}
}

// appendNumber appends a number so that longer ones sort after shorter ones:
// its length without leading zeros, then its digits. Zero has length 0.
func appendNumber(k []byte, num string) []byte {
	num = strings.TrimLeft(num, "0")
	k = append(k, byte(len(num)))
	return append(k, num...)
}

// appendRelease appends the numbers of a release segment without its trailing
// zeros, which have no meaning.
func appendRelease(k []byte, release string) []byte {
	end := len(k)
	for more := true; more; {
		var num string
		num, release, more = strings.Cut(release, ".")
		k = appendNumber(append(k, keyNextPart...), num)
		if k[len(k)-1] != 0 {
			end = len(k)
		}
	}
	return append(k[:end], keyEnd...)
}

// appendLocal appends a local version label part by part.
func appendLocal(k []byte, local string) []byte {
	for local != "" {
		part := local
		if i := strings.IndexAny(local, "-_."); i >= 0 {
			part, local = local[:i], local[i+1:]
		} else {
			local = ""
		}
		if digits(part) == len(part) {
			k = appendNumber(append(k, keyNumber...), part)
		} else {
			k = append(append(append(k, keyLetters...), part...), 0)
		}
	}
	return append(k, keyEnd...)
}
