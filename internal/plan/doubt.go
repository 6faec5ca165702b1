package plan

import "strings"

// Code is the kind of a doubt. Codes are stable: tests and catalogues depend on them.
type Code string

// The codes, from "nothing there" to "there, but".
const (
	NotFound         Code = "not_found"
	InPart           Code = "in_part"
	ByPosition       Code = "by_position"
	FromName         Code = "from_name"
	FromShape        Code = "from_shape"
	FromProse        Code = "from_prose"
	Derived          Code = "derived"
	TimesDisagree    Code = "times_disagree"
	SumDisagrees     Code = "sum_disagrees"
	SplitByMark      Code = "split_by_mark"
	SeveralQuestions Code = "several_questions"
	MoreQuestions    Code = "more_questions"
	NoQuestionMark   Code = "no_question_mark"
	CutOff           Code = "cut_off"
	ExtraComma       Code = "extra_comma"
	FreeLine         Code = "free_line"
	ToBeDecided      Code = "to_be_decided"
	NameHidden       Code = "name_hidden"
	LockDamaged      Code = "lock_damaged"
	UnknownGroup     Code = "unknown_group"
	UnknownShape     Code = "unknown_shape"
	SecondValue      Code = "second_value"
	EncodingGuessed  Code = "encoding_guessed"
	TextShortened    Code = "text_shortened"
)

// sentences is the English of every code; screens have it in four languages as doubt.<code>.
var sentences = map[Code]string{
	NotFound:         "This was not found in the text.",
	InPart:           "At least one entry below is doubtful.",
	ByPosition:       "The heading is missing; this was taken from where the line stands.",
	FromName:         "This comes from the name of the file or the address, not from the text.",
	FromShape:        "This is concluded from the shape of the text; the text does not say it.",
	FromProse:        "This was read out of a sentence, not out of a field.",
	Derived:          "This was computed from other values.",
	TimesDisagree:    "The stated minutes and the start and end times disagree.",
	SumDisagrees:     "The parts do not add up to the minutes of the session.",
	SplitByMark:      "Several questions stand in one paragraph; they were separated at the question marks.",
	SeveralQuestions: "This paragraph holds more than one question.",
	MoreQuestions:    "The text has further questions under another heading.",
	NoQuestionMark:   "This has no question mark and may be an introduction.",
	CutOff:           "The text ends in the middle of this.",
	ExtraComma:       "There are more commas than expected; name and organisation may be divided wrongly.",
	FreeLine:         "The line does not follow the usual form of name, group and region.",
	ToBeDecided:      "The proposal says that this is not decided yet.",
	NameHidden:       "The site does not show this name.",
	LockDamaged:      "A damaged sign before the organisation was read as the lock of the site.",
	UnknownGroup:     "This is not a group as the IGF spells them.",
	UnknownShape:     "The text does not look like a proposal of a known site.",
	SecondValue:      "The text gives two different values; the first was taken.",
	EncodingGuessed:  "The encoding of the text was guessed; special letters may be wrong.",
	TextShortened:    "The text is very long; only its beginning was read.",
}

// Codes lists every code with its English sentence, for the catalogues.
func Codes() map[Code]string {
	all := make(map[Code]string, len(sentences))
	for c, s := range sentences {
		all[c] = s
	}
	return all
}

// doubt marks a field. The first doubt of a field stays: rules run from the most to the least important.
func (p *Proposal) doubt(field string, code Code) {
	if _, there := p.Doubts[field]; !there {
		p.Doubts[field] = Doubt{Code: code, Why: sentences[code]}
	}
}

// Sure says whether neither the field, nor anything it is part of, nor anything in it is doubtful. A field is named as
// in Doubts.
func (p *Proposal) Sure(field string) bool {
	for f := field; ; {
		if d, there := p.Doubts[f]; there && (f == field || d.Code != InPart) {
			return false
		}
		i := strings.LastIndexAny(f, ".[")
		if i < 0 {
			return true
		}
		f = f[:i]
	}
}
