package desk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"openmic/floor"
	"openmic/internal/chat"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

const (
	mostText  = 1 << 20 // bytes of one paste
	mostLines = 2000    // that are no cards yet
	mostKnown = 50_000  // keys of lines seen
	mostCards = 100     // that one paste makes by itself; more marked lines wait for a tap
	mostRows  = 100     // lines the page shows
)

// shelf keeps the lines of a session's chat that are no cards yet.
type shelf struct {
	mu    sync.Mutex
	lines []chat.Line
	known map[string]bool
	last  *told
}

// told is what a paste came to.
type told struct{ New, Cards, Private int }

func shelfOf(h *hall.Hall) *shelf {
	s, _ := h.Kept.LoadOrStore("desk.chat", &shelf{known: map[string]bool{}})
	return s.(*shelf)
}

// box is what the page shows, newest first.
func (s *shelf) box() chatBox {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := chatBox{Told: s.last, Shelf: mostLines}
	for i := len(s.lines) - 1; i >= 0 && len(b.Rows) < mostRows; i-- {
		b.Rows = append(b.Rows, s.lines[i])
	}
	b.More = len(s.lines) - len(b.Rows)
	return b
}

// take removes a line and gives it.
func (s *shelf) take(key string) (chat.Line, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, l := range s.lines {
		if l.Key == key {
			s.lines = append(s.lines[:i:i], s.lines[i+1:]...)
			return l, true
		}
	}
	return chat.Line{}, false
}

// put keeps lines; the oldest give way.
func (s *shelf) put(lines ...chat.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range lines {
		s.known[l.Key] = true
		s.lines = append(s.lines, l)
	}
	s.lines = s.lines[max(0, len(s.lines)-mostLines):]
}

func (s *shelf) fresh(lines []chat.Line) []chat.Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) > mostKnown {
		s.known = map[string]bool{}
		for _, l := range s.lines {
			s.known[l.Key] = true
		}
	}
	return chat.New(s.known, lines)
}

func (s *shelf) saw(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[key] = true
}

// ServeChat takes a paste or a file of the chat, or makes one of its lines a card ("line" is its key, "kind" what it
// becomes; "aside" puts it away).
func ServeChat(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, mostText+64<<10)
	text, err := read(r)
	if err != nil {
		return page.Reply(w, r, v.Lang, http.StatusUnprocessableEntity, page.Answer{Fields: map[string]string{"text": v.Lang.Say("desk.chat-long")}})
	}
	d := desk{h, v, shelfOf(h)}
	if key := r.PostForm.Get("line"); key != "" {
		return d.line(w, r, key)
	}
	if strings.TrimSpace(text) == "" {
		return page.Reply(w, r, v.Lang, http.StatusUnprocessableEntity, page.Answer{Fields: map[string]string{"text": v.Lang.Say("bad.empty")}})
	}
	t, err := d.paste(r.Context(), text)
	if err != nil {
		return err
	}
	a := page.Answer{Say: v.Lang.Say("desk.chat-new", "n", t.New) + " " + v.Lang.Say("desk.chat-cards", "n", t.Cards)}
	if !page.WantsJSON(r) {
		a.Go = back(v, nil) + "#chat"
	}
	return page.Reply(w, r, v.Lang, http.StatusOK, a)
}

// read gives the text of the form: what was pasted, or else the file.
func read(r *http.Request) (string, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		err := r.ParseForm()
		return r.PostForm.Get("text"), err
	}
	if err := r.ParseMultipartForm(mostText); err != nil {
		return "", err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	if text := r.PostForm.Get("text"); strings.TrimSpace(text) != "" {
		return text, nil
	}
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, mostText+1))
	if err == nil && len(b) > mostText {
		err = errors.New("file too long")
	}
	return string(b), err
}

// desk is one request about the chat.
type desk struct {
	h     *hall.Hall
	v     *hall.Visit
	shelf *shelf
}

// line makes a line a card, or puts it away.
func (d desk) line(w http.ResponseWriter, r *http.Request, key string) error {
	l, ok := d.shelf.take(key)
	if !ok {
		return &floor.Refusal{Kind: "already"}
	}
	a := page.Answer{}
	if r.PostForm.Get("aside") == "" {
		if err := d.card(r.Context(), l, r.PostForm.Get("kind")); err != nil {
			d.shelf.put(l)
			return err
		}
		a.Say = d.v.Lang.Say("desk.chat-cards", "n", 1)
	}
	if !page.WantsJSON(r) {
		a.Go = back(d.v, nil) + "#chat"
	}
	return page.Reply(w, r, d.v.Lang, http.StatusOK, a)
}

// paste takes what is new. A marked line becomes a card by itself; one that is refused waits with the others. When the
// session does not answer, what was not taken yet is new again next time.
func (d desk) paste(ctx context.Context, text string) (told, error) {
	lines := chat.Parse(text)
	t := told{}
	for _, l := range lines {
		if l.Private {
			t.Private++
		}
	}
	for _, l := range d.shelf.fresh(lines) {
		if l.Marked != "" && t.Cards < mostCards {
			err := d.card(ctx, l, l.Marked)
			if err == nil {
				t.Cards++
				d.shelf.saw(l.Key)
				continue
			}
			var no *floor.Refusal
			var bad *floor.BadInput
			if !errors.As(err, &no) && !errors.As(err, &bad) {
				return t, err
			}
		}
		t.New++
		d.shelf.put(l)
	}
	d.shelf.mu.Lock()
	d.shelf.last = &t
	d.shelf.mu.Unlock()
	return t, nil
}

// card enters a line like a hand, with its words. Whoever was entered under this name in the video tool before is the
// same person; a name alone is not enough to speak for somebody who joined by themselves.
func (d desk) card(ctx context.Context, l chat.Line, kind string) error {
	look := d.h.Look(d.v.Lang)
	name := l.Name
	if utf8.RuneCountInString(name) > floor.LongName {
		name = string([]rune(name)[:floor.LongName-1]) + "…"
	}
	c := &floor.Enter{Side: floor.Online, Name: name, Handle: name, Text: l.Text, AskFields: floor.AskFields{Kind: kind}}
	for i := range look.Tickets {
		t := &look.Tickets[i]
		p := look.Person(t.Person)
		if p == nil || p.Origin == "self" || plain(look.Text(p.Handle)) != plain(name) {
			continue
		}
		if t.Form == floor.Card && plain(look.Text(t.Text)) == plain(l.Text) {
			return nil // it is a card already, perhaps entered by somebody else or before a restart
		}
		if name != "" {
			c.Person = p.ID
		}
	}
	_, err := d.h.Session.Do(ctx, live.Command{ID: "chat-" + l.Key, Actor: floor.Actor{Person: d.v.Pass.Person, Roles: d.v.Pass.Roles}, Do: c})
	return err
}
