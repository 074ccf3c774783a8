package part

// Threats is what is seen of one project against each threat of SLSA.
type Threats struct {
	Lede  string   // "Public evidence is observed against 8 of 11 threats; …"
	Rows  []Threat // in SLSA's order
	State *State   // why there are none
	Note  string   // what it does not say
	Links []Link   // the page of the cohort, the definition
}

// Threat is one threat and what its state rests on.
type Threat struct {
	Link    Link   // "A Producer", to what the threat is
	State   string // "Evidence observed", "No public evidence observed"; "" for unknown
	Class   string // swatch of the state, as in the picture of the cohort
	Signals []Signals
}

// Signals are the signals of one state that a threat rests on.
type Signals struct {
	State string // "Observed"
	Names []Link
}
