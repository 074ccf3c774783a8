package server

import (
	"fmt"

	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// perPage is the number of entries on one page of a list.
const perPage = 50

// within refuses a page beyond the last one of a list of total entries. One
// without any has a first page, which says why.
func (r *request) within(total int) error {
	pages := min(maxPage, max(1, (total+perPage-1)/perPage))
	if r.Page > pages && total > 0 {
		return badRequest("Use a number from 1 to "+format.Count(pages)+".", "page=%d is beyond the last page.", r.Page)
	}
	return nil
}

// pager leads through a list of total entries on pages of per, of which the page
// asked for shows some. anchor is where on the page the list stands, "" at its top.
func (r *request) pager(per, shown, total int, anchor string) part.Pager {
	if shown == 0 {
		return part.Pager{}
	}
	first := (r.Page-1)*per + 1
	last := first + shown - 1
	p := part.Pager{Text: fmt.Sprintf("%s to %s of %s", format.Count(first), format.Count(last), format.Count(total))}
	to := func(page int, text string) part.Link {
		q := r.query
		q.Page = page
		return part.Link{Text: text, Href: q.link(r.Request().URL.EscapedPath(), r.route) + anchor}
	}
	if r.Page > 1 {
		p.Previous = to(r.Page-1, "Previous")
	}
	if last < total && r.Page < maxPage {
		p.Next = to(r.Page+1, "Next")
	}
	return p
}
