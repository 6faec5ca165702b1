package site_test

import (
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// The desk enters a hand of the video tool; the same name a second time is offered as the same person.
func TestHandsInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	desk := st.screen(b, "All in one", "desk", browser.Laptop)
	chair := st.screen(b, "All in one", "chair", browser.Phone)
	hand := func(name string) {
		t.Helper()
		desk.Type(t, `#hand-name`, name)
		desk.Click(t, `.enter-panel form > .two button`)
	}
	people := func(n int) {
		t.Helper()
		v := st.hall.Session.View()
		got := 0
		for i := range v.People {
			if v.People[i].Origin == "hand" {
				got++
			}
		}
		if got != n {
			t.Errorf("%d people were entered by hand, not %d", got, n)
		}
	}
	hand("Maria Silva")
	says(t, chair, ".next-panel", "Maria Silva")
	maria := st.ticket("Maria Silva")

	// She is called: the desk asks her to unmute, and her seconds begin then.
	chair.Click(t, press("call"))
	says(t, chair, ".now-panel", "Ask them to unmute")
	desk.Click(t, press("unmuted"))
	for _, tab := range []*browser.Tab{desk, chair} {
		says(t, tab, ".now-panel", "to answer")
		gone(t, tab, press("unmuted"))
	}
	// There is no sound: the desk reads out what she wrote.
	desk.Click(t, `[data-key=instead] summary`)
	desk.Type(t, `#instead-text`, "Who pays for the second cable?")
	desk.Click(t, press("instead"))
	says(t, desk, ".read", "Read this out now")
	says(t, desk, ".read .aloud", "A question from Maria Silva: Who pays for the second cable?")
	says(t, chair, ".now-panel .aloud", "Who pays for the second cable?")
	desk.Click(t, press("start"))
	says(t, chair, ".now-panel", "Now speaking")
	chair.Click(t, press("end"))
	gone(t, desk, `[data-key=k`+string(maria)+`]`)

	// The same name again is offered as the same person; saying so keeps one person with two asks.
	hand("  maria   SILVA ")
	says(t, desk, ".same", "Is it the same person?")
	desk.Axe(t)
	desk.Click(t, `.same .entered button`)
	says(t, desk, ".line-panel", "has spoken: 1")
	says(t, chair, ".next-panel", "Maria Silva")
	people(1)
	desk.Until(t, alive)
	gone(t, desk, ".same")

	// And again, while she waits: it is said, and another person of the name can be entered.
	hand("Maria Silva")
	says(t, desk, ".same", "in the line already")
	desk.Click(t, `.same .acts button`)
	desk.Until(t, `document.querySelectorAll(".line-panel .places > li").length === 2`)
	people(2)
}

// Cards are merged, and the chat is pasted as often as one likes.
func TestCardsAndChatInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	bo, chen := st.join("Bo Lindqvist", "online", "name"), st.join("Chen Mei", "online", "name")
	first := st.do(bo, "write", map[string]any{"text": "Who pays for the second cable?"}).Of("asked")
	st.wait(time.Second)
	second := st.do(chen, "write", map[string]any{"text": "And the second cable, who pays?"}).Of("asked")
	desk := st.screen(b, "All in one", "desk", browser.Laptop)
	desk.Click(t, of("k"+first, press("approve")))
	says(t, desk, ".read", "Who pays for the second cable?")
	desk.Click(t, of("c"+second, "summary"))
	choose(t, desk, "#merge-"+string(second), string(first))
	desk.Click(t, of("k"+second, press("merge")))
	says(t, desk, string(`[data-key=k`+first+`]`), "also asked: +1")
	gone(t, desk, `[data-key=k`+string(second)+`]`)

	chat := "10:01:07\t From Maria Silva : Is there a handbook?\n" +
		"10:02:11\t From Tane Rua : <question>Who trains the trainers?</question>\n" +
		"10:02:40\t From Maria Silva to Tane Rua (Direct Message) : hello you\n"
	paste := func(text, told string) {
		t.Helper()
		desk.Type(t, `#chat-text`, text)
		desk.Click(t, `form[action=chat]:has(#chat-text) button`)
		says(t, desk, `#chat [role=status]`, told)
	}
	paste(chat, "New lines: 1. New cards: 1. Private lines left out: 1.")
	says(t, desk, `.chat`, "Is there a handbook?")
	says(t, desk, `.cards`, "Who trains the trainers?")
	desk.Click(t, `.chat [value=question]`)
	gone(t, desk, `.chat`)
	rest(t, desk)
	desk.Until(t, `[...document.querySelectorAll(".cards .words")].filter(w => w.innerText === "Is there a handbook?").length === 1`)
	paste(chat+"10:03:00\t From Tane Rua : Thank you.\n", "New lines: 1. New cards: 0.")
	says(t, desk, `.chat`, "Thank you.")
	desk.Until(t, `document.querySelectorAll(".chat > li").length === 1 && document.querySelectorAll(".cards > li").length === 3`)
	if body := desk.Text(t, "body"); strings.Contains(body, "hello you") {
		t.Error("a private line stands on the desk")
	}
}

// The chair begins late, sees what the panel takes, calls somebody first with a reason, and extends: on a phone.
func TestChairOnAPhoneInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.wait(12 * time.Minute)
	chair := st.screen(b, "All in one", "chair", browser.Phone)
	wall := st.screen(b, "Wall", "wall", browser.Projector)
	says(t, chair, ".begin", "It is 10:12. The end stays 11:30: the panel gives time first, the secured discussion keeps its minutes.")
	chair.Click(t, press("open"))
	says(t, chair, ".time-panel", "The session ends at 11:30.")
	if text := chair.Text(t, ".segments"); !strings.Contains(text, "10:50–11:30 · 40 min") {
		t.Errorf("the discussion does not keep its minutes:\n%s", text)
	}
	unsays(t, chair, ".time-panel", "eaten")
	st.wait(41*time.Minute + 10*time.Second)
	says(t, chair, ".eaten", "Quick panel has eaten 3:10 of the discussion.")
	chair.Axe(t)
	sideways(t, chair, "chair")

	chair.Click(t, `.time-panel `+press("begin"))
	ana, dara := st.join("Ana Sosa", st.room(), "group"), st.join("Dara Sok", st.room(), "group")
	st.do(st.all, "admit", nil)
	st.do(ana, "ask", nil)
	st.wait(time.Second)
	place := st.do(dara, "ask", nil).Of("asked")
	says(t, chair, ".next-panel", "Ana Sosa")
	chair.Click(t, of("m"+place, "summary"))
	choose(t, chair, "#class-"+string(place), floor.Classes[1])
	chair.Type(t, "#note-"+string(place), "has to leave for the airport")
	chair.Click(t, of("m"+place, press("override")))
	says(t, chair, ".now-panel", "Dara Sok")
	says(t, chair, ".now-panel", "Called first by the chair")
	says(t, wall, "main", "The chair called someone first")
	chair.Click(t, press("start"))
	chair.Click(t, press("extend"))
	says(t, chair, ".now-panel", "extended once")
	gone(t, chair, press("extend"))
	says(t, chair, ".now-panel", "3:00 in all")
}

// At the microphone: a walk-up, five hands without a name, and taking one back.
func TestVenueInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	venue := st.screen(b, "All in one", "venue", browser.Phone)
	chair := st.screen(b, "All in one", "chair", browser.Laptop)
	venue.Type(t, `#walkup-name`, "Sione Taufa")
	venue.Click(t, `[name=agreed]`)
	venue.Click(t, `.mics button[value="2"]`)
	says(t, chair, ".next-panel", "Sione Taufa")
	says(t, chair, ".next-panel", "Microphone 2")
	venue.Until(t, `document.querySelector("#walkup-name").value === ""`)

	choose(t, venue, `#unnamed-mark`, "hand, left")
	venue.Click(t, `.unnamed [value="5"]`)
	says(t, chair, ".line-panel .side-room", "room 6")
	venue.Click(t, `.unnamed [value="1"]`)
	says(t, chair, ".line-panel .side-room", "room 7")
	venue.Until(t, `document.querySelectorAll(".enter-panel .entered > li").length === 5`)
	says(t, venue, ".enter-panel .entered", "hand, left")
	venue.Click(t, `.enter-panel .entered button`)
	says(t, chair, ".line-panel .side-room", "room 6")

	// A wrong name is taken back as well, also when others were entered since.
	walkup := st.ticket("Sione Taufa")
	for _, left := range []string{"room 5", "room 4"} {
		venue.Click(t, `.enter-panel .entered button`)
		says(t, venue, ".line-panel .side-room", left)
	}
	venue.Click(t, `.enter-panel [data-key="`+string(walkup)+`"] button`)
	says(t, chair, ".line-panel .side-room", "room 3")
	unsays(t, chair, "main", "Sione Taufa")
}

// A speaker reads what is asked of them, asks for a reply, sees their own clock, and answers in writing; whoever asked
// has every answer on their phone at once.
func TestSpeakerInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	speaker := st.screen(b, "Leilani Moana", "speaker", browser.Phone)
	chair := st.screen(b, "All in one", "chair", browser.Laptop)
	bo := b.Open(t, "about:blank", browser.Phone)
	st.come(bo, "online", "Bo Lindqvist")
	bo.Click(t, `a[href="?card#own"]`)
	bo.Type(t, `#card`, "Who repairs the mast after a storm?")
	says(t, bo, `output[for=card]`, "3 s aloud")
	choose(t, bo, `#card-to`, string(st.person("Leilani Moana").ID))
	bo.Click(t, press("write"))
	says(t, bo, "#own", "Received at")
	card := st.ticket("Bo Lindqvist")
	st.do(st.all, "approve", map[string]any{"ticket": card})
	says(t, speaker, "#mine .cards", "Who repairs the mast after a storm?")
	st.do(st.all, "call", nil) // a card is read out at once
	st.wait(5 * time.Second)
	st.do(st.all, "end", nil)
	says(t, bo, "#own", "Read out at")

	// Her reply.
	speaker.Click(t, `form:has([name=kind][value=reply]) button`)
	says(t, speaker, "#mine", "The chair sees it.")
	speaker.Click(t, `form:has([name=kind][value="`+floor.Right+`"]) button`)
	says(t, chair, ".deck + .panel", "Leilani Moana")
	speaker.Click(t, `[data-key="off-`+floor.Right+`"] button`)
	chair.Until(t, `document.querySelectorAll("[data-press^=wish]").length === 1`)
	chair.Click(t, `[data-press^=wish] button`)
	says(t, chair, ".now-panel", "Leilani Moana")
	says(t, speaker, "#mine", "You are speaking.")
	speaker.Until(t, `/^[12]:\d\d$/.test(document.querySelector("#mine .clock").innerText)`)
	speaker.Axe(t)
	sideways(t, speaker, "speaker")
	speaker.Click(t, press("yield"))
	says(t, chair, ".now-panel", "Nobody has the floor.")
	gone(t, speaker, "#mine .clock")

	// In writing, twice.
	for _, answer := range []string{"The village does, with a spare in the harbour.", "There is a plan for it."} {
		speaker.Click(t, of("q-"+card, "summary"))
		speaker.Type(t, of("q-"+card, "textarea"), answer)
		speaker.Click(t, of("q-"+card, press("answer")))
		says(t, bo, "#own", answer)
		speaker.Until(t, `!document.querySelector("#mine .cards details").open`)
		says(t, speaker, "#mine .cards", answer)
		rest(t, speaker)
	}
}

// Over plain HTTP a page has no clipboard. Texts are copied the old way, and where even that is refused, they are marked
// and the reader is told.
func TestCopyInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.discuss()
	tab := b.Open(t, st.site.Local()+"/", browser.Phone)
	tab.Before(t, `Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})
addEventListener('copy', () => { window.copied = getSelection().toString() })`)
	base := st.login(tab, st.links["All in one"])
	for screen, x := range map[string]struct{ button, text string }{
		"desk":   {`[data-copy="#text-open-en"]`, "Welcome! People in the room and online"},
		"report": {`[data-copy]`, "Volunteers need successors."},
	} {
		tab.Go(t, base+screen)
		tab.Click(t, x.button)
		tab.Until(t, `window.copied?.startsWith("`+x.text+`")`)
		says(t, tab, "#said", "Copied")
		tab.Eval(t, `Document.prototype.execCommand = () => false, getSelection().empty()`, nil)
		tab.Click(t, x.button)
		says(t, tab, "#said", "marked")
		tab.Until(t, `getSelection().toString().startsWith("`+x.text+`")`)
	}
}
