#!/bin/bash
# Step 7 of a package's VERIFY.txt, with the commands that stand there.
#
# usage: check_proofs.sh PACKAGE_FOLDER
set -euo pipefail
cd "$1"

hex() { printf %s "$1" | base64 -d | xxd -p -c 64; }
node() { printf '01%s%s' "$1" "$2" | xxd -r -p | sha256sum | cut -d' ' -f1; }

size=$(sed -n 2p proofs/checkpoint)
root=$(hex "$(sed -n 3p proofs/checkpoint)")
checked=0
for entry in proofs/*.entry; do
  n=${entry#proofs/}
  n=${n%.entry}
  r=$( (printf '\000'; cat "$entry") | sha256sum | cut -d' ' -f1)
  f=$n
  s=$((size - 1))
  for p in $(sed -n '/^index /,/^$/p' "proofs/$n.proof" | sed 1d); do
    p=$(hex "$p")
    if ((f % 2 == 1 || f == s)); then
      r=$(node "$p" "$r")
      while ((f % 2 == 0 && f != 0)); do
        f=$((f / 2))
        s=$((s / 2))
      done
    else
      r=$(node "$r" "$p")
    fi
    f=$((f / 2))
    s=$((s / 2))
  done
  if ((s != 0)) || [ "$r" != "$root" ]; then
    echo "entry $n is not in the log"
    exit 1
  fi
  checked=$((checked + 1))
done
echo "$checked entries"
