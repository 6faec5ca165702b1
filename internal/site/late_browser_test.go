package site_test

import (
	"fmt"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// clockOf makes a phone's clock wrong by so many ms, at first and from when the page says that it was set right; and lets
// its pauses pass ten times as fast.
func clockOf(wrong int64) string {
	return fmt.Sprintf(`{
	const Right = Date, slow = setTimeout
	window.wrong = %d
	globalThis.Date = class extends Right {
		constructor(...at) { at.length ? super(...at) : super(Right.now() + window.wrong) }
		static now() { return Right.now() + window.wrong }
	}
	globalThis.setTimeout = (then, ms, ...more) => slow(then, ms / 10, ...more)
}`, wrong)
}

// A phone without network is pressed, and its ask arrives when the network is back. Its place is where it arrives; that it was
// pressed before is told to whose it is and to the crew, and orders nothing. What the phone's clock says of the year does not
// matter, nor that it is set right when the network is back. The same press again counts once.
func TestAPhoneWithoutNetworkInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	st.do(st.join("Ana Sosa", st.room(), "group"), "ask", nil)
	st.wait(40 * time.Second) // the phone's seconds go on, those of the stage do not
	chair := st.screen(b, "All in one", "chair", browser.Laptop)
	hours := int64(time.Hour / time.Millisecond)
	year2099 := time.Date(2099, 12, 31, 23, 0, 0, 0, time.UTC).UnixMilli() - time.Now().UnixMilli()
	for _, x := range []struct {
		who, door   string
		wrong, then int64 // by how many ms the phone's clock is wrong, and when the network is back
	}{{"Bo Lindqvist", "online", 0, 0}, {"Chen Mei", "online", year2099, year2099}, {"Dara Sok", "room", -7 * hours, -7 * hours}, {"Ema Petrov", "room", year2099, 0}} {
		t.Run(x.who, func(t *testing.T) {
			door := x.door
			if door == "room" {
				door = st.room()
			}
			phone := b.Open(t, "about:blank", browser.Phone)
			phone.Before(t, clockOf(x.wrong))
			st.come(phone, door, x.who)
			phone.Until(t, alive)
			pressed := st.clock().Format("15:04")
			phone.Offline(t, true)
			phone.Click(t, press("ask"))
			says(t, phone, "#said", "Not taken yet. It goes out by itself")
			st.wait(17 * time.Minute)
			before := st.join("Before "+x.who, door, "group")
			st.do(before, "ask", nil)
			st.do(st.all, "admit", nil)
			phone.Click(t, press("ask")) // again, in doubt
			var id string
			phone.Eval(t, `JSON.parse(sessionStorage.omKept)[0]`, &id)
			phone.Eval(t, fmt.Sprintf(`window.wrong = %d`, x.then), nil)
			arrived := st.clock().Format("15:04")
			phone.Offline(t, false)
			says(t, phone, "#own", fmt.Sprintf("Pressed at %s, without network; the place is from %s, when it arrived.", pressed, arrived))
			phone.Until(t, `document.querySelector("#said").innerText === "" && !sessionStorage.omKept && document.querySelector("#mine").innerText !== ""`)

			ticket := st.ticket(x.who)
			says(t, chair, of(ticket, ".badge"), "phone says: pressed at "+pressed)
			own, other := st.hall.Session.View().Ticket(ticket), st.hall.Session.View().Ticket(st.ticket("Before "+x.who))
			if minutes := (own.Ago + 30_000) / 60_000; minutes != 17 {
				t.Errorf("the phone says that it was pressed %d ms before", own.Ago)
			}
			if !other.Place.Before(own.Place) {
				t.Error("who asked before it arrived stands behind")
			}
			// The same press again, as if its answer had been lost.
			var answer struct {
				Made []struct{ ID floor.ID }
			}
			phone.Eval(t, `fetch('do', {method: 'POST', headers: {Accept: 'application/json'}, body: new URLSearchParams({do: 'ask', id: '`+id+`', ago: '99999'})}).then(r => r.json())`, &answer)
			again := st.hall.Session.View()
			if len(answer.Made) != 1 || answer.Made[0].ID != ticket || again.Person(own.Person).Asked != 1 || again.Ticket(ticket).Ago != own.Ago {
				t.Errorf("the same press again made %v", answer.Made)
			}
		})
	}
}

// A card is written without network, and the page is left before it went out: it goes out when the page is back, once, and the
// desk sees when it was pressed.
func TestACardOutlivesItsPageInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	st.wait(40 * time.Second)
	desk := st.screen(b, "All in one", "desk", browser.Laptop)
	phone := b.Open(t, "about:blank", browser.Phone)
	phone.Before(t, clockOf(0))
	st.come(phone, "online", "Bo Lindqvist")
	phone.Click(t, `a[href="?card#own"]`)
	phone.Until(t, `location.search && `+alive) // the page before is alive, too
	var here string
	phone.Eval(t, `location.href`, &here)
	phone.Offline(t, true)
	phone.Type(t, `#card`, "Who repairs the mast, & when?")
	phone.Click(t, press("write"))
	says(t, phone, "#said", "Not taken yet. It goes out by itself")
	phone.Go(t, "about:blank")
	st.wait(5 * time.Minute)
	phone.Offline(t, false)
	phone.Go(t, here)
	phone.Until(t, `!location.search && document.querySelector("#own").innerText.includes("Pressed at 10:01, without network; the place is from 10:06, when it arrived.")`)
	says(t, phone, "#own", "Who repairs the mast, & when?")
	says(t, desk, of("k"+st.ticket("Bo Lindqvist"), ".from"), "phone says: pressed at 10:01")
	phone.Go(t, here)
	phone.Until(t, alive)
	phone.Until(t, `document.querySelector("#card").value === "" && !sessionStorage.omKept`)
	if n := st.person("Bo Lindqvist").Asked; n != 1 {
		t.Errorf("the card was taken %d times", n)
	}
}
