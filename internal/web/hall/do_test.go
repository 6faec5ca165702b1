package hall_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall"
)

// forms tells whether a field's type can be typed into a form; lists of structs and maps come as JSON, or by a screen
// of their own.
func forms(t reflect.Type) bool {
	switch {
	case t.Kind() == reflect.Map:
		return false
	case t.Kind() == reflect.Slice:
		return t.Elem().Kind() == reflect.String
	}
	return true
}

var texts = []string{"", "a word", "two words", "ねこ & Co", "<b>bold</b>", "l1\nl2", "مرحبا", "0", "yes"}

// fillBoth puts the same random value into a JSON object and into a form.
func fillBoth(r *rand.Rand, t reflect.Type, object map[string]any, form url.Values) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			fillBoth(r, f.Type, object, form)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || !forms(f.Type) || r.IntN(4) == 0 {
			continue
		}
		ft := f.Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		put := func(v any, typed ...string) { object[name], form[name] = v, typed }
		switch {
		case ft == reflect.TypeFor[floor.Side]():
			s := []string{"room", "online"}[r.IntN(2)]
			put(s, s)
		case ft == reflect.TypeFor[floor.Fields]():
			s := []string{"", "name", "name group", "org country region"}[r.IntN(4)]
			put(s, strings.Fields(s)...)
		case ft.Kind() == reflect.String:
			s := texts[r.IntN(len(texts))]
			put(s, s)
		case ft.Kind() == reflect.Bool:
			if r.IntN(2) == 0 { // a ticked box, behind the "no" that stands beside it
				put(true, "no", "yes")
			} else {
				put(false, "no")
			}
		case ft.Kind() == reflect.Int || ft.Kind() == reflect.Int64:
			n := r.IntN(200_000) - 1000
			put(n, strconv.Itoa(n))
		case ft.Kind() == reflect.Slice:
			s := []string{"t1", "t2", "t3"}[:1+r.IntN(3)]
			put(s, s...)
		default:
			panic("no form for " + ft.String())
		}
	}
}

func post(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/s/s/p/x/do", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

// Every command means the same whether it comes from a form without script or as JSON.
func TestFormAndJSONAreEquivalent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, name := range floor.Commands() {
		empty, _ := floor.NewCommand(name)
		for range 200 {
			object, form := map[string]any{"do": name, "id": "press-1"}, url.Values{"do": {name}, "id": {"press-1"}}
			fillBoth(r, reflect.TypeOf(empty).Elem(), object, form)
			b, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			id1, c1, err1 := hall.Read(post("application/json", string(b)))
			id2, c2, err2 := hall.Read(post("application/x-www-form-urlencoded", form.Encode()))
			if err1 != nil || err2 != nil || id1 != "press-1" || id2 != id1 {
				t.Fatalf("%s: %s\n%v, %v", name, b, err1, err2)
			}
			b1, _ := json.Marshal(c1)
			b2, _ := json.Marshal(c2)
			if string(b1) != string(b2) {
				t.Fatalf("%s\n%s: json gives %s\n%s: form gives %s", name, b, b1, form.Encode(), b2)
			}
		}
	}
}

func TestFillEveryKindOfField(t *testing.T) {
	type fields struct {
		Text    string         `json:"text"`
		Maybe   *string        `json:"maybe"`
		Yes     bool           `json:"yes"`
		Perhaps *bool          `json:"perhaps"`
		N       int            `json:"n"`
		Ms      *int64         `json:"ms"`
		Side    floor.Side     `json:"side"`
		Sided   *floor.Side    `json:"sided"`
		Who     *floor.ID      `json:"who"`
		IDs     []floor.ID     `json:"ids"`
		Uses    floor.Fields   `json:"uses"`
		Hidden  string         `json:"-"`
		Bare    string         //
		Facts   map[string]int `json:"facts"`
	}
	for _, x := range []struct{ form, want string }{
		{"", `{}`},
		{"text=a+b&text=last", `{"text":"last"}`},
		{"maybe=", `{"maybe":""}`},
		{"maybe=x", `{"maybe":"x"}`},
		{"yes=no&yes=yes", `{"yes":true}`},
		{"yes=yes&yes=no", `{"yes":true}`},
		{"yes=on", `{"yes":true}`},
		{"yes=true", `{"yes":true}`},
		{"yes=no", `{}`},
		{"yes=maybe", `{}`},
		{"perhaps=no", `{"perhaps":false}`},
		{"perhaps=no&perhaps=yes", `{"perhaps":true}`},
		{"n=", `{}`},
		{"n=-7", `{"n":-7}`},
		{"n=7.5", "bad n"},
		{"n=seven", "bad n"},
		{"n=99999999999999999999", "bad n"},
		{"ms=", `{}`},
		{"ms=0", `{"ms":0}`},
		{"side=online", `{"side":"online"}`},
		{"side=moon", "bad side"},
		{"sided=", `{}`},
		{"sided=room", `{"sided":"room"}`},
		{"who=", `{"who":""}`},
		{"ids=a&ids=&ids=b", `{"ids":["a","b"]}`},
		{"uses=name&uses=group", `{"uses":"name group"}`},
		{"uses=shoe", "bad uses"},
		{"facts=1", "bad facts"},
		{"-=x&Bare=x&Hidden=x&nobody=x", `{}`},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		var got fields
		err = hall.Fill(&got, form)
		var bad *floor.BadInput
		if errors.As(err, &bad) {
			if "bad "+bad.Field != x.want {
				t.Errorf("%s: %v", x.form, err)
			}
			continue
		}
		// What is the same as in an empty one is left out of the comparison.
		all, none := map[string]any{}, map[string]any{}
		b, _ := json.Marshal(got)
		json.Unmarshal(b, &all)
		b, _ = json.Marshal(fields{})
		json.Unmarshal(b, &none)
		for k, v := range none {
			if reflect.DeepEqual(all[k], v) {
				delete(all, k)
			}
		}
		if b, _ = json.Marshal(all); string(b) != x.want {
			t.Errorf("%s: %s, not %s", x.form, b, x.want)
		}
	}
}

// Whatever arrives is answered with the name of the field and one sentence's key.
func TestBadBodies(t *testing.T) {
	const (
		form = "application/x-www-form-urlencoded"
		js   = "application/json"
	)
	for _, x := range []struct{ kind, body, field, why string }{
		{js, ``, "body", "letters"},
		{js, `{`, "body", "letters"},
		{js, `[]`, "body", "letters"},
		{js, `"ask"`, "body", "letters"},
		{js, `null`, "do", "choice"},
		{js, `{"do":"ask","id":"a"} more`, "body", "letters"},
		{js, `{"do":7,"id":"a"}`, "body", "letters"},
		{js, `{"id":"a"}`, "do", "choice"},
		{js, `{"do":"dance","id":"a"}`, "do", "choice"},
		{js, `{"do":"ask","id":"a","about":7}`, "about", "letters"},
		{js, `{"do":"ask","id":"a","question":"one"}`, "question", "letters"},
		{js, `{"do":"ask","id":"a","question":1.5}`, "question", "letters"},
		{js, `{"do":"write","id":"a","ago":"ten minutes"}`, "ago", "letters"},
		{js, `{"do":"join","id":"a","side":"moon"}`, "body", "letters"},
		{js, `{"do":"admit","id":"a","people":"all"}`, "people", "letters"},
		{js, strings.Repeat("[", 100_000), "body", "letters"},
		{form, `do=dance&id=a`, "do", "choice"},
		{form, ``, "do", "choice"},
		{form, `do=%zz`, "body", "letters"},
		{form, `do=ask&id=a&question=one`, "question", "letters"},
		{form, `do=ask&id=a&ago=99999999999999999999`, "ago", "letters"},
		{form, `do=join&id=a&side=moon`, "side", "letters"},
		{"text/plain", `do=ask&id=a`, "do", "choice"},
	} {
		_, _, err := hall.Read(post(x.kind, x.body))
		var bad *floor.BadInput
		if !errors.As(err, &bad) || bad.Field != x.field || bad.Kind != x.why {
			t.Errorf("%.60s: %v, not %s %s", x.body, err, x.field, x.why)
		}
	}
	for _, kind := range []string{form, js} {
		r := post(kind, `{"do":"ask"`+strings.Repeat(" ", 2000)+`}`)
		r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 1000)
		_, _, err := hall.Read(r)
		var bad *floor.BadInput
		if !errors.As(err, &bad) || bad.Field != "body" || bad.Kind != "long" || bad.N != 1000 {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("application/json", `{"do":"ask","id":"a","about":"x"}`)
	f.Add("application/x-www-form-urlencoded", `do=describe&id=a&name=x&first=no&first=yes&aloud=name`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		_, c, err := hall.Read(post(kind, body))
		var bad *floor.BadInput
		if err != nil && !errors.As(err, &bad) || err == nil && c == nil {
			t.Errorf("%v %v", c, err)
		}
	})
}
