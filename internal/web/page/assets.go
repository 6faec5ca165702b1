package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // om.js and om.css, more.js and more.css
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// assetFolder is where all assets are served.
const assetFolder = "/a/"

//go:embed om.js
var script []byte

//go:embed more.js
var more []byte

//go:embed om.css
var style []byte

//go:embed more.css
var moreStyle []byte

// asset is one file that never changes under its address.
type asset struct {
	kind   string // Content-Type
	plain  []byte
	zipped func() []byte // made when first asked for
}

var (
	assetsMu sync.RWMutex
	assets   = map[string]asset{}  // by path
	paths    = map[string]string{} // by name
)

var sentenceScreen = sync.OnceValue(func() *Screen {
	files, err := fs.Sub(frameFiles, "sentence")
	if err != nil {
		panic(err) // only for a name that is no path
	}
	return NewScreen("sentence", files)
})

func init() {
	Asset("om.css", style)
	Asset("om.js", script)
	Asset("more.js", more)
	Asset("more.css", moreStyle)
}

// Asset makes a file available under an address that holds its hash, and returns the address. The
// same name with another content is a mistake and panics. Whole-line comments of styles and scripts
// are for those who read the source, and stay at home.
func Asset(name string, body []byte) string {
	ext, kind := path.Ext(name), ""
	switch ext {
	case ".css":
		body, kind = []byte(styleBlanks.Replace(string(withoutComments(body)))), "text/css; charset=utf-8"
	case ".js":
		body, kind = []byte(scriptBlanks.Replace(string(withoutComments(body)))), "text/javascript; charset=utf-8"
	default:
		panic("page: nobody said what kind of file " + name + " is") // what the machine's own table says differs from one to the next
	}
	sum := sha256.Sum256(body)
	at := assetFolder + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:5]) + ext
	assetsMu.Lock()
	defer assetsMu.Unlock()
	if other, ok := paths[name]; ok {
		if other != at {
			panic(fmt.Sprintf("page: two assets are called %s", name))
		}
		return at
	}
	paths[name] = at
	assets[at] = asset{kind: kind, plain: body, zipped: sync.OnceValue(func() []byte { return zip(body) })}
	return at
}

// AssetPath is the address of an asset.
func AssetPath(name string) (string, error) {
	assetsMu.RLock()
	defer assetsMu.RUnlock()
	if at, ok := paths[name]; ok {
		return at, nil
	}
	return "", fmt.Errorf("no asset is called %s", name)
}

// Assets serves all assets; mount it at "GET /a/". A browser asks for each only once.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assetsMu.RLock()
		a, ok := assets[r.URL.Path]
		assetsMu.RUnlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if takesGzip(r) {
			if z := a.zipped(); len(z) < len(body) {
				h.Set("Content-Encoding", "gzip")
				body = z
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // whoever left does not need it
	})
}

// Blanks that only those who read the source need. Strings lose them too, so none may hold such a pair where it matters:
// a style's generated content, or what a script compares; words stand in neither.
var scriptBlanks = strings.NewReplacer(" => ", "=>", " === ", "===", " !== ", "!==", " = ", "=", " || ", "||", " && ", "&&", " ?? ", "??", " ??= ", "??=",
	" ? ", "?", " : ", ":", " < ", "<", " > ", ">", " * ", "*", "if (", "if(", "for (", "for(", ") {\n", "){\n", "else {", "else{", ", ", ",", " {", "{", "{ ", "{", " }", "}", "} ", "}", " + ", "+", " - ", "-", " % ", "%", " / ", "/")

var styleBlanks = strings.NewReplacer(" > ", ">", "; ", ";", ";\n", ";", ": ", ":", ", ", ",", " { ", "{", " {\n", "{", " }\n", "}", "}\n", "}", " }", "}")

// withoutComments drops indentation, empty lines and comments that fill whole lines. Code never stands on the
// line where such a comment ends.
func withoutComments(source []byte) []byte {
	var b bytes.Buffer
	inside := false
	for line := range bytes.Lines(source) {
		line = bytes.TrimSpace(line)
		inside = inside || bytes.HasPrefix(line, []byte("/*"))
		if !inside && len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			b.Write(line)
			b.WriteByte('\n')
		}
		if bytes.Contains(line, []byte("*/")) {
			inside = false
		}
	}
	return b.Bytes()
}

// send writes a body, compressed when the reader takes it and it is worth it.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) > 600 && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = zip(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(body)
	return err
}

// zippers are compressors of several hundred kilobytes each; a new one for every page would cost more than the page.
var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestCompression)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	return z
}}

func zip(body []byte) []byte {
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	var b bytes.Buffer
	z.Reset(&b)
	// Nothing fails when writing into memory.
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Bytes()
}
