package simulated

import (
	"strings"
	"time"
)

// file is one file of a release, as PyPI's APIs show it.
type file struct {
	name, kind, version string
	sha256              string
	url                 string
	size                int
	uploaded            time.Time
	requires            string
	yanked              bool
	yankReason          string
	provenance          string // URL, "" without
}

// files are those of one release: nearly always a wheel, or one for each of two
// platforms, and a source archive; of the oldest releases the latter alone.
func (w *world) files(i int, r release) []file {
	base := strings.ReplaceAll(nameOf(i), "-", "_") + "-" + r.version
	names := []string{base + "-py3-none-any.whl", base + ".tar.gz"}
	if i%9 == 4 {
		names = []string{base + "-cp39-abi3-manylinux_2_17_x86_64.whl", base + "-cp39-abi3-win_amd64.whl", base + ".tar.gz"}
	}
	switch u := w.unit(drawFile, i, r.nth, 0); {
	case r.odd, r.day < date(2014, time.January, 1), u < 0.12:
		names = names[len(names)-1:]
	case u < 0.18:
		names = names[:1]
	}
	requires := w.requires(i, r.day)
	uploaded := w.uploaded(i, r)
	_, yanked := w.yank(i, r.nth, r.day)
	attests := w.attests(i, r)
	list := make([]file, len(names))
	for k, name := range names {
		f := file{
			name:     name,
			kind:     "bdist_wheel",
			version:  r.version,
			sha256:   w.hex(64, i*(maxReleases+2)+r.nth, k),
			size:     20_000 + w.below(400_000, drawFile, i, r.nth, k+1),
			uploaded: uploaded.Add(time.Duration(k) * 1500 * time.Millisecond),
			requires: requires,
		}
		if strings.HasSuffix(name, ".tar.gz") {
			f.kind = "sdist"
		}
		f.url = "https://files.fictional.invalid/packages/" + f.sha256[:2] + "/" + f.sha256[2:4] + "/" + f.sha256[4:] + "/" + name
		if yanked && (k == 0 || w.chance(0.8, drawYank, i, r.nth, 3)) { // per file: a few releases keep a part
			f.yanked = true
			f.yankReason = yankReasons[w.below(len(yankReasons), drawYank, i, r.nth, 4)]
		}
		if attests == attestedAll || attests == attestedHalf && f.kind == "sdist" {
			f.provenance = "https://pypi.org/integrity/" + nameOf(i) + "/" + r.version + "/" + name + "/provenance"
		}
		list[k] = f
	}
	return list
}

var yankReasons = []string{"", "Broken metadata.", "Released by mistake.", "Incorrectly claims to support Python 3.7.", "Fictional regression, see the changelog."}

// requires is what a release of a day says of CPython versions: the habits of a
// project, of all sorts, moving on with the years.
func (w *world) requires(i int, d day) string {
	if d < date(2017, time.January, 1) {
		return ""
	}
	oldest := min(max(7+(d.time().Year()-2020), 6), 12)
	minor := string(append([]byte("3."), digits(oldest)...))
	switch w.below(12, drawRequires, i, 0, 0) {
	case 0:
		return ""
	case 1:
		return ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*, !=3.3.*"
	case 2:
		return ">=" + minor + ",<4.0"
	case 3:
		return "~=3.6"
	case 4:
		return ">=" + minor + ".1"
	case 5:
		return "<3." + string(digits(oldest+6)) + ",>=" + minor
	case 6:
		return ">=3.6.*" // not valid, and yet there
	case 7:
		return ">=3.9" // and stays there
	}
	return ">=" + minor
}

func digits(n int) []byte {
	if n < 10 {
		return []byte{byte('0' + n)}
	}
	return []byte{byte('0' + n/10), byte('0' + n%10)}
}

// What of a release carries an attestation.
const (
	attestedNone = iota
	attestedHalf // the source archive alone
	attestedAll
)

// attests tells what of a release of project i carries an attestation: projects
// begin with it one after the other since PyPI takes them, some forget it for a
// release, and some stop.
func (w *world) attests(i int, r release) int {
	if r.day < attestationsFrom || !w.chance(shareAttesting, drawAttested, i, 0, 0) {
		return attestedNone
	}
	since := attestationsFrom + day(w.below(1100, drawAttested, i, 1, 0))
	if _, ok := w.repository(i); !ok || r.day < since {
		return attestedNone
	}
	if w.chance(shareQuitting, drawAttested, i, 2, 0) && r.day > since+60+day(w.below(500, drawAttested, i, 3, 0)) {
		return attestedNone
	}
	switch u := w.unit(drawAttested, i, 4, r.nth); {
	case u < shareSlips:
		return attestedNone
	case u < shareSlips+shareHalf:
		return attestedHalf
	}
	return attestedAll
}
