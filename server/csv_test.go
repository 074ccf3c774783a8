package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTableCSV(t *testing.T) {
	s := newSite(t)
	w := s.get(t, "/data/ranks.csv")
	want := "project,rank,delta,known_at\n" +
		"urllib3,4,-3,2026-04-01T00:00:00Z\n" +
		"'=cmd|' /C calc'!A0,5,,2026-04-01T00:00:00Z\n" +
		"'-3,6,+1,2026-04-01T00:00:00Z\n" +
		"\"a \"\"quoted\"\", name\nof two lines\",7,,2026-04-01T00:00:00Z\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="pyrometer-ranks-2026-07-23.csv"` {
		t.Errorf("Content-Disposition %q", got)
	}
}

func TestAppendCell(t *testing.T) {
	for _, test := range []struct {
		cell string
		text bool
		want string
	}{
		{"", true, ""}, {"plain", true, "plain"}, {"ünïcode ☃", true, "ünïcode ☃"},
		{"=1+1", true, "'=1+1"}, {"+1", true, "'+1"}, {"-1", true, "'-1"}, {"@x", true, "'@x"}, {"\tx", true, "\"'\tx\""}, {"\rx", true, "\"'\rx\""},
		{"-1", false, "-1"}, {"+1", false, "+1"}, {"a=b", true, "a=b"},
		{`=HYPERLINK("http://x","y")`, true, `"'=HYPERLINK(""http://x"",""y"")"`},
		{" x", true, `" x"`}, {`"`, true, `""""`}, {"a\nb", true, "\"a\nb\""},
	} {
		if got := string(appendCell(nil, test.cell, test.text)); got != test.want {
			t.Errorf("%q (text %v): %q, want %q", test.cell, test.text, got, test.want)
		}
	}
}

func TestIsText(t *testing.T) {
	for columnType, want := range map[string]bool{
		"String": true, "LowCardinality(String)": true, "Nullable(String)": true, "LowCardinality(Nullable(String))": true, "Array(String)": true, "Enum8('a' = 1)": true, "": true,
		"UInt32": false, "Nullable(Int32)": false, "Float64": false, "Date": false, "DateTime64(3, 'UTC')": false, "Nullable(DateTime64(6, 'UTC'))": false, "UUID": false, "Bool": false, "Decimal(9, 2)": false,
	} {
		if got := isText(columnType); got != want {
			t.Errorf("isText(%q) = %v", columnType, got)
		}
	}
}

// FuzzCSV: what is written reads back as it was, apart from the apostrophe, and
// no cell of text begins with what a spreadsheet runs.
func FuzzCSV(f *testing.F) {
	f.Add("a", "=b")
	f.Add("\"", "x\r\ny")
	f.Add(" ", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		w := newCSVWriter(&out, false)
		for range 2 {
			if err := w.row([]string{a, b, "end"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q, %q: %d rows, %v", a, b, len(rows), err)
		}
		for i, in := range []string{a, b} {
			got := rows[1][i]
			if isFormula(got) {
				t.Fatalf("%q is written as the formula %q", in, got)
			}
			if strings.HasPrefix(got, "'") && isFormula(in) {
				got = got[1:]
			}
			// The reader brings \r\n inside of quotes to \n.
			if got != strings.ReplaceAll(in, "\r\n", "\n") {
				t.Fatalf("%q reads back as %q", in, got)
			}
		}
	})
}

// TestStream reads a table larger than every buffer over a real connection: the
// first rows arrive while the rest is still being made, and nothing is lost.
func TestStream(t *testing.T) {
	const rows = 200_000
	s := newSite(t)
	proceed := make(chan struct{})
	s.world.stream = func(ctx context.Context, row func([]string) error) error {
		for i := range rows + 1 {
			cells := []string{"project", "rank", "delta", "known_at"}
			if i > 0 {
				cells = []string{"project-" + strconv.Itoa(i), strconv.Itoa(i), "", "2026-04-01T00:00:00Z"}
			}
			if i == 2 {
				<-proceed // the client has seen the first row
			}
			if err := row(cells); err != nil {
				return err
			}
		}
		return nil
	}
	web := httptest.NewServer(s)
	defer web.Close()
	for _, encoding := range []string{"identity", "gzip"} {
		if encoding == "gzip" {
			proceed = make(chan struct{})
		}
		r, err := http.NewRequest(http.MethodGet, web.URL+"/data/ranks.csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", encoding)
		answer, err := web.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = answer.Body
		if encoding == "gzip" {
			if body, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		records := csv.NewReader(body)
		for i := range 2 {
			if got, err := records.Read(); err != nil || len(got) != 4 {
				t.Fatalf("%s: early row %d: %v, %v", encoding, i, got, err)
			}
		}
		close(proceed)
		rest, err := records.ReadAll()
		if err != nil || len(rest) != rows-1 || rest[len(rest)-1][1] != strconv.Itoa(rows) {
			t.Errorf("%s: %d more rows, %v; want %d", encoding, len(rest), err, rows-1)
		}
		answer.Body.Close()
	}
}

// TestStreamBreaksOff: an error after the first byte is seen by the client, in
// plain and in compressed transfers.
func TestStreamBreaksOff(t *testing.T) {
	s := newSite(t)
	s.world.stream = func(ctx context.Context, row func([]string) error) error {
		for i := range 10_000 {
			if err := row([]string{"p" + strconv.Itoa(i), "1", "", ""}); err != nil {
				return err
			}
		}
		return errors.New("the connection to the store is gone")
	}
	web := httptest.NewServer(s)
	defer web.Close()
	for _, compressed := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{DisableCompression: !compressed}}
		answer, err := client.Get(web.URL + "/data/ranks.csv")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || len(body) == 0 {
			t.Errorf("compressed %v: status %d, %d bytes before the break", compressed, answer.StatusCode, len(body))
		}
		if err == nil {
			t.Errorf("compressed %v: the client sees a whole file of %d bytes", compressed, len(body))
		}
	}
}

// An error before the first byte is an answer like any other.
func TestStreamFailsEarly(t *testing.T) {
	s := newSite(t)
	s.world.stream = func(ctx context.Context, row func([]string) error) error {
		if err := row([]string{"project"}); err != nil {
			return err
		}
		return errStore
	}
	w := s.get(t, "/data/ranks.csv")
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
		t.Errorf("status %d, type %q", w.Code, w.Header().Get("Content-Type"))
	}
}

// An empty table has a header and no rows.
func TestStreamOfNothing(t *testing.T) {
	s := newSite(t)
	s.world.rows["ranks"] = s.world.rows["ranks"][:1]
	if w := s.get(t, "/data/ranks.csv"); w.Code != http.StatusOK || w.Body.String() != "project,rank,delta,known_at\n" {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
}

// TestStreamsAreFew: more downloads than the limit are told to come again, and a
// reader that goes away frees its place.
func TestStreamsAreFew(t *testing.T) {
	s := newSite(t)
	s.world.stream = func(ctx context.Context, row func([]string) error) error {
		for i := 0; i < 2; i++ {
			if err := row([]string{"a", "b", "c", "d"}); err != nil {
				return err
			}
		}
		<-ctx.Done()
		return ctx.Err()
	}
	web := httptest.NewServer(s)
	defer web.Close()
	var open []*http.Response
	for range maxStreams {
		answer, err := web.Client().Get(web.URL + "/data/ranks.csv")
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, answer)
	}
	answer, err := web.Client().Get(web.URL + "/data/ranks.csv")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("status %d over the limit", answer.StatusCode)
	}
	for _, o := range open {
		o.Body.Close()
	}
	for range maxStreams {
		select {
		case s.streams <- struct{}{}: // a place that was given back
		case <-time.After(10 * time.Second):
			t.Fatal("a place was not given back")
		}
	}
}

func TestShortWrite(t *testing.T) {
	w := newCSVWriter(writerFunc(func(p []byte) (int, error) { return len(p) - 1, nil }), false)
	if err := w.row([]string{"a"}); err != nil {
		t.Fatal(err)
	}
	if err := w.flush(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("flush: %v, want a short write", err)
	}
	broken := fmt.Errorf("broken")
	w = newCSVWriter(writerFunc(func(p []byte) (int, error) { return 0, broken }), false)
	var err error
	for i := 0; err == nil && i < csvBufferBytes; i++ {
		err = w.row([]string{"some cell"})
	}
	if !errors.Is(err, broken) {
		t.Errorf("row: %v, want the writer's error", err)
	}
}

// bare is a ResponseWriter that can neither flush nor set deadlines.
type bare struct {
	header http.Header
	body   bytes.Buffer
}

func (b *bare) Header() http.Header         { return b.header }
func (b *bare) WriteHeader(int)             {}
func (b *bare) Write(p []byte) (int, error) { return b.body.Write(p) }

// TestStreamToFile: the handlers also serve the command line, whose writer is a file.
func TestStreamToFile(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/data/ranks.csv", "/chart/coverage.csv"} {
		w := &bare{header: http.Header{}}
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if !strings.HasPrefix(w.body.String(), "project,rank") && !strings.HasPrefix(w.body.String(), "series,t") {
			t.Errorf("%s: %.100q", path, w.body.String())
		}
	}
}
