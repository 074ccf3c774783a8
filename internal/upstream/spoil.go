package upstream

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// spoilers are the faults that change a good answer. Those that rewrite a body
// leave alone what is not of a form they know.
var spoilers = map[string]func(*http.Response) error{
	"truncate":  truncate, // cut in the middle, with the full length announced
	"cut":       cut,      // cut in the middle, with nothing to tell it by
	"length":    length,   // a byte less than announced
	"slow":      slow,     // a trickle
	"html":      html,     // a page where data was expected, with status 200
	"empty":     empty,    // no body, with status 200
	"skew":      skew,     // a clock that runs ten years ahead
	"bomb":      bomb,     // a body that unpacks to, or is, far more than anybody sends
	"slip":      rewriter{members: outside}.spoil,
	"string":    rewriter{json: longString, members: inFirst(longString)}.spoil,
	"nesting":   rewriter{json: deepNesting, members: inFirst(deepNesting)}.spoil,
	"utf8":      rewriter{json: inStrings("\xff\xfe"), lines: inLines("\xff\xfe")}.spoil,
	"nul":       rewriter{json: inStrings(`\u0000`), lines: inLines("\x00")}.spoil,
	"duplicate": rewriter{json: inLists(twiceBackwards), lines: twiceBackwards[[]byte], members: twiceBackwards[member]}.spoil,
	"shrink":    rewriter{json: inLists(firstHalf), lines: firstHalf[[]byte], members: firstHalf[member]}.spoil,
	"none":      rewriter{json: inLists(none), lines: none[[]byte], members: none[member]}.spoil,
}

// half is how much of a body is left after it was cut.
func half(resp *http.Response) int64 {
	if resp.ContentLength < 0 {
		return 4 << 10
	}
	return resp.ContentLength / 2
}

func truncate(resp *http.Response) error {
	resp.Body = readCloser{io.MultiReader(io.LimitReader(resp.Body, half(resp)), broken{}), resp.Body}
	return nil
}

func cut(resp *http.Response) error {
	resp.Body = readCloser{io.LimitReader(resp.Body, half(resp)), resp.Body}
	resp.ContentLength = -1
	return nil
}

func length(resp *http.Response) error {
	body, err := take(resp)
	if err != nil {
		return err
	}
	give(resp, body)
	resp.ContentLength++
	return nil
}

func html(resp *http.Response) error {
	resp.Body.Close()
	resp.Header.Set("Content-Type", "text/html; charset=utf-8")
	give(resp, []byte("<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Please wait.</body></html>"))
	return nil
}

func empty(resp *http.Response) error {
	resp.Body.Close()
	give(resp, nil)
	return nil
}

func slow(resp *http.Response) error {
	resp.Body = readCloser{&trickle{resp.Request.Context(), resp.Body}, resp.Body}
	return nil
}

func skew(resp *http.Response) error {
	for _, name := range []string{"Date", "Last-Modified"} {
		if t, err := http.ParseTime(resp.Header.Get(name)); err == nil {
			resp.Header.Set(name, t.AddDate(10, 0, 0).Format(http.TimeFormat))
		}
	}
	return nil
}

// bombSize is what a bomb unpacks to.
const bombSize = 1 << 30

func bomb(resp *http.Response) error {
	resp.Body.Close()
	resp.ContentLength = -1
	zeros := io.LimitReader(endless(0), bombSize)
	var pack func(io.Writer) error
	switch formOf(resp) {
	case formZip:
		pack = func(w io.Writer) error {
			z := zip.NewWriter(w)
			entry, err := z.Create("PYSEC-2024-1.json")
			if err == nil {
				_, err = io.Copy(entry, zeros)
			}
			if err != nil {
				return err
			}
			return z.Close()
		}
	case formTar:
		pack = func(w io.Writer) error {
			g, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			t := tar.NewWriter(g)
			err := t.WriteHeader(&tar.Header{Name: "main/data/2024-01-01.csv", Mode: 0o644, Size: bombSize})
			if err == nil {
				_, err = io.Copy(t, zeros)
			}
			if err != nil {
				return err
			}
			return g.Close()
		}
	case formGzip:
		pack = func(w io.Writer) error {
			g, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			if _, err := io.Copy(g, zeros); err != nil {
				return err
			}
			return g.Close()
		}
	default:
		resp.Body = io.NopCloser(endless(' '))
		return nil
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(pack(w)) }() // ends when the body is closed
	resp.Body = r
	return nil
}

// endless is a body of one byte for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// The forms of a body that faults know.
type form int

const (
	formOther form = iota
	formJSON
	formLines
	formGzip // lines, compressed
	formZip
	formTar
)

// formOf tells the form of an answer by what was asked.
func formOf(resp *http.Response) form {
	at := resp.Request.URL.Path
	switch {
	case strings.HasSuffix(at, ".zip"):
		return formZip
	case strings.Contains(at, "/tar.gz/"):
		return formTar
	case strings.HasSuffix(at, ".csv.gz"):
		return formGzip
	case strings.HasSuffix(at, ".csv"):
		return formLines
	case strings.Contains(resp.Header.Get("Content-Type"), "json"), strings.HasSuffix(at, ".json"):
		return formJSON
	}
	return formOther
}

// rewriter is a fault in the text of a body: what it does to a JSON document, to
// the lines of a table, and to the members of an archive. Without members, it
// is done to the text of each of them.
type rewriter struct {
	json    func([]byte) []byte
	lines   func([][]byte) [][]byte
	members func([]member) []member
}

// member is one file of an archive.
type member struct {
	name string
	body []byte
}

func (w rewriter) spoil(resp *http.Response) error {
	f := formOf(resp)
	if f == formOther {
		return nil
	}
	body, err := take(resp)
	if err != nil {
		return err
	}
	if body, err = w.rewrite(f, body); err != nil {
		return fmt.Errorf("spoil %s: %w", resp.Request.URL, err)
	}
	give(resp, body)
	if tag := resp.Header.Get("ETag"); tag != "" {
		resp.Header.Set("ETag", strings.TrimSuffix(tag, `"`)+`-spoiled"`) // other bytes, another tag
	}
	return nil
}

func (w rewriter) rewrite(f form, body []byte) ([]byte, error) {
	switch f {
	case formJSON:
		if w.json != nil {
			body = w.json(body)
		}
	case formLines:
		if w.lines != nil {
			body = w.table(body)
		}
	case formGzip:
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(r); err != nil {
			return nil, err
		}
		if body, err = w.rewrite(formLines, body); err != nil {
			return nil, err
		}
		var out bytes.Buffer
		g := gzip.NewWriter(&out)
		_, _ = g.Write(body)
		err = g.Close()
		return out.Bytes(), err
	case formZip:
		list, err := unzip(body)
		if err != nil {
			return nil, err
		}
		return zipped(w.each(list))
	case formTar:
		list, err := untar(body)
		if err != nil {
			return nil, err
		}
		return tarred(w.each(list))
	}
	return body, nil
}

// each spoils the members of an archive.
func (w rewriter) each(list []member) []member {
	if w.members != nil {
		return w.members(list)
	}
	for i, m := range list {
		switch path.Ext(m.name) {
		case ".json":
			list[i].body, _ = w.rewrite(formJSON, m.body)
		case ".csv":
			list[i].body, _ = w.rewrite(formLines, m.body)
		}
	}
	return list
}

// table spoils the lines below the headings of a table.
func (w rewriter) table(body []byte) []byte {
	lines := bytes.SplitAfter(body, []byte("\n"))
	if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	head := 0
	for head < len(lines) && !bytes.ContainsAny(lines[head], "0123456789") || head < len(lines) && lines[head][0] == '#' {
		head++
	}
	return bytes.Join(append(slices.Clone(lines[:head]), w.lines(lines[head:])...), nil)
}

// longString puts a text of 100 MB into a document.
func longString(body []byte) []byte {
	return afterBrace(body, `"padding":"`+strings.Repeat("a", 100<<20)+`",`)
}

// deepNesting puts lists within lists, 100,000 deep, into a document.
func deepNesting(body []byte) []byte {
	const depth = 100_000
	return afterBrace(body, `"padding":`+strings.Repeat("[", depth)+strings.Repeat("]", depth)+",")
}

// inFirst changes the first document of an archive.
func inFirst(change func([]byte) []byte) func([]member) []member {
	return func(list []member) []member {
		if i := slices.IndexFunc(list, func(m member) bool { return path.Ext(m.name) == ".json" }); i >= 0 {
			list[i].body = change(list[i].body)
		}
		return list
	}
}

func afterBrace(body []byte, text string) []byte {
	before, after, found := bytes.Cut(body, []byte("{"))
	if !found {
		return body
	}
	return slices.Concat(before, []byte("{"), []byte(text), after)
}

// inStrings puts a text at the beginning of one string value in eight, the
// second one first: the first is often the version of the format.
func inStrings(text string) func([]byte) []byte {
	return func(body []byte) []byte {
		var out []byte
		for n := 0; ; n++ {
			before, after, found := bytes.Cut(body, []byte(`":"`))
			out = append(out, before...)
			if !found {
				return out
			}
			out = append(out, `":"`...)
			if n%8 == 1 {
				out = append(out, text...)
			}
			body = after
		}
	}
}

// inLines puts a text at the beginning of one line in eight.
func inLines(text string) func([][]byte) [][]byte {
	return func(lines [][]byte) [][]byte {
		for i := 0; i < len(lines); i += 8 {
			lines[i] = slices.Concat([]byte(text), lines[i])
		}
		return lines
	}
}

// inLists changes every list of objects of a document that is not within
// another one.
func inLists(change func([]any) []any) func([]byte) []byte {
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				v[key] = walk(value)
			}
		case []any:
			if len(v) > 0 {
				if _, ok := v[0].(map[string]any); ok {
					return change(v)
				}
			}
		}
		return v
	}
	return func(body []byte) []byte {
		var document any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if d.Decode(&document) != nil {
			return body
		}
		out, err := json.Marshal(walk(document))
		if err != nil {
			return body
		}
		return out
	}
}

// twiceBackwards repeats a list in the opposite order.
func twiceBackwards[T any](list []T) []T {
	backwards := slices.Clone(list)
	slices.Reverse(backwards)
	return append(backwards, list...)
}

func firstHalf[T any](list []T) []T { return list[:len(list)/2] }

func none[T any]([]T) []T { return []T{} }

// outside adds members whose names lead out of where an archive is unpacked.
func outside(list []member) []member {
	if len(list) == 0 {
		return list
	}
	last := list[len(list)-1]
	for _, name := range []string{"../../" + path.Base(last.name), "/etc/" + path.Base(last.name), `..\..\` + path.Base(last.name), "a/../../../" + path.Base(last.name)} {
		list = append(list, member{name, last.body})
	}
	return list
}

func unzip(body []byte) ([]member, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, err
	}
	var list []member
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		list = append(list, member{f.Name, text})
	}
	return list, nil
}

func zipped(list []member) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range list {
		w, err := z.Create(m.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(m.body); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

func untar(body []byte) ([]member, error) {
	g, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	var list []member
	for t := tar.NewReader(g); ; {
		h, err := t.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(t)
		if err != nil {
			return nil, err
		}
		list = append(list, member{h.Name, text})
	}
}

func tarred(list []member) ([]byte, error) {
	var out bytes.Buffer
	g := gzip.NewWriter(&out)
	t := tar.NewWriter(g)
	for _, m := range list {
		if err := t.WriteHeader(&tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.body))}); err != nil {
			return nil, err
		}
		if _, err := t.Write(m.body); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	err := g.Close()
	return out.Bytes(), err
}

// take reads a body to its end.
func take(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// give replaces a body.
func give(resp *http.Response, body []byte) {
	resp.Header.Del("Content-Length")
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

type readCloser struct {
	io.Reader
	io.Closer
}

// broken ends a body the way a lost connection does.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// trickle hands out a little at a time.
type trickle struct {
	ctx context.Context
	r   io.Reader
}

func (t *trickle) Read(p []byte) (int, error) {
	if err := sleep(t.ctx, 20*time.Millisecond); err != nil {
		return 0, err
	}
	return t.r.Read(p[:min(len(p), 4<<10)])
}
