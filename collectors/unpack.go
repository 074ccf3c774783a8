package collectors

import (
	"fmt"
	"io"
)

// Capped reads at most limit bytes of r and then fails, where io.LimitReader
// would end: what unpacks to more is an attack or a fault, and half of it is no
// data.
func Capped(r io.Reader, limit int64) io.Reader { return &capped{r: r, left: limit, limit: limit} }

type capped struct {
	r           io.Reader
	left, limit int64
}

func (c *capped) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1] // one byte more than allowed tells that there is more
	}
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, fmt.Errorf("it unpacks to more than %d bytes", c.limit)
	}
	return n, err
}
