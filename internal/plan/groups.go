package plan

import (
	"strings"
)

// stakeholders are the spellings in which proposals name a stakeholder group, and the group as the IGF spells it.
var stakeholders = map[string]string{
	"civil society": "Civil Society", "civil society organization": "Civil Society", "civil society organisation": "Civil Society", "cso": "Civil Society", "ngo": "Civil Society",
	"government": "Government", "governmental": "Government",
	"intergovernmental organization": "Intergovernmental Organization", "intergovernmental organisation": "Intergovernmental Organization",
	"intergovernmental organizations": "Intergovernmental Organization", "igo": "Intergovernmental Organization",
	"private sector": "Private Sector", "business": "Private Sector", "industry": "Private Sector", "industry group": "Private Sector",
	"technical community": "Technical Community", "tech community": "Technical Community", "technical": "Technical Community",
	"academia": "Civil Society", "academic community": "Civil Society", "academic": "Civil Society",
	"youth": "Civil Society", "media": "Civil Society", "parliamentarian": "Government", "legislator": "Government",
}

// regions are the spellings of the regional groups. An organisation of many governments belongs to no region; the site
// then repeats the stakeholder group.
var regions = map[string]string{
	"african group": "African Group", "africa": "African Group", "africa group": "African Group",
	"asia-pacific group": "Asia-Pacific Group", "asia pacific group": "Asia-Pacific Group", "asia-pacific": "Asia-Pacific Group", "asia pacific": "Asia-Pacific Group",
	"apac": "Asia-Pacific Group", "apag": "Asia-Pacific Group", "asia": "Asia-Pacific Group", "asia-pacific states": "Asia-Pacific Group",
	"eastern european group": "Eastern European Group", "eastern europe": "Eastern European Group", "eastern europe group": "Eastern European Group", "eeg": "Eastern European Group",
	"latin american and caribbean group":          "Latin American and Caribbean Group (GRULAC)",
	"latin american and the caribbean group":      "Latin American and Caribbean Group (GRULAC)",
	"latin america and the caribbean":             "Latin American and Caribbean Group (GRULAC)",
	"latin america and caribbean":                 "Latin American and Caribbean Group (GRULAC)",
	"latin america and caribbean group":           "Latin American and Caribbean Group (GRULAC)",
	"latin american and caribbean group (grulac)": "Latin American and Caribbean Group (GRULAC)",
	"grulac":                            "Latin American and Caribbean Group (GRULAC)",
	"lac":                               "Latin American and Caribbean Group (GRULAC)",
	"latin america":                     "Latin American and Caribbean Group (GRULAC)",
	"western european and others group": "Western European and Others Group (WEOG)",
	"western european and others group (weog)": "Western European and Others Group (WEOG)",
	"western european and other groups":        "Western European and Others Group (WEOG)",
	"western european and others":              "Western European and Others Group (WEOG)",
	"western europe and others group":          "Western European and Others Group (WEOG)",
	"western europe and others group (weog)":   "Western European and Others Group (WEOG)",
	"western europe and others":                "Western European and Others Group (WEOG)",
	"western europe":                           "Western European and Others Group (WEOG)",
	"weog":                                     "Western European and Others Group (WEOG)",
	"north america":                            "Western European and Others Group (WEOG)",
	"intergovernmental organization":           "Intergovernmental Organization",
	"intergovernmental organisation":           "Intergovernmental Organization",
	"intergovernmental organizations":          "Intergovernmental Organization",
	"intergovernmental organization (region)":  "Intergovernmental Organization",
}

// official are the spellings that the menus of the site produce; every other spelling was typed by hand.
var official = map[string]bool{
	"Civil Society": true, "Government": true, "Intergovernmental Organization": true, "Private Sector": true, "Technical Community": true,
	"African Group": true, "Asia-Pacific Group": true, "Eastern European Group": true, "Latin American and Caribbean Group (GRULAC)": true,
	"Western European and Others Group (WEOG)": true,
}

// stakeholder says how the IGF spells a stakeholder group; "" when s names none.
func stakeholder(s string) string { return stakeholders[groupKey(s)] }

// region says how the IGF spells a regional group; "" when s names none.
func region(s string) string { return regions[groupKey(s)] }

func groupKey(s string) string {
	if len(s) > 60 {
		return ""
	}
	s = strings.ToLower(strings.Trim(fold(s), " .,;-()"))
	if strings.HasSuffix(s, "(weog") || strings.HasSuffix(s, "(grulac") { // Trim took the closing bracket
		s += ")"
	}
	return s
}

// regionEnd matches the end of a person's entry where several run together on one line.
var regionEnd = pattern(`(?i)(?:western europe(?:an)? and others group(?: \(weog\))?|latin american and (?:the )?caribbean group(?: \(grulac\))?|` +
	`asia[- ]pacific group|african group|eastern european group|\(?\b(?:grulac|weog)\b\)?|, (?:apac|africa|lac|na|eu|europe)\b)[.;]?(?: [-–] | )`)
