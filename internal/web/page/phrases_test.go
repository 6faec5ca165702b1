package page

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
)

// told is what a browser makes of a stream in phrases: the data of its views, whole.
func told(text string) (views []string) {
	phrases := map[string]string{}
	for event := range strings.SplitSeq(text, "\n\n") {
		var data []string
		for line := range strings.SplitSeq(event, "\n") {
			if d, ok := strings.CutPrefix(line, "data: "); ok {
				data = append(data, d)
			}
		}
		switch {
		case strings.HasPrefix(event, "event: phrases\n"):
			for _, d := range data {
				letter, phrase, _ := strings.Cut(d, "\t")
				phrases[letter] = phrase
			}
		case strings.HasPrefix(event, "id: "):
			views = append(views, letter.ReplaceAllStringFunc(strings.Join(data, "\n"), func(l string) string { return phrases[l] }))
		}
	}
	return views
}

var letter = regexp.MustCompile("[\x01-\x08\x0b\x0e-\x1e]|\x1f.") // as in om.js

var samplePhrases = NewPhrases([]byte("<ol class=\"line\">"), fmt.Appendf(nil, `<ol class="line">
<li data-key="%[1]s"><span class="side room">room</span> <bdi>%[1]s</bdi> <span class="reason">place 1, in about 1 min</span></li>
<li data-key="%[1]s"><span class="side online">online</span> <bdi>%[1]s</bdi> <span class="reason">place 1, in about 1 min</span></li>`, Hole))

func TestPhrasesLeaveAViewAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a", Phrases: samplePhrases})
		zipped, plain := watching(t, s, "gzip", ""), watching(t, s, "", "")
		chance := rand.New(rand.NewPCG(5, 5))
		var want []string
		for version := range uint64(50) {
			html := somePlaces(chance, chance.IntN(40))
			want = append(want, string(bytes.TrimSpace(html)))
			s.Publish(html, version)
			synctest.Wait()
		}
		same(t, strings.Join(told(zipped.text(t)), "\n---\n"), strings.Join(want, "\n---\n"))
		same(t, zipped.text(t), plain.text(t))
		if whole := len(strings.Join(want, "")); len(plain.raw()) > whole/2 {
			t.Errorf("%d bytes of views take %d in phrases", whole, len(plain.raw()))
		}
		late := watching(t, s, "gzip", "")
		synctest.Wait()
		same(t, strings.Join(told(late.text(t)), ""), want[len(want)-1])
	})
}

// A letter that somebody typed would put our markup into the middle of theirs.
func TestNobodyTypesAPhrase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a", Phrases: samplePhrases})
		p := watching(t, s, "gzip", "")
		s.Publish([]byte("<p title=\"\x01\x02\x1f0\x1f\x1f1\x1e\">a\x01b\tc</p>"), 1)
		synctest.Wait()
		same(t, strings.Join(told(p.text(t)), ""), "<p title=\"01\">ab\tc</p>")
	})
}

func TestWhatStandsInEveryViewIsNoPhrase(t *testing.T) {
	event := string(NewPhrases([]byte("<h2>Always here</h2>\n<p>"), []byte("<h2>Always here</h2>\n<p>7 people wait<p>8 people wait")).event)
	same(t, event, "event: phrases\ndata: \x01\t people wait<p>\ndata: \x02\t people wait\n\n")
}

func TestThereAreLettersForAllPhrases(t *testing.T) {
	var sample strings.Builder
	for i := range 300 {
		fmt.Fprintf(&sample, "phrase %c%c%s", 'a'+i/26, 'a'+i%26, Hole)
	}
	p := NewPhrases(nil, []byte(sample.String()))
	if n := strings.Count(string(p.event), "\n"); n < 90 || n > len(letters)+2 {
		t.Errorf("%d lines tell the phrases", n)
	}
	for _, l := range letters {
		if letter.FindString(l) != l {
			t.Errorf("%q is no letter to the script", l)
		}
	}
	html := []byte("<p>phrase aa, phrase ab, phrase kk</p>")
	text := string(p.event) + string(event("a", 1, p.shorten(html)))
	same(t, strings.Join(told(text), ""), string(html))
}
