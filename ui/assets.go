package ui

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:generate go run ./assets/gen

//go:embed assets/dist
var dist embed.FS

// Asset is one static file. Its path holds a hash of its content, so it may be
// cached for ever: Cache-Control: public, max-age=31536000, immutable.
type Asset struct {
	Name string // "pyrometer.css", "pyrometer.js", "favicon.svg"
	Path string // "/static/pyrometer-1a2b3c4d.css"
	Type string // content type
	Body []byte
}

var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

var assets, errAssets = loadAssets() // New reports the error

// Assets returns every static file: the stylesheet, the script and the icon,
// which a server should also answer at /favicon.ico.
func Assets() []Asset { return assets }

func loadAssets() ([]Asset, error) {
	entries, err := dist.ReadDir("assets/dist")
	if err != nil {
		return nil, fmt.Errorf("reading the bundled assets: %w", err)
	}
	list := make([]Asset, 0, len(entries))
	for _, e := range entries {
		body, err := dist.ReadFile("assets/dist/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the bundled assets: %w", err)
		}
		ext := path.Ext(e.Name())
		stem, _, ok := strings.Cut(strings.TrimSuffix(e.Name(), ext), "-")
		if !ok || types[ext] == "" {
			return nil, fmt.Errorf("bundled asset %s: the name lacks a hash or has an unknown extension", e.Name())
		}
		list = append(list, Asset{Name: stem + ext, Path: "/static/" + e.Name(), Type: types[ext], Body: body})
	}
	return list, nil
}

// assetPath returns the path of the asset of that name.
func assetPath(name string) (string, error) {
	for _, a := range assets {
		if a.Name == name {
			return a.Path, nil
		}
	}
	return "", fmt.Errorf("no asset %q", name)
}
