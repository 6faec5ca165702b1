package page

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// quiet is the white border a QR code needs, in modules.
const quiet = 4

// QR draws text as a QR code: one SVG path, black on white in every colour scheme, with a title for
// those who hear the page. It fails when the text is too long for a code.
func QR(text, title string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("qr: %w", err)
	}
	var d strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	side := code.Size + 2*quiet
	title = template.HTMLEscapeString(title)
	return template.HTML(fmt.Sprintf(
		`<svg class="qr" role="img" viewBox="0 0 %d %d" shape-rendering="crispEdges"><title>%s</title><path fill="#fff" d="M0 0h%dv%dh-%dz"/><path d="%s"/></svg>`,
		side, side, title, side, side, side, d.String())), nil
}

// QRText draws text as a QR code for a terminal, two modules a letter, light on dark. It fails when the text is too
// long for a code.
func QRText(text string) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("qr: %w", err)
	}
	var out strings.Builder
	for y := -2; y < code.Size+2; y += 2 {
		for x := -2; x < code.Size+2; x++ {
			switch up, down := code.Black(x, y), code.Black(x, y+1); {
			case up && down:
				out.WriteByte(' ')
			case up:
				out.WriteRune('▄')
			case down:
				out.WriteRune('▀')
			default:
				out.WriteRune('█')
			}
		}
		out.WriteByte('\n')
	}
	return out.String(), nil
}
