//go:build linux && amd64 && !noengine

package clickhouse

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// forgetLostBatches makes the deduplication of retried batches exact again
// after a death of the engine, and returns how many batches it made the engine
// forget. It must run while no engine has dir open; without anything lost it
// changes no file.
//
// The engine notes the deduplication token of a batch in the table's log before
// it moves the batch's part into place. Killed between the two, it would take
// the retry of that batch for a duplicate and acknowledge it, and the rows would
// be nowhere. So a token whose part is not there is struck from the log, before
// the next part can take the lost one's number.
func forgetLostBatches(dir string) (forgotten int, err error) {
	tables, err := filepath.Glob(filepath.Join(dataDir(dir), "store", "*", "*", "deduplication_logs"))
	if err != nil {
		return 0, err
	}
	for _, logs := range tables {
		n, err := forgetLostBatchesOf(filepath.Dir(logs), filepath.Join(dir, "deduplication_log.new"))
		if err != nil {
			return forgotten, fmt.Errorf("deduplication log of the engine: %w", err)
		}
		forgotten += n
	}
	return forgotten, nil
}

// forgetLostBatchesOf does it for the table whose files are in dir. A changed
// log is written to tmp first, which must lie outside the directory of the logs:
// the engine refuses a table with a file there that it does not know.
func forgetLostBatchesOf(dir, tmp string) (forgotten int, err error) {
	logs, err := readTokenLogs(dir)
	if err != nil {
		return 0, err
	}
	parts, err := readParts(dir)
	if err != nil {
		return 0, err
	}
	// Only the last word on a token counts: an older one may have been
	// revoked, and a revocation must keep what it revokes.
	last := map[string]*tokenRecord{}
	for _, log := range logs {
		for _, record := range log.records {
			last[record.token] = record
		}
	}
	for _, log := range logs {
		kept := slices.DeleteFunc(slices.Clone(log.records), func(r *tokenRecord) bool {
			return r.added && r == last[r.token] && !covered(r.part, parts)
		})
		if len(kept) == len(log.records) {
			continue
		}
		forgotten += len(log.records) - len(kept)
		var text strings.Builder
		for _, record := range kept {
			text.WriteString(record.line)
		}
		if err := replaceFile(log.path, tmp, []byte(text.String())); err != nil {
			return forgotten, err
		}
	}
	return forgotten, nil
}

// tokenLog is one of a table's logs of deduplication tokens.
type tokenLog struct {
	path    string
	number  int
	records []*tokenRecord
}

// tokenRecord is one line of a log: an operation, a part and a token, separated
// by tabs. A line of another form has no token and is kept as it is.
type tokenRecord struct {
	line  string // with its line feed
	added bool   // else something that revokes an addition
	part  string
	token string
}

// readTokenLogs returns the logs of the table in dir, oldest first.
func readTokenLogs(dir string) ([]tokenLog, error) {
	const prefix, suffix = "deduplication_log_", ".txt"
	paths, err := filepath.Glob(filepath.Join(dir, "deduplication_logs", prefix+"*"+suffix))
	if err != nil {
		return nil, err
	}
	var logs []tokenLog
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), prefix), suffix)
		number, err := strconv.Atoi(name)
		if err != nil {
			continue // not one of the engine's
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		log := tokenLog{path: path, number: number}
		for line := range strings.Lines(string(text)) {
			log.records = append(log.records, parseTokenRecord(line))
		}
		logs = append(logs, log)
	}
	slices.SortFunc(logs, func(a, b tokenLog) int { return cmp.Compare(a.number, b.number) })
	return logs, nil
}

func parseTokenRecord(line string) *tokenRecord {
	const operationAdd = "1"
	fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
	if len(fields) < 3 {
		return &tokenRecord{line: line}
	}
	return &tokenRecord{line: line, added: fields[0] == operationAdd, part: fields[1], token: fields[2]}
}

// part is the span of blocks that a data part holds: one block right after an
// insert, more after merges.
type part struct {
	partition  string
	first, end int
}

// partName takes a part's directory name apart: partition, first and last
// block, level, and the mutation that it has been through.
var partName = regexp.MustCompile(`^(.+?)_(\d+)_(\d+)_\d+(?:_\d+)?$`)

func parsePart(name string) (p part, ok bool) {
	match := partName.FindStringSubmatch(name)
	if match == nil || strings.HasPrefix(name, "tmp_") || strings.HasPrefix(name, "delete_tmp_") {
		return part{}, false
	}
	first, err1 := strconv.Atoi(match[2])
	end, err2 := strconv.Atoi(match[3])
	return part{partition: match[1], first: first, end: end}, err1 == nil && err2 == nil
}

// readParts returns the parts of the table in dir.
func readParts(dir string) ([]part, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, entry := range entries {
		if p, ok := parsePart(entry.Name()); ok && entry.IsDir() {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// covered reports whether the part of that name, or one that it was merged into,
// is among parts. A name that is none is left to the engine.
func covered(name string, parts []part) bool {
	wanted, ok := parsePart(name)
	if !ok {
		return true
	}
	return slices.ContainsFunc(parts, func(p part) bool {
		return p.partition == wanted.partition && p.first <= wanted.first && wanted.end <= p.end
	})
}
