package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// node is one node of the accessibility tree.
type node struct {
	ID          string   `json:"nodeId"`
	Ignored     bool     `json:"ignored"`
	Role        value    `json:"role"`
	Name        value    `json:"name"`
	Description value    `json:"description"`
	Value       value    `json:"value"`
	Properties  []fact   `json:"properties"`
	Parent      string   `json:"parentId"`
	Children    []string `json:"childIds"`
}

type value struct {
	Value json.RawMessage `json:"value"`
}

type fact struct {
	Name  string `json:"name"`
	Value value  `json:"value"`
}

// text is the value as one line.
func (v value) text() string {
	var s string
	if json.Unmarshal(v.Value, &s) != nil {
		s = string(v.Value)
	}
	return strings.Join(strings.Fields(s), " ")
}

// is is what a node says of itself under a name.
func (n *node) is(name string) string {
	for _, f := range n.Properties {
		if f.Name == name {
			return f.Value.text()
		}
	}
	return ""
}

// leaves are spoken whole: what is inside them is their name.
var leaves = map[string]bool{
	"heading": true, "button": true, "link": true, "textbox": true, "checkbox": true, "radio": true, "combobox": true,
	"spinbutton": true, "searchbox": true, "option": true, "image": true, "img": true, "switch": true, "DisclosureTriangle": true, "slider": true,
	"menuitem": true, "tab": true, "progressbar": true, "columnheader": true, "rowheader": true, "Date": true, "DateTime": true, "InputTime": true,
}

// silent are roles that a reader does not speak, only what is inside.
var silent = map[string]bool{
	"generic": true, "none": true, "RootWebArea": true, "LabelText": true, "paragraph": true, "Details": true, "time": true, "strong": true, "emphasis": true,
	"rowgroup": true, "LayoutTable": true, "LayoutTableRow": true, "LayoutTableCell": true, "sectionheader": true, "sectionfooter": true, "Legend": true,
}

// Reading is the page as a screen reader speaks it: one line for each landmark, heading, field, button
// and piece of text, indented by what stands inside what.
func (tab *Tab) Reading(t testing.TB) string {
	t.Helper()
	var tree struct {
		Nodes []*node `json:"nodes"`
	}
	tab.call(t, "Accessibility.getFullAXTree", nil, &tree)
	byID := map[string]*node{}
	for _, n := range tree.Nodes {
		byID[n.ID] = n
	}
	r := reader{nodes: byID}
	for _, n := range tree.Nodes {
		if n.Parent == "" {
			r.line(0, "page "+quote(n.Name.text()))
			r.read(n, 0)
		}
	}
	r.flush()
	var b strings.Builder
	for _, l := range r.lines {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", l.depth), l.text)
	}
	return b.String()
}

// reader speaks the tree into lines.
type reader struct {
	nodes map[string]*node
	lines []line
	words string // text not spoken yet
	depth int    // of words
	mute  int    // inside labels, which are spoken as the name of their field
}

type line struct {
	depth int
	text  string
}

func (r *reader) line(depth int, text string) {
	r.flush()
	r.lines = append(r.lines, line{depth, text})
}

// flush speaks the text gathered so far as one line.
func (r *reader) flush() {
	text := strings.Join(strings.Fields(r.words), " ")
	r.words = ""
	if text != "" {
		r.lines = append(r.lines, line{r.depth, text})
	}
}

// hear gathers a piece of text. Pieces that the page parts by their boxes are parted by a space here.
func (r *reader) hear(text string, depth int) {
	if r.mute > 0 {
		return
	}
	if r.depth != depth {
		r.flush()
	}
	r.depth = depth
	if first, _ := utf8.DecodeRuneInString(text); !unicode.IsPunct(first) || strings.ContainsRune("([«“‘¿¡", first) {
		r.words += " "
	}
	r.words += text
}

func (r *reader) read(n *node, depth int) {
	for _, id := range n.Children {
		if child := r.nodes[id]; child != nil {
			r.speak(child, depth)
		}
	}
}

func (r *reader) speak(n *node, depth int) {
	role := n.Role.text()
	switch {
	case role == "StaticText":
		var text string
		if json.Unmarshal(n.Name.Value, &text) == nil {
			r.hear(text, depth)
		}
	case role == "ListMarker" || role == "InlineTextBox" || role == "caption":
	case role == "LineBreak":
		r.hear(" ", depth)
	case role == "LabelText" || role == "Legend":
		r.mute++
		r.read(n, depth)
		r.mute--
	case role == "paragraph":
		r.flush()
		r.read(n, depth)
		r.flush()
	case n.Ignored || silent[role]:
		r.read(n, depth)
	case leaves[role]:
		r.line(depth, n.said(role))
	default: // a landmark, a list, a group, a table
		r.line(depth, n.said(role))
		at := len(r.lines)
		r.read(n, depth+1)
		r.flush()
		r.tidy(at, role)
	}
}

// tidy puts the first words of an item or a cell on its own line, and leaves out what has nothing to say.
func (r *reader) tidy(at int, role string) {
	switch role {
	case "listitem", "cell", "gridcell":
		if at < len(r.lines) {
			r.lines[at-1].text += " " + r.lines[at].text
			r.lines = append(r.lines[:at], r.lines[at+1:]...)
		}
	case "status", "alert":
		if at == len(r.lines) {
			r.lines = r.lines[:at-1]
		}
	}
}

// said is one node as it is spoken.
func (n *node) said(role string) string {
	switch role {
	case "listitem":
		role = "•"
	case "DisclosureTriangle":
		role = "summary"
	}
	if level := n.is("level"); role == "heading" {
		role += " " + level
	}
	parts := []string{role}
	if name := n.Name.text(); name != "" && role != "•" && role != "cell" {
		parts = append(parts, quote(name))
	}
	if v := n.Value.text(); v != "" && v != n.Name.text() {
		parts = append(parts, "= "+v)
	}
	for _, state := range []string{"required", "disabled", "readonly", "checked", "pressed", "expanded", "invalid", "selected", "busy"} {
		switch v := n.is(state); v {
		case "", "false":
			if v != "" && (state == "checked" || state == "expanded" || state == "pressed") {
				parts = append(parts, "not "+state)
			}
		default:
			parts = append(parts, state)
		}
	}
	if keys := n.is("keyshortcuts"); keys != "" {
		parts = append(parts, "key "+keys)
	}
	if d := n.Description.text(); d != "" {
		parts = append(parts, "("+d+")")
	}
	return strings.Join(parts, " ")
}
