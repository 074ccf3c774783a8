package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// archiveDates is how many snapshots the recorded archive has: the chart of four
// years is there when it has as many points.
const archiveDates = 278

// BenchmarkStart is a first start on the recorded sources, and a second one: how
// long until the chart of four years is there, until every source has been
// asked, and, warm, until the first page shows what is stored. Then how long the
// longest derivation of each dataset took, and all of them together.
func BenchmarkStart(b *testing.B) {
	mirror := collecttest.MirrorDir(b)
	if mirror == "" {
		return
	}
	args := func(data string) []string {
		return []string{"up", "--demo=off", "--listen=127.0.0.1:0", "--data=" + data, "--upstream=mirror:" + mirror, "--now=" + testNow}
	}
	for b.Loop() {
		data := b.TempDir()
		began := time.Now()
		first := start(b, args(data)...)
		peak := watchMemory(first)
		base := first.address(b)
		wait(b, func() bool {
			return points(base+"/chart/score-distribution.json?cohort=top1000&by=observation") >= archiveDates
		})
		b.ReportMetric(time.Since(began).Seconds(), "chart-s")
		first.waitFor(b, allAsked, 20*time.Minute)
		b.ReportMetric(time.Since(began).Seconds(), "all-s")
		first.stop(b)
		b.ReportMetric(peak(), "peak-MB")

		began = time.Now()
		second := start(b, args(data)...)
		base = second.address(b)
		b.ReportMetric(time.Since(began).Seconds(), "answers-s")
		wait(b, func() bool { return answers(base+"/readyz") && answers(base+"/") })
		b.ReportMetric(time.Since(began).Seconds(), "warm-s")
		second.stop(b)
		reportDerivations(b, data)
		b.ReportMetric(0, "ns/op") // is of all of it together
	}
	b.Log(testenv.Machine())
}

// wait returns when it is so.
func wait(b *testing.B, so func() bool) {
	b.Helper()
	for deadline := time.Now().Add(10 * time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("it has taken more than ten minutes")
		}
	}
}

func answers(url string) bool {
	answer, err := http.Get(url)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil && answer.StatusCode == http.StatusOK
}

// points is how many points the longest series of a chart has, 0 while there is
// no chart.
func points(url string) int {
	answer, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	var chart chartJSON
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&chart) != nil {
		return 0
	}
	most := 0
	for _, series := range chart.Series {
		most = max(most, len(series.Points))
	}
	return most
}

// reportDerivations tells how long the derivations took by their own record: a
// generation is numbered by the millisecond in which it was begun.
func reportDerivations(b *testing.B, data string) {
	b.Helper()
	longest := make(map[string]float64)
	var all float64
	for _, row := range exported(b, data, "publications") {
		began, err := strconv.ParseInt(row["generation"], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		took := timeIn(b, row["published_at"]).Sub(time.UnixMilli(began)).Seconds()
		longest[row["dataset"]] = max(longest[row["dataset"]], took)
		all += took
	}
	for dataset, took := range longest {
		b.ReportMetric(took, dataset+"-s")
	}
	b.ReportMetric(all, "derivations-s")
}
