// Package web mounts the screens: addresses, sign-in, headers, and one place that turns errors into pages.
//
// A link's secret stands behind "#", so it is in no log; the page posts it and gets the pass's own cookie. A pass is
// never made or used up by GET. Whatever a handler returns as an error becomes one sentence in the reader's language.
package web
