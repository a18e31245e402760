/** Typographic signs and what a typewriter makes of them. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201A\u2032]/g, "'"],
  [/[\u201C\u201D\u201E\u00AB\u00BB\u2033]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/\u2026/g, '...'],
  [/\u00A0/g, ' '],
]

/** A text in ASCII, which is all that the rule repositories take: accents are dropped, other signs read `?`. */
export function ascii(text: string): string {
  let plain = text
  for (const [sign, replacement] of SIGNS) plain = plain.replace(sign, replacement)
  return plain
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\n\t\x20-\x7E]/gu, '?')
}
