package plan

import (
	"strings"
)

// section is what a heading of the form announces.
type section string

const (
	secHead       section = ""           // before the first heading
	secLost       section = "lost"       // after a gap that shows that a heading was lost
	secTimes      section = "times"      // a line with start and end
	secOrganizerN section = "organizer#" // "Organizer 3: …"
	secSpeakerN   section = "speaker#"   // "Speaker 3: …"
	secFormatLine section = "formatline" // "Round Table - U-shape - 90 Min"

	secTime       section = "time"
	secRoom       section = "room"
	secThemes     section = "themes"
	secOrganizers section = "organizers"
	secCoalition  section = "coalition"
	secSpeakers   section = "speakers"
	secAdditional section = "additional"
	secOnsite     section = "onsite"
	secOnline     section = "online"
	secRapporteur section = "rapporteur"
	secFormat     section = "format"
	secDuration   section = "duration"
	secFormatText section = "formattext"
	secQuestions  section = "questions"
	secMoreQs     section = "morequestions"
	secGain       section = "gain"
	secText       section = "description"
	secOutcomes   section = "outcomes"
	secHybrid     section = "hybrid"
	secAgenda     section = "agenda"
	secSDGs       section = "sdgs"
	secTargets    section = "targets"
	secFullTitle  section = "fulltitle"
	secOther      section = "other" // a heading we know and do not need
)

// headings are the headings of the IGF forms, folded as labelKey folds them.
var headings = map[string]section{
	"time": secTime, "date": secTime, "date and time": secTime,
	"room": secRoom, "venue": secRoom, "location": secRoom,
	"subtheme": secThemes, "subthemes": secThemes, "sub-theme": secThemes, "sub-themes": secThemes, "theme": secThemes, "themes": secThemes,
	"thematic track": secThemes, "thematic tracks": secThemes, "topics": secThemes,
	"organizer": secOrganizers, "organizers": secOrganizers, "organiser": secOrganizers, "organisers": secOrganizers,
	"co-organizers": secOrganizers, "proposer": secOrganizers, "proposers": secOrganizers, "organizing team": secOrganizers,
	"session organizers": secOrganizers, "session organizer": secOrganizers,
	"dc": secCoalition, "dynamic coalition": secCoalition,
	"speaker": secSpeakers, "speakers": secSpeakers, "panelists": secSpeakers, "panellists": secSpeakers, "discussants": secSpeakers,
	"confirmed speakers": secSpeakers, "list of speakers": secSpeakers, "presenters": secSpeakers,
	"additional speakers": secAdditional, "additional speaker": secAdditional,
	"moderator": secOnsite, "moderators": secOnsite, "onsite moderator": secOnsite, "on-site moderator": secOnsite, "onsite moderators": secOnsite,
	"on site moderator": secOnsite, "in-person moderator": secOnsite, "session moderator": secOnsite,
	"online moderator": secOnline, "on-line moderator": secOnline, "remote moderator": secOnline, "online moderators": secOnline, "virtual moderator": secOnline,
	"rapporteur": secRapporteur, "rapporteurs": secRapporteur, "session rapporteur": secRapporteur,
	"format": secFormat, "session format": secFormat, "duration": secDuration, "session duration": secDuration,
	"format description": secFormatText, "description of the format": secFormatText,
	"policy question": secQuestions, "policy questions": secQuestions, "guiding questions": secQuestions, "guiding question": secQuestions,
	"additional policy questions information": secMoreQs, "additional policy question information": secMoreQs,
	"what will participants gain from attending this session": secGain,
	"description": secText, "session description": secText, "session content": secText, "content of the session": secText, "content": secText,
	"expected outcomes": secOutcomes, "expected outcome": secOutcomes, "outcomes": secOutcomes, "expected outputs": secOutcomes,
	"hybrid format": secHybrid, "hybrid": secHybrid, "online participation": secHybrid, "hybrid participation": secHybrid,
	"how will you facilitate interaction between onsite and online speakers and attendees": secHybrid,
	"interaction between onsite and online":                                                secHybrid,
	"agenda":                                                                               secAgenda, "tentative agenda": secAgenda, "session agenda": secAgenda, "draft agenda": secAgenda, "programme": secAgenda, "run of show": secAgenda,
	"full title": secFullTitle, "full title of the session": secFullTitle,
	"sdgs": secSDGs, "sdg": secSDGs, "targets": secTargets, "target": secTargets,

	"connection with previous messages": secOther, "about this session": secText, "relevance to internet governance": secOther,
	"relevance to ig": secOther, "relevance to theme": secOther, "relevance": secOther, "interventions": secOther, "diversity": secOther,
	"discussion facilitation": secOther, "usage of igf official tool": secOther, "usage of igf tool": secOther, "proposed additional tools": secOther,
	"background paper": secOther, "background document": secOther, "background documents": secOther, "reference document": secOther, "reference documents": secOther,
	"organization's website": secOther, "organization’s website": secOther, "website": secOther, "issues": secOther, "issue": secOther,
	"key takeaways": secOther, "call to action": secOther, "session report": secOther, "report": secOther, "transcript": secOther, "video": secOther,
	"new online format": secOther, "using igf official tools": secOther, "tags": secOther, "additional information": secOther,
	"additional reference document": secOther, "additional reference documents": secOther, "additional reference document link": secOther,
	"session type": secOther, "interpretation": secOther, "captions": secOther, "share": secOther,
}

// inline are the headings whose value may stand behind a colon on the same line.
var inline = map[section]bool{
	secRoom: true, secThemes: true, secOnsite: true, secOnline: true, secRapporteur: true, secFormat: true, secDuration: true, secFormatText: true,
	secQuestions: true, secMoreQs: true, secGain: true, secText: true, secOutcomes: true, secHybrid: true, secTargets: true, secOther: true, secAgenda: true,
	secOrganizers: true, secSpeakers: true, secAdditional: true, secTime: true, secFullTitle: true,
}

var parenthesis = pattern(`\s*\([^()]{0,200}\)`)

// labelKey folds a possible heading: no case, no "(s)", no remarks in parentheses, no marks at the end.
func labelKey(s string) string {
	if len(s) > 200 {
		return ""
	}
	s = strings.ToLower(strings.Trim(s, " :*#_?"))
	s = strings.ReplaceAll(s, "(s)", "s")
	if strings.Contains(s, "(") {
		s = parenthesis().ReplaceAllString(s, "")
	}
	return strings.Trim(s, " :*?")
}

// heading recognises a heading and the value behind it, if any.
func heading(l line) (sec section, rest string, ok bool) {
	if len(l.s) <= 120 {
		if sec, ok := headings[labelKey(l.s)]; ok {
			return sec, "", true
		}
	}
	for _, mark := range []string{":", "?"} {
		at := strings.Index(l.s[:min(len(l.s), 120)], mark)
		if at < 0 {
			continue
		}
		sec, ok := headings[labelKey(l.s[:at])]
		if ok && inline[sec] && (mark == ":" || sec == secGain || sec == secHybrid) && !l.bullet {
			return sec, strings.TrimLeft(l.s[at+1:], " :"), true
		}
	}
	return "", "", false
}

// goals are the names of the Sustainable Development Goals, by the words they begin with.
var goals = []string{
	"no poverty", "zero hunger", "good health", "quality education", "gender equality", "clean water", "affordable and clean", "decent work",
	"industry, innovation", "reduced inequalit", "sustainable cities", "responsible", "climate action", "life below", "life on land", "peace", "partnership",
}

var goalLine = pattern(`(?i)^(?:goal |sdg )?(\d{1,2})(?:\.([0-9a-z]{1,2}))?[.:]?(?: (.*))?$`)

// isGoal says whether a line names a development goal: a fixed list of the site that is no part of a plan.
func isGoal(s string) bool {
	if len(s) > 120 {
		return false
	}
	m := goalLine().FindStringSubmatch(s)
	if m == nil {
		return false
	}
	if m[3] == "" {
		return m[2] != ""
	}
	for _, g := range goals {
		if hasPrefixFold(m[3], g) {
			return true
		}
	}
	return false
}
