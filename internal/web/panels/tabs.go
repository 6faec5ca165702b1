package panels

import (
	"openmic/internal/web/hall"
)

// Tab is a link to another screen of the same pass.
type Tab struct {
	Name, Title string
	Here        bool
}

// TabsOf lists the screens that the visitor's pass may open, for the template panel.tabs in the block tools.
func TabsOf(v *hall.Visit) []Tab {
	if v.Pass == nil {
		return nil
	}
	var out []Tab
	for _, s := range v.ScreensOf(v.Pass.Roles) {
		out = append(out, Tab{s.Name, v.Lang.Say(s.Name + ".title"), v.Screen != nil && s.Name == v.Screen.Name})
	}
	return out
}
