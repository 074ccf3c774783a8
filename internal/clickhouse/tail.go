//go:build linux && amd64 && !noengine

package clickhouse

import (
	"regexp"
	"strings"
	"sync"
)

// tail keeps the last limit bytes written to it. It is safe for concurrent use.
type tail struct {
	mu    sync.Mutex
	limit int
	text  []byte // at most twice limit, so that cutting is rare
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > 2*t.limit {
		t.text = append(t.text[:0], t.text[len(t.text)-t.limit:]...)
	}
	return len(p), nil
}

// String returns what is kept, as plain lines: without the prompt's colours and
// cursor movements, which do not belong in a log or on our terminal.
func (t *tail) String() string {
	t.mu.Lock()
	text := string(t.text[max(0, len(t.text)-t.limit):])
	t.mu.Unlock()
	text = terminalSequence.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

var terminalSequence = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
