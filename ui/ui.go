// Package ui renders Pyrometer's pages. Each page is a folder with its struct,
// template, style and script; the server fills the struct with strings that are
// ready to print and charts that are already drawn.
package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// Page is the struct Page of one of the folders.
type Page interface {
	// PageName names the page's folder and template.
	PageName() string
}

//go:embed */*.tmpl
var templates embed.FS

// shared are the folders whose templates every page may use; every other folder
// with a template is a page.
var shared = []string{"layout", "part", "figure"}

// UI holds the parsed templates. It is safe for concurrent use.
type UI struct {
	pages map[string]*template.Template
}

// New parses every template. An error is a fault of the program.
func New() (*UI, error) {
	if errAssets != nil {
		return nil, errAssets
	}
	base, err := template.New("base").Funcs(template.FuncMap{"asset": assetPath, "keep": format.Keep}).
		ParseFS(templates, "layout/*.tmpl", "part/*.tmpl", "figure/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parsing shared templates: %w", err)
	}
	folders, err := templates.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("listing the pages: %w", err)
	}
	u := &UI{pages: make(map[string]*template.Template, len(folders))}
	for _, folder := range folders {
		name := folder.Name()
		if slices.Contains(shared, name) {
			continue
		}
		t, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("copying shared templates for %s: %w", name, err)
		}
		if u.pages[name], err = t.ParseFS(templates, name+"/*.tmpl"); err != nil {
			return nil, fmt.Errorf("parsing page %s: %w", name, err)
		}
	}
	return u, nil
}

// Render writes a page to w. Nothing is written unless the whole page rendered,
// so the caller may still answer with an error page.
func (u *UI) Render(w io.Writer, p Page) error {
	t, ok := u.pages[p.PageName()]
	if !ok {
		return fmt.Errorf("rendering page %q: no such page", p.PageName())
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "base", p); err != nil {
		return fmt.Errorf("rendering page %q: %w", p.PageName(), err)
	}
	if _, err := w.Write(printable(b.Bytes())); err != nil {
		return fmt.Errorf("writing page %q: %w", p.PageName(), err)
	}
	return nil
}

// printable takes out of a page what text from outside may not print. The
// templates themselves hold line ends and nothing else of the kind.
func printable(page []byte) []byte {
	keep := func(r rune) bool { return r == '\n' || r == '\t' || format.Printable(r) }
	clean := true
	for _, r := range string(page) {
		if !keep(r) {
			clean = false
			break
		}
	}
	if clean {
		return page
	}
	return bytes.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, page)
}
