package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// loadLedger publishes the two ledgers as a new generation, unless the
// published one says the same.
func (s *Store) loadLedger(ctx context.Context, breaksCSV, initiativesCSV []byte) error {
	breaks, err := parseBreaks(breaksCSV)
	if err != nil {
		return fmt.Errorf("sql/breaks.csv: %w", err)
	}
	initiatives, err := parseInitiatives(initiativesCSV)
	if err != nil {
		return fmt.Errorf("sql/initiatives.csv: %w", err)
	}
	s.deriving.Lock()
	defer s.deriving.Unlock()
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	same, err := s.ledgerIs(ctx, published[datasetLedger], breaks, initiatives)
	if err != nil || same {
		return err
	}
	return s.deriveDataset(ctx, datasetLedger, published, func(ctx context.Context, g generation) error {
		return s.writeLedger(ctx, g.Number, breaks, initiatives)
	})
}

// ledgerIs reports whether a generation holds just these lines.
func (s *Store) ledgerIs(ctx context.Context, generation uint64, breaks []observation.Break, initiatives []observation.Initiative) (bool, error) {
	if generation == 0 {
		return false, nil
	}
	storedBreaks, err := s.breaks(ctx, generation)
	if err != nil {
		return false, err
	}
	storedInitiatives, err := s.initiatives(ctx, generation)
	if err != nil {
		return false, err
	}
	return equalLines(storedBreaks, breaks) && equalLines(storedInitiatives, initiatives), nil
}

// equalLines compares two sets of lines in whatever order.
func equalLines[T any](a, b []T) bool {
	lines := func(list []T) []string {
		texts := make([]string, len(list))
		for i, line := range list {
			texts[i] = fmt.Sprintf("%+v", line)
		}
		slices.Sort(texts)
		return texts
	}
	return slices.Equal(lines(a), lines(b))
}

func (s *Store) writeLedger(ctx context.Context, generation uint64, breaks []observation.Break, initiatives []observation.Initiative) error {
	rows := make([][]any, len(breaks))
	for i, b := range breaks {
		rows[i] = []any{generation, b.Start, instant(b.End), b.Scope, b.Item, string(b.Kind), b.What, b.Evidence}
	}
	columns := []string{"generation", "starts_on", "ends_on", "scope", "item", "kind", "what", "evidence"}
	if err := s.insert(ctx, rowBlock("breaks", "", columns, rows...)); err != nil {
		return err
	}
	rows = make([][]any, len(initiatives))
	for i, n := range initiatives {
		rows[i] = []any{generation, n.On, n.What, n.Evidence}
	}
	return s.insert(ctx, rowBlock("initiatives", "", []string{"generation", "happened_on", "what", "evidence"}, rows...))
}

// parseBreaks reads sql/breaks.csv strictly: it is edited by hand.
func parseBreaks(text []byte) ([]observation.Break, error) {
	var breaks []observation.Break
	err := readLedger(text, "starts_on,ends_on,scope,item,kind,what,evidence", func(f []string) error {
		b := observation.Break{Scope: f[2], Item: f[3], Kind: observation.BreakKind(f[4]), What: f[5], Evidence: f[6]}
		var err error
		if b.Start, err = time.Parse(time.DateOnly, f[0]); err != nil {
			return fmt.Errorf("starts_on: %w", err)
		}
		if f[1] != "" {
			if b.End, err = time.Parse(time.DateOnly, f[1]); err != nil {
				return fmt.Errorf("ends_on: %w", err)
			}
			if b.End.Before(b.Start) {
				return fmt.Errorf("ends_on %s is before starts_on %s", f[1], f[0])
			}
		}
		if !slices.Contains([]string{"source", "check", "list", "aggregate"}, b.Scope) {
			return fmt.Errorf("scope %q is none of source, check, list, aggregate", b.Scope)
		}
		if (b.Item == "") != (b.Scope == "aggregate") {
			return fmt.Errorf("scope %s with item %q: every scope but aggregate names its item", b.Scope, b.Item)
		}
		if _, known := posture.Weight(b.Item); b.Scope == "check" && !known {
			return fmt.Errorf("item %q is no check that the documentation of Scorecard knows", b.Item)
		}
		switch b.Kind {
		case observation.BreakCut, observation.BreakFlag, observation.BreakFrozen, observation.BreakSuspect, observation.BreakCleared:
		case observation.BreakImport, observation.BreakNotImport:
			if b.Scope != "source" || b.Item != strings.ToUpper(b.Item) {
				return fmt.Errorf("kind %s with scope %s and item %q: it is of a source, named by the prefix of its ids, such as PYSEC", b.Kind, b.Scope, b.Item)
			}
		default:
			return fmt.Errorf("kind %q is none of cut, flag, frozen, suspect, cleared, import, not-import", b.Kind)
		}
		if b.What == "" || b.Evidence == "" {
			return fmt.Errorf("what and evidence must not be empty")
		}
		if slices.ContainsFunc(breaks, func(o observation.Break) bool {
			return o.Start.Equal(b.Start) && o.Scope == b.Scope && o.Item == b.Item && o.Kind == b.Kind
		}) {
			return fmt.Errorf("%s of %s %s on %s is there twice", b.Kind, b.Scope, b.Item, f[0])
		}
		breaks = append(breaks, b)
		return nil
	})
	return breaks, err
}

// parseInitiatives reads sql/initiatives.csv strictly.
func parseInitiatives(text []byte) ([]observation.Initiative, error) {
	var initiatives []observation.Initiative
	err := readLedger(text, "happened_on,what,evidence", func(f []string) error {
		n := observation.Initiative{What: f[1], Evidence: f[2]}
		var err error
		if n.On, err = time.Parse(time.DateOnly, f[0]); err != nil {
			return fmt.Errorf("happened_on: %w", err)
		}
		if n.What == "" || !strings.HasPrefix(n.Evidence, "https://") {
			return fmt.Errorf("what must not be empty and evidence must be an https URL")
		}
		initiatives = append(initiatives, n)
		return nil
	})
	return initiatives, err
}

// readLedger calls line for every line of a CSV with the given header. Lines
// are in the order of their first field, a date.
func readLedger(text []byte, header string, line func(fields []string) error) error {
	r := csv.NewReader(bytes.NewReader(text))
	records, err := r.ReadAll()
	if err != nil {
		return err
	}
	if len(records) == 0 || strings.Join(records[0], ",") != header {
		return fmt.Errorf("the first line is not %q", header)
	}
	for i, fields := range records[1:] {
		if i > 0 && fields[0] < records[i][0] {
			return fmt.Errorf("entry %d: %s comes after %s", i+1, fields[0], records[i][0])
		}
		if err := line(fields); err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return nil
}
