package advisory

// union is a disjoint-set forest with union by size and path halving.
type union struct {
	parent []int
	size   []int
}

func newUnion(capacity int) *union {
	return &union{parent: make([]int, 0, capacity), size: make([]int, 0, capacity)}
}

// add makes a new set of one and returns its node.
func (u *union) add() int {
	n := len(u.parent)
	u.parent = append(u.parent, n)
	u.size = append(u.size, 1)
	return n
}

// find returns the node that stands for the set of n.
func (u *union) find(n int) int {
	for u.parent[n] != n {
		u.parent[n] = u.parent[u.parent[n]]
		n = u.parent[n]
	}
	return n
}

// merge makes one set of those of a and b.
func (u *union) merge(a, b int) {
	a, b = u.find(a), u.find(b)
	if a == b {
		return
	}
	if u.size[a] < u.size[b] {
		a, b = b, a
	}
	u.parent[b] = a
	u.size[a] += u.size[b]
}
