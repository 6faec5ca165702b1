package page

import _ "embed" // draft.js

//go:embed draft.js
var draft []byte

func init() { Asset("draft.js", draft) }
