package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pyrometer-dev/pyrometer/"

// TestImports holds who may import whom. It asks the go command for the direct
// and indirect dependencies of every package of ours.
func TestImports(t *testing.T) {
	ours := []string{"collectors", "server", "ui", "sql", "internal/store", "internal/clickhouse", "internal/schedule", "internal/upstream"}
	tests := []struct {
		packages string // pattern of the go command
		never    []string
	}{
		{"internal/observation", append(slices.Clone(ours), "internal")},
		{"internal/pypa", append(slices.Clone(ours), "internal")},
		{"collectors/...", []string{"internal/store", "internal/clickhouse", "server", "ui", "sql", "github.com/labstack/echo", "github.com/ClickHouse/clickhouse-go"}},
		{"server", []string{"internal/store", "internal/clickhouse", "collectors", "sql", "github.com/ClickHouse/clickhouse-go"}},
		{"ui/...", []string{"internal/store", "server", "collectors", "github.com/labstack/echo", "github.com/ClickHouse/clickhouse-go"}},
		{"internal/store", []string{"collectors", "server", "ui", "github.com/labstack/echo", "github.com/robfig/cron"}},
		{"internal/advisory", append(slices.Clone(ours), "net/http", "database/sql")},
		{"internal/posture", []string{"collectors", "server", "ui", "sql", "internal/store", "internal/upstream"}},
		{"internal/releases", append(slices.Clone(ours), "net/http", "database/sql")},
		{"internal/schedule", []string{"internal/store", "server", "ui", "sql", "github.com/labstack/echo", "github.com/ClickHouse/clickhouse-go"}},
		{"internal/upstream", []string{"internal/store", "collectors", "server", "ui", "sql"}},
	}
	for _, tt := range tests {
		for _, dep := range dependencies(t, tt.packages) {
			for _, never := range tt.never {
				if forbidden(dep, never, tt.packages) {
					t.Errorf("%s depends on %s, which design and docs/architecture.md forbid", tt.packages, dep)
				}
			}
		}
	}
}

// TestCollectorsDoNotKnowEachOther holds that a source is one package alone.
func TestCollectorsDoNotKnowEachOther(t *testing.T) {
	for _, pkg := range list(t, "-f", "{{.ImportPath}}", "./../../collectors/...") {
		if pkg == module+"collectors" {
			continue
		}
		for _, dep := range list(t, "-deps", "-f", "{{.ImportPath}}", pkg) {
			if strings.HasPrefix(dep, module+"collectors/") && dep != pkg {
				t.Errorf("%s imports %s: one source must not know another", pkg, dep)
			}
		}
	}
}

func forbidden(dep, never, packages string) bool {
	if strings.HasPrefix(dep, module+strings.TrimSuffix(packages, "/...")) {
		return false // itself
	}
	full := never
	if !strings.Contains(strings.Split(never, "/")[0], ".") && never != "net/http" && never != "database/sql" {
		full = module + never
	}
	return dep == full || strings.HasPrefix(dep, full+"/")
}

func dependencies(t *testing.T, pattern string) []string {
	return list(t, "-deps", "-f", "{{.ImportPath}}", "./../../"+pattern)
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	return strings.Fields(string(out))
}
