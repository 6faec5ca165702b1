package web

import (
	"net/http"

	"openmic/floor"
	"openmic/internal/web/hall"
)

// Screens are those of a session, in the order in which a pass with several roles meets them.
var Screens = []*hall.Screen{}

// public registers an address that needs no pass.
type public func(pattern string, f func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error)

// private registers an address below a pass that carries one of the roles.
type private func(pattern string, need floor.Roles, f func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error)

// mount registers what screens have beside their page, their live region and the commands of docs/wire.md.
func mount(in public, withPass private) {
}
