package server

import (
	"context"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// adoptionWorld is what a world answers about attestations and threats.
type adoptionWorld struct {
	initiatives []observation.Initiative
}

func (w *world) Initiatives(context.Context) ([]observation.Initiative, error) {
	return w.initiatives, w.fail["Initiatives"]
}
