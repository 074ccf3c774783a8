package upstream

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const batchURL = "https://api.deps.dev/v3alpha/versionbatch"

func TestPost(t *testing.T) {
	var bodies []string
	c := serve(t, Options{Validators: known{observation.Response{ETag: `"x"`}, true, nil}}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.ContentLength != int64(len(body)) || r.Header.Get("If-None-Match") != "" {
			t.Errorf("asked %s %v with %d bytes", r.Method, r.Header, r.ContentLength)
		}
		if len(bodies) < 3 {
			w.WriteHeader(503)
			return
		}
		fmt.Fprint(w, `{"responses":[]}`)
	})
	answer, resp, err := c.Post(t.Context(), Request{URL: batchURL, ExpectJSON: true, Conditional: true}, []byte(`{"requests":[]}`))
	if err != nil || string(answer) != `{"responses":[]}` || resp.Status != 200 {
		t.Fatalf("answer %q, error %v", answer, err)
	}
	for i, body := range bodies {
		if body != `{"requests":[]}` {
			t.Errorf("try %d sent %q", i+1, body)
		}
	}
	if len(bodies) != 3 {
		t.Errorf("%d tries, want 3: a question may be repeated", len(bodies))
	}
}

func TestPostFails(t *testing.T) {
	for status, class := range map[int]observation.Class{
		400: observation.ClassRefused,
		404: observation.ClassNotFound,
		429: observation.ClassRateLimited,
		501: observation.ClassUnavailable,
	} {
		c := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, _, err := c.Post(t.Context(), Request{URL: batchURL}, nil)
		wantClass(t, err, class)
		if e, ok := errors.AsType[*observation.Error](err); !ok || e.Op != "POST "+batchURL || StatusOf(err) != status {
			t.Errorf("status %d: operation %q, status %d", status, e.Op, StatusOf(err))
		}
	}
	if StatusOf(nil) != 0 || StatusOf(errors.New("x")) != 0 {
		t.Error("a status where there was no answer")
	}
}

// A posted question is not carried elsewhere, nor turned into a GET.
func TestPostIsNotRedirected(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		c := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Location", "https://example.org/elsewhere")
			w.WriteHeader(status)
		})
		_, _, err := c.Post(t.Context(), Request{URL: batchURL}, []byte("{}"))
		wantClass(t, err, observation.ClassRefused)
		if asked != 1 {
			t.Errorf("status %d: %d requests", status, asked)
		}
	}
}

func TestPostOverAMirror(t *testing.T) {
	question := []byte(`{"requests":[1]}`)
	name := fmt.Sprintf("api.deps.dev/v3alpha/versionbatch@%x", sha256.Sum256(question))
	dir := tree(t, map[string]string{
		"api.deps.dev/v3alpha/versionbatch": `{"any":1}`,
		name[:len(name)-48]:                 `{"this":1}`,
	})
	c := newClient(t, Options{Spec: "mirror:" + dir})
	for body, want := range map[string]string{string(question): `{"this":1}`, `{"requests":[2]}`: `{"any":1}`} {
		answer, _, err := c.Post(t.Context(), Request{URL: batchURL, ExpectJSON: true}, []byte(body))
		if err != nil || string(answer) != want {
			t.Errorf("%s answered %q, error %v", body, answer, err)
		}
	}
	_, _, err := c.Post(t.Context(), Request{URL: "https://api.deps.dev/v3alpha/projectbatch"}, question)
	wantClass(t, err, observation.ClassNotFound)
}

func TestPostIsRecorded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "recorded")
	c := serve(t, Options{Record: dir}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"asked":%s}`, body)
	})
	m := func() *Client { return newClient(t, Options{Spec: "mirror:" + dir}) }
	questions := []string{`{"page":1}`, `{"page":2}`}
	for _, q := range questions {
		if _, _, err := c.Post(t.Context(), Request{URL: batchURL}, []byte(q)); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range questions {
		answer, _, err := m().Post(t.Context(), Request{URL: batchURL}, []byte(q))
		if err != nil || string(answer) != `{"asked":`+q+`}` {
			t.Errorf("%s replayed %q, error %v", q, answer, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "api.deps.dev/v3alpha/versionbatch")); err == nil {
		t.Error("an answer to one question stands for all of them")
	}
}
