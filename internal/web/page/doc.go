// Package page is what all screens share: the frame around them, the live region and its stream,
// the style, the script, and the headers that keep a page safe. A screen is one folder that brings
// its handlers, template, style and tests; it knows this package, and this package knows no screen
// and nothing about the session shown.
//
// Always true:
//
//	P1   A page works with forms and links alone; the script only makes it faster and more talkative.
//	P2   A live region is rendered once for everybody who watches it in one language. Nothing in it is
//	     individual: no pass, no "you". What is only mine stands outside it.
//	P3   A screen never hides how old it is: live, catching up, cut since, stale since.
//	P4   A press has its own id. Double taps, reloads and repeats after an unknown answer change nothing.
//	P5   The script holds no words. Every sentence it shows was rendered by the server.
//
// # A screen's folder
//
//	//go:embed *.html *.css
//	var files embed.FS
//	var screen = page.NewScreen("chair", files) // parses once; chair.css, if there, is linked
//
//	type view struct { // one struct is all a template may show
//		page.Page
//		Next string
//	}
//
//	screen.Show(w, r, http.StatusOK, view{…}) // the whole page
//	screen.Live(view{…})                      // only the live region, for Stream.Publish
//
// The template files of a screen define these blocks; all but live may be left out:
//
//	live     the inside of the live region, below the page's notices. Sees only what everybody may see.
//	body     what stands in <main>; left out it is {{template "region" .}}. Whoever defines it places
//	         {{template "region" .}} (the live region) where it belongs.
//	bar      the header bar itself, for screens that need none, such as the wall
//	tools    links and small buttons in the header bar, beside the screen's name
//	foot     what stands in the footer
//	style    instead of the style more.css, for screens that can do without at first
//	more     instead of the script more.js, for screens that can do without at first
//	head     more elements for <head>
//
// In templates: {{.Say "line.ask" "n" 3}} speaks (also {{$.Say …}} inside a range), {{ms .Deadline}}
// turns a time.Time into milliseconds since 1970 (0 for the zero time), {{qr .URL (.Say "door.qr")}}
// draws a QR code, {{asset "chair.css"}} is an asset's address, {{args "a" 1 "b" 2}} makes a map to
// hand to a template. Parts of the frame to use: {{template "field" F}} with a [Field] (label, hint and error beside
// the input), {{template "id" "call-7"}} (the hidden command id), {{template "side" (args "side" "room"
// "label" (.Say "side.room"))}} (room or online, told apart by shape and label).
//
// The sentences the frame itself speaks begin with "page."; see [FrameKeys].
//
// # The live region
//
// <div id="live" data-live="URL" data-version="site:version">. The stream at URL sends it whole, one
// event a view. The script puts a view in with a keyed morph: an element keeps its identity when its
// data-key (or id) is the same among its siblings, so give every row of a list a data-key. Focus,
// half-typed text, open <details> and scroll positions survive. Elements with data-keep are left
// alone altogether, the inside included (by key; what the reader has done there stays).
// A form in which people type stands better outside the region, or has data-keep.
// Rounded times, not ticking ones, belong in the region; for ticking ones name the moment:
//
//	<time data-until="ms">14:35</time>   counts down, "2:07"; below zero "−0:12" and data-over is set
//	<time data-since="ms">14:20</time>   counts up
//
// with ms milliseconds since 1970 on the server's clock; the script knows the difference to its own.
//
// What a region says again and again is told once: a stream with [Phrases] has one letter for each, and the script puts
// them back before it looks at a view. It is given to who asks for it ("&phrases" in data-live, from the server that serves
// the script); programs read the region as it is.
//
// # What is mine
//
//	in the region    <ul data-rows hidden><li data-key="t17" data-alert="next|called">…</li>…</ul>
//	                 <ul data-order="t9 t17 t12" hidden><li>…first…</li><li>…second and all after…</li></ul>
//	outside          <section id="mine" data-mine="t17 t21"> the same rows, rendered by the server </section>
//
// The script copies the inside of my rows (the ticket ids in data-mine, parted by spaces) into one
// <div data-key="t17"> each inside [data-mine], and renews it with every view. To t17 belongs every row with its key,
// and of every order that names it the item at its place, or else the last; all in the order of the region. What hangs on
// a place and not on a ticket stands in an order: when the line moves on, the order loses an id and the sentences stay,
// while rows would change one and all (a call in a line of thirty: 250 bytes instead of 500). While a row of mine has
// data-alert, <html data-alert="next|called"> is set (full-screen colour), and when it begins the phone
// vibrates, sounds (not if [data-mine] has data-quiet) and the row's first paragraph, or else its text, is spoken
// in the status region. When a row of mine comes or goes, when data-fresh on a row of mine or on an element of the
// region changes, and after every accepted press, every element [data-own] (with an id) is fetched anew from the page's own address: put what is only mine there, [data-mine]
// included. A hidden tab closes its stream after 60 s unless a row of mine waits.
//
// # Forms
//
// In a row of the region <input type=hidden name=ticket value=""> stands for the ticket whose row it is; the script fills it in
// where the row is mine.
//
// Every <form method="post"> is sent by fetch as its browser would send it, with "Accept:
// application/json", unless it has data-native. A hidden input named id carries the command id: rendered
// by {{template "id" …}} it is the same for the same press of the same page, and the script replaces it
// with a random one for every press. A press whose answer is unknown (network gone, 502, 503, 504) is sent
// again, with the same id, three times by itself and then by the next press. While a press is under way,
// and for 600 ms after it began, further ones on forms of the same data-press (or else action) are
// dropped, unless the form has data-again (counters like "+1").
//
//	<form data-kept="It goes out by itself …">  a press whose answer is unknown goes on being sent until it is answered, and says
//	                                so. It survives a lock and a reload of this tab, and its field ago tells how many ms ago it
//	                                was made. A page has one such press at a time
//
// The age of a press is the difference of two readings of the phone's wall clock, each corrected by the server's time that the
// stream told last. A clock that is wrong by years says the right age; one that is set right when the network is back, too,
// because the stream begins anew with it; and it runs on while a phone sleeps, where monotonic clocks stop on some systems.
//
// The server answers with [Reply]: status below 400 accepts. The sentence is shown in the status region;
// accepted forms are reset (unless data-keepsake) and a surrounding <details data-close> is closed; field
// errors are put into [data-error="name"] of the form and beside the field; Go, or else the form's own field go, opens
// another page.
//
// What follows comes with more.js, which every screen loads unless it defines the block more:
//
//	<button data-hotkey="n">        is pressed by the key n while nobody types
//	<input type=checkbox data-keys>  lets the reader switch the keys off; remembered in this browser
//	<details open data-once="chair"> stays closed in this browser once it was closed; stands outside the region
//	<textarea id="c" data-aloud="{n} s aloud" data-limit="60" data-aloud-over="…"> with
//	<output for="c">                shows the seconds it takes to read the text out; [Aloud] counts alike
//	<textarea id="c" data-draft>    on a page with draft.js: what is half written outlives a reload of the tab, until
//	                                its form is accepted
//	… data-count="letters|words"    makes it count these instead, against the same data-limit
//	<button type=button data-copy="#id" data-copied="copied">  copies a field's value or an element's text
//	<form data-native data-hash><input type=hidden name=pass>  takes the secret behind # from the address,
//	                                clears it there and submits itself
//
// # The state of the page
//
// <html data-state="live|catching-up|cut|stale|refused"> and the banner [data-banner], which shows the sentence
// of its attribute data-cut, data-stale, data-catching-up or data-refused with {time} replaced by the
// time the server was last heard. Live shows no banner. Pages without a live region have no state.
// [Page].AsOf is what paper, and a page without script, says instead.
//
// # Around the screens
//
// A [Stream] for each screen and language; call Announce (or Publish) with every new view, Serve behind the
// check of the pass, Close when a pass is revoked, Shut when the program stops. [Guard] wraps everything,
// [Assets] is mounted at "GET /a/". The server must set no WriteTimeout for streams: each write has its own.
//
// # Style
//
// om.css gives plain HTML its look; the classes and tokens stand at its beginning. A screen's own file
// uses the tokens (var(--ink), var(--room), var(--gap) …) and logical properties.
//
// Tests look at screens with [openmic/internal/web/page/browser].
package page
