package store

import (
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }
