package hall

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// ErrTooFast: the pass presses more often than a person would.
var ErrTooFast = errors.New("too many presses")

// ServeDo takes a command: a form whose field "do" names it, or the same as JSON.
func (h *Hall) ServeDo(w http.ResponseWriter, r *http.Request) error {
	pass, err := h.PassOf(r)
	if err != nil {
		return err
	}
	v := h.Visit(r, pass)
	if !pass.Allow() {
		return ErrTooFast
	}
	id, cmd, err := Read(r)
	if err != nil {
		return h.Answer(w, r, v, live.Answer{}, err)
	}
	if m, ok := cmd.(*floor.Move); ok && m.Side == floor.Room && !pass.Roles.Has(floor.Operators) {
		// The room's code goes with "move" beside "do"; whoever moves the floor sees who stands there.
		return h.Answer(w, r, v, live.Answer{}, &floor.BadInput{Field: "code", Kind: "empty"})
	}
	if err := h.outside(cmd); err != nil {
		return h.Answer(w, r, v, live.Answer{}, err)
	}
	a, err := h.Session.Do(r.Context(), live.Command{ID: id, Actor: floor.Actor{Person: pass.Person, Roles: pass.Roles}, Do: cmd})
	return h.Answer(w, r, v, a, err)
}

// Answer turns what a command came to into a page, a redirect or JSON.
func (h *Hall) Answer(w http.ResponseWriter, r *http.Request, v *Visit, a live.Answer, err error) error {
	if err != nil {
		status, ans := Explain(v.Lang, err)
		return page.Reply(w, r, v.Lang, status, ans)
	}
	// Only pages of this session are taken, by addresses that no browser reads otherwise than we do.
	to := r.Form.Get("go")
	if u, err := url.Parse(to); err != nil || u.Host != "" || !strings.HasPrefix(path.Clean(u.Path)+"/", h.Base()) || strings.Contains(u.Path, `\`) {
		to = ""
	}
	ans := page.Answer{Version: a.Version, Made: a.Made}
	if !page.WantsJSON(r) {
		ans.Go = to
	}
	return page.Reply(w, r, v.Lang, http.StatusOK, ans)
}

// Explain gives the status and the one sentence for what went wrong.
func Explain(l *words.Language, err error) (int, page.Answer) {
	var no *floor.Refusal
	var bad *floor.BadInput
	say := func(status int, key string) (int, page.Answer) {
		return status, page.Answer{Say: l.Say(key), Refused: key[strings.LastIndexByte(key, '.')+1:]}
	}
	switch {
	case errors.As(err, &no):
		return http.StatusConflict, page.Answer{Say: l.Say("refusal."+no.Kind, "n", no.N), Refused: no.Kind}
	case errors.As(err, &bad):
		s := l.Say("bad."+bad.Kind, "n", bad.N)
		return http.StatusUnprocessableEntity, page.Answer{Say: s, Fields: map[string]string{bad.Field: s}, Refused: "bad." + bad.Kind}
	case errors.Is(err, floor.ErrNotAllowed):
		return say(http.StatusForbidden, "refusal.notallowed")
	case errors.Is(err, ErrNoPass):
		return say(http.StatusUnauthorized, "refusal.nopass")
	case errors.Is(err, ErrPlain):
		return say(http.StatusForbidden, "refusal.plain")
	case errors.Is(err, ErrTooFast):
		return say(http.StatusTooManyRequests, "refusal.toofast")
	case errors.Is(err, ErrNotFound):
		return say(http.StatusNotFound, "common.not-found")
	case errors.Is(err, live.ErrUnknown):
		return say(http.StatusGatewayTimeout, "common.checking")
	case errors.Is(err, live.ErrNotNow), errors.Is(err, live.ErrStopped):
		return say(http.StatusServiceUnavailable, "common.not-taken")
	}
	return say(http.StatusInternalServerError, "common.broken")
}

// Read reads a command from a form or from JSON. Errors are *floor.BadInput, and ErrNoPass when the pass was withdrawn
// meanwhile.
func Read(r *http.Request) (id string, c floor.Command, err error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return "", nil, Unread(err)
		}
		var head struct{ Do, ID string }
		if err := json.Unmarshal(body, &head); err != nil {
			return "", nil, &floor.BadInput{Field: "body", Kind: "letters"}
		}
		c, ok := floor.NewCommand(head.Do)
		if !ok {
			return "", nil, &floor.BadInput{Field: "do", Kind: "choice"}
		}
		if err := json.Unmarshal(body, c); err != nil {
			return "", nil, &floor.BadInput{Field: fieldOf(err), Kind: "letters"}
		}
		return head.ID, c, nil
	}
	if err := r.ParseForm(); err != nil {
		return "", nil, Unread(err)
	}
	id = r.PostForm.Get("id")
	c, ok := floor.NewCommand(r.PostForm.Get("do"))
	if !ok {
		return "", nil, &floor.BadInput{Field: "do", Kind: "choice"}
	}
	if err := Fill(c, r.PostForm); err != nil {
		return "", nil, err
	}
	return id, c, nil
}

// Unread is why a body could not be read: it is longer than a press can be, or no form.
func Unread(err error) error {
	var most *http.MaxBytesError
	switch {
	case errors.As(err, &most):
		return &floor.BadInput{Field: "body", Kind: "long", N: most.Limit}
	case errors.Is(err, ErrNoPass):
		return ErrNoPass
	}
	return &floor.BadInput{Field: "body", Kind: "letters"}
}

func fieldOf(err error) string {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) && t.Field != "" {
		f := t.Field
		for outer, rest, ok := strings.Cut(f, "."); ok && 'A' <= outer[0] && outer[0] <= 'Z'; outer, rest, ok = strings.Cut(f, ".") {
			f = rest // what is embedded has no name in JSON
		}
		return f
	}
	return "body"
}

// Fill puts the fields of a form into a command, by the names its JSON has. An empty field that is a number or a
// choice of nothing is left alone; a box that is not ticked is sent as "no" beside the "yes" of a ticked one. An error is
// a *floor.BadInput that names the field.
func Fill(c any, form url.Values) error { return fill(reflect.ValueOf(c).Elem(), form) }

func fill(v reflect.Value, form url.Values) error {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if err := fill(v.Field(i), form); err != nil {
				return err
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		values, ok := form[name]
		if !ok || name == "" || name == "-" {
			continue
		}
		if err := set(v.Field(i), values); err != nil {
			return &floor.BadInput{Field: name, Kind: "letters"}
		}
	}
	return nil
}

func set(v reflect.Value, values []string) error {
	if len(values) == 0 {
		return nil
	}
	last := values[len(values)-1]
	if v.Kind() == reflect.Pointer {
		if last == "" && v.Type().Elem().Kind() != reflect.String {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return set(v.Elem(), values)
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(strings.Join(values, " ")))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(last)
	case reflect.Bool:
		for _, s := range values {
			v.SetBool(v.Bool() || s == "yes" || s == "on" || s == "true")
		}
	case reflect.Int, reflect.Int64:
		if last == "" {
			return nil
		}
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil {
			return err
		}
		v.SetInt(n)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.String {
			return fmt.Errorf("a list of %s is not for forms", v.Type().Elem())
		}
		for _, s := range values {
			if s != "" {
				v.Set(reflect.Append(v, reflect.ValueOf(s).Convert(v.Type().Elem())))
			}
		}
	default:
		return fmt.Errorf("%s is not for forms", v.Type())
	}
	return nil
}

func command(id string, by floor.Actor, c floor.Command) live.Command {
	return live.Command{ID: id, Actor: by, Do: c}
}
