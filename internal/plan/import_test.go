package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

var rewrite = flag.Bool("rewrite", false, "write what the importer answers into testdata, to be read as a diff")

// stories are the fictional proposals; the golden file beside each is what the importer makes of it.
func stories(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.txt", "*.html"} {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, files...)
	}
	if len(all) == 0 {
		t.Fatal("no stories in testdata")
	}
	return all
}

func TestStories(t *testing.T) {
	for _, path := range stories(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			p := mustImport(t, path)
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetIndent("", " ")
			enc.SetEscapeHTML(false)
			if err := enc.Encode(p); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, filepath.Ext(path)) + ".golden.json"
			if *rewrite {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got.Bytes()) {
				t.Errorf("%s changed; run with -rewrite and read the diff:\n%s", golden, got.String())
			}
			checkAlways(t, p)
		})
	}
}

func mustImport(t testing.TB, path string) *Proposal {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ImportNamed(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checkAlways holds for every proposal, whatever the text was.
func checkAlways(t testing.TB, p *Proposal) {
	t.Helper()
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Proposal
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "sources")
	delete(all, "doubts")
	for field, value := range all {
		empty := value == nil
		if list, ok := value.([]any); ok {
			empty = len(list) == 0
		}
		if empty && p.Sure(field) {
			t.Errorf("%s is empty and carries no doubt", field)
		}
	}
	for field, s := range p.Sources {
		if s.Offset < 0 || s.Length < 0 || s.Offset+s.Length > len(p.Text()) || s.Line < 0 {
			t.Errorf("source of %s lies outside the text: %+v of %d", field, s, len(p.Text()))
		}
		if s.Line > 0 && 1+strings.Count(p.Text()[:min(s.Offset, len(p.Text()))], "\n") != s.Line {
			t.Errorf("source of %s: offset %d is not on line %d", field, s.Offset, s.Line)
		}
	}
	for field, d := range p.Doubts {
		if d.Why == "" {
			t.Errorf("doubt of %s has no sentence: %q", field, d.Code)
		}
	}
	minutes := 0
	for _, s := range p.Segments() {
		if s.Minutes <= 0 {
			t.Errorf("segment without minutes: %+v", s)
		}
		minutes += s.Minutes
	}
	if minutes < int(p.DurationMin) {
		t.Errorf("segments hold %d of %d minutes", minutes, p.DurationMin)
	}
	seen := map[string]bool{}
	for _, person := range p.People() {
		if key := nameKey(person.Name); key == "" || seen[key] || len(person.Roles) == 0 {
			t.Errorf("person without name or role, or twice: %+v", person)
		} else {
			seen[key] = true
		}
	}
}

func TestNoAddressLeaves(t *testing.T) {
	for _, path := range stories(t) {
		raw, err := json.Marshal(mustImport(t, path))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("@")) {
			t.Errorf("%s: an e-mail address is in the JSON: %s", path, raw)
		}
	}
}

// The same proposal in any encoding is the same proposal.
func TestEncodings(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "ws2019.txt"))
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(strings.ReplaceAll(string(text), "Dita", "Ditá"), "🔒", "Küste")
	want, err := Import([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	units := utf16.Encode([]rune(plain))
	little, big := []byte{}, []byte{}
	for _, u := range units {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	latin, err := charmap.Windows1252.NewEncoder().Bytes([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	twice := func(s string) string {
		out, err := charmap.Windows1252.NewDecoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, in := range map[string][]byte{
		"with a mark": append([]byte("\xef\xbb\xbf"), plain...), "UTF-16 with a mark": append([]byte("\xff\xfe"), little...),
		"UTF-16 the other way": append([]byte("\xfe\xff"), big...), "UTF-16 without a mark": little, "UTF-16 the other way without": big,
		"Windows-1252": latin, "mojibake": []byte(twice(plain)), "Windows line ends": []byte(strings.ReplaceAll(plain, "\n", "\r\n")),
	} {
		got, err := Import(in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Organizers[1].Name != "Ditá Sandbar" || got.Organizers[1].Org != "Küste" || got.Title != want.Title || len(got.PolicyQuestions) != len(want.PolicyQuestions) {
			t.Errorf("%s: %+v", name, got.Organizers)
		}
		checkAlways(t, got)
	}
}

func TestOneSentenceInsteadOfAPlan(t *testing.T) {
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"nothing":    {nil, ErrEmpty},
		"blanks":     {[]byte(" \n\t \u00a0 \n"), ErrEmpty},
		"dots":       {[]byte("... --- ..."), ErrEmpty},
		"too large":  {bytes.Repeat([]byte("a"), MaxBytes+1), ErrTooLarge},
		"PDF":        {[]byte("%PDF-1.7 and so on"), ErrNotText},
		"Word":       {[]byte("PK\x03\x04 word/document.xml"), ErrNotText},
		"a program":  {bytes.Repeat([]byte{0x7f, 0x01, 0x02, 'E', 0x00, 0x03}, 500), ErrNotText},
		"empty page": {[]byte("<html><body><script>var a = 1</script></body></html>"), ErrEmpty},
	} {
		if _, err := Import(c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Five megabytes of anything are answered; that it is quick shows in the time the test takes.
func TestLargeNoise(t *testing.T) {
	many := strings.Builder{}
	for i := 0; many.Len() < MaxBytes-80; i++ {
		fmt.Fprintf(&many, "Organizer 1: N%d, X, O\nSpeaker %d: N%d, X, Civil Society, African Group\n", i, i%90, i)
	}
	for name, unit := range map[string]string{
		"many people": many.String(),
		"letters":     "abcdefgh ", "short lines": "a\n", "empty lines": "\n\n\na", "open tags": "<", "tags": "<div><p>a</p>", "unclosed scripts": "<script>", "comments": "<!--",
		"commas": "Ann One, Org, ", "brackets": "((((", "speakers": "Speaker 1: A B, Civil Society, African Group\n", "questions": "A. What? B. Why? ", "mojibake": "πŸ”’Ã©",
		"headings": "Moderator\n\n\n", "mails": "a@b.example ", "regions": "Ann One, African Group ", "minutes": "10 minutes of open discussion ", "bullets": "• - * \n",
		"dates": "Friday, 2nd December, 2022 (06:30 UTC)\n", "entities": "&amp;&lt;<p>", "spaces": " \u00a0\t",
	} {
		began := time.Now()
		in := []byte(strings.Repeat(unit, MaxBytes/len(unit)))
		p, err := Import(in)
		if err != nil {
			continue // one sentence
		}
		if len(p.Doubts) == 0 {
			t.Errorf("%s: a plan without doubts", name)
		}
		_ = p.Segments()
		_ = p.People()
		t.Logf("%-18s %v", name, time.Since(began).Round(time.Millisecond))
	}
}

// A name of a file or an address of a page fills what the text leaves out, and is doubtful.
func TestNames(t *testing.T) {
	text := []byte("Session\nOrganizer 1: Ann One, X\nSpeaker 1: Ann One, Civil Society, African Group\n")
	for _, c := range []struct {
		name, kind, title string
		number            Count
		year              Count
	}{
		{"igf2024-ws156.txt", "WS", "", 156, 2024},
		{"C:\\Users\\me\\IGF2022-day0-74.TXT", "Day 0 Event", "", 74, 2022},
		{"https://www.intgovforum.org/en/content/igf-2023-open-forum-58-the-sea-and-the-cable?x=1", "Open Forum", "The sea and the cable", 58, 2023},
		{"https://www.intgovforum.org/en/content/igf-2025-day-0-event-31-a-space-for-all-islands", "Day 0 Event", "A space for all islands", 31, 2025},
		{"igf-2023-lightning-talk-130-buoys-and-their-keepers.html", "Lightning Talk", "Buoys and their keepers", 130, 2023},
		{"notes.txt", "WS", "", 0, 0},
		{"", "WS", "", 0, 0},
	} {
		p, err := ImportNamed(c.name, text)
		if err != nil {
			t.Fatal(err)
		}
		if string(p.Kind) != c.kind || string(p.Title) != c.title || p.Number != c.number || p.Year != c.year {
			t.Errorf("%s: %q %q %d %d", c.name, p.Kind, p.Title, p.Number, p.Year)
		}
		for _, field := range []string{"kind", "title", "number", "year"} {
			if p.Sure(field) {
				t.Errorf("%s: %s is sure", c.name, field)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	for in, want := range map[string][2]Text{
		"Friday, 2nd December, 2022 (06:30 UTC) - Friday, 2nd December, 2022 (08:00 UTC)":         {"2022-12-02T06:30Z", "2022-12-02T08:00Z"},
		"Monday, 31st July, 2023 (23:30 UTC) – Tuesday, 1st August, 2023 (00:30 UTC)":             {"2023-07-31T23:30Z", "2023-08-01T00:30Z"},
		"Tuesday, 17th December, 2024 (09:00 UTC+3) - Tuesday, 17th December, 2024 (10:00 UTC+3)": {"2024-12-17T06:00Z", "2024-12-17T07:00Z"},
		"3 March 2021, 10:00 - 11:30 UTC": {"2021-03-03T10:00Z", "2021-03-03T11:30Z"},
	} {
		start, end, _, ok := times(in)
		if !ok || start != want[0] || end != want[1] {
			t.Errorf("%s: %s %s %v", in, start, end, ok)
		}
	}
	for _, in := range []string{"Friday, 31st February, 2022 (06:30 UTC)", "2nd Brumaire, 2022 (06:30 UTC)", "at 06:30 we begin, dear friends"} {
		if _, _, _, ok := times(in); ok {
			t.Errorf("%s was read as a time", in)
		}
	}
}

func TestSegments(t *testing.T) {
	p := mustImport(t, filepath.Join("testdata", "ws2023.txt"))
	got := p.Segments()
	want := []Segment{
		{SegmentOther, 30, false, "Short Stories", Derived}, {SegmentDiscussion, 45, true, "Open Discussion", FromProse},
	}
	if !slices.Equal(got, want) {
		t.Errorf("the discussion of 45 minutes is secured: %+v", got)
	}
	for minutes, format := range map[Count]Text{90: "Round Table", 60: "Panel", 30: "Lightning Talk", 10: "", 0: "Debate", 1: "", 3: "x"} {
		sum, protected := 0, 0
		for _, s := range (&Proposal{DurationMin: minutes, Format: format}).Segments() {
			sum += s.Minutes
			if s.Protected {
				protected += s.Minutes
			}
			if s.Doubt == "" {
				t.Errorf("%d %s: a guessed segment is sure: %+v", minutes, format, s)
			}
		}
		if minutes > 0 && sum != int(minutes) || protected*2 < sum-10 {
			t.Errorf("%d %s: %d minutes, %d protected", minutes, format, sum, protected)
		}
	}
}

func TestPeopleOnce(t *testing.T) {
	p := &Proposal{
		Organizers:      []Organizer{{Name: "Ana Sólo", Org: "Cave"}, {Name: "Bo Two"}, {Stakeholder: "Civil Society"}},
		Speakers:        []Speaker{{Name: "SOLO Ana", Stakeholder: "civil society", Region: "GRULAC"}},
		ModeratorOnline: []Speaker{{Name: "Bo Two", Stakeholder: "Government"}}, Rapporteur: []Speaker{{Name: "Bo Two"}},
	}
	people := p.People()
	if len(people) != 2 {
		t.Fatalf("%+v", people)
	}
	ana, bo := people[0], people[1]
	if !ana.Has(RoleOrganiser) || !ana.Has(RoleSpeaker) || ana.Stakeholder != "Civil Society" || ana.Region != "Latin American and Caribbean Group (GRULAC)" || ana.Org != "Cave" {
		t.Errorf("%+v", ana)
	}
	if !slices.Equal(bo.Roles, []string{RoleOrganiser, RoleOnline, RoleRapporteur}) || bo.Stakeholder != "Government" {
		t.Errorf("%+v", bo)
	}
}

func TestQuestionsWithoutMarks(t *testing.T) {
	p := &Proposal{PolicyQuestions: []string{"A. Why?", "(2) Who?", "A bird? Or two?", "1) When?"}}
	if got := p.Questions(); !slices.Equal(got, []string{"Why?", "Who?", "A bird? Or two?", "When?"}) {
		t.Errorf("%q", got)
	}
}

func FuzzImport(f *testing.F) {
	for _, path := range stories(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(path), text)
	}
	f.Add("igf2024-ws1", []byte("Online Moderator\n\nRound Table - 90 Min"))
	f.Add("", []byte("Speaker 1: A B, Government, African Group\nFormat description: each speaker has up to 0 minutes\nAgenda\nTalk (0 min)\nPause (0 min)"))
	f.Add("", []byte("\xff\xfea\x00"))
	f.Add("http://%zz", []byte("<p>Speaker 1: <b>, African Group"))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		p, err := ImportNamed(name, text)
		if err != nil {
			return
		}
		checkAlways(t, p)
	})
}

func TestWriteMarksDoubts(t *testing.T) {
	var out strings.Builder
	if err := mustImport(t, filepath.Join("testdata", "ws2023.txt")).Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  title              Rope bridges: small networks, large valleys\n", "? duration_min       75   (The stated minutes and the start and end times disagree.)\n", "discussion         45 min, secured Open Discussion\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
