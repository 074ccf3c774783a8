package server

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// apiSources is the answer of /api/v1/status.
type apiSources struct {
	At        time.Time   `json:"at"`
	Upstream  string      `json:"upstream"`
	Simulated bool        `json:"simulated"`
	UpToDate  int         `json:"up_to_date"`
	Sources   []apiSource `json:"sources"`
}

// apiSource is one source; an unknown time is null.
type apiSource struct {
	Source      string            `json:"source"`
	Name        string            `json:"name"`
	State       string            `json:"state"` // ok, partial, failed, running, interrupted or never
	LastTry     *time.Time        `json:"last_try"`
	LastSuccess *time.Time        `json:"last_success"`
	Through     *time.Time        `json:"through"`
	Period      int64             `json:"period_seconds"`
	Stale       bool              `json:"stale"`
	Rows        uint64            `json:"rows"`
	Unchanged   uint64            `json:"unchanged"`
	Skipped     uint64            `json:"skipped"`
	Rejects     uint64            `json:"rejects"`
	ErrorClass  observation.Class `json:"error_class,omitempty"`
	Error       string            `json:"error,omitempty"`
	Note        string            `json:"note,omitempty"`
}

// apiStatus answers /api/v1/status with what the page of the sources shows.
func (s *Server) apiStatus(r *request) error {
	states, err := r.reader.Sources(r.ctx)
	if err != nil {
		return err
	}
	// To the minute, so that an answer that says the same has the same ETag for a while.
	all := apiSources{At: r.now.Truncate(time.Minute), Upstream: r.mode.Upstream, Simulated: r.mode.Simulated, Sources: []apiSource{}}
	idle := s.Idle(r.ctx)
	for _, st := range withNeverRun(states) {
		st.State = s.stateNow(st, r.now, idle)
		cadence := s.Cadence[st.Collector]
		one := apiSource{
			Source: st.Collector, Name: collectorLabel(st.Collector), State: string(st.State), Period: int64(cadence.Period.Seconds()),
			LastTry: instant(st.LastTry), LastSuccess: instant(st.LastSuccess), Through: instant(st.Through),
			Stale: observation.Stale(st.AsOf(cadence.Dated), r.now, cadence.Period),
			Rows:  st.Rows, Unchanged: st.Unchanged, Skipped: st.Skipped, Rejects: st.Rejects,
			ErrorClass: st.ErrorClass, Error: short(st.Error, maxReason), Note: st.Note,
		}
		if one.State == "" {
			one.State = "never"
		}
		if (st.State == observation.RunOK || st.State == observation.RunPartial) && !one.Stale {
			all.UpToDate++
		}
		all.Sources = append(all.Sources, one)
	}
	body, err := json.Marshal(all)
	if err != nil {
		return err
	}
	r.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	markSimulated(r.Response().Header(), r)
	return r.Blob(http.StatusOK, echo.MIMEApplicationJSON, append(body, '\n'))
}

// instant makes a time that is unknown nil.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
