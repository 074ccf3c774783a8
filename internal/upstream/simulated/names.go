package simulated

import "strings"

// Names tell which project they belong to, so that no list of them is kept.
// Project i of the first animals x things has the animal i mod animals and the
// thing i mod things: their numbers have no common factor, so no two projects
// share both. The next ones have the same with a quality behind it, and so on.

var (
	animals = strings.Fields(`otter badger heron lynx marten newt osprey puffin quokka raven stoat tapir urchin vole walrus
	yak zebra alpaca bison civet dingo egret ferret gecko hare ibex jackal koala lemur moose narwhal ocelot panda quail rook
	seal toad vicuna weasel xerus adder beaver crane dormouse eland finch gannet hoopoe iguana jay kestrel`)

	things = strings.Fields(`kit parser client cache router queue loader writer codec schema render sync store lock graph
	table batch proxy token probe trace metric config logger mapper shell crypto image audio vector tensor frame chart
	forms mail clock units paths flags stream`)

	qualities = strings.Fields(`core extra lite async tools utils plus next native remote local shared static dynamic typed
	tiny micro macro multi mini meta open quick safe simple smart solid sparse stable strict swift tidy total trusty turbo
	unified vivid warm wide young zippy calm bold brisk clear crisp daily early exact fair fine firm fresh gentle grand
	handy happy humble`)
)

const (
	nAnimals = 51
	nThings  = 40
)

// nameOf is the normalised name of project i.
func nameOf(i int) string {
	name := "fictional-" + animals[i%nAnimals] + "-" + things[i%nThings]
	if round := i / (nAnimals * nThings); round > 0 {
		name += "-" + qualities[round-1]
	}
	return name
}

// animalOf is the animal in the name of project i.
func animalOf(i int) string { return animals[i%nAnimals] }

var (
	animalNumber  = numbers(animals)
	thingNumber   = numbers(things)
	qualityNumber = numbers(qualities)
	withBoth      = pairs() // the first project with an animal and a thing
)

func numbers(words []string) map[string]int {
	m := make(map[string]int, len(words))
	for i, word := range words {
		m[word] = i
	}
	return m
}

func pairs() (first [nAnimals][nThings]int) {
	for i := range nAnimals * nThings {
		first[i%nAnimals][i%nThings] = i
	}
	return first
}

// project returns the project of a normalised name.
func (w *world) project(name string) (i int, ok bool) {
	rest, ok := strings.CutPrefix(name, "fictional-")
	if !ok {
		return 0, false
	}
	animal, rest, ok1 := strings.Cut(rest, "-")
	thing, quality, more := strings.Cut(rest, "-")
	a, ok2 := animalNumber[animal]
	t, ok3 := thingNumber[thing]
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	i = withBoth[a][t]
	if more {
		q, ok := qualityNumber[quality]
		if !ok {
			return 0, false
		}
		i += (q + 1) * nAnimals * nThings
	}
	return i, i < w.pool
}

// displayName is the name as it was registered: a few are not normalised.
func (w *world) displayName(i int) string {
	name := nameOf(i)
	switch w.below(12, drawCase, i, 0, 0) {
	case 0:
		return strings.ReplaceAll(name, "-", "_")
	case 1:
		return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", ".")
	}
	return name
}
