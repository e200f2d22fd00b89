"""What dialects share: times, paging, credentials, ranges, links.  Knows no dialect, and no I/O."""
