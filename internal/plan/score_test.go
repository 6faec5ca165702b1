package plan

import (
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// openData is where the real proposals lie on the machines that have them, beside the repository.
var openData = filepath.Join("..", "..", "..", "shared", "data", "open")

func TestOpenTruth(t *testing.T) {
	if _, err := os.Stat(filepath.Join(openData, "proposals-truth")); err != nil {
		t.Skip("the real proposals are not on this machine; they lie in ../shared/data/open beside the repository")
	}
	s, err := scoreDir(openData)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := s.write(&table); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	sum := s.all()
	if sum.percent() < 95 {
		t.Errorf("%.1f %% of the fields are right, at least 95 are wanted", sum.percent())
	}
	if sum.wrongSure > 0 {
		t.Errorf("%d fields are wrong although they are marked sure", sum.wrongSure)
	}
}

// damages are what pages suffer on their way to us. None of them may make a wrong value look sure.
var damages = map[string]func(string) string{
	"no empty lines": func(s string) string {
		for strings.Contains(s, "\n\n") {
			s = strings.ReplaceAll(s, "\n\n", "\n")
		}
		return s
	},
	"indented":      func(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") },
	"double spaced": func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
	"mojibake":      func(s string) string { return misreadAs1252(s) },
	"role headings lost": func(s string) string {
		return without(s, "Moderator", "Onsite Moderator", "Rapporteur", "Format", "Subtheme")
	},
	"all headings lost": func(s string) string {
		return without(s, "Moderator", "Onsite Moderator", "Online Moderator", "Rapporteur", "Format", "Subtheme", "Policy Question(s)", "Time", "Room", "Additional Speakers")
	},
	"online moderator lost": func(s string) string { return without(s, "Online Moderator") },
	"form labels lost": func(s string) string {
		return without(s, "Designation", "Gender", "Economy of Residence", "Session Title", "Primary Stakeholder Group")
	},
	"form values lost": func(s string) string { return without(s, "Female", "Australia", "APNIC") },
	"bullets":          func(s string) string { return strings.ReplaceAll(s, "\nSpeaker ", "\n• Speaker ") },
	"cut in half":      func(s string) string { return s[:len(s)/2] },
	"page": func(s string) string {
		return "<html><body><p>" + strings.ReplaceAll(html.EscapeString(s), "\n", "</p>\n<p>") + "</p></body></html>"
	},
}

func without(s string, headings ...string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if slices.Contains(headings, strings.TrimSpace(l)) {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

func misreadAs1252(s string) string {
	var out strings.Builder
	for _, b := range []byte(s) {
		r := charmap.Windows1252.DecodeByte(b)
		if r == '\uFFFD' {
			r = rune(b)
		}
		out.WriteRune(r)
	}
	return out.String()
}

func TestOpenTruthDamaged(t *testing.T) {
	if _, err := os.Stat(filepath.Join(openData, "proposals-truth")); err != nil {
		t.Skip("the real proposals are not on this machine; they lie in ../shared/data/open beside the repository")
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			s, err := scoreDamaged(openData, damage)
			if err != nil {
				t.Fatal(err)
			}
			sum := s.all()
			t.Logf("%d fields, %.1f %% right, %d wrong, %d of them sure", sum.fields, sum.percent(), sum.wrong, sum.wrongSure)
			for _, miss := range s.misses {
				if strings.Contains(miss, "(SURE)") {
					t.Error(miss)
				} else if testing.Verbose() {
					t.Log(miss)
				}
			}
		})
	}
}
