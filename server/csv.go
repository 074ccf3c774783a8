package server

import (
	"io"
	"strconv"
	"strings"
)

// The dialect of every CSV: UTF-8, a header row, LF at the end of a line
// (encoding of RFC 4180 otherwise), times in RFC 3339 and UTC, and an empty
// cell for what is unknown. A cell of text that a spreadsheet would run as a
// formula gets an apostrophe in front. With simulated data every row ends with
// a column simulated, which is true.
const (
	csvType        = "text/csv; charset=utf-8; header=present"
	simulatedCell  = "simulated"
	simulatedTrue  = "true"
	csvBufferBytes = 64 << 10
)

// csvWriter encodes rows into a bounded buffer.
type csvWriter struct {
	w         io.Writer
	buf       []byte
	text      []bool // by column: holds free text; nil means all do
	simulated bool
	header    bool // the header has been written
}

func newCSVWriter(w io.Writer, simulated bool) *csvWriter {
	return &csvWriter{w: w, buf: make([]byte, 0, csvBufferBytes+csvBufferBytes/4), simulated: simulated}
}

// row adds a row, the header first.
func (c *csvWriter) row(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.buf = appendCell(c.buf, cell, c.text == nil || i >= len(c.text) || c.text[i])
	}
	if c.simulated {
		c.buf = append(c.buf, ',')
		if c.header {
			c.buf = append(c.buf, simulatedTrue...)
		} else {
			c.buf = append(c.buf, simulatedCell...)
		}
	}
	c.header = true
	c.buf = append(c.buf, '\n')
	if len(c.buf) >= csvBufferBytes {
		return c.flush()
	}
	return nil
}

// flush hands on what is in the buffer.
func (c *csvWriter) flush() error {
	if len(c.buf) == 0 {
		return nil
	}
	n, err := c.w.Write(c.buf)
	if err == nil && n < len(c.buf) {
		err = io.ErrShortWrite
	}
	c.buf = c.buf[:0]
	return err
}

// appendCell appends one cell, quoted where it must be.
func appendCell(buf []byte, cell string, text bool) []byte {
	formula := text && isFormula(cell)
	quoted := false
	for i := 0; i < len(cell); i++ {
		if b := cell[i]; b == ',' || b == '"' || b == '\n' || b == '\r' {
			quoted = true
			break
		}
	}
	// A space at the beginning is quoted too: some readers trim it.
	quoted = quoted || len(cell) > 0 && (cell[0] == ' ' || cell[0] == '\t')
	if !quoted {
		if formula {
			buf = append(buf, '\'')
		}
		return append(buf, cell...)
	}
	buf = append(buf, '"')
	if formula {
		buf = append(buf, '\'')
	}
	for {
		i := strings.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		buf = append(buf, cell[:i+1]...)
		buf = append(buf, '"')
		cell = cell[i+1:]
	}
	buf = append(buf, cell...)
	return append(buf, '"')
}

// isFormula reports whether a spreadsheet may run a cell of text.
func isFormula(cell string) bool {
	if cell == "" {
		return false
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return true
	}
	return false
}

// isText reports whether a column of a table may hold text that somebody else
// wrote, by its ClickHouse type. Numbers, dates and ids keep their minus sign.
func isText(columnType string) bool {
	t := columnType
	for _, wrap := range []string{"Nullable(", "LowCardinality("} {
		for strings.HasPrefix(t, wrap) {
			t = strings.TrimSuffix(strings.TrimPrefix(t, wrap), ")")
		}
	}
	for _, prefix := range []string{"Int", "UInt", "Float", "Decimal", "Date", "Bool", "UUID"} {
		if strings.HasPrefix(t, prefix) {
			return false
		}
	}
	return true
}

// chartHeader is the header of a chart's CSV.
var chartHeader = []string{"series", "t", "v", "n", "of", "break"}

// WriteCSV writes the chart's data with the columns series, t, v, n, of and
// break. The last holds the reason of a gap and every break since the value
// before.
func (c *Chart) WriteCSV(w io.Writer) error {
	out := newCSVWriter(w, c.Simulated)
	out.text = []bool{true, false, false, false, false, true}
	if err := out.row(chartHeader); err != nil {
		return err
	}
	for i := range c.Series {
		s := &c.Series[i]
		for j, p := range s.Points {
			err := out.row([]string{s.Name, p.t(), number(p.V), integer(p.N), integer(p.Of), c.breaksAt(s, j)})
			if err != nil {
				return err
			}
		}
	}
	return out.flush()
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func integer(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
