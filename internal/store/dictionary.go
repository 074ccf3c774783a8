package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// kind is what sort of table one is.
type kind int

const (
	observations kind = iota
	versions
	derived
	ledgers
	logs
)

// kinds are the headings of the dictionary, with what their tables have in common.
var kinds = map[kind][2]string{
	observations: {"Observations", "What a source said of a day, complete. A row that is written again replaces the older one of the same key."},
	versions: {"Versions", "What a source says of something that can change: one row for each change, the newest `known_at` is the current state, " +
		"and `deleted` = 1 says that the source no longer has it. `known_at` tells what this store knew when."},
	derived: {"Derived", "Computed from the tables above and from the ledgers; can be dropped and computed again with the same result. " +
		"`generation` tells the computations apart: exports have the published one only, without this column."},
	ledgers: {"Ledgers", "Kept by hand in `sql/*.csv`, with the evidence for each line."},
	logs:    {"Logs", "What Pyrometer did. They say nothing of the sources."},
}

// origin says what sort of table one is and where its content comes from.
type origin struct {
	kind    kind
	source  string
	licence string
}

const (
	ofPyPI      = "metadata belongs to its authors; descriptions are not stored"
	ofScorecard = "archive MIT; the scores are data of deps.dev and OpenSSF, CDLA-Permissive-2.0"
	ofOSV       = "PYSEC and GHSA CC-BY-4.0; MAL Apache-2.0"
	ours        = "Apache-2.0, as Pyrometer"
)

// origins has every table that is neither derived nor a ledger.
var origins = map[string]origin{
	"ranks":                {observations, "top-pypi-packages by Hugo van Kemenade, https://hugovk.dev/top-pypi-packages/", "none stated; credited, not ours"},
	"scorecard_results":    {observations, "pypi-scorecards, https://github.com/sethmlarson/pypi-scorecards (archive); https://api.scorecard.dev/ (api)", ofScorecard},
	"scorecard_checks":     {observations, "as scorecard_results", ofScorecard},
	"provenance":           {observations, "Integrity API of PyPI, https://docs.pypi.org/api/integrity/", ofPyPI},
	"epss":                 {observations, "EPSS by FIRST, https://www.first.org/epss/", "free to use; credit FIRST and EPSS"},
	"projects":             {versions, "Index API and JSON API of PyPI, https://docs.pypi.org/api/", ofPyPI},
	"files":                {versions, "Index API and JSON API of PyPI, https://docs.pypi.org/api/", ofPyPI},
	"project_presence":     {versions, "root index of PyPI, https://pypi.org/simple/", ofPyPI},
	"project_repositories": {versions, "provenance objects and project_urls of PyPI; deps.dev, https://deps.dev/", ofPyPI + "; deps.dev CC-BY-4.0"},
	"repositories":         {versions, "the forges, such as https://github.com/: where a repository's address leads", "facts about addresses; none claimed"},
	"advisories":           {versions, "OSV, https://osv.dev/", ofOSV},
	"affected":             {versions, "OSV, https://osv.dev/", ofOSV},
	"exploited":            {versions, "Known Exploited Vulnerabilities of CISA, https://www.cisa.gov/known-exploited-vulnerabilities-catalog", "CC0-1.0"},
	"cpython_advisories":   {versions, "advisory database of the PSF, https://github.com/psf/advisory-database", "CC-BY-4.0"},
	"python_cycles":        {versions, "endoflife.date, https://endoflife.date/python", "MIT"},
	"runs":                 {logs, "Pyrometer", ours},
	"rejects":              {logs, "Pyrometer: the refused text is that of the source", "as the source"},
	"responses":            {logs, "Pyrometer; not exported", ours},
	"publications":         {logs, "Pyrometer", ours},
	"leases":               {logs, "Pyrometer; not exported", ours},
	"migrations":           {logs, "Pyrometer; not exported", ours},
}

// originOf returns the origin of a table. The error names what is to be done
// about a table that has none.
func originOf(table string) (origin, error) {
	for dataset, tables := range derivedTables {
		if !slices.Contains(tables, table) {
			continue
		}
		if dataset == datasetLedger {
			return origin{ledgers, "Pyrometer, sql/" + table + ".csv; each line names its own evidence", ours}, nil
		}
		return origin{derived, "Pyrometer, from the tables above", "that of the sources it was computed from"}, nil
	}
	o, ok := origins[table]
	if !ok {
		return origin{}, fmt.Errorf("the table %s has no origin: give it one in origins of internal/store/dictionary.go, or list it among the derivedTables", table)
	}
	return o, nil
}

const dictionaryHeader = `# Data dictionary

<!-- Generated from the comments in sql/migrations; DO NOT EDIT.
Regenerate: make generate -->

Every table of the store and every column, as the migrations describe them. All that may be exported is under ` + "`/data`" + ` and had by
` + "`pyrometer export TABLE`" + `. Times are UTC. A *day* is a date in UTC. In exports an empty cell is unknown: a nullable column (*or unknown*)
without a value. ` + "`known_at`" + ` is when this store learned a row, ` + "`run_id`" + ` which run wrote it.
`

// Dictionary describes every table and column of this database by its comment,
// as kept in docs/data-dictionary.md. A table or a column without a comment, or
// a table without an origin, is an error.
func (s *Store) Dictionary(ctx context.Context) (string, error) {
	tables, err := s.readTables(ctx)
	if err != nil {
		return "", err
	}
	byKind := make(map[kind][]string)
	for _, t := range tables {
		from, err := originOf(t.Name)
		if err != nil {
			return "", err
		}
		text, err := describe(t, from)
		if err != nil {
			return "", err
		}
		byKind[from.kind] = append(byKind[from.kind], text)
	}
	var text strings.Builder
	text.WriteString(dictionaryHeader)
	for k := observations; k <= logs; k++ {
		fmt.Fprintf(&text, "\n## %s\n%s\n%s", kinds[k][0], kinds[k][1], strings.Join(byKind[k], ""))
	}
	return text.String(), nil
}

// describe is the section of one table.
func describe(t table, from origin) (string, error) {
	if t.Comment == "" {
		return "", fmt.Errorf("the table %s has no comment: add one in its migration", t.Name)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "\n### %s\n%s.\n\nKey: %s. Source: %s. Licence: %s.\n\n| column | type | meaning |\n|---|---|---|\n",
		t.Name, t.Comment, codes(strings.Split(t.key, ", ")), from.source, from.licence)
	for _, c := range t.Columns {
		if c.Comment == "" {
			return "", fmt.Errorf("the column %s of %s has no comment: add one in its migration", c.Name, t.Name)
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", c.Name, plainType(c.Type), strings.ReplaceAll(c.Comment, "|", `\|`))
	}
	return text.String(), nil
}

func codes(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = "`" + name + "`"
	}
	return strings.Join(list, ", ")
}

// plainTypes are the types of columns in words.
var plainTypes = map[string]string{
	"String": "text", "Date": "day", "UUID": "UUID",
	"DateTime64(3, 'UTC')": "time, to the millisecond", "DateTime64(6, 'UTC')": "time, to the microsecond",
	"UInt8": "whole number, 0 to 255", "Int8": "whole number, -128 to 127",
	"UInt16": "whole number", "UInt32": "whole number", "UInt64": "whole number", "Int32": "whole number", "Int64": "whole number",
	"Float32": "number", "Float64": "number",
}

// plainType says what a type of ClickHouse holds; one that is not known is
// named as it is.
func plainType(t string) string {
	inner := func(wrapper string) (string, bool) {
		rest, ok := strings.CutPrefix(t, wrapper+"(")
		return strings.TrimSuffix(rest, ")"), ok
	}
	if of, ok := inner("LowCardinality"); ok {
		return plainType(of)
	}
	if of, ok := inner("Nullable"); ok {
		return plainType(of) + ", or unknown"
	}
	if of, ok := inner("Array"); ok {
		return "list of: " + plainType(of)
	}
	if plain, ok := plainTypes[t]; ok {
		return plain
	}
	return "`" + t + "`"
}
