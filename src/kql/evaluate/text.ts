/** Whether a text holds another as a whole term: what stands before and after it is no letter or digit. */
export function has(text: string, term: string, prefix = true, suffix = true): boolean {
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    const end = at + term.length
    if ((!prefix || isBorder(text, at)) && (!suffix || isBorder(text, end))) return true
    if (term === '') return false
  }
  return false
}

const WORD = /[\p{L}\p{N}]/u

/** Whether no term runs across a position. */
function isBorder(text: string, at: number): boolean {
  return at === 0 || at === text.length || !isWord(text, at - 1) || !isWord(text, at)
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 128) {
    return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  }
  return WORD.test(text[at]!) || (code >= 0xd800 && code <= 0xdfff)
}

/** A text without regard to case. */
export function folded(text: string): string {
  return text.toLowerCase()
}
