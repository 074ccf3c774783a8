package pypiscorecards

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

const (
	maxChecks    = 64   // check columns of a file; Scorecard has about 20 checks
	maxCheckName = 64   // bytes
	maxRejects   = 1000 // refused rows and cells of one file, beyond which the file is refused

	reasonBlank        = "the archive lists the project without any check"
	reasonInconclusive = "every check is inconclusive"
)

// values are what the Score of a check points to: one place for each score, so
// that twenty million checks need no allocation of their own.
var values = [...]int8{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}

// Scores of a cell that are none.
const (
	inconclusive = -1
	blank        = -2
)

// snapshot is one file, read.
type snapshot struct {
	results []observation.ScorecardResult
	rejects []*observation.Reject
	refused int // rows among the rejects
	cells   int // accepted check observations: not blank, -1 to 10
}

// parser reads the files of one archive. It keeps the projects' names, so that
// a name that is in every file is stored once.
type parser struct {
	projects map[string]*project // by the name as written, and as normalised
	files    int                 // begun so far
}

type project struct {
	name string // normalised
	file int    // number of the last file that listed it
}

func newParser() *parser { return &parser{projects: map[string]*project{}} }

// parse reads one file, called object in rejects, of the given day. It fails
// when the file as a whole cannot be believed; rows and cells that cannot be
// read are rejects.
func (p *parser) parse(object string, day time.Time, data []byte) (*snapshot, error) {
	p.files++
	f := &fileParser{parser: p, object: object, day: day}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	line := 0
	for fields, err := range records(data) {
		line++
		if err != nil {
			return nil, err
		}
		if line == 1 {
			if err := f.header(fields); err != nil {
				return nil, err
			}
			f.results = make([]observation.ScorecardResult, 0, bytes.Count(data, []byte("\n")))
			continue
		}
		f.row(line, fields)
		if len(f.rejects) > maxRejects {
			return nil, fmt.Errorf("more than %d rows and cells cannot be read, the first: %s: %s", maxRejects, f.rejects[0].Object, f.rejects[0].Reason)
		}
	}
	if line == 0 {
		return nil, errors.New("the file is empty")
	}
	return &f.snapshot, nil
}

// fileParser is the state of reading one file.
type fileParser struct {
	*parser
	snapshot
	object string
	day    time.Time

	columns  int      // in the header
	pkg      int      // column of the project's name
	at       []int    // column of each check
	names    []string // of each check
	checkSet string
	weights  *posture.Columns

	scores [maxChecks]int8 // of the row at hand
	checks arena[observation.Check]
	floats arena[float64]
}

// header finds the columns by name. Downloads belong to the rank list, and
// Overall counts a blank check as 0, so neither is read.
func (f *fileParser) header(fields [][]byte) error {
	f.columns, f.pkg = len(fields), -1
	for i, field := range fields {
		switch name := string(field); {
		case name == "Package":
			if f.pkg >= 0 {
				return errors.New("the column Package is there twice")
			}
			f.pkg = i
		case name == "Downloads" || name == "Overall":
		case isCheckName(name):
			if slices.Contains(f.names, name) {
				return fmt.Errorf("the column %s is there twice", name)
			}
			f.names, f.at = append(f.names, name), append(f.at, i)
		default:
			f.reject(f.object, fmt.Sprintf("column %d is not named like a check and was left out", i+1), field)
		}
	}
	if f.pkg < 0 {
		return fmt.Errorf("no column Package in the header %.200q", bytes.Join(fields, []byte(",")))
	}
	if len(f.names) == 0 || len(f.names) > maxChecks {
		return fmt.Errorf("the header names %d checks", len(f.names))
	}
	f.checkSet = posture.CheckSet(f.names)
	f.weights = posture.NewColumns(f.names)
	return nil
}

// isCheckName reports whether a column is named as Scorecard names its checks:
// "SAST", "CII-Best-Practices".
func isCheckName(s string) bool {
	if s == "" || len(s) > maxCheckName || s[0] < 'A' || s[0] > 'Z' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// row reads one listed project and appends its result.
func (f *fileParser) row(line int, fields [][]byte) {
	if len(fields) != f.columns {
		f.refused++
		f.reject(fmt.Sprintf("%s: line %d", f.object, line), fmt.Sprintf("%d fields, the header has %d", len(fields), f.columns), bytes.Join(fields, []byte(",")))
		return
	}
	proj, err := f.project(fields[f.pkg])
	if err == nil && proj.file == f.files {
		err = fmt.Errorf("%s is listed twice", proj.name)
	}
	if err != nil {
		f.refused++
		f.reject(fmt.Sprintf("%s: line %d", f.object, line), err.Error(), bytes.Join(fields, []byte(",")))
		return
	}
	proj.file = f.files

	accepted := 0
	for i, column := range f.at {
		score, ok := parseScore(fields[column])
		if !ok {
			f.reject(fmt.Sprintf("%s: %s, %s", f.object, proj.name, f.names[i]), "the score is not an integer from -1 to 10", fields[column])
		}
		f.scores[i] = score
		if score != blank {
			accepted++
		}
	}
	f.cells += accepted
	f.results = append(f.results, f.result(proj.name, accepted))
}

// result makes the result of the row at hand from its scores.
func (f *fileParser) result(name string, accepted int) observation.ScorecardResult {
	r := observation.ScorecardResult{
		Subject:    name,
		ObservedOn: f.day,
		Source:     observation.SourceArchive,
		State:      observation.StateScored,
		CheckSet:   f.checkSet,
		Checks:     f.checks.take(accepted),
	}
	k := 0
	for i, name := range f.names {
		score := f.scores[i]
		if score == blank {
			continue
		}
		r.Checks[k].Name = name
		if score != inconclusive {
			r.Checks[k].Score = &values[score]
		}
		k++
	}
	sums := f.weights.Row(f.scores[:len(f.names)])
	if sums.Scored {
		r.Aggregate = f.float(sums.Aggregate)
	} else {
		r.State, r.Reason = observation.StateNoResult, reasonBlank
		if accepted > 0 {
			r.Reason = reasonInconclusive
		}
	}
	if sums.HasCore {
		r.Core = f.float(sums.Core)
	}
	return r
}

func (f *fileParser) float(v float64) *float64 {
	p := &f.floats.take(1)[0]
	*p = v
	return p
}

// reject keeps what cannot be read. field is only borrowed.
func (f *fileParser) reject(object, reason string, field []byte) {
	f.rejects = append(f.rejects, collectors.NewReject(object, reason, string(field)))
}

// project returns the project of that name, in any spelling.
func (p *parser) project(written []byte) (*project, error) {
	if proj := p.projects[string(written)]; proj != nil {
		return proj, nil
	}
	name, err := pypa.ParseName(string(written))
	if err != nil {
		return nil, err
	}
	proj := p.projects[name]
	if proj == nil {
		name = strings.Clone(name)
		proj = &project{name: name}
		p.projects[name] = proj
	}
	p.projects[string(written)] = proj
	return proj, nil
}

// parseScore reads a cell: a score, inconclusive or blank. It is not ok, and
// blank, for anything else.
func parseScore(cell []byte) (score int8, ok bool) {
	switch {
	case len(cell) == 0:
		return blank, true
	case len(cell) == 1 && '0' <= cell[0] && cell[0] <= '9':
		return int8(cell[0] - '0'), true
	}
	n, err := strconv.Atoi(string(cell))
	if err != nil || !posture.Valid(n) {
		return blank, false
	}
	return int8(n), true
}

// records yields the records of a CSV file as RFC 4180 has it. The fields are
// valid until the next one is asked for. A file without a quote, as all known
// ones are, is cut at commas and line ends, ten times as fast as encoding/csv.
func records(data []byte) iter.Seq2[[][]byte, error] {
	if bytes.IndexByte(data, '"') >= 0 {
		return quotedRecords(data)
	}
	return func(yield func([][]byte, error) bool) {
		var fields [][]byte
		for len(data) > 0 {
			line := data
			if i := bytes.IndexByte(data, '\n'); i >= 0 {
				line, data = data[:i], data[i+1:]
			} else {
				data = nil
			}
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			}
			if len(line) == 0 {
				continue
			}
			fields = splitFields(fields[:0], line)
			if !yield(fields, nil) {
				return
			}
		}
	}
}

func splitFields(fields [][]byte, line []byte) [][]byte {
	start := 0
	for i, c := range line {
		if c == ',' {
			fields = append(fields, line[start:i])
			start = i + 1
		}
	}
	return append(fields, line[start:])
}

func quotedRecords(data []byte) iter.Seq2[[][]byte, error] {
	return func(yield func([][]byte, error) bool) {
		r := csv.NewReader(bytes.NewReader(data))
		r.ReuseRecord, r.FieldsPerRecord = true, -1
		var fields [][]byte
		for {
			record, err := r.Read()
			if err == io.EOF {
				return
			}
			fields = fields[:0]
			for _, s := range record {
				fields = append(fields, []byte(s))
			}
			if !yield(fields, err) {
				return
			}
		}
	}
}

// arena hands out slices cut from larger ones, to spare the collector millions
// of small objects. A chunk is freed when nothing cut from it is in use.
type arena[T any] struct{ free []T }

// arenaChunk is the number of values allocated at once.
const arenaChunk = 4096

// take returns a slice of n zero values that cannot grow into its neighbour.
func (a *arena[T]) take(n int) []T {
	if n > len(a.free) {
		a.free = make([]T, max(n, arenaChunk))
	}
	s := a.free[:n:n]
	a.free = a.free[n:]
	return s
}
