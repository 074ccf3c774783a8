package simulated

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Flaws are what the two databases of vulnerabilities write about. Everything
// about one follows from its project and its number, and the ids of its records
// lead back to those: the numbers in them are far beyond real ones.

// flaw is one vulnerability of a project.
type flaw struct {
	project, nth int
	disclosed    time.Time
	before       int    // releases that are older than the flaw is known to anybody
	fix          int    // the release that ends it, -1 without
	cve          string // "" without
	pysec, ghsa  bool
	imported     day // the import that brings it to PYSEC, 0 for the ordinary way
}

// firstFlaw is the day from which flaws are found, ever more of them.
var firstFlaw = date(2017, time.January, 1)

// maxFlaws is the most that a project has in all of time, less one.
const maxFlaws = 15

// flaws is how many vulnerabilities project i has in all of time. Popular ones
// are looked at more; all of them together are about as many as in reality,
// however large the ecosystem is.
func (w *world) flaws(i int) int {
	mean := 2.5/(1+float64(i)/400) + 8*math.Exp(-float64(i)/80)
	u := w.unit(drawFlaws, i, 0, 0)
	n, p := 0, math.Exp(-mean) // Poisson, by inversion
	for sum := p; u > sum && n < maxFlaws; sum += p {
		n++
		p *= mean / float64(n)
	}
	return n
}

// flaw describes vulnerability nth of project i; ok is false while it is not
// yet disclosed, or came before the project. Half of them are disclosed with the
// release that ends them or some days later, a third of them in the two months
// before it, and the others when somebody finds them.
func (w *world) flaw(i, nth int) (f flaw, ok bool) {
	d := firstFlaw + day(float64(end-firstFlaw)*math.Sqrt(w.unit(drawFlawDay, i, nth, 0)))
	if d-60 >= w.today {
		return f, false
	}
	r := w.rhythm(i)
	if d < r.born+100 {
		return f, false
	}
	next := int(d-r.born) / r.every // the first release on d or later, or one before
	for next == 0 || w.releaseDay(i, next, r) < d || w.oddVersion(i, next) {
		next++
	}
	f = flaw{project: i, nth: nth, before: min(next, w.releasedBy(i, r, end)), fix: next}
	fixed, spread := w.releaseDay(i, next, r), w.unit(drawRange, i, nth, 2)
	switch u := w.unit(drawRange, i, nth, 7); {
	case u < shareUnfixed || fixed > r.last:
		f.fix = -1
	case u < 0.55:
		d = fixed + day(10*spread)
	case u < 0.85:
		d = max(fixed-day(60*spread), w.releaseDay(i, next-1, r)+1)
	}
	f.disclosed = w.second(d, drawFlawDay, i, nth, 1)
	if d >= w.today {
		return f, false
	}
	if !w.chance(shareNoCVE, drawAliases, i, nth, 0) {
		f.cve = fmt.Sprintf("CVE-%d-%d", f.disclosed.Year(), f.number(0))
	}
	u := w.unit(drawFlaw, i, nth, 0)
	f.pysec, f.ghsa = u < 0.92, u > 0.10
	if f.pysec && f.cve != "" && w.chance(shareImported, drawFlaw, i, nth, 3) {
		for _, on := range importDays {
			if d+60 < on {
				f.imported = on
				break
			}
		}
	}
	if f.imported != 0 {
		f.ghsa = w.chance(0.5, drawFlaw, i, nth, 4)
	}
	return f, true
}

func (w *world) eachFlaw(do func(flaw)) {
	for i := range w.pool {
		for nth := range w.flaws(i) {
			if f, ok := w.flaw(i, nth); ok {
				do(f)
			}
		}
	}
}

// The records that can be of one flaw.
const (
	recordGHSA    = iota
	recordPYSEC   // of PYSEC
	recordAgain   // of PYSEC once more, later withdrawn
	recordSibling // of PYSEC, for another project
	recordForeign // of a database that is not read
	recordKinds   = 8
)

// firstNumber is the smallest number in an id; the others say which record of
// which flaw it is.
const firstNumber = 10_000_000

func (f flaw) number(kind int) int {
	return firstNumber + (f.project*(maxFlaws+1)+f.nth)*recordKinds + kind
}

// flawOf inverts number.
func (w *world) flawOf(number int) (f flaw, kind int, ok bool) {
	number -= firstNumber
	if number < 0 || number >= w.pool*(maxFlaws+1)*recordKinds {
		return f, 0, false
	}
	kind, number = number%recordKinds, number/recordKinds
	i, nth := number/(maxFlaws+1), number%(maxFlaws+1)
	if nth >= w.flaws(i) {
		return f, 0, false
	}
	f, ok = w.flaw(i, nth)
	return f, kind, ok
}

// has tells whether a record of a flaw is written, by now or later.
func (w *world) has(f flaw, kind int) bool {
	switch kind {
	case recordGHSA:
		return f.ghsa
	case recordPYSEC:
		return f.pysec
	case recordAgain:
		return f.pysec && w.chance(shareTwice, drawFlaw, f.project, f.nth, 1)
	case recordSibling:
		return f.pysec && f.cve != "" && w.chance(shareSibling, drawFlaw, f.project, f.nth, 7)
	case recordForeign:
		return f.ghsa && w.chance(shareForeign, drawFlaw, f.project, f.nth, 8)
	}
	return false
}

// publishedAt is when a record appears: GHSA's with the disclosure, PYSEC's some
// days after it or with an import.
func (w *world) publishedAt(f flaw, kind int) time.Time {
	switch {
	case kind == recordGHSA:
		return f.disclosed
	case f.imported != 0 && kind != recordForeign:
		return f.imported.time().Add(11*time.Hour + time.Duration(w.below(7200, drawLag, f.project, f.nth, 1))*time.Second)
	}
	return f.disclosed.Add(time.Duration(w.below(20*86400, drawLag, f.project, f.nth, 0)) * time.Second)
}

// recordID is the id of a record.
func (w *world) recordID(f flaw, kind int) string {
	switch kind {
	case recordGHSA:
		return ghsaID(f.number(kind))
	case recordForeign:
		return "ECHO-fict-" + strconv.Itoa(f.number(kind))
	}
	return fmt.Sprintf("PYSEC-%d-%d", w.publishedAt(f, kind).Year(), f.number(kind))
}

// recordOf finds the record of an id, if it is there today.
func (w *world) recordOf(id string) (recordKey, bool) {
	if strings.HasPrefix(id, "MAL-") {
		return w.malwareOf(id)
	}
	number, ok := numberIn(id)
	if !ok {
		return recordKey{}, false
	}
	f, kind, ok := w.flawOf(number)
	if !ok || !w.has(f, kind) || !w.publishedAt(f, kind).Before(w.now) || w.recordID(f, kind) != id {
		return recordKey{}, false
	}
	return recordKey{kind: int8(kind), a: int32(f.project), b: int32(f.nth)}, true
}

// numberIn reads the number that an id ends with.
func numberIn(id string) (int, bool) {
	if letters, ok := strings.CutPrefix(id, "GHSA-fict-"); ok {
		return ghsaNumber(letters)
	}
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	return n, err == nil
}

// ghsaLetters are those that GitHub's ids are made of. The first part of ours,
// "fict", has two that they never have.
const ghsaLetters = "23456789cfghjmpqrvwx"

func ghsaID(n int) string {
	id := []byte("GHSA-fict-....-....")
	for _, at := range []int{18, 17, 16, 15, 13, 12, 11, 10} {
		id[at] = ghsaLetters[n%len(ghsaLetters)]
		n /= len(ghsaLetters)
	}
	return string(id)
}

func ghsaNumber(letters string) (n int, ok bool) {
	if len(letters) != 9 || letters[4] != '-' {
		return 0, false
	}
	for i, c := range letters {
		digit := strings.IndexRune(ghsaLetters, c)
		if i == 4 {
			continue
		}
		if digit < 0 {
			return 0, false
		}
		n = n*len(ghsaLetters) + digit
	}
	return n, true
}

// aliases are what a record calls the flaw besides its own id. A few records
// name only their neighbour in a chain, GHSA between PYSEC and CVE; a few have
// more aliases than a flaw can have.
func (w *world) aliases(f flaw, kind int) (list []string) {
	chain := w.chance(shareChain, drawAliases, f.project, f.nth, 2) && f.ghsa && f.pysec && f.imported == 0
	switch {
	case kind == recordForeign && f.cve == "":
		return nil
	case kind == recordSibling || kind == recordForeign:
		return []string{f.cve}
	case kind != recordGHSA && f.ghsa:
		list = append(list, ghsaID(f.number(recordGHSA)))
	case kind == recordGHSA && f.pysec && w.publishedAt(f, recordPYSEC).Before(w.now) && !chain:
		list = append(list, w.recordID(f, recordPYSEC))
	}
	if f.cve != "" && !(chain && kind != recordGHSA) {
		list = append(list, f.cve)
	}
	if w.chance(shareManyNames, drawAliases, f.project, f.nth, 3) {
		for k := range 6 {
			list = append(list, fmt.Sprintf("FICT-VENDOR-%d-%d", k+1, f.number(kind)))
		}
	}
	return list
}

// fixKnown tells whether the databases know by now which release of a project
// ends a flaw, and since when.
func (w *world) fixKnown(f flaw, releases []release) (since time.Time, ok bool) {
	if f.fix < 0 || f.fix >= len(releases) {
		return since, false
	}
	lag := time.Duration(w.below(5*86400, drawLag, f.project, f.nth, 5)) * time.Second
	since = w.uploaded(f.project, releases[f.fix]).Add(lag)
	return since, since.Before(w.now)
}
