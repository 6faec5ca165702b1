package sheet

import (
	"html/template"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/words"
)

// A Link is a personal link as it is shown, once.
type Link struct {
	Label, RolesSay, URL string
}

// LinksOf writes links out under the address others reach this program by.
func LinksOf(l *words.Language, public string, links []hall.Link) []Link {
	var out []Link
	for _, x := range links {
		out = append(out, Link{x.Label, RolesSay(l, x.Roles), public + x.Path})
	}
	return out
}

// A Code is a one-time code as it is shown, once.
type Code struct {
	Label, RolesSay, Code, Until, URL string
}

// CodeOf writes a code out, with the address where it is typed.
func CodeOf(l *hall.Look, c hall.Code) Code {
	return Code{c.Label, RolesSay(l.Lang, c.Roles), c.Code, time.UnixMilli(c.Until).In(l.Now.Location()).Format("15:04"), l.Public() + c.Path}
}

// RolesSay names roles in the reader's language.
func RolesSay(l *words.Language, r floor.Roles) string {
	var out []string
	for _, k := range strings.Fields(r.String()) {
		out = append(out, l.Say("role."+k))
	}
	return strings.Join(out, " · ")
}

// A Door is a public address with its QR code.
type Door struct {
	Title, Hint, ID, URL  string
	QR                    template.HTML
	Copy, Copied, CopySay string
}

// DoorsOf are the addresses of a session that may be handed to everybody: its page, the door of those online, and the
// door of those in the room.
func DoorsOf(l *hall.Look) []Door {
	door := func(title, hint, id, path string) Door {
		return Door{l.Lang.Say(title), l.Lang.Say(hint), id, l.Public() + path, l.QR(path, l.Lang.Say(title)), l.Lang.Say("common.copy"),
			l.Lang.Say("common.copied"), l.Lang.Say("sheet.copy-for", "who", l.Lang.Say(title))}
	}
	return []Door{
		door("sheet.public", "sheet.public.hint", "door-public", l.Base()),
		door("sheet.online", "sheet.online.hint", "door-online", l.Base()+"online"),
		door("sheet.room-door", "sheet.room-door.hint", "door-room", l.Base()+"room/"+l.RoomCode()),
	}
}
