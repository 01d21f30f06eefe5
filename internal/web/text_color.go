package web

import "strings"

// colorText tells what a reader's own style sheet can hold on to.
func (s *Server) colorText(q *request) string {
	return strings.NewReplacer("{base}", q.url(inboxPath(q.inbox.Name)), "{style}", q.url(s.static.path("style.css"))).Replace(colorHelp)
}

const colorHelp = `Colours

The pages follow the system's setting for light and dark. Who wants other
colours can give the browser a style sheet of their own. These classes are
public-inbox's and stay:

  .q     quoted text; .q2 and .q3, too, when it is quoted again
  .head  the beginning of a file in a diff: diff --git, index, ---, +++
  .hunk  @@ lines
  .add   added lines
  .del   removed lines

Bobbin has some more: .ctx the lines around a change, .stat a diffstat, .sig what
follows "-- ", .att the line of an attachment.

The site's own style sheet has the names of everything else:
{style}

A beginning, for userContent.css in Firefox or an extension such as Stylus:

  @-moz-document url-prefix({base}) {
    .q { color: #57a !important }
    .head { font-weight: bold !important }
    .hunk { color: #a50 !important }
    .add { color: #070 !important; background: none !important }
    .del { color: #a00 !important; background: none !important }
  }
`
