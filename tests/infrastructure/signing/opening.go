// Opens notes and signs them with golang.org/x/mod/sumdb/note, which others wrote.
//
//	opening open VKEY...  reads a note and prints whose signatures hold, one name a line
//	opening sign SKEY     reads a text and prints the note
//	opening key NAME      prints a new private key and its public one
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// witness checks cosignatures (C2SP tlog-cosignature): x/mod leaves kinds of signatures that it does not know to others.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	signed := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", at)), msg...)
	return ed25519.Verify(w.key, signed, sig[8:])
}

func verifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) == 3 {
		raw, err := base64.StdEncoding.DecodeString(parts[2])
		if err == nil && len(raw) == 33 && raw[0] == 4 {
			hash, err := strconv.ParseUint(parts[1], 16, 32)
			sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
			if err != nil || !bytes.Equal(sum[:4], binary.BigEndian.AppendUint32(nil, uint32(hash))) {
				return nil, fmt.Errorf("the id is not the key's")
			}
			return witness{parts[0], uint32(hash), ed25519.PublicKey(raw[1:])}, nil
		}
	}
	return note.NewVerifier(vkey)
}

func run() error {
	switch os.Args[1] {
	case "key":
		skey, vkey, err := note.GenerateKey(rand.Reader, os.Args[2])
		fmt.Println(skey)
		fmt.Println(vkey)
		return err
	case "sign":
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		signer, err := note.NewSigner(os.Args[2])
		if err != nil {
			return err
		}
		signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
		os.Stdout.Write(signed)
		return err
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var known []note.Verifier
	for _, vkey := range os.Args[2:] {
		each, err := verifier(vkey)
		if err != nil {
			return err
		}
		known = append(known, each)
	}
	opened, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return err
	}
	for _, each := range opened.Sigs {
		fmt.Printf("%s+%08x\n", each.Name, each.Hash)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
