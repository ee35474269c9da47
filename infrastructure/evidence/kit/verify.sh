#!/bin/sh
# Checks an unpacked dispute bundle with openssl, xxd and what every Unix has, and no line of the ledger's own:
#   sh verify.sh FOLDER VKEY [WITNESS-VKEY...]
# It says in sentences what holds. Exit code 1, and the file and line, where something does not; 2 for wrong usage.
set -u
export LC_ALL=C
[ $# -ge 2 ] || { echo "usage: verify.sh FOLDER VKEY [WITNESS-VKEY...]" >&2; exit 2; }
for tool in openssl xxd; do command -v $tool >/dev/null || { echo "this needs $tool" >&2; exit 2; }; done
folder=$1 vkey=$2
shift 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
exec 3>&2 2>"$tmp/complaints" # of a tool: then nothing was checked, see the end

refuse() { printf 'This does not hold: %s: %s.\n' "$1" "$2"; complaints; exit 1; }
complaints() { [ ! -s "$tmp/complaints" ] || { cat "$tmp/complaints" >&3; say "Nothing is sure: a tool failed."; exit 2; }; }

sha256() { openssl dgst -sha256 -r | cut -c 1-64; }
bytes() { printf %s "$1" | xxd -r -p; } # of hexadecimal
say() { printf '%s\n' "$1"; } # as it is: `echo` may read it

# Base64 in its one form, into $hex; anything else fails.
unbase64() {
    hex=$(printf %s "$1" | openssl base64 -d -A 2>/dev/null | xxd -p | tr -d '\n')
    [ -n "$hex" ] && [ "$(bytes "$hex" | openssl base64 -A)" = "$1" ]
}

# The file is there and plain; for `lines`, its last line has an end too.
plain() {
    [ -f "$folder/$1" ] || refuse "$1" "it is not there"
    [ "$(tr -d '\n\040-\377' <"$folder/$1" | wc -c)" -eq 0 ] || refuse "$1" "it has a control character in it"
}
lines() {
    plain "$1"
    [ -z "$(tail -c 1 "$folder/$1")" ] || refuse "$1" "its last line has no end"
}

count() { wc -l <"$1" | tr -d ' '; }

# --- Trees (RFC 9162, section 2.1) ----------------------------------------------------------------------------------

node() { bytes "01$1$2" | sha256; }

# Standard input is many things of so many bytes each: their hashes, one a line. One call of openssl is for thousands.
hashes() {
    mkdir "$tmp/things"
    (cd "$tmp/things" && split -a 6 -b "$1" - && ls | xargs -r openssl dgst -sha256 -r | cut -c 1-64)
    rm -r "$tmp/things"
}

# The root over the entries in $1, one a line, the first of which stands at index $2: what lies to the left of it is in
# $tmp/left, the roots of whole subtrees, the smallest first. Entries of one length are hashed together; no control
# character is in an entry, so that one can stand for the zero byte that comes before each.
root_of() {
    awk '{ print length($0) }' "$1" | sort -n -u | while read -r length; do
        awk -v wanted="$length" 'length($0) == wanted { print NR }' "$1" >"$tmp/numbers"
        awk -v wanted="$length" 'BEGIN { ORS = "" } length($0) == wanted { print "\001" $0 }' "$1" | tr '\001' '\000' |
            hashes $((length + 1)) | paste "$tmp/numbers" -
    done | sort -n | cut -f 2 >"$tmp/level"
    at=$2 lefts=0
    while [ "$at" -gt 0 ] || [ "$(count "$tmp/level")" -gt 1 ]; do
        if [ $((at & 1)) -eq 1 ]; then
            lefts=$((lefts + 1))
            { sed -n "${lefts}p" "$tmp/left" && cat "$tmp/level"; } >"$tmp/above"
            mv "$tmp/above" "$tmp/level"
        fi
        awk 'NR % 2 { left = $0; next } { print "01" left $0 }' "$tmp/level" | xxd -r -p | hashes 65 >"$tmp/above"
        [ $(($(count "$tmp/level") % 2)) -eq 0 ] || tail -n 1 "$tmp/level" >>"$tmp/above"
        mv "$tmp/above" "$tmp/level"
        at=$((at >> 1))
    done
    cat "$tmp/level"
}

# 2.1.3.2: leaf $1 stands at $2 of the tree of $3 leaves with the root $4, by the proof in $tmp/proof;
# what of it lies to the left, into $tmp/left.
included() {
    here=$1 at=$2 last=$(($3 - 1))
    : >"$tmp/left"
    [ "$at" -le "$last" ] || return 1
    while read -r other; do
        [ "$last" -gt 0 ] || return 1
        if [ $((at & 1)) -eq 1 ] || [ "$at" -eq "$last" ]; then
            say "$other" >>"$tmp/left"
            here=$(node "$other" "$here")
            while [ $((at & 1)) -eq 0 ] && [ "$at" -gt 0 ]; do at=$((at >> 1)) last=$((last >> 1)); done
        else
            here=$(node "$here" "$other")
        fi
        at=$((at >> 1)) last=$((last >> 1))
    done <"$tmp/proof"
    [ "$last" -eq 0 ] && [ "$here" = "$4" ]
}

# 2.1.4.2: the tree of $2 leaves with the root $4 begins with that of $1 leaves with the root $3, by $tmp/proof.
grown() {
    if [ "$1" -eq 0 ] || [ "$1" -ge "$2" ]; then # every log begins with the empty one, and with itself
        [ "$1" -eq 0 ] && first=$(printf '' | sha256) || first=$4
        [ "$1" -le "$2" ] && [ "$3" = "$first" ] && [ ! -s "$tmp/proof" ]
        return
    fi
    at=$(($1 - 1)) last=$(($2 - 1)) old='' new=''
    while [ $((at & 1)) -eq 1 ]; do at=$((at >> 1)) last=$((last >> 1)); done
    [ "$at" -gt 0 ] || { old=$3 new=$3; } # a whole subtree: its root needs not be said
    while read -r other; do
        [ -n "$old" ] || { old=$other new=$other && continue; }
        [ "$last" -gt 0 ] || return 1
        if [ $((at & 1)) -eq 1 ] || [ "$at" -eq "$last" ]; then
            old=$(node "$other" "$old") new=$(node "$other" "$new")
            while [ $((at & 1)) -eq 0 ] && [ "$at" -gt 0 ]; do at=$((at >> 1)) last=$((last >> 1)); done
        else
            new=$(node "$new" "$other")
        fi
        at=$((at >> 1)) last=$((last >> 1))
    done <"$tmp/proof"
    [ "$last" -eq 0 ] && [ "$old" = "$3" ] && [ "$new" = "$4" ]
}

# The hashes of a proof, given as base64 on standard input, into $tmp/proof in hexadecimal.
proof() {
    : >"$tmp/proof"
    while IFS= read -r line; do
        unbase64 "$line" && [ ${#hex} -eq 64 ] || refuse "$1" "each line of a proof is a hash"
        say "$hex" >>"$tmp/proof"
    done
}

# --- Keys and notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) -------------------------------------------

# A vkey of algorithm $2 into $name, $id and $public; anything else fails.
key() {
    printf %s "$1" | tr '\n' ' ' | grep -Eqx '[!-*,-~]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+' || return 1
    name=${1%%+*} id=${1#*+}
    unbase64 "${id#*+}" && [ ${#hex} -eq 66 ] || return 1
    id=${id%%+*} public=${hex#"$2"}
    [ ${#public} -eq 64 ] && [ "$({ say "$name" && bytes "$hex"; } | sha256 | cut -c 1-8)" = "$id" ]
}

# The signature $1 of the public key $2 over the file $3.
signed() {
    [ ${#1} -eq 128 ] || return 1
    bytes "302a300506032b6570032100$2" >"$tmp/key"
    bytes "$1" >"$tmp/signature"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$tmp/key" -rawin -in "$3" -sigfile "$tmp/signature" >/dev/null 2>&1
}

# A checkpoint into $size, $root (hexadecimal), $root64, $tmp/text and $tmp/under. Refused unless $name has signed it.
open_note() {
    lines "$1"
    note=$folder/$1
    [ "$(wc -c <"$note")" -le 65536 ] && [ "$(count "$note")" -ge 5 ] && [ "$(count "$note")" -le 104 ] &&
        [ -z "$(sed -n 4p "$note")" ] ||
        refuse "$1" "a checkpoint is three lines, an empty one, and one to a hundred signatures"
    head -n 3 "$note" >"$tmp/text"
    tail -n +5 "$note" >"$tmp/under"
    origin=$(sed -n 1p "$note") size=$(sed -n 2p "$note") root64=$(sed -n 3p "$note")
    say "$origin" | grep -Eqx '[ -~]+' && say "$size" | grep -Eqx '0|[1-9][0-9]{0,17}' ||
        refuse "$1" "a checkpoint says an origin, a size and a root"
    unbase64 "$root64" && [ ${#hex} -eq 64 ] || refuse "$1" "the root is no hash"
    root=$hex by=0
    ! grep -Eqvx '— [!-*,-~]{1,200} [A-Za-z0-9+/=]+' "$tmp/under" || refuse "$1" "a line under it is no signature"
    while read -r _ signer signature; do
        unbase64 "$signature" && [ ${#hex} -ge 10 ] || refuse "$1" "a line under it is no signature"
        [ "$signer" = "$name" ] && [ "${hex#"$id"}" != "$hex" ] || continue
        signed "${hex#"$id"}" "$public" "$tmp/text" || refuse "$1" "the signature does not hold"
        by=1
    done <"$tmp/under"
    [ $by -eq 1 ] || refuse "$1" "it is not signed by the key that was given"
    [ "$origin" = "$name" ] || refuse "$1" "it is of another log than the key"
}

# When the witness $name says that it has seen this checkpoint grow out of the one before.
cosigned() {
    while read -r _ signer signature; do
        unbase64 "$signature"
        [ "$signer" = "$name" ] && [ ${#hex} -eq 152 ] || continue
        case $hex in "$id"00000000*) ;; *) continue ;; esac
        at=$((0x$(say "$hex" | cut -c 17-24)))
        { printf 'cosignature/v1\ntime %s\n' "$at" && cat "$tmp/text"; } >"$tmp/message"
        signed "$(say "$hex" | cut -c 25-)" "$public" "$tmp/message" || continue
        when=$(date -u -d "@$at" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$at" +%Y-%m-%dT%H:%M:%SZ)
        say "$name has cosigned it, at $when."
        return
    done <"$tmp/under"
    refuse checkpoint "$name has not cosigned it"
}

# --- One tree: its head is in the log, its leaves are all there, its facts are those of the leaves ------------------

head_form='\{"kind":"head","log":"[0-9A-Za-z_-]+","root":"[0-9a-f]{64}","size":[1-9][0-9]{0,17},"v":1\}'
event_form='\{"kind":"[a-z]+","said":\{.*\},"v":1\}'
leaf_form='\{"body":"[0-9a-f]{64}","decides":(true|false),"personal":(null|"[0-9a-f]{64}"),"position":[1-9][0-9]{0,14},"v":1\}'

# $1: where its files are, $2: whose it is. Its id into $tree.
check_tree() {
    plain "$1head.json"
    head=$(cat "$folder/$1head.json")
    tr '\n' @ <"$folder/$1head.json" | grep -Eqx "$head_form" || refuse "$1head.json" "this is no head of a tree"
    tree=$(say "$head" | cut -d '"' -f 8) of_tree=$(say "$head" | cut -d '"' -f 12)
    leaves=$(say "$head" | sed 's/.*"size":\([0-9]*\).*/\1/')
    lines "$1proofs/head-inclusion"
    index=$(head -n 1 "$folder/$1proofs/head-inclusion")
    say "$index" | grep -Eqx '0|[1-9][0-9]{0,17}' ||
        refuse "$1proofs/head-inclusion" "its first line is to be the head's place in the log"
    tail -n +2 "$folder/$1proofs/head-inclusion" >"$tmp/base64"
    proof "$1proofs/head-inclusion" <"$tmp/base64"
    included "$({ printf '\000' && printf %s "$head"; } | sha256)" "$index" "$log_size" "$log_root" ||
        refuse "$1proofs/head-inclusion" "the head is not entry $index of the log"

    newest="and whether it is the newest is not shown"
    [ ! -e "$folder/$1proofs/later" ] || check_later "$1proofs/later"

    lines "$1leaves"
    wrong=$(grep -Envx "$leaf_form" "$folder/$1leaves" | head -n 1 | cut -d : -f 1)
    early=$(awk -F '"position":' -v wrong="${wrong:-0}" 'NR == wrong { exit } { position = $2 + 0 }
        position <= last { print NR; exit } { last = position }' "$folder/$1leaves")
    [ -z "$early" ] || refuse "$1leaves, line $early" "it stands before an earlier position"
    [ -z "$wrong" ] || refuse "$1leaves, line $wrong" "this is no leaf of a fact"
    there=$(count "$folder/$1leaves")
    [ "$there" = "$leaves" ] || refuse "$1leaves" "there are $there leaves, and $leaves in the head"
    [ "$(root_of "$folder/$1leaves" 0)" = "$of_tree" ] ||
        refuse "$1leaves" "these are not the leaves that the head was made of"
    last=$(tail -n 1 "$folder/$1leaves" | sed 's/.*"position":\([0-9]*\).*/\1/')
    say "The tree of $2 is $tree, its size $leaves, its last position $last; its head is entry $index of that log, $newest."
    echo "No leaf of it is missing, added or changed."

    check_digests "$1" bodies '{ print $4 }'
    bodies=$found
    check_digests "$1" personal '{ print $9 == ":" ? $10 : "null" }'
    say "Facts here in full: $bodies, sealed personal parts: $found; each is the one of its leaf."
}

# $1 has every entry of the log behind the head: none is another head of the same tree.
check_later() {
    lines "$1"
    newer=$(awk -v same="{\"kind\":\"head\",\"log\":\"$tree\"," 'index($0, same) == 1 { print NR; exit }' "$folder/$1")
    strange=$({ grep -Evnx "$head_form|$event_form" "$folder/$1"; grep -n '^{"kind":"head","said"' "$folder/$1"; } |
        sort -n | head -n 1 | cut -d : -f 1)
    [ -z "$newer" ] || [ "${strange:-$newer}" -lt "$newer" ] ||
        refuse "$1, line $newer" "this is a newer head of the same tree"
    [ -z "$strange" ] || refuse "$1, line $strange" "this is no entry of the log"
    { say "$head" && cat "$folder/$1"; } >"$tmp/entries"
    [ $((index + $(count "$tmp/entries"))) -eq "$log_size" ] && [ "$(root_of "$tmp/entries" "$index")" = "$log_root" ] ||
        refuse "$1" "these are not the entries that follow the head"
    newest="and no newer one follows"
}

# How many lines of $1$2 are there in full, into $found; each has the digest that its leaf says ($3 takes it out).
check_digests() {
    lines "$1$2"
    there=$(count "$folder/$1$2")
    [ "$there" = "$leaves" ] || refuse "$1$2" "there are $there lines, and $leaves leaves"
    mkdir "$tmp/lines"
    awk -v folder="$tmp/lines" 'BEGIN { ORS = "" } length($0) > 0 { file = sprintf("%s/%012d", folder, NR)
        print >file
        close(file) }' "$folder/$1$2"
    awk -F '"' "$3" "$folder/$1leaves" >"$tmp/wanted"
    (cd "$tmp/lines" && ls | xargs -r openssl dgst -sha256 -r) >"$tmp/digests"
    rm -r "$tmp/lines"
    found=$(count "$tmp/digests")
    wrong=$(awk 'NR == FNR { wanted[NR] = $1; next } { line = substr($2, 2) + 0 }
        wanted[line] != $1 { print line; exit }' "$tmp/wanted" "$tmp/digests")
    [ -z "$wrong" ] || refuse "$1$2, line $wrong" "it is not the one of its leaf"
}

# --- The whole ------------------------------------------------------------------------------------------------------

key "$vkey" 01 || refuse key "this is no vkey of a log; copy it whole from where it was published"
for witness in "$@"; do
    key "$witness" 04 || refuse "witness key" "this is no vkey of a witness; copy it whole from where it was published"
done
key "$vkey" 01
open_note checkpoint
log_size=$size log_root=$root
say "The checkpoint of $origin is signed by the key that was given: $size entries, root $root64."
for witness in "$@"; do
    key "$witness" 04
    cosigned
done
key "$vkey" 01
if [ -e "$folder/earlier-checkpoint" ]; then
    open_note earlier-checkpoint
    lines proofs/consistency
    proof proofs/consistency <"$folder/proofs/consistency"
    grown "$size" "$log_size" "$root" "$log_root" ||
        refuse proofs/consistency "the log has not grown out of the earlier checkpoint, so two logs were shown"
    say "It has grown out of the earlier checkpoint of $size entries."
elif [ -e "$folder/proofs/consistency" ]; then
    refuse earlier-checkpoint "it is not there, and yet there is a proof for it"
fi
check_tree "" "this location"
of_location=$tree
if [ -e "$folder/terms" ]; then
    check_tree terms/ "the terms"
    [ "$tree" != "$of_location" ] || refuse terms/head.json "this is the tree of the location once more"
else
    echo "Nothing about the terms is here."
fi
complaints
echo "All of this holds."
