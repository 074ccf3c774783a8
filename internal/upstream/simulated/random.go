package simulated

import (
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Everything in the ecosystem is drawn from the seed and from what is asked
// about, never from what was asked before: the same question has the same
// answer in every order and in every process. Draws are integers and fractions
// of 53 bits; where they are multiplied, the last bit of a sum may differ
// between processors, which moves a rounded number once in some 10^12 times.

// The kinds of draw. A number may never change its meaning, or every
// simulation changes with it.
const (
	drawNone uint64 = iota
	drawTrend
	drawMonthNoise
	drawBirth
	drawCadence
	drawReleaseDay
	drawScheme
	drawOddVersion
	drawAbandoned
	drawRepository
	drawRename
	drawDead
	drawCase
	drawHasResult
	drawResultSince
	drawQuality
	drawCheck
	drawBlank
	drawStepDay
	drawStepSize
	drawActivity
	drawMeaning
	drawOutage
	drawWeekShift
	drawAPIDate
	drawDetails
	drawStatus
	drawFile
	drawRequires
	drawYank
	drawAttested
	drawPublisher
	drawLinks
	drawLicence
	drawOwner
	drawDepsDev
	drawFlaws
	drawFlawDay
	drawFlaw
	drawAliases
	drawLag
	drawSeverity
	drawRange
	drawMalware
	drawExploited
	drawEPSS
	drawCPython
	drawHash
)

// seed is the source of all draws.
type seed uint64

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of x
// moves every bit of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw returns 64 bits for a kind of draw about (a, b, c). Small numbers times
// these odd ones never meet.
func (s seed) draw(kind uint64, a, b, c int) uint64 {
	h := mix(uint64(s) + kind*0xd1b54a32d192ed03 + uint64(a)*0xaef17502108ef2d9)
	return mix(h + uint64(b)*0xdb4f0b9175ae2165 + uint64(c)*0xbbe0563303a4615f)
}

// unit returns a number from 0 to below 1.
func (s seed) unit(kind uint64, a, b, c int) float64 {
	return float64(s.draw(kind, a, b, c)>>11) / (1 << 53)
}

// below returns a number from 0 to n-1.
func (s seed) below(n int, kind uint64, a, b, c int) int {
	return int(s.unit(kind, a, b, c) * float64(n))
}

// chance is true in a share p of draws.
func (s seed) chance(p float64, kind uint64, a, b, c int) bool {
	return s.unit(kind, a, b, c) < p
}

// hex returns n hexadecimal digits.
func (s seed) hex(n, a, b int) string {
	out := make([]byte, 0, 80)
	for k := 0; len(out) < n; k++ {
		var word [8]byte
		binary.BigEndian.PutUint64(word[:], s.draw(drawHash, a, b, k))
		out = hex.AppendEncode(out, word[:])
	}
	return string(out[:n])
}

// day counts days since 1970-01-01.
type day int

func dayOf(t time.Time) day { return day(t.Unix() / 86400) }

func date(year int, month time.Month, d int) day {
	return dayOf(time.Date(year, month, d, 0, 0, 0, 0, time.UTC))
}

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// month counts months since January 1970.
func (d day) month() int {
	t := d.time()
	return (t.Year()-1970)*12 + int(t.Month()) - 1
}

// second is a moment of day d, drawn for (a, b, c).
func (s seed) second(d day, kind uint64, a, b, c int) time.Time {
	return d.time().Add(time.Duration(s.below(86400, kind, a, b, c)) * time.Second)
}
