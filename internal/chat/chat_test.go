package chat

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

var rewrite = flag.Bool("rewrite", false, "write what is read into testdata")

// The stories are chats as they are pasted; the answers stand in a file beside them.
func TestChatsAreRead(t *testing.T) {
	stories, err := os.ReadFile("testdata/story.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for story := range strings.SplitSeq(string(stories), "\n----\n") {
		story = strings.TrimLeft(story, "\n")
		if strings.HasPrefix(story, "#") {
			title, rest, _ := strings.Cut(story, "\n")
			fmt.Fprintf(&b, "\n%s\n", title)
			story = rest
		} else {
			b.WriteString("\n")
		}
		for _, l := range Parse(story) {
			if l.Private {
				b.WriteString("(private)\n")
				continue
			}
			fmt.Fprintf(&b, "%s | %s | %s", l.At, l.Name, strings.ReplaceAll(l.Text, "\n", " / "))
			if l.Marked != "" {
				b.WriteString(" | " + l.Marked)
			}
			b.WriteString("\n")
		}
	}
	const golden = "testdata/story.read.txt"
	if *rewrite {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("read:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestPastingAgainAddsOnlyWhatIsNew(t *testing.T) {
	first := "14:02:11 From Sita to Everyone:\n\t+1\n14:02:11 From Sita to Everyone:\n\t+1\n14:02:20 From Bo to Me(Privately) : psst\n"
	old := map[string]bool{}
	fresh := New(old, Parse(first))
	if len(fresh) != 2 || fresh[0].Key == fresh[1].Key {
		t.Fatalf("the first paste gives %v", fresh)
	}
	for _, l := range fresh {
		old[l.Key] = true
	}
	if again := New(old, Parse(first)); len(again) != 0 {
		t.Errorf("the same paste gives %v again", again)
	}
	later := New(old, Parse(strings.ReplaceAll(first, "\n", "\r\n")+"14:02:11 From Sita to Everyone:\r\n\t+1\r\n14:03:00 From Bo to Everyone:\r\n\tyes"))
	if len(later) != 2 || later[1].Text != "yes" {
		t.Errorf("the longer paste adds %v", later)
	}
}

func TestWordsBelowOneNameMayGrow(t *testing.T) {
	for _, story := range []struct{ before, after string }{
		{"Sita\n14:02\nhello\n", "Sita\n14:02\nhello\nagain\n"},
		{"Sita\nhello\n14:02\n", "Sita\nhello\nagain\n14:03\n"},
		{"Sita to Everyone 14:02\nhello\n", "Sita to Everyone 14:02\nhello\nagain\n"},
	} {
		old := map[string]bool{}
		for _, l := range Parse(story.before) {
			old[l.Key] = true
		}
		if fresh := New(old, Parse(story.after)); len(fresh) != 1 || fresh[0].Text != "again" {
			t.Errorf("%q then %q adds %v", story.before, story.after, fresh)
		}
	}
}

func TestFilesOfOtherSystemsAreRead(t *testing.T) {
	text := "14:02:11 From Sita to Everyone:\n\tनमस्ते 👋\n"
	for _, order := range []string{"\xff\xfe", "\xfe\xff"} {
		var b strings.Builder
		b.WriteString(order)
		for _, u := range utf16.Encode([]rune(text)) {
			if order == "\xff\xfe" {
				b.Write([]byte{byte(u), byte(u >> 8)})
			} else {
				b.Write([]byte{byte(u >> 8), byte(u)})
			}
		}
		if got := Parse(b.String()); len(got) != 1 || got[0].Text != "नमस्ते 👋" || got[0].Name != "Sita" {
			t.Errorf("in UTF-16 it is %v", got)
		}
	}
	if got := Parse("\xef\xbb\xbfSita: caf\xe9"); len(got) != 1 || got[0].Name != "Sita" || !utf8.ValidString(got[0].Text) {
		t.Errorf("in an old code it is %v", got)
	}
}

// The queue logs of real meetings have one shape: a time, a nick, words.
func TestRealLogs(t *testing.T) {
	logs, err := filepath.Glob("../../../shared/data/open/comments/w3c-ccg-irc/*.log")
	if err != nil {
		t.Fatal(err)
	}
	if len(logs) == 0 {
		t.Skip("the real meetings do not lie beside this repository")
	}
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		lines := Parse(string(text))
		nameless := 0
		for _, l := range lines {
			if l.Name == "" || l.At == "" {
				nameless++
			}
		}
		if len(lines) < 20 || nameless > 0 {
			t.Errorf("%s: %d lines, %d of them without a name or time", filepath.Base(log), len(lines), nameless)
		}
	}
}

func FuzzParse(f *testing.F) {
	stories, err := os.ReadFile("testdata/story.txt")
	if err != nil {
		f.Fatal(err)
	}
	for story := range strings.SplitSeq(string(stories), "\n----\n") {
		f.Add(story)
	}
	f.Add("\xff\xfe\x00\xd8")
	f.Add("<question><comment></question>\x00<")
	f.Fuzz(func(t *testing.T, text string) {
		first := Parse(text)
		second := Parse(text)
		keys := map[string]bool{}
		for i, l := range first {
			if l.Private && (l.Name != "" || l.Text != "" || l.At != "") {
				t.Errorf("something of a private line is kept: %+v", l)
			}
			if !l.Private && l.Text == "" || !utf8.ValidString(l.Text) || !utf8.ValidString(l.Name) {
				t.Errorf("no words in %+v", l)
			}
			if l.Key != second[i].Key {
				t.Errorf("two keys for one line: %+v", l)
			}
			keys[l.Key] = true
		}
		if again := New(keys, second); len(again) > 0 {
			t.Errorf("pasted again it adds %+v", again)
		}
	})
}

// A whole megabyte of anything is read in one go.
func TestAMegabyteIsRead(t *testing.T) {
	for _, unit := range []string{"a", "\n", "<question>", "</comment>\n", "14:02 ", "14:02:11 From Sita to Everyone:\n\t<question>", "Sita\n14:02\n", ": ", "x: y\n", "\t", "(", "14:02 a <"} {
		t.Run(unit, func(t *testing.T) { Parse(strings.Repeat(unit, 1<<20/len(unit))) })
	}
}
