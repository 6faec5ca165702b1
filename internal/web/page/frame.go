package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"
)

//go:embed frame.html sentence
var frameFiles embed.FS

// Speaker says sentences in the reader's language; args are pairs of a placeholder's name and its value.
type Speaker interface {
	Say(key string, args ...any) string
	Tag() string // BCP 47, for lang
	Dir() string // ltr or rtl
}

// FrameKeys are the sentences that the frame and this package's refusals say, each with the names of its args.
var FrameKeys = map[string][]string{
	"page.skip":         nil,   // the link that jumps over the bar
	"page.cut":          {"t"}, // the link to the server is down since t
	"page.stale":        {"t"}, // cut for so long that one should go on by voice
	"page.catching-up":  nil,
	"page.refused":      nil, // the server answers, but no longer to this page: the link was withdrawn or the session has ended
	"page.checking":     nil, // a press without an answer is tried again
	"page.unknown":      nil, // not taken yet, please press again
	"page.by-hand":      nil, // the browser lets no page copy: the reader does it
	"page.back":         nil,
	"page.sorry":        nil, // the title of a page that holds one sentence
	"page.strange-host": nil, // somebody came by an address that is not ours
	"page.other-site":   nil, // another site tried to press a button here
	"page.broken":       nil, // our mistake; nothing was changed
	"state.as-of":       {"t"},
}

// Page is what every screen's data embeds.
type Page struct {
	Speaker
	Title   string // the screen's name, in the reader's language
	Session string // the session's title, as its organiser wrote it
	// StreamURL is where the live region's stream is; empty when the page has none.
	StreamURL string
	Version   string // of the live region as rendered, "site:version"
	// Calm: somebody writes here, so without script the page does not renew itself.
	Calm bool
	// State is read-only or ended when the server knows it; the script writes its own.
	State string
	Said  string // a sentence for the status region, such as the result of a form
	AsOf  string // when the page was rendered, "14:20": for readers without script, and on paper
	// Notices stand at the head of the live region.
	Notices []Notice
}

// A Notice is what everybody who looks must know before all else. Kind is a class of its own, and tells notices apart.
type Notice struct{ Kind, Strong, Soft string }

// Field is one question of a form with its hint and its error beside it, for {{template "field" .}}.
type Field struct {
	Name, Label, Hint, Error, Value string
	Type                            string // of the input; also area, select, checkbox; "" is text
	ID                              string // when the same name stands twice on a page
	Fill                            string // the autocomplete attribute
	Choices                         []Choice
	Most                            int // letters
	Rows                            int
	Required, Checked               bool
}

// Choice is one option of a select.
type Choice struct{ Value, Label string }

// Handle is the input's id.
func (f Field) Handle() string {
	if f.ID != "" {
		return f.ID
	}
	return "field-" + f.Name
}

// Screen is one screen's template within the frame.
type Screen struct {
	name  string
	parse func() *template.Template // anew each time, since executing changes what was parsed
	ready func() *template.Template // parsed when first shown: most programs show few of the screens
}

// NewScreen takes the *.html files of a screen's folder as its templates and makes all other files (its style, say) assets;
// NAME.css is linked. Parts that several screens share come as further folders. It is meant for package variables. The
// templates are parsed when first needed, and panic then when one is wrong: each screen's test looks at [Screen.Templates].
func NewScreen(name string, folders ...fs.FS) *Screen {
	var styles []string
	type source struct {
		folder fs.FS
		file   string
	}
	sources := []source{{frameFiles, "frame.html"}}
	for _, files := range folders {
		names, err := fs.Glob(files, "*")
		if err != nil {
			panic(err)
		}
		for _, file := range names {
			if strings.HasSuffix(file, ".html") {
				sources = append(sources, source{files, file})
				continue
			}
			body, err := fs.ReadFile(files, file)
			if err != nil {
				continue // a folder
			}
			if at := Asset(file, body); file == name+".css" {
				styles = append(styles, at)
			}
		}
	}
	parse := func() *template.Template {
		set := template.New(name).Funcs(template.FuncMap{
			"screen": func() string { return name },
			"styles": func() []string { return styles },
			"asset":  AssetPath,
			"args":   args,
			"ms":     ms,
			"qr":     QR,
		})
		for _, s := range sources {
			template.Must(set.ParseFS(s.folder, s.file))
		}
		return set
	}
	return &Screen{name: name, parse: parse, ready: sync.OnceValue(parse)}
}

// Show answers with the whole page. data embeds a Page. Nothing is sent when the template fails.
func (s *Screen) Show(w http.ResponseWriter, r *http.Request, status int, data any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := s.ready().ExecuteTemplate(b, "frame", data); err != nil {
		return fmt.Errorf("show %s: %w", s.name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	return send(w, r, status, b.Bytes())
}

// Live renders the inside of the live region alone.
func (s *Screen) Live(data any) ([]byte, error) {
	var b bytes.Buffer
	if err := s.ready().ExecuteTemplate(&b, "inside", data); err != nil {
		return nil, fmt.Errorf("live %s: %w", s.name, err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// Templates are the parsed templates, for tests that check "frame" and "live" against the data they show.
func (s *Screen) Templates() *template.Template { return s.parse() }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func args(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("args: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("args: %v is not a name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// ms is a moment in milliseconds since 1970; 0 for no moment.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
