package pypa

import (
	"regexp"
	"strings"
	"testing"
)

func TestParseName(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Django", "django"},
		{"jw.util", "jw-util"},
		{"ruamel.yaml.clib", "ruamel-yaml-clib"},
		{"zope.interface", "zope-interface"},
		{"Foo-_.-Bar", "foo-bar"},
		{"a", "a"},
		{"A1", "a1"},
		{"0", "0"},
		{"friendly--bard", "friendly-bard"},
	}
	for _, tt := range tests {
		got, err := ParseName(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseName(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	bad := []string{
		"", " ", "-", "a-", "_a", ".a", "a b", "a/b", "../etc/passwd", "naïve", "a\x00", "\u212aelvin", // the Kelvin sign
		"a[extra]", "https://example.org", strings.Repeat("a", MaxName+1),
	}
	for _, in := range bad {
		if got, err := ParseName(in); err == nil {
			t.Errorf("ParseName(%q) = %q; want an error", in, got)
		}
	}
}

func TestPURL(t *testing.T) {
	for in, want := range map[string]string{
		"Django":      "pkg:pypi/django",
		"ruamel.yaml": "pkg:pypi/ruamel-yaml",
		"typing_ext":  "pkg:pypi/typing-ext",
	} {
		if got := PURL(in); got != want {
			t.Errorf("PURL(%q) = %q, want %q", in, got, want)
		}
	}
}

// pep503 is the definition as PEP 503 writes it.
var pep503 = regexp.MustCompile(`[-_.]+`)

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", "Django", "a-_.b", "--", "ZOPE.Interface", "ünïcode", "a\xffb", "x-", "\u212a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Normalize(s)
		if again := Normalize(n); again != n {
			t.Errorf("Normalize is not idempotent: %q, %q, %q", s, n, again)
		}
		parsed, err := ParseName(s)
		if err != nil {
			return
		}
		if want := strings.ToLower(pep503.ReplaceAllString(s, "-")); parsed != want {
			t.Errorf("ParseName(%q) = %q, PEP 503 says %q", s, parsed, want)
		}
		if _, err := ParseName(parsed); err != nil {
			t.Errorf("ParseName(%q) = %q, which is not a name: %v", s, parsed, err)
		}
	})
}
