# shellcheck shell=sh
# Prints output between two marks, because a login shell may print text before and after it. components/lib/frame.ts has
# the same marks and removes them.
FRAME_BEGIN='<dockernet:1>'
FRAME_END='</dockernet:1>'
FRAME_FOLD='<dockernet:fold>'

# bounded FILE [MARK]: prints a file in lines of at most 8000 bytes, because the command provider hangs on a line of 64
# KiB. Lines are broken after a MARK, and never inside a UTF-8 character.
bounded() {
  awk -v mark="${2-}" -v most=8000 '{
    line = $0
    while (length(line) > most) {
      end = most
      while (end > most - 3 && substr(line, end + 1, 1) ~ /[\200-\277]/) end--
      print substr(line, 1, end) mark
      line = substr(line, end + 1)
    }
    print line
  }' "$1"
}

# framed FILE: prints a file between the marks.
framed() {
  printf '%s\n' "$FRAME_BEGIN" && bounded "$1" "$FRAME_FOLD" && printf '%s\n' "$FRAME_END"
}

# unframed TEXT: prints the part of a text between the marks, or all of a text without marks.
unframed() {
  case $1 in
  *"$FRAME_BEGIN"*)
    printf '%s\n' "$1" |
      awk -v from="$FRAME_BEGIN" -v to="$FRAME_END" 'index($0, to) == 1 { exit } inside; $0 == from { inside = 1 }'
    ;;
  *) printf '%s\n' "$1" ;;
  esac | awk -v mark="$FRAME_FOLD" '{
    end = length($0) - length(mark)
    if (end >= 0 && substr($0, end + 1) == mark) printf "%s", substr($0, 1, end); else print
  }'
}

# run_framed COMMAND...: runs a command with marks around both of its output streams, and exits with its exit code.
run_framed() {
  mark "$FRAME_BEGIN"
  code=0
  "$@" || code=$?
  mark "$FRAME_END"
  exit "$code"
}

# mark MARK: prints a mark on a new line, because the output before it may not end with a newline.
mark() {
  printf '\n%s\n' "$1"
  printf '\n%s\n' "$1" >&2
}
