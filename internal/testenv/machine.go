package testenv

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine describes what the numbers of a benchmark were measured on, and how
// busy that was.
func Machine() string {
	model := "unknown processor"
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.HasPrefix(name, "model name") {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("%s, %d cores, %s/%s, %s; load %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), strings.TrimSpace(string(load)))
}

// ResetPeak makes PeakMB forget what came before, where the system can.
func ResetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) }

// PeakMB is the most memory that this process held since the last ResetPeak,
// in MB, 0 where the system does not say. The engine is another process.
func PeakMB() float64 { return PeakOf(os.Getpid()) }

// PeakOf is PeakMB of a process, 0 also when there is none any more.
func PeakOf(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if err != nil || !found {
		return 0
	}
	var kB float64
	_, _ = fmt.Sscan(after, &kB)
	return kB / 1024
}
