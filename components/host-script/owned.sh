# shellcheck shell=sh
# Functions for the verb `owned`, which prints every object of a script's kind on this host with its owner's mark: a line
# of kind, name and mark, separated by tabs. An object whose parts have different marks is printed with all of them, which
# is no owner's mark. Objects without a mark are not printed.

# found KIND NAME MARK
found() { [ -z "$3" ] || printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }

# The mark in a file's comment, and the mark in a folder's file `owner`; `-` if there is none.
owner_line() { sed -n 's/^# Owner: //p' "$1" 2>/dev/null | grep . || echo -; }
owner_file() { grep . "$1/owner" 2>/dev/null || echo -; }

# The marks on standard input as one.
agreed() { sort -u | paste -sd , -; }
