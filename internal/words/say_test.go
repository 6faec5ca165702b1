package words

import (
	"fmt"
	"strings"
	"testing"
)

func TestEverySentenceCanBeSaid(t *testing.T) {
	for _, l := range languages {
		for key, s := range l.sentences {
			for n := range 121 {
				var args []any
				for name, sort := range s.placeholders() {
					if sort == "duration" {
						args = append(args, name, n*1000)
					} else {
						args = append(args, name, n)
					}
				}
				if said := l.Say(key, args...); said == "" || strings.ContainsAny(said, "{}") {
					t.Fatalf("%s says %q for %s with %d", l.Tag(), said, key, n)
				}
			}
		}
	}
}

// How the same moments sound in each language. Isolates around names are shown as ‹ ›, blanks that do not break as _.
func Example() {
	visible := strings.NewReplacer(firstStrongIsolate, "‹", rightToLeftIsolate, "‹", popIsolate, "›", "\u00a0", "_", "\u202f", "_")
	for _, l := range Languages() {
		who := l.Say("consent.who.group", "name", "Sita", "group", l.Say("group.civil"))
		for _, said := range []string{
			l.Name(),
			l.Say("reason.place-online", "place", 3) + " " + l.Say("reason.before", "n", 5, "d", 470_000),
			l.Say("reason.balance-online", "d", 125_000),
			l.Say("reason.many-online", "n", 14, "m", 6),
			l.Say("reason.new", "who", l.Say("consent.who.name", "name", "Sita")),
			l.Say("reason.override", "class", l.Say("class.direct-reply"), "t", "14:32"),
			l.Say("consent.read.question", "who", who, "text", "How do we train each other?"),
		} {
			fmt.Println(visible.Replace(said))
		}
	}
	// Output:
	// English
	// You are 3rd online. About 5 people of both sides speak before you: about 8 min of floor time.
	// Online goes next: online has waited 2:05 longer than the room.
	// Two online for one in the room now, because 14 wait online and 6 in the room.
	// First comes Sita, who has not spoken yet.
	// The chair called someone first: direct reply to what was just said (recorded 14:32).
	// A question from Sita, Civil Society: How do we train each other?
	// العربية
	// ترتيبك عبر الإنترنت: 3. يتحدث قبلك من الجانبين نحو 5، أي ما يقارب 8 دقائق من وقت الكلام.
	// الدور لمشارك عبر الإنترنت: انتظارهم أطول من انتظار القاعة بمقدار 2:05.
	// الآن اثنان عبر الإنترنت مقابل واحد من القاعة، لأن عدد المنتظرين عبر الإنترنت 14 وفي القاعة 6.
	// الدور أولًا لـ‹‹Sita››، لأخذ الكلمة للمرة الأولى.
	// دعت رئاسة الجلسة شخصًا آخر أولًا: ‹ردّ مباشر على ما قيل› (سُجِّل في ‹14:32›).
	// سؤال من ‹‹Sita›، ‹المجتمع المدني››: ‹How do we train each other?›
	// Français
	// Vous êtes au 3e rang en ligne. Environ 5 personnes des deux côtés parlent avant vous, soit environ 8 min de parole.
	// Au tour d’une personne en ligne_: le côté en ligne a attendu 2:05 de plus que la salle.
	// Deux en ligne pour une personne de la salle en ce moment_: en attente, 14 en ligne et 6 dans la salle.
	// D’abord Sita, qui n’a pas encore parlé.
	// La présidence a appelé quelqu’un d’abord_: réponse directe à ce qui vient d’être dit (noté à 14:32).
	// Question posée par Sita, Société civile_: How do we train each other?
	// 日本語
	// オンラインで3番目です。 会場とオンライン合わせて、先に約5人が発言します。発言時間にして約8分です。
	// 次はオンラインです。オンラインの方が会場より2:05長く待っています。
	// いまは会場1人につきオンライン2人の順です。オンラインで14人、会場で6人が待っています。
	// まだ発言していないSitaさんを先に呼びます。
	// 議長の判断で、ほかの方が先になりました。理由：直前の発言への直接の返答（14:32記録）。
	// Sitaさん（市民社会）からの質問です。How do we train each other?
}
