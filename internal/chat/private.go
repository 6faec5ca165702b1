package chat

import (
	"strings"
)

// Words for everybody, as saved chats write them.
var everyone = pattern(`(?i)^(?:everyone|everybody|all|all attendees|all panelists and attendees|all participants|meeting group chat|alle|jeder|alle teilnehmer|tous|tout le monde|` +
	`tous les participants|todos|todo el mundo|todas? as pessoas|tutti|iedereen|alla|všem|wszyscy|все|всем|tümü|herkes|semua orang|mọi người|ทุกคน|全員|皆さん|全体|` +
	`所有人|每个人|每個人|大家|모두|전체|الجميع|الكل)(?:\s*\([^)]*(?:meeting|webinar|attendees)[^)]*\))?$`)

// Words that say: only for you. They stand in brackets behind a receiver, or on a line of their own.
var (
	only = pattern(`(?i)[(（\[][^()（）\[\]]*(?:privat|priv[ée]|direct|direkt|dirett|diret[ao]|личн|прям|ダイレクト|個別|個人|プライベート|私|直接|비공개|다이렉트|직접|개인|مباشر|خاص)[^()（）\[\]]*[)）\]]`)
	// The same behind a name, where it may as well say "Private Sector".
	behindName = pattern(`(?i)[(（](?:privately|private|privat|privé|en privé|privado|privatamente|direct message|message direct|mensaje directo|mensagem direta|messaggio diretto|direktnachricht|direkte nachricht|direct bericht|личное сообщение|ダイレクト\s?メッセージ|個別|プライベート|私訊|私聊|私人|直接訊息|直接消息|비공개|다이렉트 메시지|رسالة مباشرة)[)）]\s*$`)
	told       = pattern(`(?i)^\(?(?:private message|direct message|privatnachricht|private nachricht|message privé|mensaje privado|messaggio privato)(?: (?:to|from|an|von|à|de|para|a|da)\b.*)?\)?$`)
	me         = pattern(`(?i)^(?:me|you|mich|moi|mí|mi|mim|mij|私|自分|我|나|أنا|меня|мне)\b?[:.]?$`)
)

func everybody(to string) bool {
	return everyone().MatchString(strings.TrimSpace(strings.TrimRight(to, ": ")))
}

// secret: the receiver is one person, or it says so.
func secret(to string) bool {
	to = strings.TrimSpace(strings.TrimRight(to, ": "))
	return !everybody(to) && (only().MatchString(to) || me().MatchString(to))
}

// judge marks what was not for everybody. A receiver whose name we do not know stands for everybody only where nobody
// else does and several people wrote to it.
func judge(messages []message) {
	known := false
	senders := map[string]map[string]bool{}
	for _, m := range messages {
		switch {
		case m.to == "" || secret(m.to):
		case everybody(m.to):
			known = true
		default:
			if senders[m.to] == nil {
				senders[m.to] = map[string]bool{}
			}
			senders[m.to][m.Name] = true
		}
	}
	all := ""
	for to, who := range senders {
		if !known && len(who) >= 2 && (len(who) > len(senders[all]) || len(who) == len(senders[all]) && to < all) {
			all = to
		}
	}
	for i := range messages {
		m := &messages[i]
		m.Private = m.to != "" && !everybody(m.to) && (secret(m.to) || m.to != all) || behindName().MatchString(m.Name)
		for _, l := range strings.Split(m.Text, "\n") {
			m.Private = m.Private || told().MatchString(strings.TrimSpace(l))
		}
	}
	// In a window the note stands below the words it is about.
	for i := len(messages) - 1; i > 0; i-- {
		a, b := &messages[i-1], messages[i]
		if !b.whole && !a.whole && b.Private && a.Name == b.Name && a.stamp == b.stamp && told().MatchString(b.Text) {
			a.Private = true
		}
	}
}
