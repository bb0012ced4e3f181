# Makes five folders and three empty files, of the product's user. Safe to run again: what is there is
# neither written to nor given another owner, but for the folders themselves.
# From the environment: ROOT (a folder), OWNER (uid:gid), FOLDERS and FILES (words, below ROOT).
set -eu

# Not every volume lets its owners be changed, and some give everything the right one by themselves.
own() {
  [ "$(stat -c %u:%g "$1")" = "$OWNER" ] || chown "$OWNER" "$1" 2>/dev/null || true
  found=$(stat -c %u:%g "$1")
  if [ "$found" != "$OWNER" ]; then
    echo "$1 belongs to $found, and this volume does not let $OWNER have it." >&2
    echo 'Let the storage class give everything to that user and group, or squash none.' >&2
    exit 1
  fi
}

own "$ROOT"
for folder in $FOLDERS; do
  if [ ! -d "$ROOT/$folder" ]; then
    mkdir "$ROOT/$folder"
  fi
  own "$ROOT/$folder"
done

# With -C the shell makes a file only where there is none, whoever else tries at the same time.
set -C
for file in $FILES; do
  if [ -e "$ROOT/$file" ]; then
    echo "$file is there and stays as it is."
  elif : > "$ROOT/$file"; then
    own "$ROOT/$file"
    echo "$file was placed."
  else
    echo "$file cannot be made." >&2
    exit 1
  fi
done
echo 'The volume is ready.'
