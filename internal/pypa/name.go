// Package pypa knows the conventions of Python packaging: project names
// (PEP 503), versions and their specifiers (PEP 440), file names (PEP 427,
// PEP 625), package URLs, and requires-python against the release cycles of
// CPython. It imports nothing of Pyrometer.
package pypa

import (
	"fmt"

	"github.com/package-url/packageurl-go"
)

// MaxName is the longest project name that ParseName accepts, in bytes. PyPI
// itself keeps names far shorter.
const MaxName = 200

// Normalize returns the PEP 503 form of a project name: ASCII letters in lower
// case and every run of "-", "_" and "." as one "-". It is idempotent and
// accepts any text; ParseName says whether the text is a name at all.
func Normalize(name string) string {
	if isNormal(name) {
		return name
	}
	b := make([]byte, 0, len(name))
	run := false
	for i := 0; i < len(name); i++ {
		c := name[i]
		if isSeparator(c) {
			if !run {
				b = append(b, '-')
			}
			run = true
			continue
		}
		run = false
		b = append(b, lower(c))
	}
	return string(b)
}

// ParseName normalises a project name as Normalize does, and refuses what
// PEP 508 does not allow as one: anything but ASCII letters, digits, ".", "_"
// and "-", a separator at either end, nothing at all, or more than MaxName bytes.
func ParseName(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("project name is empty")
	}
	if len(s) > MaxName {
		return "", fmt.Errorf("project name %.40q… has %d bytes, more than %d", s, len(s), MaxName)
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case isAlnum(c):
		case isSeparator(c) && i > 0 && i < len(s)-1:
		default:
			return "", fmt.Errorf("project name %q: a name holds ASCII letters, digits, '.', '_' and '-', and begins and ends with a letter or digit (PEP 508)", s)
		}
	}
	return Normalize(s), nil
}

// PURL returns the package URL of a project, without a version:
// "pkg:pypi/ruamel-yaml".
func PURL(name string) string {
	return packageurl.NewPackageURL(packageurl.TypePyPi, "", Normalize(name), "", nil, "").ToString()
}

// isNormal reports whether Normalize would return name as it is.
func isNormal(name string) bool {
	run := false
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '_' || c == '.' || 'A' <= c && c <= 'Z':
			return false
		case c == '-':
			if run {
				return false
			}
			run = true
		default:
			run = false
		}
	}
	return true
}

func isSeparator(c byte) bool { return c == '-' || c == '_' || c == '.' }
func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isAlpha(c byte) bool     { return 'a' <= lower(c) && lower(c) <= 'z' }
func isAlnum(c byte) bool     { return isDigit(c) || isAlpha(c) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
