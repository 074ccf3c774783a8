package main

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/pyrometer-dev/pyrometer/internal/schedule"
)

// showProgress tells on standard error which source is at what: bars on a
// terminal, otherwise a plain line now and then. The returned function ends it.
func showProgress(p *program, activity func() []schedule.Activity) (stop func()) {
	show, every := plainProgress(p), 10*time.Second
	if f, ok := p.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		show, every = barProgress(f), 200*time.Millisecond
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				show(nil)
				return
			case <-tick.C:
				show(activity())
			}
		}
	}()
	return func() { close(done); <-ended }
}

func plainProgress(p *program) func([]schedule.Activity) {
	last := map[string]string{}
	return func(running []schedule.Activity) {
		for _, a := range running {
			line := describe(a)
			if line != last[a.Collector] {
				fmt.Fprintln(p.err, line)
				last[a.Collector] = line
			}
		}
	}
}

func describe(a schedule.Activity) string {
	switch {
	case a.Total > 0:
		return fmt.Sprintf("%s: %d of %d, %s", a.Collector, a.Done, a.Total, a.What)
	case a.What != "":
		return fmt.Sprintf("%s: %s", a.Collector, a.What)
	}
	return a.Collector + ": started"
}

// barProgress draws one bar, for the source that has been running longest.
func barProgress(f *os.File) func([]schedule.Activity) {
	var bar *progressbar.ProgressBar
	var of string
	return func(running []schedule.Activity) {
		if len(running) == 0 {
			if bar != nil {
				_ = bar.Clear()
				bar, of = nil, ""
			}
			return
		}
		a := running[0]
		if bar == nil || of != a.Collector {
			bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(f), progressbar.OptionSetWidth(30),
				progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true), progressbar.OptionShowCount())
			of = a.Collector
		}
		total := int64(-1)
		if a.Total > 0 {
			total = int64(a.Total)
		}
		bar.ChangeMax64(total)
		bar.Describe(fmt.Sprintf("%s: %s", a.Collector, a.What))
		_ = bar.Set(a.Done)
	}
}
