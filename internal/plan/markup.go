package plan

import (
	"html"
	"strings"
)

// looksLikeHTML says whether the text is a saved or copied page and not just text with a sign in it.
func looksLikeHTML(text string) bool {
	head := strings.ToLower(text[:min(len(text), 64<<10)])
	if strings.Contains(head, "<html") || strings.Contains(head, "<body") || strings.Contains(head, "<!doctype html") {
		return true
	}
	marks := 0
	for _, tag := range []string{"</p>", "</div>", "<br", "</li>", "</h1>", "</h2>", "</span>", "</strong>", "</td>"} {
		marks += strings.Count(head, tag)
	}
	return marks >= 2
}

// breaks are the elements that begin a new line.
var breaks = map[string]bool{
	"p": true, "div": true, "br": true, "li": true, "ul": true, "ol": true, "tr": true, "td": true, "th": true, "table": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "section": true, "article": true, "header": true,
	"footer": true, "nav": true, "dt": true, "dd": true, "dl": true, "title": true, "option": true, "label": true, "hr": true,
}

// silent are the elements whose content is not text.
var silent = map[string]bool{"script": true, "style": true, "noscript": true, "template": true, "svg": true}

// fromHTML gives the text of a page in one pass: one line for each block, nothing of scripts.
func fromHTML(page string) string {
	var out strings.Builder
	lower := strings.ToLower(page)
	if len(lower) != len(page) { // lower case changed the length of some letter; offsets would not fit
		lower = page
	}
	missing := map[string]bool{} // closing tags known not to come any more, so that the pass stays linear
	for i := 0; i < len(page); {
		if page[i] != '<' {
			next := strings.IndexByte(page[i:], '<')
			if next < 0 {
				next = len(page) - i
			}
			writeWords(&out, html.UnescapeString(page[i:i+next]))
			i += next
			continue
		}
		if strings.HasPrefix(page[i:], "<!--") {
			end := strings.Index(page[i:], "-->")
			if end < 0 {
				break
			}
			i += end + len("-->")
			continue
		}
		name, closing := tagName(lower[i+1:])
		if name == "" { // "a < b"; found before looking for the end, or "<<<<" would take for ever
			out.WriteByte('<')
			i++
			continue
		}
		end := strings.IndexByte(page[i:], '>')
		if end < 0 {
			writeWords(&out, page[i:])
			break
		}
		i += end + 1
		switch {
		case silent[name] && !closing && !missing[name]:
			if stop := strings.Index(lower[i:], "</"+name); stop >= 0 {
				i += stop
			} else {
				missing[name] = true
			}
		case breaks[name]:
			out.WriteByte('\n')
			if name == "li" && !closing {
				out.WriteString("• ")
			}
		}
	}
	return out.String()
}

func tagName(inside string) (name string, closing bool) {
	inside, closing = strings.CutPrefix(inside, "/")
	n := 0
	for n < len(inside) && (inside[n] >= 'a' && inside[n] <= 'z' || n > 0 && inside[n] >= '0' && inside[n] <= '9') {
		n++
	}
	if n == 0 && strings.HasPrefix(inside, "!") {
		return "!", false
	}
	return inside[:n], closing
}

// writeWords writes text with its white space folded, because a page breaks its lines anywhere.
func writeWords(out *strings.Builder, s string) {
	if s == "" {
		return
	}
	space := func(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }
	words := strings.Fields(s)
	if space(s[0]) {
		out.WriteByte(' ')
	}
	out.WriteString(strings.Join(words, " "))
	if len(words) > 0 && space(s[len(s)-1]) {
		out.WriteByte(' ')
	}
}
