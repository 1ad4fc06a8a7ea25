# shellcheck shell=sh
# Functions for the verb `owned`, which prints every object of a script's kind on this host with its owner's mark: a
# line of kind, name and mark, separated by tabs. If the parts of an object have different marks, all of them are
# printed, which is no owner's mark. Objects without a mark are not printed.

# found KIND NAME MARK
found() { [ -z "$3" ] || printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }

# Prints the mark in a file's comment, or the mark in a folder's file `owner`; `-` if there is none.
owner_line() { sed -n 's/^# Owner: //p' "$1" 2>/dev/null | grep . || echo -; }
owner_file() { grep . "$1/owner" 2>/dev/null || echo -; }

# Joins the marks on standard input to one.
agreed() { sort -u | paste -sd , -; }
