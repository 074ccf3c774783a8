package pypa

import (
	"fmt"
	"slices"
	"strings"
)

// What ParseSpecifiers reads, at most.
const (
	maxSpecifiers = 4 << 10 // bytes
	maxClauses    = 100
)

// Specifiers is a set of version specifiers of PEP 440, as requires-python has
// it: ">=3.9,!=3.9.1,<4". A release must meet every one of them.
//
// The library that reads odd versions for us evaluates specifiers too, but takes
// "||", a bare version and a missing comma for good, and does not see that 3.7
// matches "==3.7.0.*". What packaging itself refuses must stay unknown here.
type Specifiers struct{ clauses []clause }

// clause is one specifier.
type clause struct {
	operator string
	version  Version
	// of is version in parts, or what stands before ".*" in a prefix match.
	of     canonical
	prefix bool
	text   string // what === is compared with
}

// operators are those of PEP 440, each before those that it begins with.
var operators = [...]string{"===", "~=", "==", "!=", "<=", ">=", "<", ">"}

// ParseSpecifiers reads specifiers that commas separate. Everything that PEP 440
// does not allow is an error: no operator, "=>", ">=3.6.*", words. So are no
// specifiers at all, which say nothing.
func ParseSpecifiers(s string) (Specifiers, error) {
	if len(s) > maxSpecifiers || strings.Count(s, ",") >= maxClauses {
		return Specifiers{}, fmt.Errorf("specifiers %.40q… are too long", s)
	}
	var all Specifiers
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimFunc(part, isSpace); part == "" {
			continue
		}
		c, ok := parseClause(part)
		if !ok {
			return Specifiers{}, fmt.Errorf("%.80q is not a version specifier (PEP 440)", part)
		}
		all.clauses = append(all.clauses, c)
	}
	if len(all.clauses) == 0 {
		return Specifiers{}, fmt.Errorf("there is no version specifier in %.80q", s)
	}
	return all, nil
}

func parseClause(s string) (clause, bool) {
	i := slices.IndexFunc(operators[:], func(op string) bool { return strings.HasPrefix(s, op) })
	if i < 0 {
		return clause{}, false
	}
	c := clause{operator: operators[i]}
	rest := strings.TrimFunc(s[len(c.operator):], isSpace)
	if rest == "" || strings.ContainsFunc(rest, isSpace) {
		return c, false
	}
	if c.operator == "===" {
		c.text = rest
		return c, !strings.ContainsAny(rest, ";)")
	}
	if c.operator == "==" || c.operator == "!=" {
		rest, c.prefix = strings.CutSuffix(rest, ".*")
	}
	var ok bool
	if c.of, ok = canonicalOf(rest); !ok {
		return c, false
	}
	c.version = c.of.version(rest)
	switch {
	case c.prefix:
		return c, c.of.onlyRelease()
	case c.operator == "~=":
		return c, c.of.local == "" && strings.Contains(c.of.release, ".")
	case c.operator == "==" || c.operator == "!=":
		return c, true
	}
	return c, c.of.local == ""
}

// onlyRelease reports whether a version is nothing but an epoch and a release.
func (c canonical) onlyRelease() bool {
	return c.phase == "" && c.post == "" && c.dev == "" && c.local == ""
}

// admits reports whether a final release, which is one without pre-, post-,
// development or local part, meets every specifier. For such a release the
// exceptions that PEP 440 makes for < and > do not arise.
func (s Specifiers) admits(release string) bool {
	of, ok := canonicalOf(release)
	if !ok || !of.onlyRelease() {
		return false
	}
	v := of.version(release)
	return !slices.ContainsFunc(s.clauses, func(c clause) bool { return !c.admits(of, v) })
}

func (c clause) admits(of canonical, v Version) bool {
	switch c.operator {
	case "===":
		return strings.EqualFold(c.text, v.text)
	case "==":
		return c.equals(of, v)
	case "!=":
		return !c.equals(of, v)
	case "<=":
		return v.Compare(c.version) <= 0
	case ">=":
		return v.Compare(c.version) >= 0
	case "<":
		return v.Compare(c.version) < 0
	case ">":
		return v.Compare(c.version) > 0
	}
	// ~=3.7.2 is >=3.7.2,==3.7.*
	front := c.of
	front.release = front.release[:strings.LastIndexByte(front.release, '.')]
	return v.Compare(c.version) >= 0 && of.begins(front)
}

func (c clause) equals(of canonical, v Version) bool {
	if c.prefix {
		return of.begins(c.of)
	}
	return v.Equal(c.version)
}

// begins reports whether the release of c begins with that of front. Numbers
// that c lacks are 0.
func (c canonical) begins(front canonical) bool {
	if !sameNumber(c.epoch, front.epoch) {
		return false
	}
	have, more := c.release, true
	for want := range strings.SplitSeq(front.release, ".") {
		number := ""
		if more {
			number, have, more = strings.Cut(have, ".")
		}
		if !sameNumber(number, want) {
			return false
		}
	}
	return true
}

// sameNumber compares two numbers by their digits; "" is 0.
func sameNumber(a, b string) bool {
	return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
}
