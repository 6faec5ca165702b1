package outcome

import (
	"strings"
)

// A Document is a report in a language: headings, sentences, lists and tables, without any markup.
type Document struct {
	Title     string
	Lang, Dir string // for the attributes of the same names
	Blocks    []Block
}

// A Block is one heading, sentence, list or table.
type Block struct {
	Head    string
	Level   int    // of the heading, from 2
	ID      string // of the heading, for links
	Text    string
	Small   bool // the sentence is small print
	Items   []Item
	Columns []string
	Rows    [][]string // the first cell names the row
}

// An Item is one line of a list.
type Item struct {
	ID    string // for links to it
	To    string // ID of the item it links to with its minute
	At    string // the minute
	Text  string
	Mark  string   // what has to be known of it, such as "not confirmed"
	Under []string // lines that belong to it
}

// Markdown writes the document. Whatever people wrote is escaped, so none of it becomes markup.
func (d Document) Markdown() string {
	var w strings.Builder
	w.WriteString("# " + escape(d.Title) + "\n")
	for _, b := range d.Blocks {
		w.WriteString("\n")
		switch {
		case b.Head != "":
			w.WriteString(strings.Repeat("#", b.Level) + " " + escape(b.Head) + "\n")
		case b.Columns != nil:
			row := func(cells []string) {
				for _, c := range cells {
					w.WriteString("| " + escape(c) + " ")
				}
				w.WriteString("|\n")
			}
			row(b.Columns)
			w.WriteString("|---" + strings.Repeat("|--:", len(b.Columns)-1) + "|\n")
			for _, r := range b.Rows {
				row(r)
			}
		case b.Items != nil:
			for _, i := range b.Items {
				i.markdown(&w)
			}
		case b.Small:
			w.WriteString("*" + escape(b.Text) + "*\n")
		default:
			w.WriteString(escape(b.Text) + "\n")
		}
	}
	return w.String()
}

func (i Item) markdown(w *strings.Builder) {
	w.WriteString("- ")
	if i.ID != "" {
		w.WriteString(`<a id="` + i.ID + `"></a>`)
	}
	switch {
	case i.At != "" && i.To != "":
		w.WriteString("[" + escape(i.At) + "](#" + i.To + ") ")
	case i.At != "":
		w.WriteString("**" + escape(i.At) + "** ")
	}
	w.WriteString(escape(i.Text))
	if i.Mark != "" {
		w.WriteString(" *(" + escape(i.Mark) + ")*")
	}
	w.WriteString("\n")
	for _, u := range i.Under {
		w.WriteString("  - " + escape(u) + "\n")
	}
}

// plain writes blocks for a box of a form: no markup at all.
func plain(blocks []Block) string {
	var w strings.Builder
	for _, b := range blocks {
		switch {
		case b.Head != "":
			w.WriteString("\n" + b.Head + "\n")
		case b.Items != nil:
			for _, i := range b.Items {
				w.WriteString("- " + oneLine(i.Text))
				if i.Mark != "" {
					w.WriteString(" (" + i.Mark + ")")
				}
				w.WriteString("\n")
				for _, u := range i.Under {
					w.WriteString("  " + oneLine(u) + "\n")
				}
			}
		case b.Text != "":
			w.WriteString(oneLine(b.Text) + "\n")
		}
	}
	return strings.TrimSpace(w.String())
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

var signs = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`,
	"|", `\|`, "~", `\~`, "&", `\&`, "!", `\!`, "#", `\#`)

// escape takes the meaning from every sign that Markdown might read, and puts a text into one line.
func escape(text string) string {
	text = signs.Replace(oneLine(text))
	if text == "" {
		return ""
	}
	// A line that begins like a list or a rule is none.
	if strings.ContainsRune("-+=", rune(text[0])) {
		return `\` + text
	}
	digits := strings.TrimLeft(text, "0123456789")
	if len(digits) < len(text) && (strings.HasPrefix(digits, ".") || strings.HasPrefix(digits, ")")) {
		return text[:len(text)-len(digits)] + `\` + digits
	}
	return text
}
