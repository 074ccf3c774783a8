package chart

import "strings"

// colours are the tokens of the stylesheet as literals, light and dark.
var colours = map[string][2]string{
	"paper":  {"#ffffff", "#14161a"},
	"wash":   {"#f6f5f2", "#1c1f25"},
	"ink":    {"#1b1d21", "#eceae6"},
	"ink-2":  {"#4d5159", "#b9bcc3"},
	"ink-3":  {"#686d76", "#969ba5"},
	"grid":   {"#ebe9e5", "#262a31"},
	"line":   {"#868b94", "#767c87"},
	"s1":     {"#0b5394", "#7fb5ec"},
	"s3":     {"#17705f", "#5cc4ae"},
	"ember":  {"#b4490f", "#f0975c"},
	"band-1": {"#dbe7f3", "#1d2e41"},
	"band-2": {"#b3cfe8", "#294866"},
	"h0":     {"#f1f3f5", "#1f2329"},
	"h1":     {"#d9e6f2", "#1c2e42"},
	"h2":     {"#abcae4", "#234767"},
	"h3":     {"#6da2cf", "#33699a"},
	"h4":     {"#2f74b0", "#6ba3d6"},
	"h5":     {"#0b4478", "#b6d6f4"},
	"v0":     {"#d3d1cc", "#646a75"},
	"v1":     {"#d9cfe9", "#4a3c66"},
	"v2":     {"#b49cd3", "#6f5699"},
	"v3":     {"#7f57ad", "#a584d6"},
	"v4":     {"#43206b", "#e0d0fa"},
}

// paint is what one class sets, in the words of presentation attributes; a
// value that begins with "$" is a token. It must say the same as the chart
// layer of the stylesheet, which a test compares.
type paint struct{ attribute, value string }

var classes = map[string][]paint{
	"text": {{"fill", "$ink-2"}, {"font-size", "12"}},
	"b":    {{"fill", "$ink"}, {"font-weight", "600"}},
	"q":    {{"fill", "$ink-3"}},
	"e":    {{"text-anchor", "end"}},
	"m":    {{"text-anchor", "middle"}},
	"t1":   {{"fill", "$s1"}},
	"tg":   {{"fill", "$ink-3"}},
	"ft":   {{"fill", "$paper"}, {"font-weight", "600"}, {"text-anchor", "middle"}},
	"flmt": {{"fill", "$ink-2"}, {"font-weight", "600"}, {"text-anchor", "middle"}},

	"g":    {{"fill", "none"}, {"stroke", "$grid"}},
	"ax":   {{"fill", "none"}, {"stroke", "$line"}},
	"ln":   {{"fill", "none"}, {"stroke-width", "2"}, {"stroke-linejoin", "round"}, {"stroke-linecap", "round"}},
	"thin": {{"stroke-width", "1.25"}},
	"c1":   {{"stroke", "$s1"}},
	"cg":   {{"stroke", "$line"}},
	"d1":   {{"stroke-dasharray", "9 4"}},
	"d2":   {{"stroke-dasharray", "4 4"}},
	"d3":   {{"stroke-dasharray", "12 4 2 4"}},
	"d4":   {{"stroke-dasharray", "9 4 2 4 2 4"}},
	"gap":  {{"stroke-dasharray", "1 4"}},
	"dot":  {{"fill", "$paper"}, {"stroke", "$line"}, {"stroke-width", "1.25"}},
	"end":  {{"fill", "$s1"}},
	"br":   {{"fill", "none"}, {"stroke", "$ink-2"}, {"stroke-dasharray", "3 3"}},
	"brm":  {{"fill", "none"}, {"stroke", "$line"}, {"stroke-dasharray", "1 3"}},
	"fl":   {{"fill", "$ink-2"}},
	"flm":  {{"fill", "$paper"}, {"stroke", "$ink-2"}},
	"frz":  {{"fill", "$wash"}},
	"b1":   {{"fill", "$band-1"}},
	"b2":   {{"fill", "$band-2"}},
	"hat":  {{"fill", "none"}, {"stroke", "$paper"}, {"stroke-width", "2.5"}},
	"hol":  {{"fill", "$paper"}, {"stroke", "$ink-3"}, {"stroke-width", "1.5"}},
	"ful":  {{"fill", "$s3"}},
	"v0":   {{"fill", "$v0"}},
	"v1":   {{"fill", "$v1"}},
	"v2":   {{"fill", "$v2"}},
	"v3":   {{"fill", "$v3"}},
	"v4":   {{"fill", "$v4"}},
	"h0":   {{"fill", "$h0"}},
	"h1":   {{"fill", "$h1"}},
	"h2":   {{"fill", "$h2"}},
	"h3":   {{"fill", "$h3"}},
	"h4":   {{"fill", "$h4"}},
	"h5":   {{"fill", "$h5"}},

	"hx":   {{"stroke", "$line"}, {"stroke-width", "0.5"}},
	"ho":   {{"fill", "$paper"}, {"stroke", "$line"}},
	"hatl": {{"fill", "none"}, {"stroke", "$line"}, {"stroke-width", "1"}},
	"f":    nil, // the stylesheet needs it to fill with the colour of the other class
	"seam": {{"fill", "none"}, {"stroke", "$paper"}},
	"edge": {{"fill", "none"}, {"stroke", "$ink-3"}},
	"out":  {{"stroke", "$line"}, {"stroke-width", "0.75"}},
	"bar":  {{"fill", "$s1"}},
	"trk":  {{"fill", "$h0"}},
	"bkh":  {{"stroke", "$paper"}, {"stroke-width", "5"}},
	"bk":   {{"stroke", "$ember"}, {"stroke-width", "2.5"}},
	"dia":  {{"fill", "$paper"}, {"stroke", "$ink-2"}, {"stroke-width", "1.25"}},
	"num":  {{"fill", "$ink-2"}, {"stroke", "$paper"}, {"stroke-width", "3"}, {"text-anchor", "middle"}, {"paint-order", "stroke"}},
	"hlo":  {{"stroke", "$paper"}, {"stroke-width", "3"}, {"paint-order", "stroke"}},
	"nm":   {{"fill", "$ink"}},
	"lk":   {{"fill", "$ink"}},
	"stg":  {{"fill", "$wash"}, {"stroke", "$line"}},
	"std":  {{"fill", "$paper"}, {"stroke", "$line"}, {"stroke-dasharray", "4 3"}},
	"arr":  {{"fill", "none"}, {"stroke", "$ink-2"}, {"stroke-width", "1.5"}},
	"ahd":  {{"fill", "$ink-2"}},
	"dsc":  {{"stroke", "$ink"}, {"stroke-width", "1.25"}},
	"dsu":  {{"fill", "$paper"}, {"stroke", "$ink-2"}, {"stroke-width", "1.25"}, {"stroke-dasharray", "2 2"}},
	"hit":  nil, // only on pages: what is around a link belongs to it
	"op":   {{"fill", "$paper"}},
	"oi":   {{"fill", "$ink"}},
	"pts":  {{"fill", "none"}, {"stroke", "$s1"}, {"stroke-width", "5"}, {"stroke-linecap", "round"}, {"stroke-opacity", "0.55"}},

	"paper": {{"fill", "$paper"}},
	"title": {{"fill", "$ink"}, {"font-size", "20"}, {"font-weight", "650"}},
	"sub":   {{"fill", "$ink-2"}, {"font-size", "14"}},
	"small": {{"fill", "$ink-2"}, {"font-size", "13"}},
	"src":   {{"fill", "$ink-3"}, {"font-size", "13"}},
}

// order fixes the sequence of attributes, so that drawings are reproducible.
var order = []string{"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "stroke-opacity", "paint-order", "text-anchor", "font-size", "font-weight"}

// literal returns the attributes that a list of classes sets; a later class
// wins over an earlier one.
func literal(t Theme, list string) string {
	set := map[string]string{}
	for _, class := range strings.Fields(list) {
		for _, p := range classes[class] {
			set[p.attribute] = p.value
		}
	}
	var b strings.Builder
	for _, attribute := range order {
		value, ok := set[attribute]
		if !ok {
			continue
		}
		if token, isToken := strings.CutPrefix(value, "$"); isToken {
			value = colour(t, token)
		}
		b.WriteString(" " + attribute + `="` + value + `"`)
	}
	return b.String()
}

func colour(t Theme, token string) string {
	if t == Dark {
		return colours[token][1]
	}
	return colours[token][0]
}
