// Wordcount prints the most frequent words of a file.
//
// usage: wordcount FILE
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
	"unicode"
)

type entry struct {
	word  string
	count int
}

func count(name string) (map[string]int, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	counts := make(map[string]int)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
		for _, w := range strings.FieldsFunc(lines.Text(), notLetter) {
			counts[strings.ToLower(w)]++
		}
	}
	return counts, lines.Err()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: wordcount FILE")
		os.Exit(2)
	}
	counts, err := count(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}
	entries := make([]entry, 0, len(counts))
	for w, n := range counts {
		entries = append(entries, entry{w, n})
	}
	sort.Slice(entries, func(i, j int) bool {
		if entries[i].count != entries[j].count {
			return entries[i].count > entries[j].count
		}
		return entries[i].word < entries[j].word
	})
	for _, e := range entries[:min(10, len(entries))] {
		fmt.Printf("%6d %s\n", e.count, e.word)
	}
	fmt.Printf("%6d different words\n", len(entries))
}
