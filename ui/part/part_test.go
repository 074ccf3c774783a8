package part

import "testing"

func TestLink(t *testing.T) {
	for _, c := range []struct {
		href     string
		url      string
		external bool
	}{
		{"/p/urllib3", "/p/urllib3", false},
		{"#coverage", "#coverage", false},
		{"?page=2", "?page=2", false},
		{"https://github.com/a/b", "https://github.com/a/b", true},
		{"HTTP://example.org", "HTTP://example.org", true},
		{"", "", false},
		{"javascript:alert(1)", "", false},
		{" javascript:alert(1)", "", false},
		{"JaVaScRiPt:alert(1)", "", false},
		{"data:text/html,x", "", false},
		{"vbscript:x", "", false},
		{"file:///etc/passwd", "", false},
		{"mailto:a@example.org", "", false},
		{"//evil.example", "", false},
		{"/\\evil.example", "", false},
		{"/\t/evil.example", "", false},
		{"https:", "", false},
		{"https:///x", "", false},
		{"http://[::1", "", false},
		{"relative", "", false},
	} {
		l := Link{Text: "x", Href: c.href}
		if got := l.URL(); got != c.url {
			t.Errorf("URL of %q = %q, want %q", c.href, got, c.url)
		}
		if got := l.External(); got != c.external {
			t.Errorf("External of %q = %v, want %v", c.href, got, c.external)
		}
	}
}

func TestSeverity(t *testing.T) {
	for _, c := range []struct{ word, score, class, text string }{
		{"critical", "9.8", "v4", "Critical 9.8"},
		{"HIGH", "", "v3", "High"},
		{"medium", "5.3", "v2", "Medium 5.3"},
		{"low", "2.1", "v1", "Low 2.1"},
		{"none", "0.0", "v0", "None 0.0"},
		{"", "", "v0", "Unknown"},
		{"<script>", "", "v0", "Unknown"},
	} {
		s := Severity{c.word, c.score}
		if s.Class() != c.class || s.Text() != c.text {
			t.Errorf("%q: %q %q, want %q %q", c.word, s.Class(), s.Text(), c.class, c.text)
		}
	}
}

func TestCells(t *testing.T) {
	table := Table{Columns: []Column{{Name: "a"}, {Name: "b", Num: true}}, Rows: [][]string{{"1"}, {"1", "2", "3"}, nil}}
	rows := table.Cells()
	if len(rows) != 3 {
		t.Fatalf("%d rows, want 3", len(rows))
	}
	for i, row := range rows {
		if len(row) != 2 {
			t.Errorf("row %d: %d cells, want 2", i, len(row))
		}
	}
	if rows[1][1].Text != "2" || !rows[1][1].Num || rows[0][1].Text != "" {
		t.Errorf("cells %+v", rows)
	}
}
